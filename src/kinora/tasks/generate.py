"""The plan for making a clip from text alone."""

import math

from kinora.media.geometry import drawn_size
from kinora.request import DRAWN_FPS, Request, Shot, parse_size

FPS = DRAWN_FPS
BLOCK_FRAMES = 8


def plan(request: Request, seed: int) -> tuple[Shot, ...]:
    """Return one shot, on the model's own grid, that covers the request's seconds in whole blocks."""
    height, width = drawn_size(*parse_size(request.size))
    num_blocks = math.ceil(num_drawn(request) / BLOCK_FRAMES)
    return (
        Shot(prompt=request.prompt, num_blocks=num_blocks, height=height, width=width, seed=seed, sound=request.sound),
    )


def num_frames(request: Request) -> int:
    """Return how many frames the file has: the nearest whole number to its seconds."""
    return round(request.seconds * request.fps)


def num_drawn(request: Request) -> int:
    """Return how many frames at the model's own rate cover the file."""
    return math.ceil(num_frames(request) * DRAWN_FPS / request.fps)
