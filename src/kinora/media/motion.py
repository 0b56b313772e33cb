"""Where a film is cut, and how much it moves, measured from its frames alone.

A cut is a frame that differs from the one before it far more than the frames around it do from theirs: motion changes
slowly. This is the idea of PySceneDetect's adaptive detector, on small pictures.

Axes: T frames, H height, W width.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kinora.media.clip import Clip, Frames

LOOKED_AT = (64, 36)
"""Width and height of the pictures that are compared."""

LEAST_STEP = 10.0
"""Grey levels, on average over the picture, that a cut changes at least."""

LEAST_RATIO = 3.0
"""How many times the steps around it a cut is."""

AROUND = 2
"""Frames on either side that are looked at."""

SHORTEST_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Course:
    """The seconds at which a film is cut, and its motion: mean grey levels of change for each frame (T,), 0 for the
    first and at cuts."""

    cuts_s: tuple[float, ...]
    motion_T: NDArray[np.float64]
    fps: float


def course_of(clip: Clip) -> Course:
    """Return where a clip is cut and how much it moves; it is read once, a block at a time."""
    steps, before = [], None
    for frame in (frame for block in clip.frames() for frame in block):
        small = _small(frame)
        steps.append(0.0 if before is None else float(np.abs(small - before).mean()))
        before = small
    step_T = np.array(steps)
    cuts = _cuts(step_T, max(1, round(SHORTEST_S * clip.fps)))
    step_T[cuts] = 0
    return Course(cuts_s=tuple(cut / float(clip.fps) for cut in cuts), motion_T=step_T, fps=float(clip.fps))


def _small(frame: Frames) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(frame).resize(LOOKED_AT, Image.Resampling.BOX), np.float32)


def _cuts(step_T: NDArray[np.float64], shortest: int) -> list[int]:
    """The frames that begin a shot, but for the first; of two that are too near to each other the earlier."""
    cuts: list[int] = []
    for at in np.flatnonzero(step_T >= LEAST_STEP).tolist():
        around = np.r_[step_T[max(1, at - AROUND) : at], step_T[at + 1 : at + 1 + AROUND]]
        stands_out = step_T[at] >= LEAST_RATIO * max(float(around.mean()) if len(around) else 0.0, 1.0)
        if stands_out and at - (cuts[-1] if cuts else 0) >= shortest:
            cuts.append(at)
    return cuts
