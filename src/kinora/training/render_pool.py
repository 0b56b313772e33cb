"""What render processes make: shards of pictures, waves and latents, each a function of (seed, number).

N items, T frames, L tokens, Z channels. Captions travel as UTF-8 JSON in a tensor of bytes.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from kinora.models.holes import held
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH
from kinora.storybook.captions import STYLES, caption
from kinora.storybook.film import Film, events_of
from kinora.storybook.motion import choreograph
from kinora.storybook.sample import can_mirror, draw_scene, mirror
from kinora.storybook.scene import Camera, Scene
from kinora.storybook.sound.mix import compose
from kinora.training.frozen import Frozen
from kinora.training.hinting import holes
from kinora.training.judge_material import judge_pictures, judge_sounds
from kinora.training.pool import PoolConfig, Shard, make_shards
from kinora.training.shapes import CLIP_S, FPS, WIDE, shape_of_shard
from kinora.training.truth import sound_truth, token_truth

WAVE_S = 2.0
PICTURE_FRAMES = 2 * BLOCK_FRAMES
CORE_TRIES = 8
CAPTIONS = ("dense", "dense", "short", "alt")
OTHER_SHAPE_EVERY = 5
OTHER_CLIP_EVERY = 6


def pictures(config: PoolConfig, number: int) -> Shard:
    """Return raw clips: frames uint8 (N, T, H, W, 3) and foreground (N, T / 8, H / 8, W / 8)."""
    frames, foreground = [], []
    for index in _indices(config, number):
        film = Film(_scene(config.seed, index), height=WIDE[0], width=WIDE[1])
        start_s = 3.0 * ((index * 0.618034) % 1.0)
        times = [start_s + frame / FPS for frame in range(PICTURE_FRAMES)]
        frames.append(np.stack([film.frame(t) for t in times]))
        foreground.append(np.stack([film.mask(t, shrink=8) > 0 for t in times[BLOCK_FRAMES // 2 :: BLOCK_FRAMES]]))
    return {"frames": torch.from_numpy(np.stack(frames)), "foreground": torch.from_numpy(np.stack(foreground)).byte()}


def waves(config: PoolConfig, number: int) -> Shard:
    """Return mixed sound int16 (N, 48000)."""
    return {"wave": torch.stack([_wave16(_scene(config.seed, i, WAVE_S), WAVE_S) for i in _indices(config, number)])}


def stills(config: PoolConfig, number: int, frozen: Frozen) -> Shard:
    """Return latents (N, L, Z) of still blocks, their truth and captions; both mirror images of every scene."""
    height, width = shape_of_shard(number, OTHER_SHAPE_EVERY)
    frames, truths, texts = [], [], []
    for index, scene in shard_scenes(config, number):
        film = Film(scene, height=height, width=width)
        at_s = 0.3 + 3.4 * ((index * 0.618034) % 1.0)
        frames.append(np.broadcast_to(film.frame(at_s), (BLOCK_FRAMES, height, width, 3)))
        truths.append(token_truth(film, [at_s] * BLOCK_FRAMES, moving=False))
        texts.append(_captions(config.seed, index, scene))
    video = torch.cat([frozen.encode_video(np.stack(frames[i : i + 16])) for i in range(0, len(frames), 16)])
    return _latents(video, torch.stack(truths), texts, (height, width))


def clips(config: PoolConfig, number: int, frozen: Frozen) -> Shard:
    """Return latents of 4 s clips with sound: video (N, 6 h w, Z), sound (N, 96, Z), truths and captions; and
    what hints of them may say, in every pattern of `holes`: held (N, P, 6 h w, Z) and known (N, P, 6, 8)."""
    height, width = shape_of_shard(number, OTHER_CLIP_EVERY)
    video, heldback, known, sound, truths, heard, texts = [], [], [], [], [], [], []
    times = [frame / FPS for frame in range(round(CLIP_S * FPS))]
    for index, scene in shard_scenes(config, number):
        film = Film(scene, height=height, width=width)
        frames = np.stack([film.frame(t) for t in times])
        patterns = holes(len(frames) // BLOCK_FRAMES, np.random.default_rng([config.seed, index, 6]))
        shown = [np.concatenate(list(map(held, np.split(frames, len(blocks)), blocks))) for blocks in patterns]
        whole, *partly = frozen.encode_video(np.stack([frames, *shown]))
        video.append(whole)
        heldback.append(torch.stack(partly))
        known.append(torch.from_numpy(patterns).byte())
        events = events_of(scene, film.tracks)
        sound.append(frozen.encode_sound(_wave16(scene, CLIP_S))[0])
        truths.append(token_truth(film, times, moving=True))
        heard.append(sound_truth(events, CLIP_S))
        texts.append(_captions(config.seed, index, scene))
    shard = _latents(torch.stack(video), torch.stack(truths), texts, (height, width))
    hints = {"held": torch.stack(heldback), "known": torch.stack(known)}
    return {**shard, **hints, "sound": torch.stack(sound), "heard": torch.stack(heard)}


def run_worker(kind: str, folder: Path, config: PoolConfig, frozen_folder: Path, worker: tuple[int, int]) -> None:
    """Make one worker's shards; `worker` is (its number, how many there are)."""
    torch.set_num_threads(1)
    make: Callable[[int], Shard]
    if kind in ("pictures", "waves"):
        raw = {"pictures": pictures, "waves": waves}[kind]
        make = lambda number: raw(config, number)  # noqa: E731
    else:
        frozen = Frozen.load(frozen_folder)
        judged = {"judge-pictures": judge_pictures, "judge-sounds": judge_sounds}
        encoded = {"stills": stills, "clips": clips, **judged}[kind]
        make = lambda number: encoded(config, number, frozen)  # noqa: E731
    make_shards(folder, config, make, worker=worker[0], workers=worker[1])


def _latents(video: Tensor, truth: Tensor, texts: list[list[str]], shape: tuple[int, int]) -> Shard:
    caption_bytes = torch.frombuffer(bytearray(json.dumps(texts).encode()), dtype=torch.uint8)
    grid = torch.tensor([shape[0] // PATCH, shape[1] // PATCH])
    return {"video": video, "truth": truth, "captions": caption_bytes, "shape": grid}


def _indices(config: PoolConfig, number: int) -> range:
    return range(number * config.per_shard, (number + 1) * config.per_shard)


def _scene(seed: int, index: int, duration_s: float = CLIP_S) -> Scene:
    return draw_scene(seed, index, duration_s=duration_s)


def _core_scene(seed: int, index: int) -> Scene:
    """Return a scene with one actor under a resting camera: what a model learns first."""
    candidates = (_scene(seed, index * CORE_TRIES + attempt) for attempt in range(CORE_TRIES))
    scene = next((s for s in candidates if len(s.actors) == 1 and not s.sign), None) or _scene(seed, index)
    frame: Literal["medium", "close-up"] = "close-up" if scene.camera.frame == "close-up" else "medium"
    return replace(scene, camera=Camera(frame=frame))


def shard_scenes(config: PoolConfig, number: int) -> Iterator[tuple[int, Scene]]:
    """Yield scenes two by two: one and its mirror image; a scene with a sign is followed by another instead."""
    for index in _indices(config, number):
        draw = _core_scene if config.core else _scene
        scene = draw(config.seed, index - index % 2)
        if index % 2:
            scene = mirror(scene) if can_mirror(scene) else draw(config.seed, index)
        yield index, scene


def _captions(seed: int, index: int, scene: Scene) -> list[str]:
    rng = np.random.default_rng([seed, index, 5])
    assert set(CAPTIONS) <= set(STYLES)
    return [caption(scene, style, rng).text for style in CAPTIONS]  # type: ignore[arg-type]


def _wave16(scene: Scene, duration_s: float) -> Tensor:
    mixed = compose(scene, events_of(scene, choreograph(scene))).mix()
    samples = round(duration_s * SAMPLE_RATE_HZ)
    return torch.from_numpy((mixed[:samples] * 32767).astype(np.int16))
