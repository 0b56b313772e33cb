"""How long and how much memory a request takes on this machine: one evaluation and one block are timed, the rest
is counted."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from kinora.flow.guidance import GUIDE_ABOVE
from kinora.flow.schedule import shifted
from kinora.media.scale import scaled
from kinora.models.weights import Model
from kinora.request import Request, Shot, parse_size
from kinora.tasks.generate import BLOCK_FRAMES, num_drawn, num_frames, plan
from kinora.tasks.render import cover_of, decoded, fill, jumps, num_steps

BASE_BYTES = 420e6
BYTES_PER_TOKEN = 120e3
# What x264 holds of a larger picture.
BYTES_PER_PIXEL = 130


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds for the whole file and bytes at the peak."""

    seconds: float
    peak_bytes: float


def estimate(request: Request, model: Model) -> Estimate:
    """Return what a request costs here, by timing a first window's one step and one decoded block."""
    (shot,) = plan(request, seed=0)
    tokens = [(window.stop - window.start) * tokens_in_block(shot) for window in cover_of(request, shot, model)]
    first = replace(shot, num_blocks=tokens[0] // tokens_in_block(shot), conditions=())
    once = Request(prompt=request.prompt or "a fox", steps=1, guidance=1.0, sound=request.sound)
    height, width = parse_size(request.size)
    latents = fill(first, request.prompt, once, model)
    block = next(decoded(latents, first, model, BLOCK_FRAMES).frames())
    step_s = timed(lambda: fill(first, request.prompt, once, model))
    block_s = timed(lambda: next(decoded(latents, first, model, BLOCK_FRAMES).frames()))
    frame_s = timed(lambda: scaled(block[0], height, width))
    evaluations = num_evaluations(request, model) * sum(tokens) / tokens[0]
    # Encoding, mastering and signing took a quarter of decoding in measurement; encoding what is scaled, 2.5 times as
    # long as scaling it.
    seconds = evaluations * step_s + 1.25 * block_s * num_drawn(request) / BLOCK_FRAMES
    seconds += 3.5 * frame_s * num_frames(request)
    peak_bytes = BASE_BYTES + BYTES_PER_TOKEN * max(tokens) + BYTES_PER_PIXEL * height * width
    return Estimate(seconds=seconds, peak_bytes=peak_bytes)


def num_evaluations(request: Request, model: Model) -> int:
    """Return how often the transformer is asked for one window: once a step, and again where guidance needs it."""
    points = shifted(num_steps(request, model))[:-1]
    twice = request.guidance != 1 and not jumps(request, model)
    return len(points) + (int((points >= GUIDE_ABOVE).sum()) if twice else 0)


def tokens_in_block(shot: Shot) -> int:
    """Return how many tokens of all streams one block has."""
    return (shot.height // 16) * (shot.width // 16) + (16 if shot.sound else 0)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds the second of two runs takes: the first warms up."""
    with torch.no_grad():
        work()
        began = time.perf_counter()
        work()
        return time.perf_counter() - began
