"""The plan for making a clip from text alone."""

import math

from kinora.media.geometry import parse_size
from kinora.request import Request, Shot

FPS = 12
BLOCK_FRAMES = 8


def plan(request: Request, seed: int) -> tuple[Shot, ...]:
    """Return one shot that covers the request's seconds in whole blocks."""
    height, width = parse_size(request.size)
    num_blocks = math.ceil(num_frames(request) / BLOCK_FRAMES)
    return (
        Shot(prompt=request.prompt, num_blocks=num_blocks, height=height, width=width, seed=seed, sound=request.sound),
    )


def num_frames(request: Request) -> int:
    """Return how many frames the file has: the nearest whole number to its seconds."""
    return round(request.seconds * FPS)
