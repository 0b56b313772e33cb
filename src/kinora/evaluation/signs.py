"""Can signs still be read after the autoencoder, and are they readable at all without it?"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from kinora.evaluation.figures import Figure, share
from kinora.evaluation.pictures import HEIGHT, WIDTH, Through, clip_times
from kinora.evaluation.reader import LetterPlace, letter_places, read_word
from kinora.evaluation.subject import SEED
from kinora.evaluation.witness import board, read_board, witness_version
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.storybook.film import SIGN_MASK, Film
from kinora.storybook.sample import draw_scene, draw_sign
from kinora.storybook.scene import Camera, Scene

LENGTHS = range(1, 9)
MAIN_LENGTH = 4
# Words of other lengths than the main one, a length, for a hundred of the main one.
OTHERS = 0.2
# The frame that is read lies in the middle of the second block, which has one before it, as most blocks have.
READ_FRAME = BLOCK_FRAMES + BLOCK_FRAMES // 2

ReadWord = Callable[[np.ndarray, tuple[LetterPlace, ...]], str]


@dataclass(frozen=True, kw_only=True)
class SignShot:
    """A scene with a sign: the frame that is read, as drawn and as it came out, and where its letters stand."""

    scene: Scene
    places: tuple[LetterPlace, ...]
    drawn: np.ndarray
    made: np.ndarray

    @property
    def word(self) -> str:
        """What the sign says."""
        return self.scene.sign


def sign_shots(wanted: Counter[int], through: Through, seed: int = SEED) -> Iterator[SignShot]:
    """Yield shots of words, as many of each length as wanted, whose letters are all in sight."""
    left, index = Counter(wanted), 0
    while left := +left:
        scene = draw_scene(seed, index, duration_s=4.0)
        # A first actor on the right moves the sign to the left, where others may stand before it.
        if scene.sign and scene.actors[0].x_m <= 0:
            film = _with_word(scene, next(iter(left)))
            times = clip_times(index)
            places = letter_places(film, times[READ_FRAME])
            if in_sight(film.mask(times[READ_FRAME]), places):
                left[len(film.scene.sign)] -= 1
                frames = np.stack([film.frame(t) for t in times])
                drawn, made = frames[READ_FRAME], through(frames)[READ_FRAME]
                yield SignShot(scene=film.scene, places=places, drawn=drawn, made=made)
        index += 1


def _with_word(scene: Scene, length: int) -> Film:
    """Return the scene seen by a camera at rest, with a word of this length on its sign."""
    rng = np.random.default_rng([scene.seed, scene.index, length])
    word = next(word for word in iter(lambda: draw_sign(rng), None) if len(word) == length)
    still = replace(scene, sign=word, camera=Camera(frame=scene.camera.frame))
    return Film(still, height=HEIGHT, width=WIDTH)


def in_sight(mask_HW: np.ndarray, places: tuple[LetterPlace, ...]) -> bool:
    """Return whether every letter lies in the picture, with room to look around, and nobody stands before it."""
    return all(_sees_sign_only(mask_HW, place) for place in places)


def _sees_sign_only(mask_HW: np.ndarray, place: LetterPlace) -> bool:
    top, bottom, left, right = place.window()
    height, width = mask_HW.shape
    inside = top >= 1 and left >= 1 and bottom < height and right < width
    return inside and bool((mask_HW[top:bottom, left:right] // 4 == SIGN_MASK).all())


def wanted(num: int) -> Counter[int]:
    """Return how many words of each length: `num` of the main one and a fifth of that of each other."""
    return Counter({n: num if n == MAIN_LENGTH else max(1, round(OTHERS * num)) for n in LENGTHS})


def measure(num: int, through: Through) -> list[Figure]:
    """Return shares of words and letters read rightly by our reader and by a witness, each with its control."""
    shots = list(sign_shots(wanted(num), through))
    main = [shot for shot in shots if len(shot.word) == MAIN_LENGTH]
    figures = _by("our reader", read_word, main, shots)
    figures += [
        _words(f"words of {n} on a sign, our reader", read_word, of_length)
        for n in LENGTHS
        if n != MAIN_LENGTH and (of_length := [shot for shot in shots if len(shot.word) == n])
    ]
    for frame in sorted({shot.scene.camera.frame for shot in main}):
        seen = [shot for shot in main if shot.scene.camera.frame == frame]
        size = np.mean([shot.places[0].height_px for shot in seen])
        figures.append(_words(f"words of {MAIN_LENGTH}, {frame} frame ({size:.0f} px letters)", read_word, seen))
    return figures + _witnessed(main)


def _by(reader: str, read: ReadWord, main: list[SignShot], shots: list[SignShot]) -> list[Figure]:
    name = f"words of {MAIN_LENGTH} on a sign, {reader}"
    return [
        _words(name, read, main),
        _words(f"{name}, control", read, main, drawn=True, note="the same on frames as drawn"),
        _letters(f"letters of signs, {reader}", read, shots),
        _letters(f"letters of signs, {reader}, control", read, shots, drawn=True),
    ]


def _witnessed(main: list[SignShot]) -> list[Figure]:
    """Return what an independent reader makes of the signs; it knows no place of any letter."""
    version = witness_version()
    if not version:
        return [Figure(name="words read by tesseract", value=float("nan"), unit="", num=0, note="not installed")]

    def read(frame: np.ndarray, places: tuple[LetterPlace, ...]) -> str:
        return read_board(board(frame, places))

    name = f"words of {MAIN_LENGTH} on a sign, tesseract"
    able = [shot for shot in main if read(shot.drawn, shot.places) == shot.word]
    figures = [
        _words(name, read, main, note=version),
        share(f"{name}, control", [len(able)], [len(main)], note="the same on frames as drawn"),
    ]
    return figures + (
        [_words(f"{name}, of those it can read as drawn", read, able)] if able else []
    )


def _words(name: str, read: ReadWord, shots: list[SignShot], *, drawn: bool = False, note: str = "") -> Figure:
    right = [read(shot.drawn if drawn else shot.made, shot.places) == shot.word for shot in shots]
    return share(name, right, np.ones(len(right)), note=note or "share of whole words right")


def _letters(name: str, read: ReadWord, shots: list[SignShot], *, drawn: bool = False) -> Figure:
    said = [read(shot.drawn if drawn else shot.made, shot.places) for shot in shots]
    right = [sum(a == b for a, b in zip(text, shot.word, strict=True)) for text, shot in zip(said, shots, strict=True)]
    note = "the same on frames as drawn" if drawn else "share of letters right, all lengths"
    return share(name, right, [len(shot.word) for shot in shots], note=note)
