"""The sounds of windows and of shots laid one after another.

Axes: C channels, L samples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from kinora.engines.engine import Latents, Span, Told
from kinora.media.clip import Wave, fit_sound
from kinora.request import DRAWN_FPS, Shot

FADE_S = 0.25
"""Over which one window's sound gives way to the next."""

EDGE_S = 0.01
"""Over which a shot's sound comes and goes, so that there is no click at a cut."""


def joined(spans: Sequence[Sequence[int]], waves: Sequence[Wave], rate_hz: int, fps: int) -> Wave:
    """Return the sounds (C, L) of windows over frames [start, stop), each faded into the next where they overlap."""
    whole = np.zeros((len(waves[0]), round(max(stop for _, stop in spans) / fps * rate_hz)), np.float32)
    heard_until = 0
    for (start, stop), wave in zip(spans, waves, strict=True):
        first, last = round(start / fps * rate_hz), round(stop / fps * rate_hz)
        fade = max(0, min(heard_until - first, round(FADE_S * rate_hz)))
        begin = max(first, heard_until - fade)
        made = fit_sound(wave, last - first)[:, begin - first :]
        rise = np.ones(last - begin, np.float32)
        rise[:fade] = np.linspace(0, 1, fade, dtype=np.float32)
        whole[:, begin:last] = whole[:, begin:last] * (1 - rise) + made * rise
        heard_until = last
    return whole


@dataclass(frozen=True, kw_only=True)
class TrackVoice:
    """Lays the sound that shots were made with on one track: "sound" (1, L) and what is "done" of it (L,)."""

    heard: Callable[[Latents], tuple[Wave, int] | None]
    sample_rate_hz: int
    usual_lufs: None = None
    is_apart: bool = False

    def silent(self, num_frames: int) -> Latents:
        """A story of which nothing is heard yet."""
        num = self._sample(num_frames)
        return {"sound": torch.zeros(1, num), "done": torch.zeros(num, dtype=torch.bool)}

    def scored(self, track: Latents, span: Span, shot: Shot, made: Latents, told: Told) -> Latents:
        """The track with the sound a shot was made with."""
        start, stop = (self._sample(frame) for frame in span)
        sound, done = track["sound"].clone(), track["done"].clone()
        wave = self.heard(made)
        if wave is not None:
            mono = torch.from_numpy(fit_sound(wave[0].mean(axis=0, keepdims=True), stop - start))
            from_edge = torch.arange(stop - start).minimum(torch.arange(stop - start).flip(0))
            sound[:, start:stop] = mono * (from_edge / (EDGE_S * self.sample_rate_hz)).clamp(max=1)
            done[start:stop] = True
        return {"sound": sound, "done": done}

    def around(self, wave: Wave, num_frames: int, hole: Span) -> Latents:
        """The track of a story of so many frames that sounds like this wave (1, L), with a hole in it."""
        num, (start, stop) = self._sample(num_frames), (self._sample(frame) for frame in hole)
        sound, numbers = torch.from_numpy(fit_sound(wave, num).copy()), torch.arange(num)
        done = (numbers < start) | (numbers >= stop)
        return {"sound": sound * done, "done": done}

    def wave(self, track: Latents) -> Wave:
        """What is heard (1, L)."""
        sound: Wave = track["sound"].numpy()
        return sound

    def _sample(self, frame: int) -> int:
        return round(frame / DRAWN_FPS * self.sample_rate_hz)
