"""Clips of the drawn world on disk, each a folder with its whole truth.

- clip.mp4: picture and mixed sound; a rendering, so not signed
- effects.wav, ambience.wav, music.wav: the stems, float32 at 24 kHz, which add up to the mix
- masks.npz: `masks`, uint8 (frames, height, width), the track and part every pixel shows, as in `Film.mask`
- scene.json: the scene's facts, captions and events, and every track, box and camera window, frame by frame

A clip is a function of its order and index alone, so any number of workers write the same bytes. A folder appears
whole or not at all.
"""

import json
import math
import multiprocessing
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.io import wavfile

from kinora.media.clip import FRAMES_PER_BLOCK, Clip, Frames
from kinora.media.encode import write_mp4
from kinora.media.files import flush
from kinora.storybook.captions import STYLES, caption
from kinora.storybook.casting import Split
from kinora.storybook.film import SIGN_MASK, Box, Film, box_of, events_of, track_label
from kinora.storybook.pen import PARTS
from kinora.storybook.sample import draw_scene
from kinora.storybook.scene import GROUND_RISE_M, Event, Scene
from kinora.storybook.sound.mix import Stems, compose
from kinora.storybook.sound.synth import SAMPLE_RATE_HZ, Wave

COMMENT = "rendered by Kinora storybook, not AI-generated"
CAPTIONS_PER_STYLE = 2
MAX_SECONDS, MAX_FPS = 60, 60


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is written: which world, and how it is shown. Raises ValueError where a value is out of range."""

    seed: int = 0
    split: Split = "train"
    num_frames: int = 48
    height: int = 144
    width: int = 256
    fps: int = 12

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"the seed is a whole number from 0 on; it is {self.seed}")
        if not 1 <= self.fps <= MAX_FPS:
            raise ValueError(f"fps lies between 1 and {MAX_FPS}; it is {self.fps}")
        if not 1 <= self.num_frames <= MAX_SECONDS * self.fps:
            seconds = self.num_frames / self.fps
            raise ValueError(
                f"a clip has at least one frame and lasts at most {MAX_SECONDS} s; asked for {seconds:g} s"
            )

    @property
    def times(self) -> list[float]:
        """Return the instant of every frame, in seconds."""
        return [number / self.fps for number in range(self.num_frames)]

    def name(self, index: int) -> str:
        """Return the folder name of clip number `index`."""
        return f"{self.split}-{self.seed}-{index:06d}"

    def scene(self, index: int) -> Scene:
        """Return scene number `index`."""
        return draw_scene(self.seed, index, duration_s=self.num_frames / self.fps, split=self.split)


def whole_frames(seconds: float, fps: int) -> int:
    """Return how many frames last that long. Raises ValueError, naming the nearest, where it is no whole number."""
    if not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"a clip lasts more than 0 and at most {MAX_SECONDS} seconds; asked for {seconds:g}")
    num_frames = round(seconds * fps)
    if num_frames < 1 or abs(seconds * fps - num_frames) > 1e-6:
        nearest = sorted({max(1, math.floor(seconds * fps)), math.ceil(seconds * fps)})
        remedy = " or ".join(f"{number / fps:.6g}" for number in nearest)
        raise ValueError(f"{seconds:g} s is no whole number of frames at {fps} fps; the nearest is {remedy} s")
    return num_frames


class Written(NamedTuple):
    """One clip done: its folder, how many frames were rendered now, in how many processor seconds."""

    folder: Path
    num_frames: int
    render_s: float


def write_clips(order: Order, indices: Iterable[int], out: Path, *, workers: int = 1) -> Iterator[Written]:
    """Write the clips of these indices into folders under `out`, yielding each as it is done; finished ones are kept.

    Raises ValueError if a folder of that name holds a clip of another size, rate or length.
    """
    out.mkdir(parents=True, exist_ok=True)
    write = partial(write_clip, order, out)
    _sweep(order, out)
    try:
        if workers == 1:
            yield from map(write, indices)
            return
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            yield from pool.imap_unordered(write, indices)
    finally:
        _sweep(order, out)


def write_clip(order: Order, out: Path, index: int) -> Written:
    """Write clip number `index` into its own folder under `out`, unless it is there; errors as in `write_clips`."""
    folder = out / order.name(index)
    made_with = {**asdict(order), "index": index}
    if folder.exists():
        _check_same(folder, made_with)
        return Written(folder, 0, 0.0)
    scene = order.scene(index)
    film = Film(scene, height=order.height, width=order.width)
    events = events_of(scene, film.tracks)
    stems = compose(scene, events)
    masks = np.stack([film.mask(t_s) for t_s in order.times])
    with _whole_folder(folder) as temporary:
        render_s = write_film(film, order.times, order.fps, stems.mix(), temporary / "clip.mp4")
        _write_stems(stems, temporary)
        np.savez_compressed(temporary / "masks.npz", masks=masks)
        truth = {"made_with": made_with, **tell_truth(film, order.times, masks, events)}
        (temporary / "scene.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n", encoding="utf-8")
    return Written(folder, len(order.times), render_s)


# Picture and sound


def write_film(film: Film, times: Sequence[float], fps: int, wave_L: Wave, path: Path) -> float:
    """Write the film at these instants and a wave at 24 kHz as an MP4; returns the processor seconds of rendering,
    encoding not counted."""
    spent = 0.0

    def blocks() -> Iterator[Frames]:
        nonlocal spent
        for start in range(0, len(times), FRAMES_PER_BLOCK):
            began_s = time.thread_time()
            block = np.stack([film.frame(t_s) for t_s in times[start : start + FRAMES_PER_BLOCK]])
            spent += time.thread_time() - began_s
            yield block

    clip = Clip(
        num_frames=len(times),
        height=film.height,
        width=film.width,
        fps=Fraction(fps),
        frames=blocks,
        sound=wave_L[None],
        sample_rate_hz=SAMPLE_RATE_HZ,
    )
    write_mp4(clip, path, comment=COMMENT)
    return spent


def _write_stems(stems: Stems, folder: Path) -> None:
    for name in ("effects", "ambience", "music"):
        wavfile.write(folder / f"{name}.wav", stems.sample_rate_hz, getattr(stems, name))


# Truth


def tell_truth(film: Film, times: Sequence[float], masks: np.ndarray, events: Sequence[Event]) -> dict[str, Any]:
    """Return everything known of a film at these times, as plain values; `masks` are its (frames, height, width).

    Boxes are [left, top, right, bottom] in pixels, right and bottom exclusive, of what is seen; None where nothing
    is. Points are where the base (feet, wheels) is, in pixels, seen or not.
    """
    scene = film.scene
    return {
        "about": COMMENT,
        "parts": PARTS,
        "scene": scene.to_json(),
        "captions": _captions(scene),
        "events": [asdict(event) for event in events],
        "camera": [asdict(film.view(t_s)) for t_s in times],
        "tracks": [_track(film, number, times, masks) for number in range(len(film.tracks))],
        "sign": {"text": scene.sign, "mask": 4 * SIGN_MASK, "boxes": _boxes(masks, SIGN_MASK)} if scene.sign else None,
    }


def _captions(scene: Scene) -> dict[str, list[dict[str, Any]]]:
    rng = np.random.default_rng([scene.seed, scene.index, 5])
    return {style: [asdict(caption(scene, style, rng)) for _ in range(CAPTIONS_PER_STYLE)] for style in STYLES}


def _track(film: Film, number: int, times: Sequence[float], masks: np.ndarray) -> dict[str, Any]:
    track = film.tracks[number]
    label = track_label(number)
    return {
        "who": asdict(track.who),
        "actor": track.actor,
        "parent": track.parent,
        "mask": 4 * label,
        "boxes": _boxes(masks, label),
        "points": [_point(film, number, t_s) for t_s in times],
    }


def _point(film: Film, number: int, t_s: float) -> list[float]:
    placement = film.tracks[number].placement(t_s)
    y_m = GROUND_RISE_M * placement.depth + placement.y_m
    return [round(pixels, 2) for pixels in film.view(t_s).to_pixels((placement.x_m, y_m), film.height)]


def _boxes(masks: np.ndarray, label: int) -> list[Box | None]:
    return [box_of(mask // 4 == label) for mask in masks]


# Folders


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `folder` when all went well, and vanishes otherwise."""
    temporary = folder.with_name(f".{folder.name}.part")
    temporary.mkdir()
    try:
        yield temporary
        for path in temporary.iterdir():
            flush(path)
        temporary.rename(folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sweep(order: Order, out: Path) -> None:
    """Remove what a stopped run left half-written."""
    for leftover in out.glob(f".{order.split}-{order.seed}-*.part"):
        shutil.rmtree(leftover, ignore_errors=True)


def _check_same(folder: Path, made_with: dict[str, Any]) -> None:
    before = json.loads((folder / "scene.json").read_text(encoding="utf-8"))["made_with"]
    if before != made_with:
        changed = ", ".join(name for name in made_with if before.get(name) != made_with[name])
        raise ValueError(f"{folder} holds a clip made with another {changed}; choose another folder with --out")
