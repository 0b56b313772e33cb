"""How long and how much memory a request takes on this machine: one evaluation and one block are timed, the rest
is counted."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from kinora.flow.guidance import GUIDE_ABOVE
from kinora.flow.schedule import shifted
from kinora.models.weights import Model
from kinora.request import Request, Shot
from kinora.tasks.generate import num_frames, plan
from kinora.tasks.render import decoded, fill, jumps, num_steps
from kinora.tasks.windows import windows

BASE_BYTES = 420e6
BYTES_PER_TOKEN = 120e3


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds for the whole file and bytes at the peak."""

    seconds: float
    peak_bytes: float


def estimate(request: Request, model: Model) -> Estimate:
    """Return what a request costs here, by timing a first window's one step and one decoded block."""
    (shot,) = plan(request, seed=0)
    cover = windows(shot.num_blocks, model.window_blocks)
    tokens = [(window.stop - window.start) * tokens_in_block(shot) for window in cover]
    first = Shot(**{**shot.__dict__, "num_blocks": cover[0].stop})
    once = Request(prompt=request.prompt, steps=1, guidance=1.0, sound=request.sound)
    latents = fill(first, request.prompt, once, model, lambda done, total: None)
    step_s = timed(lambda: fill(first, request.prompt, once, model, lambda done, total: None))
    block_s = timed(lambda: next(decoded(latents, first, model, 8).frames()))
    evaluations = num_evaluations(request, model) * sum(tokens) / tokens[0]
    # Encoding, mastering and signing took a quarter of decoding in measurement.
    seconds = evaluations * step_s + 1.25 * block_s * num_frames(request) / 8
    return Estimate(seconds=seconds, peak_bytes=BASE_BYTES + BYTES_PER_TOKEN * max(tokens))


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
