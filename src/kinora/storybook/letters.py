"""Our own drawn alphabet, and the wooden sign it is painted on.

A glyph is a few strokes on a square grid six units high; x runs from 0 to the glyph's own width. Strokes have round
ends and are a sixth of the letter's height thick: in a letter 16 pixels high, strokes and holes are wider than two.
"""

import math
from dataclasses import dataclass

from kinora.storybook.pen import Colour, Pen, Point

Stroke = tuple[Point, ...]

GRID_HEIGHT = 6
STROKE = 1 / 6
_UNIT = (1 - STROKE) / GRID_HEIGHT
_ARC_STEP_DEG = 15

_LINE_LENGTH = 4
_GAP, _LINE_GAP, _MARGIN = 0.2, 0.32, 0.34
_POST, _POST_HEIGHT = 0.26, 1.3

WOOD: Colour = (240, 219, 176)
FRAME: Colour = (134, 92, 56)
PAINT: Colour = (52, 30, 32)


def _arc(x: float, y: float, rx: float, ry: float, start_deg: float, stop_deg: float) -> Stroke:
    """Return points on an ellipse from one angle to another, anticlockwise where `stop_deg` is larger."""
    steps = math.ceil(abs(stop_deg - start_deg) / _ARC_STEP_DEG)
    angles = [math.radians(start_deg + (stop_deg - start_deg) * k / steps) for k in range(steps + 1)]
    return tuple((x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles)


def _turned(strokes: tuple[Stroke, ...], width: float) -> tuple[Stroke, ...]:
    """Return the strokes upside down."""
    return tuple(tuple((width - x, GRID_HEIGHT - y) for x, y in stroke) for stroke in strokes)


_ROUND_LEFT: Stroke = (*_arc(2, 4, 2, 2, 25, 180), *_arc(2, 2, 2, 2, 180, 335))
_SIX = (_arc(2, 1.9, 2, 1.9, 0, 360), _arc(3.6, 1.9, 3.6, 4.1, 180, 96))

# `I` has serifs and `1` a flag, `0` is narrow and slashed, `5` and `B` keep the sharp corners that `S` and `8` lack.
GLYPHS: dict[str, tuple[Stroke, ...]] = {
    "A": (((0, 0), (2.1, 6), (4.2, 0)), ((0.8, 2), (3.4, 2))),
    "B": (
        ((0, 3.2), (0, 6), (2, 6), *_arc(2.1, 4.6, 1.5, 1.4, 90, -90), (0, 3.2)),
        ((0, 3.2), (0, 0), (2.2, 0), *_arc(2.3, 1.6, 1.7, 1.6, -90, 90)),
    ),
    "C": (_ROUND_LEFT,),
    "D": (((0, 0), (0, 6), (1.2, 6), *_arc(1.4, 3, 2.7, 3, 90, -90), (0, 0)),),
    "E": (((3.6, 6), (0, 6), (0, 0), (3.6, 0)), ((0, 3), (3, 3))),
    "F": (((3.6, 6), (0, 6), (0, 0)), ((0, 3), (3, 3))),
    "G": ((*_ROUND_LEFT[:-1], (4, 2), (4, 2.8), (2.4, 2.8)),),
    "H": (((0, 0), (0, 6)), ((4, 0), (4, 6)), ((0, 3), (4, 3))),
    "I": (((1.25, 0), (1.25, 6)), ((0, 0), (2.5, 0)), ((0, 6), (2.5, 6))),
    "J": (((3.4, 6), (3.4, 1.8), *_arc(1.7, 1.7, 1.7, 1.7, 0, -180)),),
    "K": (((0, 0), (0, 6)), ((3.8, 6), (0, 2.4)), ((1.5, 3.8), (4, 0))),
    "L": (((0, 6), (0, 0), (3.5, 0)),),
    "M": (((0, 0), (0, 6), (2.5, 2.2), (5, 6), (5, 0)),),
    "N": (((0, 0), (0, 6), (4, 0), (4, 6)),),
    "O": (_arc(2.4, 3, 2.4, 3, 0, 360),),
    "P": (((0, 0), (0, 6), (2, 6), *_arc(2.1, 4.2, 1.8, 1.8, 90, -90), (0, 2.4)),),
    "Q": (_arc(2.4, 3.4, 2.4, 2.6, 0, 360), ((2.5, 2.3), (4.7, 0))),
    "R": (((0, 0), (0, 6), (2.2, 6), *_arc(2.3, 4.5, 1.6, 1.5, 90, -90), (0, 3)), ((1.8, 3), (4, 0))),
    "S": ((*_arc(2, 4.55, 1.85, 1.45, 25, 270), *_arc(2, 1.55, 2, 1.55, 90, -155)),),
    "T": (((0, 6), (4, 6)), ((2, 6), (2, 0))),
    "U": (((0, 6), (0, 2), *_arc(2, 2, 2, 2, 180, 360), (4, 6)),),
    "V": (((0, 6), (2.1, 0), (4.2, 6)),),
    "W": (((0, 6), (1.4, 0), (2.9, 4.6), (4.4, 0), (5.8, 6)),),
    "X": (((0, 0), (4, 6)), ((0, 6), (4, 0))),
    "Y": (((0, 6), (2.1, 2.9), (4.2, 6)), ((2.1, 2.9), (2.1, 0))),
    "Z": (((0, 6), (4, 6), (0, 0), (4, 0)),),
    "0": (_arc(1.9, 3, 1.9, 3, 0, 360), ((0.8, 1.3), (3, 4.7))),
    "1": (((0, 4.2), (1.9, 6), (1.9, 0)),),
    "2": ((*_arc(1.9, 4.2, 1.8, 1.8, 165, -35), (0, 0), (3.9, 0)),),
    "3": ((*_arc(1.8, 4.6, 1.7, 1.4, 150, -90), *_arc(1.8, 1.6, 1.9, 1.6, 90, -150)),),
    "4": (((3, 0), (3, 6), (0, 1.8), (4.1, 1.8)),),
    "5": (((3.6, 6), (0.4, 6), (0.3, 3.3), *_arc(1.9, 2, 2.1, 2, 125, -150)),),
    "6": _SIX,
    "7": (((0, 6), (4, 6), (1.3, 0)),),
    "8": (_arc(1.9, 4.6, 1.35, 1.4, 0, 360), _arc(1.9, 1.6, 1.9, 1.6, 0, 360)),
    "9": _turned(_SIX, 4),
}


@dataclass(frozen=True, kw_only=True)
class LetterBox:
    """One letter and the box it fills: lower left corner and size in metres, from the foot of the sign's middle."""

    letter: str
    x_m: float
    y_m: float
    width_m: float
    height_m: float


@dataclass(frozen=True, kw_only=True)
class SignBox:
    """The size of a sign with its posts, the height its board begins at, and where its letters stand."""

    width_m: float
    height_m: float
    board_m: float
    letters: tuple[LetterBox, ...]


def glyph_width(letter: str) -> float:
    """Return the width of a letter with its stroke, as a share of its height."""
    return max(x for stroke in GLYPHS[letter] for x, _ in stroke) * _UNIT + STROKE


def draw_letter(pen: Pen, letter: str, x_m: float, y_m: float, height_m: float, colour: Colour) -> None:
    """Stroke one letter with the lower left corner of its box at (x_m, y_m)."""
    inset, unit = STROKE / 2 * height_m, _UNIT * height_m
    for stroke in GLYPHS[letter]:
        pen.line([(x_m + inset + x * unit, y_m + inset + y * unit) for x, y in stroke], STROKE * height_m, colour)


def sign_lines(text: str) -> tuple[str, ...]:
    """Return the text as one line, or as two balanced lines where it is longer than four letters."""
    if not 1 <= len(text) <= 2 * _LINE_LENGTH or any(letter not in GLYPHS for letter in text):
        raise ValueError(f"a sign holds 1 to {2 * _LINE_LENGTH} capitals or digits, not {text!r}")
    if len(text) <= _LINE_LENGTH:
        return (text,)
    half = (len(text) + 1) // 2
    return (text[:half], text[half:])


def sign_box(text: str, letter_height_m: float) -> SignBox:
    """Return the size in metres of the sign that says `text` and the box of each of its letters."""
    lines = sign_lines(text)
    widths = [sum(map(glyph_width, line)) + _GAP * (len(line) - 1) for line in lines]
    board = 2 * _MARGIN + len(lines) + _LINE_GAP * (len(lines) - 1)
    letters = []
    for row, (line, width) in enumerate(zip(lines, widths, strict=True)):
        x = -width / 2
        y = _POST_HEIGHT + board - _MARGIN - 1 - row * (1 + _LINE_GAP)
        for letter in line:
            letters.append((letter, x, y, glyph_width(letter), 1.0))
            x += glyph_width(letter) + _GAP
    size = letter_height_m
    return SignBox(
        width_m=size * (max(*widths, 1.2) + 2 * _MARGIN),
        height_m=size * (_POST_HEIGHT + board),
        board_m=size * _POST_HEIGHT,
        letters=tuple(
            LetterBox(letter=letter, x_m=size * x, y_m=size * y, width_m=size * width, height_m=size * height)
            for letter, x, y, width, height in letters
        ),
    )


def draw_sign(pen: Pen, text: str, x_m: float, y_m: float, letter_height_m: float) -> None:
    """Draw a wooden board on two posts, standing at (x_m, y_m), that says `text` in letters of the given height."""
    box = sign_box(text, letter_height_m)
    edge, post = 0.12 * letter_height_m, _POST * letter_height_m
    width, height = box.width_m, box.height_m - box.board_m
    with pen.at(x_m, y_m):
        for side in (-0.32, 0.32):
            pen.rect(side * width - post / 2, 0.0, post, box.board_m + edge, FRAME)
        pen.rect(-width / 2, box.board_m, width, height, FRAME, corner=1.5 * edge)
        pen.rect(-width / 2 + edge, box.board_m + edge, width - 2 * edge, height - 2 * edge, WOOD, corner=edge)
        with pen.on("extra"):
            for letter in box.letters:
                draw_letter(pen, letter.letter, letter.x_m, letter.y_m, letter.height_m, PAINT)
