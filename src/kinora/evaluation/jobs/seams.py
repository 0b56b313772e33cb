"""How far things jump where given and made frames meet, and at places inside a clip, to hold it against.

T frames, H W pixels, L samples. Grey levels are of 255.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinora.evaluation.measures.appearance import luma
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import DRAWN_FPS

# What is measured, in which unit, and the least step that counts: below it nothing is seen or heard, and nothing is
# divided by.
UNITS = {"colour": "levels", "sharpness": "%", "motion": "levels", "loudness": "dB"}
FLOORS = {"colour": 0.25, "sharpness": 0.5, "motion": 0.25, "loudness": 0.5}
SOUND_WINDOW_S, SILENCE_DB = 0.02, -60.0
# A step takes two frames on either side.
REACH = 2

Steps = dict[str, float]


@dataclass(frozen=True)
class Course:
    """How a clip's colour, sharpness and motion go on: uint8 frames (T, H, W, 3), a wave (L,) or None."""

    frames_THW3: np.ndarray
    wave_L: np.ndarray | None = None

    @cached_property
    def _colour(self) -> np.ndarray:
        """Mean red, green and blue (T, 3)."""
        return self.frames_THW3.mean(axis=(1, 2))

    @cached_property
    def _sharpness(self) -> np.ndarray:
        """The energy of the gradient (T,)."""
        slopes = [np.gradient(frame_HW) for frame_HW in luma(self.frames_THW3)]
        return np.array([np.square(slope).mean(axis=(1, 2)).sum() for slope in slopes])

    @cached_property
    def _motion(self) -> np.ndarray:
        """How much each frame differs from the one before, in levels (T,); 0 for the first."""
        return np.r_[0.0, np.abs(np.diff(luma(self.frames_THW3), axis=0)).mean(axis=(1, 2))]

    def steps(self, border: int) -> Steps:
        """Return the steps from frame `border - 1` to frame `border`, and between the sounds around that instant.

        Colour and sharpness: from one frame to the next. Motion: the larger change of the difference between
        neighbouring frames, when the border comes and when it has passed. Loudness: the largest change between
        neighbouring 20 ms, from 40 ms before to 40 ms after.
        """
        before, after = border - 1, border
        energy, changes = self._sharpness, self._motion
        steps = {
            "colour": float(np.abs(self._colour[after] - self._colour[before]).mean()),
            "sharpness": float(200 * abs(energy[after] - energy[before]) / max(energy[after] + energy[before], 1e-6)),
            "motion": float(max(abs(changes[after] - changes[before]), abs(changes[after + 1] - changes[after]))),
        }
        return steps if self.wave_L is None else {**steps, "loudness": _loudness_step(self.wave_L, border)}

    def places(self) -> range:
        """Return the frames at which steps can be measured."""
        return range(REACH, len(self.frames_THW3) - REACH + 1)

    def rolled(self, frames: int) -> "Course":
        """Return the clip as it goes on when it is played again and again, beginning so many frames later."""
        wave = None if self.wave_L is None else np.roll(self.wave_L, -round(frames / DRAWN_FPS * SAMPLE_RATE_HZ))
        return Course(np.roll(self.frames_THW3, -frames, axis=0), wave)


def _loudness_step(wave_L: np.ndarray, border: int) -> float:
    middle, size = round(border / DRAWN_FPS * SAMPLE_RATE_HZ), round(SOUND_WINDOW_S * SAMPLE_RATE_HZ)
    around = wave_L[middle - 2 * size : middle + 2 * size].reshape(4, size)
    levels_db = 10 * np.log10(np.square(around).mean(axis=1) + 10 ** (SILENCE_DB / 10))
    return float(np.abs(np.diff(levels_db)).max())


def then(first: Course, second: Course) -> Course:
    """Return one clip after the other."""
    frames_THW3 = np.concatenate([first.frames_THW3, second.frames_THW3])
    if first.wave_L is None or second.wave_L is None:
        return Course(frames_THW3)
    return Course(frames_THW3, np.concatenate([first.wave_L, second.wave_L]))


def times_usual(steps: Steps, usual: Steps) -> Steps:
    """Return how many times as large as usual each step is."""
    return {name: max(step, FLOORS[name]) / max(usual[name], FLOORS[name]) for name, step in steps.items()}


def middle_of(many: list[Steps]) -> Steps:
    """Return the median of each step."""
    return {name: float(np.median([steps[name] for steps in many])) for name in many[0]}


def mean_of(many: list[Steps]) -> Steps:
    """Return the mean of each step."""
    return {name: float(np.mean([steps[name] for steps in many])) for name in many[0]}
