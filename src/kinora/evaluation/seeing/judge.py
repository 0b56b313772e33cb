"""The judge at work: clips in, what it saw and heard out. Below its confidence it answers nothing, which scores 0.

It is never used to pick samples, to reward or to choose checkpoints: it only marks.

T frames looked at, H W pixels, h w a quarter of them, L samples, W windows of sound, F frames of sound, E effects.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from scipy.signal import find_peaks, resample_poly
from torch import Tensor
from torch.nn import functional

from kinora.evaluation.seeing.sight import Hearing, Sight
from kinora.models.judge import (
    DENSE,
    FRAMES_PER_SECOND,
    MUSIC,
    SCENE,
    SHIPPED_JUDGE,
    JudgeConfig,
    Networks,
    PictureReading,
    SoundReading,
    load_judge,
)
from kinora.models.pixels import rgb_of
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ

CONFIDENT = 0.5
# How wide an area agrees on what is there, in cells: a subject is one thing, a letter is hardly wider than a cell.
REACH = {"kind": 5, "colour": 5, "letter": 1}
FRAMES_AT_ONCE = 8
WINDOW_S = 4
# The same sound does not set in twice within a tenth of a second.
APART_FRAMES = 5
# What is true of a whole clip is read off windows at least half full.
FULL_ENOUGH = 0.5


@dataclass(frozen=True, kw_only=True)
class Judge:
    """The judge's networks on one device."""

    networks: Networks
    device: str = "cpu"

    @staticmethod
    def load(path: Path = SHIPPED_JUDGE, *, device: str = "cpu") -> "Judge":
        """Read the judge's weights. Raises ValueError when the file is missing, torn or altered."""
        return Judge(networks=load_judge(path, device=device), device=device)

    @property
    def config(self) -> JudgeConfig:
        """The words it knows."""
        return self.networks.picture.config

    def see(self, frames_THW3: np.ndarray, times_s: Sequence[float]) -> Sight:
        """Return what uint8 frames show that were taken at these instants. Sides must be multiples of 16."""
        read = self._read_all(frames_THW3)
        maps = {name: np.concatenate([sure_classes(part.dense[name], REACH[name]) for part in read]) for name in DENSE}
        scene = {
            name: self._word(name, torch.cat([part.scene[name].float().softmax(dim=1) for part in read]).mean(dim=0))
            for name in SCENE
        }
        return Sight(
            times_s=tuple(times_s),
            kind_THW=maps["kind"],
            colour_THW=maps["colour"],
            letter_THW=maps["letter"],
            **scene,
        )

    def features(self, frames_THW3: np.ndarray) -> np.ndarray:
        """Return a float32 vector a frame (T, C), to compare what many frames look like."""
        return torch.cat([part.feature_BC.float() for part in self._read_all(frames_THW3)]).cpu().numpy()

    def hear(self, wave_L: np.ndarray, sample_rate_hz: int) -> Hearing:
        """Return what a mono wave in [-1, 1] lets one hear."""
        wave, full_W = windows(wave_L, sample_rate_hz)
        read = self._listen(wave.to(self.device))
        whole = full_W >= min(FULL_ENOUGH, float(full_W.max()))
        ambience = read.ambience_BA.float().sigmoid().cpu()[whole].mean(dim=0)
        music = {
            name: self._word(name, read.music[name].float().softmax(dim=1).cpu()[whole].mean(dim=0)) for name in MUSIC
        }
        return Hearing(
            onsets=self._onsets(read.onset_BFE.float().sigmoid().cpu().flatten(0, 1).numpy()),
            ambience=tuple(
                name for name, sure in zip(self.config.ambiences, ambience, strict=True) if sure > CONFIDENT
            ),
            **music,
        )

    def _read_all(self, frames_THW3: np.ndarray) -> list[PictureReading]:
        return [self._read(frames_THW3[i : i + FRAMES_AT_ONCE]) for i in range(0, len(frames_THW3), FRAMES_AT_ONCE)]

    @torch.no_grad()
    def _read(self, frames_THW3: np.ndarray) -> PictureReading:
        pixels = torch.from_numpy(np.ascontiguousarray(frames_THW3)).to(self.device)
        rgb = rgb_of(pixels.permute(0, 3, 1, 2))
        with torch.autocast(self.device, torch.bfloat16):
            return self.networks.picture(rgb.contiguous(memory_format=torch.channels_last))

    @torch.no_grad()
    def _listen(self, wave_WL: Tensor) -> SoundReading:
        with torch.autocast(self.device, torch.bfloat16):
            return self.networks.sound(wave_WL)

    def _word(self, attribute: str, chance: Tensor) -> str:
        best = int(chance.argmax())
        return self.config.words(attribute)[best] if float(chance[best]) > CONFIDENT else ""

    def _onsets(self, chance_FE: np.ndarray) -> dict[str, tuple[float, ...]]:
        found = {name: peaks(chance_FE[:, number]) for number, name in enumerate(self.config.effects)}
        return {name: times for name, times in found.items() if times}


def sure_classes(logits_BChw: Tensor, reach: int = 1) -> np.ndarray:
    """Return the class of every cell, uint8 (B, h, w); 0 where nothing is likelier than `CONFIDENT` to be there.

    Which of the classes it is, `reach` cells around have a say in; none has it below `CONFIDENT`.
    """
    chance_BChw = logits_BChw.float().softmax(dim=1)
    there_Bhw = chance_BChw[:, 0] < 1 - CONFIDENT
    said_BChw = functional.avg_pool2d(chance_BChw[:, 1:], reach, stride=1, padding=reach // 2)
    sure_Bhw, best_Bhw = (said_BChw / said_BChw.sum(dim=1, keepdim=True)).max(dim=1)
    return torch.where(there_Bhw & (sure_Bhw > CONFIDENT), best_Bhw + 1, 0).byte().cpu().numpy()


def windows(wave_L: np.ndarray, sample_rate_hz: int) -> tuple[Tensor, Tensor]:
    """Return a wave at 24 kHz in windows of four seconds (W, L), the last filled up, and how full each is (W,)."""
    rate = Fraction(SAMPLE_RATE_HZ, sample_rate_hz)
    wave = np.asarray(wave_L, np.float32)
    wave = wave if rate == 1 else resample_poly(wave, rate.numerator, rate.denominator).astype(np.float32)
    size = WINDOW_S * SAMPLE_RATE_HZ
    num = max(1, -(-len(wave) // size))
    full = np.clip(len(wave) / size - np.arange(num), 0, 1)
    padded = np.pad(wave, (0, num * size - len(wave)))
    return torch.from_numpy(padded).view(num, size), torch.from_numpy(full)


def peaks(chance_F: np.ndarray) -> tuple[float, ...]:
    """Return the seconds at which a chance peaks above `CONFIDENT`, a tenth of a second apart."""
    frames, _ = find_peaks(np.pad(chance_F, 1), height=CONFIDENT, distance=APART_FRAMES)
    return tuple(float(frame - 1) / FRAMES_PER_SECOND for frame in frames)
