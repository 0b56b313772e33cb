"""The files of a request's conditions, opened: their frames by instant, and their sound on the story's clock.

Axes: T frames, H height, W width, C channels, L samples.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from kinora.media.clip import Clip, Frames, Wave, fit_sound
from kinora.media.decode import read_clip, read_sound
from kinora.media.sound import SILENCE_LUFS, loudness_lufs
from kinora.models.sound_autoencoder import LEARNED_LUFS, SAMPLE_RATE_HZ
from kinora.request import Condition, Request
from kinora.tasks.generate import num_told
from kinora.tasks.story import SLACK_S, Sight, given

MIRROR_S = 0.7
"""How far into what is not known the known sound is mirrored: over a block, which is more than the encoder reaches."""

Known = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The known sound of a story: samples (C, L), which of them are known, and the gain at which the model hears it."""

    wave: Wave
    sample_rate_hz: int
    known: Known

    @cached_property
    def gain(self) -> float:
        """Brings what is known to the loudness the model learned from; 1 for silence."""
        lufs = loudness_lufs(self.wave[:, self.known], self.sample_rate_hz)
        return 1.0 if lufs < SILENCE_LUFS else 10 ** ((LEARNED_LUFS - lufs) / 20)


class Sources:
    """Files by their path, each opened once. Raises MediaError, with the remedy, for one that cannot be."""

    def __init__(self) -> None:
        self._clips: dict[str, Clip] = {}
        self._sounds: dict[str, tuple[Wave, int]] = {}

    def clip(self, file: str) -> Clip:
        """The picture of a file, and its sound."""
        if file not in self._clips:
            self._clips[file] = read_clip(Path(file))
        return self._clips[file]

    def sound(self, file: str) -> tuple[Wave, int]:
        """The sound of a file, beginning with its picture if it has one, and its sample rate."""
        if file not in self._sounds:
            self._sounds[file] = read_sound(Path(file))
        return self._sounds[file]

    def check(self, request: Request) -> None:
        """Raise ValueError where a picture is given for longer than it lasts."""
        told_s = num_told(request) / request.drawn_fps
        for span in given(request.conditions, "video"):
            end_s = told_s if span.end_s is None else min(span.end_s, told_s)
            lasts_s, taken_s = float(self.clip(span.file).duration_s), span.file_start_s + end_s - span.start_s
            if taken_s > lasts_s + SLACK_S:
                name = Path(span.file).name
                raise ValueError(f"{name} lasts {lasts_s:g} s, and {taken_s:g} s of it are to be given: end there")

    def frames(self, sights: Sequence[Sight | None]) -> Iterator[Frames | None]:
        """Yield what shows each instant of a story, in order. Frames that follow each other and are the same are
        the same object."""
        reels: dict[str, Reel] = {}
        for sight in sights:
            if sight is None:
                yield None
            else:
                if sight.file not in reels:
                    reels[sight.file] = Reel(self.clip(sight.file))
                yield reels[sight.file].frame(sight.at_s)

    def picture(self, condition: Condition) -> Frames:
        """The picture (H, W, 3) of a reference: the instant of its file at which it begins."""
        (frame,) = self.frames([Sight(condition.file, condition.file_start_s)])
        assert frame is not None, "a sight is seen"
        return frame

    def heard(self, request: Request) -> Heard | None:
        """The known sound of a story, at the rate and with the channels of the first file with sound; None where
        nothing of it is given."""
        spans = given(request.conditions, "sound")
        if not spans:
            return None
        first, rate_hz = self.sound(spans[0].file)
        wave = np.zeros((len(first), round(num_told(request) / request.drawn_fps * rate_hz)), np.float32)
        known = np.zeros(wave.shape[1], bool)
        for span in reversed(spans):
            begin, samples = self._placed(span, len(first), rate_hz, wave.shape[1])
            wave[:, begin : begin + samples.shape[1]] = samples
            known[begin : begin + samples.shape[1]] = True
        return Heard(wave=wave, sample_rate_hz=rate_hz, known=known)

    def under(self, request: Request) -> Heard | None:
        """The sound that stays under what is made, as long as the file; None where there is none."""
        if not request.under:
            return None
        wave, rate_hz = self.sound(request.under)
        wave = fit_sound(wave, round(request.seconds * rate_hz))
        return Heard(wave=wave, sample_rate_hz=rate_hz, known=np.ones(wave.shape[1], bool))

    def _placed(self, span: Condition, num_channels: int, rate_hz: int, num_samples: int) -> tuple[int, Wave]:
        """The sample of the story at which a span begins, and its samples up to the story's end."""
        begin = round(span.start_s * rate_hz)
        end = num_samples if span.end_s is None else min(num_samples, round(span.end_s * rate_hz))
        samples = resampled(*self.sound(span.file), rate_hz)
        at = round(span.file_start_s * rate_hz)
        return begin, with_channels(fit_sound(samples[:, at:], max(0, end - begin)), num_channels)


class Reel:
    """A clip of which single frames are asked for, forwards; it is read again where time runs back."""

    def __init__(self, clip: Clip) -> None:
        self._clip, self._at = clip, -1
        self._rest: Iterator[Frames] = iter(())
        self._shown: Frames | None = None

    def frame(self, time_s: float) -> Frames:
        """The frame that is shown at an instant; the last one at its end."""
        number = min(math.floor((time_s + SLACK_S) * self._clip.fps), self._clip.num_frames - 1)
        if number < self._at or self._shown is None:
            self._rest, self._at = (frame for block in self._clip.frames() for frame in block), -1
        while self._at < number:
            self._shown, self._at = next(self._rest), self._at + 1
        assert self._shown is not None
        return self._shown


def resampled(wave: Wave, from_hz: int, to_hz: int) -> Wave:
    """Return a wave (C, L) at another sample rate; itself where it has that rate."""
    if from_hz == to_hz:
        return wave
    common = math.gcd(from_hz, to_hz)
    return resample_poly(wave, to_hz // common, from_hz // common, axis=1).astype(np.float32).clip(-1, 1)


def with_channels(wave: Wave, num_channels: int) -> Wave:
    """Return a wave mixed down to one channel, or with its one channel in both."""
    if len(wave) == num_channels:
        return wave
    return np.repeat(wave.mean(axis=0, keepdims=True), num_channels, axis=0)


def for_the_model(heard: Heard, num_samples: int) -> Wave:
    """Return known sound as the model hears it, (1, num_samples): one channel at its rate and loudness. What is not
    known mirrors what is, a moment long, because a sudden silence would be heard as an event."""
    wave = mirrored(heard.wave, heard.known, round(MIRROR_S * heard.sample_rate_hz))
    wave = resampled(with_channels(wave, 1) * np.float32(heard.gain), heard.sample_rate_hz, SAMPLE_RATE_HZ)
    # The last block may reach past the story's end.
    in_story = np.arange(num_samples) < wave.shape[1]
    return mirrored(fit_sound(wave, num_samples), in_story, round(MIRROR_S * SAMPLE_RATE_HZ))


def mirrored(wave: Wave, known: Known, reach: int) -> Wave:
    """Return a wave (C, L) in which what is not known is silent, but for the known sound mirrored at each border."""
    result = np.where(known, wave, 0).astype(np.float32)
    borders = np.flatnonzero(np.diff(known.astype(np.int8))) + 1
    edges = [0, *borders.tolist(), len(known)]
    for before, border, after in zip(edges, edges[1:], edges[2:], strict=False):
        # Half of a hole belongs to either side.
        hole = (after - border) if known[border - 1] else (border - before)
        size = min(reach, hole if hole in (border, len(known) - border) else hole // 2, after - border, border - before)
        if known[border - 1]:
            result[:, border : border + size] = wave[:, border - size : border][:, ::-1]
        else:
            result[:, border - size : border] = wave[:, border : border + size][:, ::-1]
    return result
