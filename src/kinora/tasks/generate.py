"""The plan for filling one story: how many frames the file shows, how many are drawn for it, on which grid."""

import math

from kinora.request import Request, Shot


def plan(request: Request, seed: int) -> tuple[Shot, ...]:
    """Return one shot, on the canvas's own grid, that covers the request's story in whole blocks."""
    height, width = request.drawn_size
    return (
        Shot(
            prompt=request.prompt,
            num_blocks=math.ceil(num_told(request) / request.canvas.block_frames),
            height=height,
            width=width,
            seed=seed,
            # Drawn in slow motion, the picture does not run on the sound's clock.
            sound=request.sound and request.drawn_fps == request.canvas.fps,
            fps=request.drawn_fps,
            block_frames=request.canvas.block_frames,
            conditions=request.conditions,
        ),
    )


def num_frames(request: Request) -> int:
    """Return how many frames the file has: the nearest whole number to its seconds."""
    return round(request.seconds * request.fps)


def num_drawn(request: Request) -> int:
    """Return how many drawn frames cover the file."""
    return math.ceil(num_frames(request) * request.drawn_fps / request.fps)


def first_drawn(request: Request) -> int:
    """Return which drawn frame of the story the file begins with."""
    return round(request.begin_s * request.drawn_fps)


def num_told(request: Request) -> int:
    """Return how many drawn frames cover the story: the file, what comes before it so that whole blocks are given, and
    what is given beyond its end to lead up to."""
    ends_s = [condition.end_s or 0.0 for condition in request.conditions if condition.kind == "given"]
    # A millionth of a second of slack: ends are sums of fractions.
    given = math.ceil(max(ends_s, default=0.0) * request.drawn_fps - 1e-6)
    return max(first_drawn(request) + num_drawn(request), given)
