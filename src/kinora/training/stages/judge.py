"""The judge: pictures to maps, sound to onsets, on material that is bent and blurred anew every time.

B batch, H W pixels, h w a quarter of them, S samples, F frames of sound, E effects.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinora.models.judge import DENSE, HOP, MUSIC, SCENE, STEM, JudgeConfig, PictureJudge, SoundJudge
from kinora.models.pixels import rgb_of
from kinora.storybook.vocabulary import (
    AMBIENCES,
    COLOURS,
    EFFECTS,
    EVENT_SOUNDS,
    INSTRUMENTS,
    KINDS,
    LIGHTS,
    MOODS,
    PLACES,
    SIGN_LETTERS,
    TEMPOS,
    WEATHERS,
)
from kinora.training.pool import Pool

# A crop is so much smaller than the frame, half of the time.
CROP = (16, 32)
# Subjects fill a fourteenth of the frames, and letters far less.
FOREGROUND = {"kind": 4.0, "colour": 4.0, "letter": 40.0}
SCENE_WEIGHT = 0.5
# Frames and waves of nothing at all.
BLANK_SHARE = {"picture": 0.06, "sound": 0.12}
MOST_LATE, MIXED_SHARE = 48, 0.5
# Powers of ten of the full scale.
NOISE_LEVELS, BLANK_LEVELS = (-4.5, -2.2), (-5.0, -0.3)
ONSET_WEIGHT, NEXT_TO = 6.0, 0.5
SHOWN = 6


def judge_config() -> JudgeConfig:
    """Return the judge that knows the whole vocabulary."""
    return JudgeConfig(
        kind=tuple(KINDS),
        colour=tuple(COLOURS),
        letter=tuple(SIGN_LETTERS),
        place=PLACES,
        light=LIGHTS,
        weather=WEATHERS,
        effects=(*EFFECTS, *EVENT_SOUNDS),
        ambiences=AMBIENCES,
        instrument=INSTRUMENTS,
        mood=MOODS,
        tempo=TEMPOS,
    )


class PictureJudgeStage:
    """Trains `PictureJudge` on frames of a pool."""

    def __init__(self, pool: Pool, *, seed: int, batch: int) -> None:
        torch.manual_seed(seed)
        self.pool, self.batch = pool, batch
        self.model = PictureJudge(judge_config()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the cross-entropy of maps, foreground weighted, and of scenes."""
        rgb_B3HW, maps_B3hw, scene_B3 = (x.to(_device(self.model)) for x in self.frames(step, generator))
        read = self.model(rgb_B3HW.contiguous(memory_format=torch.channels_last))
        dense = {
            name: weighted_entropy(read.dense[name].float(), maps_B3hw[:, number].long(), FOREGROUND[name])
            for number, name in enumerate(DENSE)
        }
        scene = {
            name: functional.cross_entropy(read.scene[name].float(), scene_B3[:, number].long())
            for number, name in enumerate(SCENE)
        }
        total = torch.stack([*dense.values()]).sum() + SCENE_WEIGHT * torch.stack([*scene.values()]).sum()
        return total, {name: float(value.detach()) for name, value in (dense | scene).items()}

    def frames(self, step: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return RGB in [-1, 1] (B, 3, H, W), maps (B, 3, h, w) and scenes (B, 3), augmented."""
        items = self.pool.draw(step, self.batch, generator)
        rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
        crop, rows = CROP if rng.random() < 0.5 else (0, 0), []
        for item in items:
            shard = self.pool.shards[item.shard]
            frame, maps, scene = (shard[name][item.row].numpy() for name in ("frames", "maps", "scene"))
            rows.append(
                blank(frame, maps, scene, rng) if rng.random() < BLANK_SHARE["picture"] else (frame, maps, scene)
            )
            rows[-1] = (*bent(*cropped(*rows[-1][:2], crop, rng), rng), rows[-1][2])
        frames, truths, scenes = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
        return rgb_of(frames.permute(0, 3, 1, 2)), truths, scenes

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Return the share of cells and scenes read rightly on frames never trained on, and draw what was seen."""
        last = self.pool.unseen()
        rgb = rgb_of(last["frames"].permute(0, 3, 1, 2)).to(_device(self.model))
        read = [self.model(part) for part in rgb.split(16)]
        figures: dict[str, float] = {}
        for number, name in enumerate(DENSE):
            truth, said = last["maps"][:, number], torch.cat([one.dense[name].argmax(1) for one in read]).cpu()
            there = truth > 0
            figures |= {f"{name}_there": _share(said == truth, there), f"{name}_false": _share(said > 0, ~there)}
            if name == "kind":
                draw_maps(folder / f"probe-{step:06d}.png", last["frames"][:SHOWN], truth[:SHOWN], said[:SHOWN])
        for number, name in enumerate(SCENE):
            said = torch.cat([one.scene[name].argmax(1) for one in read]).cpu()
            figures[f"{name}_right"] = _share(said == last["scene"][:, number], said >= 0)
        return figures

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint says of this stage."""
        return {"distinct": len(self.pool.shards) * self.pool.config.per_shard}


class SoundJudgeStage:
    """Trains `SoundJudge` on sound tracks of a pool."""

    def __init__(self, pool: Pool, *, seed: int, batch: int) -> None:
        torch.manual_seed(seed)
        self.pool, self.batch = pool, batch
        self.model = SoundJudge(judge_config())

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the cross-entropy of onsets, their frames weighted, of ambiences and of music."""
        wave_BS, onset_BFE, ambience_BA, music_B3 = (x.to(_device(self.model)) for x in self.tracks(step, generator))
        read = self.model(wave_BS)
        losses = {
            "onset": onset_entropy(read.onset_BFE.float(), onset_BFE.float()),
            "ambience": functional.binary_cross_entropy_with_logits(read.ambience_BA.float(), ambience_BA.float()),
            **{
                name: 0.5 * functional.cross_entropy(read.music[name].float(), music_B3[:, number].long())
                for number, name in enumerate(MUSIC)
            },
        }
        return torch.stack([*losses.values()]).sum(), {name: float(value.detach()) for name, value in losses.items()}

    def tracks(self, step: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return waves (B, S), onsets (B, F, E), ambiences (B, A) and music (B, 3): shifted, mixed, noisy or blank."""
        items = self.pool.draw(step, self.batch, generator)
        wave, onset, ambience, music = (self.pool.gather(items, n) for n in ("wave", "onset", "ambience", "music"))
        wave = wave.float() / 32767
        rng = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
        for row in range(self.batch):
            late = int(rng.integers(MOST_LATE)) if rng.random() < 0.5 else 0
            wave[row] = functional.pad(wave[row], (late * HOP, 0))[: wave.shape[1]] * float(rng.uniform(0.4, 1.1))
            onset[row] = functional.pad(onset[row], (0, 0, late, 0))[: onset.shape[1]]
        # The mix is the plain sum, so two tracks are one, unless both have music.
        for row, other in enumerate(rng.permutation(self.batch)):
            if rng.random() < MIXED_SHARE and not (music[row].any() and music[other].any()):
                wave[row] += wave[other]
                for truth in (onset, ambience, music):
                    truth[row] = torch.maximum(truth[row], truth[other])
        for row in range(self.batch):
            noise = torch.from_numpy(rng.standard_normal(wave.shape[1], np.float32))
            if rng.random() < BLANK_SHARE["sound"]:
                wave[row] = noise * 10 ** rng.uniform(*BLANK_LEVELS)
                onset[row], ambience[row], music[row] = 0, 0, 0
            else:
                wave[row] += noise * 10 ** rng.uniform(*NOISE_LEVELS)
        return wave.clamp(-1, 1), onset, ambience, music

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Return the share of onsets, ambiences and music read rightly on tracks never trained on."""
        last = self.pool.unseen()
        read = self.model(last["wave"].float().to(_device(self.model)) / 32767)
        onset_FE, said_FE = last["onset"].flatten(0, 1) > 0, (read.onset_BFE.float() > 0).cpu().flatten(0, 1)
        ambience, said = last["ambience"] > 0, (read.ambience_BA > 0).cpu()
        played, right = last["music"][:, 0] > 0, {}
        for number, name in enumerate(MUSIC):
            right[f"{name}_right"] = _share(read.music[name].argmax(1).cpu() == last["music"][:, number], played)
        return {
            "onset_found": _share(said_FE, onset_FE),
            "onset_precise": _share(_near(onset_FE), said_FE),
            "ambience_found": _share(said, ambience),
            "ambience_false": _share(said, ~ambience),
            **right,
        }

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint says of this stage."""
        return {"distinct": len(self.pool.shards) * self.pool.config.per_shard}


def weighted_entropy(logits_BChw: Tensor, truth_Bhw: Tensor, foreground: float) -> Tensor:
    """Return the mean cross-entropy over cells, those that show something weighing `foreground` times as much."""
    weight = torch.where(truth_Bhw > 0, foreground, 1.0)
    return (weight * functional.cross_entropy(logits_BChw, truth_Bhw, reduction="none")).sum() / weight.sum()


def onset_entropy(logits_BFE: Tensor, onset_BFE: Tensor) -> Tensor:
    """Return the cross-entropy of onsets over frames; the frames beside an onset are half right."""
    beside = functional.max_pool1d(onset_BFE.transpose(1, 2), 3, stride=1, padding=1).transpose(1, 2)
    target = torch.maximum(onset_BFE, NEXT_TO * beside)
    weight = 1 + (ONSET_WEIGHT - 1) * target
    return 10 * functional.binary_cross_entropy_with_logits(logits_BFE, target, weight)


Picture = tuple[np.ndarray, np.ndarray]


def cropped(frame_HW3: np.ndarray, maps_3hw: np.ndarray, smaller: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return a part of a frame, so many pixels smaller, and of its maps to the nearest cell; mirrored if unlettered."""
    height, width = (size - less for size, less in zip(frame_HW3.shape, smaller, strict=False))
    y, x = (int(rng.integers(less + 1)) for less in smaller)
    frame = frame_HW3[y : y + height, x : x + width]
    top, left = round(y / STEM), round(x / STEM)
    maps = maps_3hw[:, top : top + height // STEM, left : left + width // STEM]
    if rng.random() < 0.5 and not maps_3hw[DENSE.index("letter")].any():
        return frame[:, ::-1], maps[:, :, ::-1]
    return frame, maps


def bent(frame_HW3: np.ndarray, maps_3hw: np.ndarray, rng: np.random.Generator) -> Picture:
    """Return a frame blurred, brightened, made noisy or blocky, each now and then; its maps stay what they are."""
    frame = np.ascontiguousarray(frame_HW3)
    if rng.random() < 0.4:
        frame = cv2.GaussianBlur(frame, (0, 0), rng.uniform(0.4, 2.0))
    if rng.random() < 0.5:
        gain, lift = rng.uniform(0.75, 1.2), rng.uniform(-15, 15)
        frame = np.clip((frame - 128.0) * gain + 128 + lift, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        noise = rng.standard_normal(frame.shape, np.float32) * rng.uniform(2, 14)
        frame = np.clip(frame + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 60))])[1]
        frame = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    return np.ascontiguousarray(frame), np.ascontiguousarray(maps_3hw)


def blank(
    frame: np.ndarray, maps: np.ndarray, scene: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a frame of nothing: one colour, noise of every pixel, or noise of large patches."""
    height, width, _ = frame.shape
    cells = ((1, 1), (height, width), rng.integers(2, 12, 2))[rng.integers(3)]
    noise = rng.uniform(0, 255, (*cells, 3)).astype(np.float32)
    filled = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(filled, 0, 255).astype(np.uint8), np.zeros_like(maps), np.zeros_like(scene)


def draw_maps(path: Path, frames_NHW3: Tensor, truth_Nhw: Tensor, said_Nhw: Tensor) -> None:
    """Draw frames above the truth above what was said, classes in colours of their own."""
    height, width = frames_NHW3.shape[1:3]
    rows = [np.concatenate(list(frames_NHW3.numpy()), axis=1)[..., ::-1]]
    for maps in (truth_Nhw, said_Nhw):
        hues = np.concatenate(list(maps.numpy()), axis=1).astype(np.int64)
        paint = np.stack([hues * 37 % 180, np.full_like(hues, 200), np.where(hues > 0, 255, 0)], -1).astype(np.uint8)
        shown = cv2.cvtColor(paint, cv2.COLOR_HSV2BGR)
        rows.append(np.asarray(cv2.resize(shown, (width * len(maps), height), interpolation=cv2.INTER_NEAREST)))
    cv2.imwrite(str(path), np.concatenate(rows))


def _near(onset_FE: Tensor) -> Tensor:
    """Return the frames within two of an onset."""
    return functional.max_pool1d(onset_FE.float().T, 5, stride=1, padding=2).T > 0


def _share(right: Tensor, asked: Tensor) -> float:
    return float((right & asked).sum() / asked.sum().clamp(min=1))


def _device(model: torch.nn.Module) -> torch.device:
    return next(model.parameters()).device
