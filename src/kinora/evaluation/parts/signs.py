"""Can signs still be read after the autoencoder, and are they readable at all without it?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from kinora.evaluation.figures import Figure, share
from kinora.evaluation.parts.pictures import HEIGHT, WIDTH, Through, clip_times
from kinora.evaluation.seeing.reader import read_word
from kinora.evaluation.seeing.witnesses import board, read_boards, witness_version
from kinora.evaluation.subject import SEED
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.storybook.film import SIGN_MASK, Film
from kinora.storybook.maps import LetterPlace, letter_places
from kinora.storybook.sample import draw_scene, draw_sign
from kinora.storybook.scene import Camera, Scene

LENGTHS = range(1, 9)
MAIN_LENGTH = 4
# Words of other lengths than the main one, a length, for a hundred of the main one.
OTHERS = 0.2
CONTROL = "the same on frames as drawn"
# The frame that is read lies in the middle of the second block, which has one before it, as most blocks have.
READ_FRAME = BLOCK_FRAMES + BLOCK_FRAMES // 2


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
    return [*_read_by_us(shots), *_witnessed([shot for shot in shots if len(shot.word) == MAIN_LENGTH])]


def _read_by_us(shots: list[SignShot]) -> list[Figure]:
    drawn = [read_word(shot.drawn, shot.places) for shot in shots]
    made = [read_word(shot.made, shot.places) for shot in shots]
    lengths = np.array([len(shot.word) for shot in shots])
    frames = np.array([shot.scene.camera.frame for shot in shots])
    main = lengths == MAIN_LENGTH
    name = f"words of {MAIN_LENGTH} on a sign, our reader"
    figures = [
        _words(name, made, shots, main),
        _words(f"{name}, control", drawn, shots, main, note=CONTROL),
        _letters("letters of all signs, our reader", made, shots),
        _letters("letters of all signs, our reader, control", drawn, shots, note=CONTROL),
        _words("words of any length, our reader, control", drawn, shots, lengths > 0, note=CONTROL),
    ]
    figures += [
        _words(f"words of {n}, our reader", made, shots, lengths == n) for n in sorted(set(lengths)) if n != MAIN_LENGTH
    ]
    for frame in sorted(set(frames[main])):
        seen = main & (frames == frame)
        size = np.mean([shot.places[0].height_px for shot, here in zip(shots, seen, strict=True) if here])
        figures.append(_words(f"words of {MAIN_LENGTH}, {frame} frame ({size:.0f} px letters)", made, shots, seen))
    return figures


def _witnessed(shots: list[SignShot]) -> list[Figure]:
    """Return what an independent reader makes of the signs; it is shown the board, not where letters stand."""
    version = witness_version()
    if not version:
        return [Figure(name="words read by tesseract", value=float("nan"), unit="", num=0, note="not installed")]
    drawn = read_boards([board(shot.drawn, shot.places) for shot in shots])
    made = read_boards([board(shot.made, shot.places) for shot in shots])
    able = np.array([said == shot.word for said, shot in zip(drawn, shots, strict=True)])
    name, every = f"words of {MAIN_LENGTH} on a sign, tesseract", np.ones(len(shots), bool)
    figures = [
        _words(name, made, shots, every, note=version),
        _words(f"{name}, control", drawn, shots, every, note=CONTROL),
    ]
    return figures + ([_words(f"{name}, of those it reads as drawn", made, shots, able)] if able.any() else [])


def _words(
    name: str, said: list[str], shots: list[SignShot], asked: np.ndarray, *, note: str = "whole words"
) -> Figure:
    right = np.array([text == shot.word for text, shot in zip(said, shots, strict=True)])
    return share(name, right & asked, asked, note=note)


def _letters(name: str, said: list[str], shots: list[SignShot], *, note: str = "single letters") -> Figure:
    right = [sum(a == b for a, b in zip(text, shot.word, strict=True)) for text, shot in zip(said, shots, strict=True)]
    return share(name, right, [len(shot.word) for shot in shots], note=note)
