"""What every patch of a picture shows, at a quarter of its size: kind, colour and letter; and where letters stand.

0 is nothing, otherwise a name's place in its tuple. H W a quarter of the picture's size.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kinora.storybook.film import LETTER_M, MAX_TRACKS, SIGN_DEPTH, SIGN_MASK, Film
from kinora.storybook.letters import sign_box
from kinora.storybook.scene import GROUND_RISE_M
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES, KINDS, LETTER_NAMES

SHRINK = 4
# The part of a letter's box that is marked, as shares of its height and width: neighbours stay apart at a quarter.
CORE = (0.8, 0.6)
# How much of the wood around a letter is looked at, in letter heights: half the gap to the next letter.
AROUND = 0.1


class Maps(NamedTuple):
    """Maps of one frame, uint8 (H, W) each."""

    kind: np.ndarray
    colour: np.ndarray
    letter: np.ndarray


@dataclass(frozen=True, kw_only=True)
class LetterPlace:
    """Where a letter stands in a picture: its box's middle, width and height in pixels from the upper left corner."""

    letter: str
    x_px: float
    y_px: float
    width_px: float
    height_px: float

    def window(self) -> tuple[int, int, int, int]:
        """Return the pixels that are compared: first row, last row, first column, last column (ends excluded)."""
        half_width, half_height = (size / 2 + AROUND * self.height_px for size in (self.width_px, self.height_px))
        top, left = math.floor(self.y_px - half_height), math.floor(self.x_px - half_width)
        return top, math.ceil(self.y_px + half_height), left, math.ceil(self.x_px + half_width)


def truth_maps(film: Film, t_s: float) -> Maps:
    """Return what a film shows at an instant. Height and width must be multiples of 4; props are nothing."""
    labels_HW = film.mask(t_s, shrink=SHRINK) // 4
    table = np.zeros((SIGN_MASK + 1, 2), np.uint8)
    for label, track in enumerate(film.tracks[:MAX_TRACKS], start=1):
        if track.who.kind in KINDS:
            table[label] = KIND_NAMES.index(track.who.kind), COLOUR_NAMES.index(track.who.colour)
    kind_HW, colour_HW = np.moveaxis(table[labels_HW], -1, 0)
    return Maps(kind_HW, colour_HW, np.where(labels_HW == SIGN_MASK, _letters(film, t_s), 0).astype(np.uint8))


def _letters(film: Film, t_s: float) -> np.ndarray:
    """Return the cores of the letters of the scene's sign, whoever stands before them."""
    letter_HW = np.zeros((film.height // SHRINK, film.width // SHRINK), np.uint8)
    for place in letter_places(film, t_s) if film.scene.sign else ():
        letter_HW[_core(place)] = LETTER_NAMES.index(place.letter)
    return letter_HW


def letter_places(film: Film, t_s: float) -> tuple[LetterPlace, ...]:
    """Return where the letters of the scene's sign stand at an instant."""
    view = film.view(t_s)
    scale = film.height / view.height_m
    foot_x_m, foot_y_m = film.sign_x_m, GROUND_RISE_M * SIGN_DEPTH
    places = []
    for box in sign_box(film.scene.sign, LETTER_M).letters:
        middle = (foot_x_m + box.x_m + box.width_m / 2, foot_y_m + box.y_m + box.height_m / 2)
        x_px, y_px = view.to_pixels(middle, film.height)
        size = {"width_px": scale * box.width_m, "height_px": scale * box.height_m}
        places.append(LetterPlace(letter=box.letter, x_px=x_px, y_px=y_px, **size))
    return tuple(places)


def _core(place: LetterPlace) -> tuple[slice, slice]:
    """Return the rows and columns whose centres lie in the core of a letter's box, at least one of each."""
    tall, wide = (share * size for share, size in zip(CORE, (place.height_px, place.width_px), strict=True))
    return _span(place.y_px / SHRINK, tall / SHRINK), _span(place.x_px / SHRINK, wide / SHRINK)


def _span(middle: float, size: float) -> slice:
    first, last = (math.ceil(middle + side * max(1.0, size) / 2 - 0.5) for side in (-1, 1))
    return slice(max(0, first), max(0, last))
