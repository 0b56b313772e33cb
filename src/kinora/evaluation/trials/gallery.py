"""The clips that are judged: what the model makes of a prompt, and the controls beside it.

Files are named after everything that they depend on, and appear whole or not at all: what is there is never made again.
T frames, H W pixels, L samples.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np

from kinora.engines.engine import Told
from kinora.engines.native.engine import NativeEngine
from kinora.engines.native.fill import num_steps
from kinora.evaluation.subject import SEED, through_sound, through_video
from kinora.evaluation.trials.staging import scene_for
from kinora.evaluation.trials.suite import Prompt
from kinora.media.clip import Clip
from kinora.media.decode import read_clip
from kinora.media.sound import master
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.weights import Model, load_model
from kinora.provenance.credentials import prompt_sha256
from kinora.provenance.release import Record, release
from kinora.request import DRAWN_FPS, Request
from kinora.storybook.film import Film, events_of
from kinora.storybook.scene import Scene
from kinora.storybook.sound.mix import compose
from kinora.storybook.write import write_film
from kinora.tasks.render import render

HEIGHT, WIDTH = 144, 256
# The version of the drawn control: a change to what it shows needs files of another name.
DRAWN = "drawn-2"
# What a network is asked to pass is cut to whole blocks of frames and of samples.
BLOCK_FRAMES, BLOCK_SAMPLES = 8, 1000
NOISE_LEVEL = 0.1


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How clips are made and judged, and the folder that keeps them. Without `steps`, the model's own number."""

    weights: Path
    judge: Path
    out: Path
    steps: int | None
    guidance: float
    seconds: float = 4.0
    long_s: float = 16.0


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A clip as it is judged: uint8 frames (T, H, W, 3), a wave (L,), its file's name under the folder or ""."""

    frames_THW3: np.ndarray
    wave_L: np.ndarray
    file: str = ""


@lru_cache(maxsize=1)
def model_of(weights: Path) -> Model:
    """Return the model of a weights file, read once a process."""
    return load_model(weights)


def digest(*facts: object) -> str:
    """Return a short name for plain values: the same values, the same name."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def made(prompt: Prompt, setting: Setting) -> Shown:
    """Return the clip that the model makes from the prompt's one seed, read back from its signed file."""
    return _made(prompt, setting, setting.seconds, "made")


def made_long(prompt: Prompt, setting: Setting) -> Shown:
    """Return the long clip of a prompt, window after window."""
    return _made(prompt, setting, setting.long_s, "long")


def _made(prompt: Prompt, setting: Setting, seconds: float, arm: str) -> Shown:
    model = model_of(setting.weights)
    request = Request(prompt=prompt.text, seconds=seconds, steps=setting.steps, guidance=setting.guidance)
    told = Told(prompt=prompt.text, steps=setting.steps)
    key = digest(model.sha256, prompt.text, prompt.seed, num_steps(told, model), setting.guidance, seconds)
    path = _place(setting, arm, prompt, key)
    if not path.exists():
        for _ in render(request, NativeEngine(model), path, prompt.seed):
            pass
    return _read(path, setting)


def drawn(prompt: Prompt, setting: Setting) -> Shown:
    """Return the drawn world's own clip of what is asked, mastered and coded as every generated file is.

    Raises ValueError where it has none.
    """
    path = _place(setting, "truth", prompt, digest(DRAWN, dict(prompt.asks), setting.seconds))
    if not path.exists():
        film, mix_L = _drawing(prompt, setting)
        write_film(film, _times(setting), DRAWN_FPS, master(mix_L[None], SAMPLE_RATE_HZ)[0], path)
    return _read(path, setting)


def truth_scene(prompt: Prompt, setting: Setting) -> Scene:
    """Return the scene of the drawn control. Raises ValueError where the drawn world has none."""
    return scene_for(prompt.asks, SEED, prompt.id, duration_s=setting.seconds)


def _drawing(prompt: Prompt, setting: Setting) -> tuple[Film, np.ndarray]:
    """Return the film of what is asked and its sound (L,), as training sees and hears them. Errors as in `drawn`."""
    scene = truth_scene(prompt, setting)
    film = Film(scene, height=HEIGHT, width=WIDTH)
    return film, compose(scene, events_of(scene, film.tracks)).mix()


def _times(setting: Setting) -> list[float]:
    return [number / DRAWN_FPS for number in range(round(setting.seconds * DRAWN_FPS))]


def passed(prompt: Prompt, setting: Setting) -> Shown:
    """Return the drawing after the model's autoencoders, released as any generated file: what a perfect transformer
    would reach. Errors as in `drawn`."""
    model = model_of(setting.weights)
    path = _place(setting, "round-trip", prompt, digest(DRAWN, model.sha256, dict(prompt.asks), setting.seconds))
    if not path.exists():
        film, mix_L = _drawing(prompt, setting)
        times, samples = _times(setting), len(mix_L) // BLOCK_SAMPLES * BLOCK_SAMPLES
        frames_THW3 = np.stack([film.frame(t_s) for t_s in times[: len(times) // BLOCK_FRAMES * BLOCK_FRAMES]])
        clip = Clip.from_array(
            through_video(model.video, frames_THW3),
            fps=Fraction(DRAWN_FPS),
            sound=through_sound(model.sound, mix_L[:samples])[None],
            sample_rate_hz=SAMPLE_RATE_HZ,
        )
        said = prompt_sha256(prompt.text)
        release(clip, path, Record(prompt_sha256=said, model=model.name, model_version=model.version, seed=SEED))
    return _read(path, setting)


def noise(prompt: Prompt, setting: Setting) -> Shown:
    """Return pixels and samples of pure chance."""
    rng = np.random.default_rng([SEED, prompt.id])
    frames, samples = round(setting.seconds * DRAWN_FPS), round(setting.seconds * SAMPLE_RATE_HZ)
    return Shown(
        frames_THW3=rng.integers(256, size=(frames, HEIGHT, WIDTH, 3), dtype=np.uint8),
        wave_L=rng.normal(0, NOISE_LEVEL, samples).clip(-1, 1).astype(np.float32),
    )


ARMS: dict[str, Callable[[Prompt, Setting], Shown]] = {
    "made": made,
    "truth": drawn,
    "round trip": passed,
    "noise": noise,
    "long": made_long,
}


def _place(setting: Setting, arm: str, prompt: Prompt, key: str) -> Path:
    folder = setting.out / "clips"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{arm}-{prompt.id:04d}-{key}.mp4"


def _read(path: Path, setting: Setting) -> Shown:
    clip = read_clip(path)
    wave = np.zeros(clip.num_samples, np.float32) if clip.sound is None else clip.sound.mean(axis=0)
    assert clip.sound is None or clip.sample_rate_hz == SAMPLE_RATE_HZ
    return Shown(frames_THW3=clip.array(), wave_L=wave, file=str(path.relative_to(setting.out)))
