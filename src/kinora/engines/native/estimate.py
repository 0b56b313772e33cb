"""How long and how much memory a shot takes on this machine: one evaluation and one block are timed, the rest is
counted."""

import time
from collections.abc import Callable
from dataclasses import replace

import torch

from kinora.engines.engine import Estimate, Given, Told, nothing_given
from kinora.engines.native import decode
from kinora.engines.native.fill import cover_of, fill, guidance_of, jumps, num_steps
from kinora.flow.grid import SOUND_PER_BLOCK
from kinora.flow.guidance import GUIDE_ABOVE
from kinora.flow.schedule import shifted
from kinora.models.video_autoencoder import PATCH
from kinora.models.weights import Model
from kinora.request import Shot

BASE_BYTES = 420e6
BYTES_PER_TOKEN = 120e3


def estimate(shot: Shot, told: Told, given: Given, model: Model) -> Estimate:
    """Return what a shot costs here, by timing a first window's one step and one decoded block."""
    tokens = [(window.stop - window.start) * tokens_in_block(shot) for window in cover_of(shot, given, model)]
    first = replace(shot, num_blocks=tokens[0] // tokens_in_block(shot), conditions=())
    once, nothing = replace(told, prompt=told.prompt or "a fox", steps=1, guidance=1.0), nothing_given(first)
    latents = fill(first, once, nothing, model)
    step_s = timed(lambda: fill(first, once, nothing, model))
    block_s = timed(lambda: next(decode.frames(latents, first, model, {0})))
    evaluations = num_evaluations(told, model) * sum(tokens) / tokens[0]
    # Encoding, mastering and signing took a quarter of decoding in measurement.
    seconds = evaluations * step_s + 1.25 * block_s * shot.num_blocks
    return Estimate(seconds=seconds, peak_bytes=BASE_BYTES + BYTES_PER_TOKEN * max(tokens))


def working_bytes(shot: Shot, model: Model) -> float:
    """Return the memory that filling a shot takes at most, beside the weights."""
    return BYTES_PER_TOKEN * min(shot.num_blocks, model.window_blocks) * tokens_in_block(shot)


def num_evaluations(told: Told, model: Model) -> int:
    """Return how often the transformer is asked for one window: once a step, and again where guidance needs it."""
    points = shifted(num_steps(told, model))[:-1]
    twice = guidance_of(told) != 1 and not jumps(told, model)
    return len(points) + (int((points >= GUIDE_ABOVE).sum()) if twice else 0)


def tokens_in_block(shot: Shot) -> int:
    """Return how many tokens of all streams one block has."""
    return (shot.height // PATCH) * (shot.width // PATCH) + (SOUND_PER_BLOCK if shot.sound else 0)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds the second of two runs takes: the first warms up."""
    with torch.no_grad():
        work()
        began = time.perf_counter()
        work()
        return time.perf_counter() - began
