"""Sound for pictures the model can't read: it follows the words, the cuts and the motion, not what is seen.

The model imagines what the words say, small, and only the sound of that is kept. At each cut of the film it imagines
anew, going on from what is heard; where the film moves more than it usually does, it is louder.

K latents of sound, 24 a second; L samples.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from kinora.engines.engine import Latents, Span, Told, nothing_given
from kinora.engines.native.fill import fill
from kinora.engines.native.voice import PER_FRAME, NativeVoice
from kinora.engines.windows import runs
from kinora.media.motion import Course
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.request import DRAWN_FPS, Shot

SIDE = 96
"""The imagined picture's height and width, the smallest that is drawn."""

MOST_DB = 4.0
"""How much louder or softer than usual motion makes the sound."""

SMOOTH_S = 0.5

LEAST_FRAMES = DRAWN_FPS
"""A second: for less, sound does not begin anew."""


def imagined(course: Course, track: Latents, span: Span, told: Told, seed: int, voice: NativeVoice) -> Latents:
    """Return a track of which some may be heard with sound wherever a shot, which takes a span of it, was silent; and
    with "gain" (K,)."""
    begin, until = (PER_FRAME * frame for frame in span)
    cuts = [span[0] + round(cut_s * DRAWN_FPS) for cut_s in course.cuts_s]
    silent = [not heard for heard in track["done"][begin:until].tolist()]
    for start, stop in runs(silent):
        first, end = span[0] + start // PER_FRAME, span[0] - (-stop // PER_FRAME)
        for part in pairwise(_borders(cuts, first, end)):
            track = scored(track, part, told, seed + part[0] - span[0], voice)
    loud = track.get("gain", torch.ones(len(track["done"]))).clone()
    loud[begin:until] = gain(course, len(loud[begin:until]))
    return {**track, "gain": loud}


def _borders(cuts: Sequence[int], first: int, end: int) -> list[int]:
    """The frames between which sound is imagined at once: both ends, and the cuts far enough from what is before."""
    borders = [first]
    for cut in cuts:
        if cut - borders[-1] >= LEAST_FRAMES <= end - cut:
            borders.append(cut)
    return [*borders, end]


def scored(track: Latents, span: Span, told: Told, seed: int, voice: NativeVoice) -> Latents:
    """Return a track with the sound of what is imagined for a stretch of it."""
    num_blocks = -(-(span[1] - span[0]) // BLOCK_FRAMES)
    shot = Shot(prompt=told.prompt, num_blocks=num_blocks, height=SIDE, width=SIDE, seed=seed % 2**32, sound=True)
    # How finely another engine draws is not how this one is to sound.
    plain = replace(told, steps=None, guidance=None, sound=True)
    return voice.scored(track, span, shot, fill(shot, plain, nothing_given(shot), voice.model), plain)


def gain(course: Course, num_latents: int) -> Tensor:
    """Return how loud each latent of sound is (K,), by how much the film moves around it: 1 where that is usual."""
    if not course.motion_T.any():
        return torch.ones(num_latents)
    size = max(1, round(SMOOTH_S * course.fps))
    smooth_T = np.convolve(np.pad(course.motion_T, size, mode="edge"), np.ones(2 * size + 1) / (2 * size + 1), "valid")
    usual = float(np.median(smooth_T[smooth_T > 0]))
    level_db = np.clip(MOST_DB * np.log2(np.maximum(smooth_T, 1e-3) / usual), -MOST_DB, MOST_DB)
    times_s = np.arange(num_latents) / (PER_FRAME * DRAWN_FPS)
    level_K = np.interp(times_s, np.arange(len(level_db)) / course.fps, level_db)
    return torch.from_numpy(10 ** (level_K / 20)).float()
