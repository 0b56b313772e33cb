"""What every patch of a picture shows: kind, colour and letter, at a quarter of the picture's size.

0 is nothing, otherwise a name's place in its tuple. H W a quarter of the picture's size.
"""

import math
from typing import NamedTuple

import numpy as np

from kinora.storybook.film import LETTER_M, MAX_TRACKS, SIGN_DEPTH, SIGN_MASK, Film
from kinora.storybook.letters import LetterBox, sign_box
from kinora.storybook.scene import GROUND_RISE_M
from kinora.storybook.vocabulary import COLOURS, KINDS, SIGN_LETTERS

SHRINK = 4
KIND_NAMES = ("", *KINDS)
COLOUR_NAMES = ("", *COLOURS)
LETTER_NAMES = ("", *SIGN_LETTERS)
# The part of a letter's box that is marked, as shares of its height and width: neighbours stay apart at a quarter.
CORE = (0.8, 0.6)


class Maps(NamedTuple):
    """Maps of one frame, uint8 (H, W) each."""

    kind: np.ndarray
    colour: np.ndarray
    letter: np.ndarray


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
    for box in sign_box(film.scene.sign, LETTER_M).letters if film.scene.sign else ():
        letter_HW[_core(film, t_s, box)] = LETTER_NAMES.index(box.letter)
    return letter_HW


def _core(film: Film, t_s: float, box: LetterBox) -> tuple[slice, slice]:
    """Return the rows and columns whose centres lie in the core of a letter's box, at least one of each."""
    foot = (box.x_m + film.sign_x_m + box.width_m / 2, box.y_m + GROUND_RISE_M * SIGN_DEPTH + box.height_m / 2)
    view = film.view(t_s)
    cells_a_metre = film.height / view.height_m / SHRINK
    x_px, y_px = view.to_pixels(foot, film.height)
    tall, wide = (share * size * cells_a_metre for share, size in zip(CORE, (box.height_m, box.width_m), strict=True))
    return _span(y_px / SHRINK, tall), _span(x_px / SHRINK, wide)


def _span(middle: float, size: float) -> slice:
    first, last = (math.ceil(middle + side * max(1.0, size) / 2 - 0.5) for side in (-1, 1))
    return slice(max(0, first), max(0, last))
