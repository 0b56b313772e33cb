"""What the judge learns from: single frames and whole sound tracks, as drawn and as they come out of the autoencoders.

Latents are noised on the way as in the flow, x_t = (1 - t) x + t noise. Up to `READABLE_T` things are called what they
are; from `LOST_T` on everything is called nothing; what lies between is shown to nobody.

N rows, T frames, H W pixels, h w a quarter of them, S samples, F frames of sound (48 a second), E effects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from kinora.models.judge import FRAMES_PER_SECOND, HOP, MUSIC, SCENE
from kinora.models.pixels import pixels_of, rgb_of
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ, SoundAutoencoder
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH, VideoAutoencoder
from kinora.storybook.film import Film, events_of
from kinora.storybook.maps import truth_maps
from kinora.storybook.motion import choreograph
from kinora.storybook.places.backdrop import Backdrop
from kinora.storybook.sample import draw_scene
from kinora.storybook.scene import Event, Scene
from kinora.storybook.sound.mix import compose
from kinora.storybook.vocabulary import AMBIENCES
from kinora.training.frozen import Frozen
from kinora.training.pool import PoolConfig, Shard
from kinora.training.shapes import CLIP_S, FPS, shape_of_shard
from kinora.training.stages.judge import judge_config

READABLE_T, LOST_T = 0.35, 0.6
# How many rows come straight through, with readable and with lost latents.
THROUGH = {0.0: 0.45, READABLE_T: 0.35, 1.0: 0.2}
FRAMES_A_SCENE = 3
# Every third scene has a sign, looked for among so many.
SIGN_EVERY, TRIES = 3, 8
OTHER_SHAPE_EVERY = 4
# Every third shard shows whole scenes, the others casts, every fourth of them decoded.
SCENES_EVERY, CASTS_DECODED = 3, 4
# The number of the first scene that only lends its cast.
FIRST_CAST = 100_000
ONSET_FRAMES = round(CLIP_S * FRAMES_PER_SECOND)

Row = tuple[np.ndarray, np.ndarray, np.ndarray]


def judge_pictures(config: PoolConfig, number: int, frozen: Frozen) -> Shard:
    """Return frames uint8 (N, H, W, 3), their maps (N, 3, h, w) and scenes (N, 3).

    Casts are a sixth of the work of scenes, so there are more of them.
    """
    assert frozen.video is not None, "freeze the video autoencoder first"
    size, show = shape_of_shard(number, OTHER_SHAPE_EVERY), _casts if number % SCENES_EVERY else _scenes
    rows = list(show(config, number, size, frozen.video))
    frames, maps, scenes = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
    return {"frames": frames, "maps": maps, "scene": scenes, "shape": torch.tensor(size) // PATCH}


def _scenes(config: PoolConfig, number: int, size: tuple[int, int], video: VideoAutoencoder) -> Iterator[Row]:
    """Yield three frames of every scene, two of them decoded in every second scene."""
    scenes_a_shard = config.per_shard // FRAMES_A_SCENE
    for index in range(number * scenes_a_shard, (number + 1) * scenes_a_shard):
        film = Film(lettered_scene(config.seed, index), height=size[0], width=size[1])
        rng = np.random.default_rng([config.seed, index, 6])
        yield from _drawn(film, FRAMES_A_SCENE if index % 2 else 1, rng)
        if index % 2 == 0:
            yield from _decoded(film, video, rng)


def _casts(config: PoolConfig, number: int, size: tuple[int, int], video: VideoAutoencoder) -> Iterator[Row]:
    """Yield one frame of every scene; scenes of one place share the surroundings of the first, which cost most."""
    first: dict[str, tuple[Scene, Backdrop]] = {}
    for index in range(FIRST_CAST + number * config.per_shard, FIRST_CAST + (number + 1) * config.per_shard):
        scene = draw_scene(config.seed, index)
        if scene.place not in first:
            first[scene.place] = scene, Backdrop(scene)
        lender, backdrop = first[scene.place]
        film = Film(
            replace(scene, light=lender.light, weather=lender.weather), height=size[0], width=size[1], backdrop=backdrop
        )
        rng = np.random.default_rng([config.seed, index, 6])
        rows = _drawn(film, 1, rng)
        yield from rows if index % CASTS_DECODED else (_held(row, video, rng) for row in rows)


def judge_sounds(config: PoolConfig, number: int, frozen: Frozen) -> Shard:
    """Return waves int16 (N, S), when effects set in (N, F, E), ambiences (N, 7) and music (N, 3), uint8."""
    assert frozen.sound is not None, "freeze the sound autoencoder first"
    rows = []
    for index in range(number * config.per_shard, (number + 1) * config.per_shard):
        rng = np.random.default_rng([config.seed, index, 7])
        scene = draw_scene(config.seed, index, duration_s=CLIP_S)
        events = events_of(scene, choreograph(scene))
        t, wave = draw_t(rng), compose(scene, events).mix()
        # Half of what comes straight through is not even decoded.
        wave = wave if t == 0 and rng.random() < 0.5 else sound_through(frozen.sound, wave, t, rng)
        wave16 = (wave * 32767).astype(np.int16)
        rows.append((wave16, *(one * (t < LOST_T) for one in (onset_truth(scene, events), *music_truth(scene)))))
    waves, onsets, ambiences, music = (torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))
    return {"wave": waves, "onset": onsets, "ambience": ambiences, "music": music}


def lettered_scene(seed: int, index: int) -> Scene:
    """Return a scene of the training split; every third one has a sign if one is found."""
    scenes = [draw_scene(seed, index * TRIES)]
    if index % SIGN_EVERY == 0:
        scenes += [draw_scene(seed, index * TRIES + attempt) for attempt in range(1, TRIES)]
    return next((scene for scene in scenes if scene.sign), scenes[0])


def _drawn(film: Film, num: int, rng: np.random.Generator) -> list[Row]:
    """Return (frame, maps, scene) at random instants."""
    times = CLIP_S * rng.random(num)
    return [(film.frame(t_s), np.stack(truth_maps(film, t_s)), scene_truth(film.scene)) for t_s in times]


def _decoded(film: Film, video: VideoAutoencoder, rng: np.random.Generator) -> list[Row]:
    """Return (frame, maps, scene) of frames of one random block after the autoencoder."""
    start_s = rng.random() * (CLIP_S - BLOCK_FRAMES / FPS)
    times, t = [start_s + frame / FPS for frame in range(BLOCK_FRAMES)], draw_t(rng)
    made = video_through(video, np.stack([film.frame(at_s) for at_s in times]), t, rng)
    picked, seen = rng.permutation(BLOCK_FRAMES)[: FRAMES_A_SCENE - 1], np.uint8(t < LOST_T)
    return [(made[n], np.stack(truth_maps(film, times[n])) * seen, scene_truth(film.scene) * seen) for n in picked]


def _held(row: Row, video: VideoAutoencoder, rng: np.random.Generator) -> Row:
    """Return a row whose frame, held for a block, went through the autoencoder."""
    (frame, maps, scene), t = row, draw_t(rng)
    made, seen = video_through(video, np.stack([frame] * BLOCK_FRAMES), t, rng), np.uint8(t < LOST_T)
    return made[int(rng.integers(BLOCK_FRAMES))], maps * seen, scene * seen


def draw_t(rng: np.random.Generator) -> float:
    """Return how much noise latents get: none, some that leaves things readable, or so much that nothing is."""
    most = rng.choice(list(THROUGH), p=list(THROUGH.values()))
    return float(LOST_T + (1 - LOST_T) * rng.random() if most > READABLE_T else most * rng.random())


@torch.no_grad()
def video_through(video: VideoAutoencoder, frames_THW3: np.ndarray, t: float, rng: np.random.Generator) -> np.ndarray:
    """Return uint8 frames (8 n, H, W, 3) after the autoencoder, their latents noised on the way."""
    rgb = rgb_of(torch.from_numpy(frames_THW3).permute(3, 0, 1, 2)[None])
    with torch.autocast("cpu", torch.bfloat16):
        made = video.decode(_noised(video.encode(rgb).float(), t, rng))[0]
    return pixels_of(made.float()).permute(1, 2, 3, 0).numpy()


@torch.no_grad()
def sound_through(sound: SoundAutoencoder, wave_S: np.ndarray, t: float, rng: np.random.Generator) -> np.ndarray:
    """Return a wave (1000 n,) after the autoencoder, its latents noised on the way."""
    latent = sound.encode(torch.from_numpy(np.asarray(wave_S, np.float32))[None])
    return sound.decode(_noised(latent, t, rng))[0].clamp(-1, 1).numpy()


def _noised(latent: Tensor, t: float, rng: np.random.Generator) -> Tensor:
    return (1 - t) * latent + t * torch.from_numpy(rng.standard_normal(latent.shape, np.float32))


def scene_truth(scene: Scene) -> np.ndarray:
    """Return the classes of place, light and weather, uint8 (3,)."""
    return _classes(*(getattr(scene, name) for name in SCENE), attributes=SCENE)


def music_truth(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Return which ambiences are heard, uint8 (7,), and the classes of the music's attributes, uint8 (3,)."""
    music = scene.sound.music
    heard = np.array([name in scene.sound.ambience for name in AMBIENCES], np.uint8)
    return heard, _classes(*(getattr(music, name) if music else "" for name in MUSIC), attributes=MUSIC)


def _classes(*words: str, attributes: Sequence[str]) -> np.ndarray:
    config = judge_config()
    return np.array([config.words(name).index(word) for name, word in zip(attributes, words, strict=True)], np.uint8)


def onset_truth(scene: Scene, events: Sequence[Event]) -> np.ndarray:
    """Return 1 at the frame in which an effect sets in, uint8 (F, E)."""
    effects = judge_config().effects
    truth = np.zeros((ONSET_FRAMES, len(effects)), np.uint8)
    for event in events if scene.sound.effects else ():
        frame = int(event.time_s * SAMPLE_RATE_HZ / HOP + 0.5)
        if event.kind in effects and 0 <= frame < ONSET_FRAMES:
            truth[frame, effects.index(event.kind)] = 1
    return truth
