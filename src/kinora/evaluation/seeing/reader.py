"""A reader of our own alphabet: told where a letter stands, it says which of the 36 glyphs looks most like it.

Every glyph is drawn at the letter's size and place and compared by normalised correlation, so neither light nor fog
matters, only shape. All glyphs are compared on the same pixels, so the size of a box favours none.
"""

from functools import lru_cache

import numpy as np
import skia

from kinora.storybook.letters import GLYPHS, PAINT, WOOD, draw_letter, glyph_width
from kinora.storybook.maps import LetterPlace
from kinora.storybook.pen import Pen

ALPHABET = tuple(GLYPHS)
SHIFTS_PX = (-1, 0, 1)


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
