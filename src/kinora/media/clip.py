"""A clip: frames that arrive in blocks, and their sound.

Axes: T frames, H height, W width, C channels, L samples.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_BLOCK = 16
"""The most frames one block holds, so that memory does not grow with a clip's length."""

MAX_FPS = 240

Frames = NDArray[np.uint8]
Wave = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A video held as a recipe for its frames; `frames()` may be called again and starts over each time.

    `frames()` yields uint8 RGB blocks (T <= 16, H, W, 3), `num_frames` frames in all. `sound` is float32 in [-1, 1],
    shape (C, L) with one or two channels, or None; it begins with the first frame and is cut or padded to the picture
    when a file is written. `cuts` are frames before which another shot begins: in a file, nothing coded reaches across
    them. Raises ValueError where a value is out of range.
    """

    num_frames: int
    height: int
    width: int
    fps: Fraction
    frames: Callable[[], Iterator[Frames]]
    sound: Wave | None = None
    sample_rate_hz: int = 24_000
    cuts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if min(self.num_frames, self.height, self.width) < 1:
            size = (self.num_frames, self.height, self.width)
            raise ValueError(f"a clip needs at least one frame and one pixel, but (frames, height, width) is {size}")
        if not isinstance(self.fps, Fraction) or not 0 < self.fps <= MAX_FPS:
            raise ValueError(
                f"fps must be a Fraction above 0 and at most {MAX_FPS}, such as Fraction(12); it is {self.fps!r}"
            )
        if any(cut <= before for before, cut in pairwise((0, *self.cuts, self.num_frames))):
            raise ValueError(f"cuts {self.cuts} must rise, from 1 on and below {self.num_frames}")
        if not 8_000 <= self.sample_rate_hz <= 192_000:
            raise ValueError(f"sample_rate_hz must lie between 8000 and 192000; it is {self.sample_rate_hz}")
        if self.sound is not None:
            check_wave(self.sound)

    @classmethod
    def from_array(
        cls, frames_THWC: Frames, *, fps: Fraction, sound: Wave | None = None, sample_rate_hz: int = 24_000
    ) -> Self:
        """Make a clip of frames in memory: uint8, shape (T, H, W, 3). Raises ValueError for any other shape or type."""
        if frames_THWC.dtype != np.uint8 or frames_THWC.ndim != 4 or frames_THWC.shape[3] != 3:
            raise ValueError(f"frames must be uint8 (T, H, W, 3); they are {frames_THWC.dtype} {frames_THWC.shape}")
        num_frames, height, width, _ = frames_THWC.shape

        def blocks() -> Iterator[Frames]:
            for start in range(0, num_frames, FRAMES_PER_BLOCK):
                yield frames_THWC[start : start + FRAMES_PER_BLOCK]

        return cls(
            num_frames=num_frames,
            height=height,
            width=width,
            fps=fps,
            frames=blocks,
            sound=sound,
            sample_rate_hz=sample_rate_hz,
        )

    @property
    def duration_s(self) -> Fraction:
        """How long the picture lasts, in seconds, exactly."""
        return self.num_frames / self.fps

    @property
    def num_samples(self) -> int:
        """How many samples of sound fill the picture's duration (the nearest whole number)."""
        return round(self.duration_s * self.sample_rate_hz)

    def array(self) -> Frames:
        """All frames at once, uint8 (T, H, W, 3); memory grows with the clip, so this is for short ones."""
        return np.concatenate(list(self.frames()))


def check_wave(wave: Wave) -> None:
    """Raise ValueError unless `wave` is float32 (C, L) in [-1, 1] with one or two channels."""
    if wave.dtype != np.float32 or wave.ndim != 2 or wave.shape[0] not in (1, 2):
        raise ValueError(f"sound must be float32 of shape (1 or 2 channels, samples); it is {wave.dtype} {wave.shape}")
    # Written so that NaN fails too.
    if wave.size and not float(np.abs(wave).max()) <= 1:
        raise ValueError("sound must lie in [-1, 1]; divide it by its peak first")


def fit_sound(wave: Wave, num_samples: int) -> Wave:
    """Cut or pad `wave` (C, L) with silence at its end to exactly (C, num_samples)."""
    missing = num_samples - wave.shape[1]
    return wave[:, :num_samples] if missing <= 0 else np.pad(wave, ((0, 0), (0, missing)))
