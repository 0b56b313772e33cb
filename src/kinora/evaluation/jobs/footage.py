"""Clips that jobs are tried on: rendered by the storybook from seeds that no recipe trains on, and bare.

A file holds pictures and sound and nothing else: nothing can read back what it shows, nor the seed it was drawn from.
T frames, H W pixels, L samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image

from kinora.evaluation.subject import SEED
from kinora.evaluation.trials.gallery import HEIGHT, WIDTH, digest
from kinora.evaluation.trials.staging import scene_for
from kinora.media.files import whole_file
from kinora.media.sound import master
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import DRAWN_FPS
from kinora.storybook.captions import caption
from kinora.storybook.film import Film, events_of
from kinora.storybook.sample import draw_scene
from kinora.storybook.scene import Scene
from kinora.storybook.sound.mix import compose
from kinora.storybook.write import write_film

# Scenes of jobs come after those of every other control of this seed.
FIRST_INDEX = 1_000_000
TRIES = 100
# A change to what is drawn needs files of another name.
DRAWN = 1
# A subject moves in a straight line where it is halfway at half time, to this share of the width.
STRAIGHT = 0.005
# How far it goes at least, as a share of its own width.
WAY = 0.5
# The boxes of an MP4 that say something about it: user data, and whatever has a name of its own (credentials).
TELLING, HOLDERS = (b"udta", b"uuid", b"meta"), (b"moov", b"trak", b"mdia", b"minf")


@dataclass(frozen=True, kw_only=True)
class Footage:
    """A rendered clip: the bare file, and the film it shows, from its first instant on."""

    path: Path
    film: Film
    num_frames: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.num_frames / DRAWN_FPS

    def truth(self, number: int) -> np.ndarray:
        """Return the mask of the first subject in a frame, bool (H, W)."""
        return subject_at(self.film, number / DRAWN_FPS)


def drawn_scene(index: int, seconds: float) -> Scene:
    """Return any scene of the world."""
    return draw_scene(SEED, FIRST_INDEX + index, duration_s=seconds)


def moving_scene(index: int, seconds: float, hole: tuple[int, int]) -> Scene:
    """Return a scene before a camera at rest whose one subject moves evenly to one side, in the picture as a whole, and
    by at least half its width while the frames of a hole pass."""
    for number in count(TRIES * index):
        asks = {"direction": ("left", "right")[number % 2], "camera": "static", "framing": "medium"}
        try:
            scene = scene_for(asks, SEED, FIRST_INDEX + number, duration_s=seconds)
        except ValueError:
            continue
        if _crosses(Film(scene, height=HEIGHT, width=WIDTH), hole):
            return scene
    raise AssertionError("numbers never end")


def _crosses(film: Film, hole: tuple[int, int]) -> bool:
    """Return whether a film's subject moves as `moving_scene` says."""
    begin, end = (number / DRAWN_FPS for number in hole)
    masks = [subject_at(film, t_s) for t_s in (begin, (begin + end) / 2, end)]
    if not all(mask.any() and not _touches_edge(mask) for mask in masks):
        return False
    first, middle, last = (centre(mask)[0] for mask in masks)
    is_straight = abs(middle - (first + last) / 2) <= STRAIGHT * film.width
    return bool(is_straight and abs(last - first) >= WAY * np.ptp(np.flatnonzero(masks[1].any(axis=0))))


def _touches_edge(mask_HW: np.ndarray) -> bool:
    return bool(mask_HW[[0, -1]].any() or mask_HW[:, [0, -1]].any())


def subject_at(film: Film, t_s: float) -> np.ndarray:
    """Return which pixels show a film's first subject at an instant, bool (H, W)."""
    return film.mask(t_s) // 4 == 1


def centre(mask_HW: np.ndarray) -> tuple[float, float]:
    """Return the middle of the true pixels, x and y."""
    rows, columns = np.nonzero(mask_HW)
    return float(columns.mean()), float(rows.mean())


def empty(film: Film) -> Film:
    """Return the same film without anyone in it."""
    return Film(replace(film.scene, actors=(), relation=""), height=film.height, width=film.width)


def words_of(scene: Scene) -> str:
    """Return what a user would say of a scene, in a few words."""
    return caption(scene, "short", np.random.default_rng([SEED, scene.index])).text


def footage(scene: Scene, folder: Path, *, silent: bool = False) -> Footage:
    """Return a scene as a bare file under a folder, its sound mastered as that of every generated file; rendered unless
    it is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    num_frames = round(scene.duration_s * DRAWN_FPS)
    path = folder / f"{digest(DRAWN, scene.to_json(), silent)}.mp4"
    film = Film(scene, height=HEIGHT, width=WIDTH)
    if not path.exists():
        times = [number / DRAWN_FPS for number in range(num_frames)]
        mix_L = compose(scene, events_of(scene, film.tracks)).mix()
        wave_L = np.zeros_like(mix_L) if silent else master(mix_L[None], SAMPLE_RATE_HZ)[0]
        labelled = path.with_suffix(".labelled.mp4")
        write_film(film, times, DRAWN_FPS, wave_L, labelled)
        write_bare(labelled, path)
        labelled.unlink()
    return Footage(path=path, film=film, num_frames=num_frames)


def still(pixels_HW3: np.ndarray, path: Path) -> Path:
    """Write a picture and nothing else as PNG."""
    with whole_file(path) as temporary:
        Image.fromarray(pixels_HW3).save(temporary, format="PNG")
    return path


def write_bare(source: Path, path: Path) -> None:
    """Write a copy of an MP4 that says nothing about itself."""
    with whole_file(path) as temporary:
        temporary.write_bytes(bare(source.read_bytes()))


def bare(data: bytes) -> bytes:
    """Return an MP4 (ISO/IEC 14496-12) whose boxes of user data and credentials are empty space of the same size, so
    that nothing else moves. Raises ValueError for what is no MP4."""
    blank = bytearray(data)
    _blank_boxes(blank, 0, len(blank))
    return bytes(blank)


def _blank_boxes(data: bytearray, start: int, end: int) -> None:
    while start < end:
        size, kind = int.from_bytes(data[start : start + 4], "big"), bytes(data[start + 4 : start + 8])
        if not 8 <= size <= end - start:
            raise ValueError("this is no MP4 whose boxes can be read: give one that Kinora wrote")
        if kind in TELLING:
            data[start + 4 : start + 8] = b"free"
            data[start + 8 : start + size] = bytes(size - 8)
        elif kind in HOLDERS:
            _blank_boxes(data, start + 8, start + size)
        start += size


def array_of(film: Film, times_s: Sequence[float]) -> np.ndarray:
    """Return the pictures of a film at these instants, uint8 (T, H, W, 3)."""
    return np.stack([film.frame(t_s) for t_s in times_s])
