"""A reader of our own alphabet: told where a letter stands, it says which of the 36 glyphs looks most like it.

Every glyph is drawn at the letter's size and place and compared by normalised correlation, so neither light nor fog
matters, only shape. All glyphs are compared on the same pixels, so the size of a box favours none.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import skia

from kinora.storybook.film import LETTER_M, SIGN_DEPTH, Film
from kinora.storybook.letters import GLYPHS, PAINT, WOOD, draw_letter, glyph_width, sign_box
from kinora.storybook.pen import Pen
from kinora.storybook.scene import GROUND_RISE_M

ALPHABET = tuple(GLYPHS)
# How much of the wood around a letter is looked at, in letter heights: half the gap to the next letter.
AROUND = 0.1
SHIFTS_PX = (-1, 0, 1)


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


def read_word(frame_HW3: np.ndarray, places: tuple[LetterPlace, ...]) -> str:
    """Return what a uint8 frame says at these places."""
    grey_HW = frame_HW3.astype(np.float32).mean(axis=2)
    return "".join(read_letter(grey_HW, place) for place in places)


def read_letter(grey_HW: np.ndarray, place: LetterPlace) -> str:
    """Return the glyph that looks most like the picture at a place, shifted by up to a pixel; " " where all is flat."""
    top, bottom, left, right = place.window()
    patches = [grey_HW[top + dy : bottom + dy, left + dx : right + dx].ravel() for dy in SHIFTS_PX for dx in SHIFTS_PX]
    seen = _normalised(np.stack(patches))
    likeness = (_glyph_pictures(place) @ seen.T).max(axis=1)
    return ALPHABET[int(likeness.argmax())] if seen.any() else " "


# A place is read in several pictures, one after the other.
@lru_cache(maxsize=2048)
def _glyph_pictures(place: LetterPlace) -> np.ndarray:
    """Return every glyph drawn in the middle of the place's window, normalised (36, pixels)."""
    return _normalised(np.stack([_draw(glyph, place).ravel() for glyph in ALPHABET]))


def _draw(glyph: str, place: LetterPlace) -> np.ndarray:
    top, bottom, left, right = place.window()
    pixels = np.empty((bottom - top, right - left, 4), np.uint8)
    with skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType) as canvas:
        canvas.clear(skia.Color(*WOOD))
        canvas.translate(place.x_px - left, place.y_px - top)
        canvas.scale(1, -1)
        size = place.height_px
        draw_letter(Pen(canvas), glyph, -glyph_width(glyph) * size / 2, -size / 2, size, PAINT)
    return pixels[..., :3].astype(np.float32).mean(axis=2)


def _normalised(rows: np.ndarray) -> np.ndarray:
    """Return rows with zero mean and unit length; flat rows become zero."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.where(length > 1e-3, centred / np.maximum(length, 1e-3), 0.0)
