"""Laws of the drawn alphabet and its signs."""

import itertools

import cv2
import numpy as np
import pytest
import skia

from kinora.storybook.letters import GLYPHS, STROKE, draw_letter, draw_sign, glyph_width, sign_box, sign_lines
from kinora.storybook.pen import Pen
from kinora.storybook.vocabulary import SIGN_LETTERS

LETTER_PX = 16
MARGIN = 4
ALIKE = ("O0", "I1", "S5", "B8", "Z2", "G6", "D0", "UV", "OQ", "69", "MW", "CG")


def canvas_of(height, width, fill):
    pixels = np.full((height, width, 4), fill, np.uint8)
    return pixels, skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType).getCanvas()


def letter(character, height_px=LETTER_PX):
    """Return a letter's coverage in [0, 1], its box centred in a square with a margin."""
    side = height_px + 2 * MARGIN
    pixels, canvas = canvas_of(side, side, 0)
    canvas.translate(side / 2, MARGIN + height_px)
    canvas.scale(height_px, -height_px)
    draw_letter(Pen(canvas), character, -glyph_width(character) / 2, 0.0, 1.0, (255, 255, 255))
    return pixels[..., 3] / 255


def overlap(one, other):
    """Return the largest share of common ink over shifts of up to two pixels across."""
    shifted = [np.roll(other, shift, axis=1) for shift in range(-2, 3)]
    return max(np.minimum(one, image).sum() / np.maximum(one, image).sum() for image in shifted)


def test_the_alphabet_is_the_vocabulary_s():
    assert "".join(sorted(GLYPHS)) == "".join(sorted(SIGN_LETTERS))


def test_all_letters_differ_at_sixteen_pixels():
    inks = {character: letter(character) for character in GLYPHS}
    close = {one + other: overlap(inks[one], inks[other]) for one, other in itertools.combinations(GLYPHS, 2)}
    assert max(close.values()) < 0.8, max(close, key=close.get)


@pytest.mark.parametrize("pair", ALIKE)
def test_letters_often_mistaken_for_each_other_are_clearly_different(pair):
    assert overlap(letter(pair[0]), letter(pair[1])) < 0.76


@pytest.mark.parametrize("character", GLYPHS)
def test_a_letter_is_one_piece_of_few_strokes_that_fills_its_box(character):
    ink = letter(character, 48) > 0.5
    assert cv2.connectedComponents(ink.astype(np.uint8))[0] == 2
    assert len(GLYPHS[character]) <= 3
    rows, columns = np.nonzero(ink)
    assert abs(rows.min() - MARGIN) <= 1 and abs(rows.max() - (MARGIN + 47)) <= 1
    assert abs(np.ptp(columns) + 1 - 48 * glyph_width(character)) <= 3
    assert min(x for stroke in GLYPHS[character] for x, _ in stroke) == pytest.approx(0.0, abs=0.25)


@pytest.mark.parametrize("character", "ABDOPQR04689")
def test_holes_stay_open_at_sixteen_pixels(character):
    ink = (letter(character) > 0.5).astype(np.uint8)
    holes = {"B": 2, "8": 2, "0": 2}.get(character, 1)
    assert cv2.connectedComponents(1 - ink, connectivity=4)[0] - 2 == holes


def test_strokes_are_a_sixth_of_the_height():
    assert (letter("1", 48)[MARGIN + 40] > 0.5).sum() == round(48 * STROKE)


@pytest.mark.parametrize("text", ["7", "HI", "TAXI", "HELLO", "BAKERY8", "MWMWWMWM"])
def test_sign_box_tells_where_the_ink_is(text):
    scale, ground, letter_m = 36, 190, 0.45
    box = sign_box(text, letter_m)
    pixels, canvas = canvas_of(200, 260, 0)
    canvas.translate(130, ground)
    canvas.scale(scale, -scale)
    draw_sign(Pen(canvas), text, 0.0, 0.0, letter_m)
    rows, columns = np.nonzero(pixels[..., 3] > 127)
    assert np.ptp(rows) + 1 == pytest.approx(box.height_m * scale, abs=1.5)
    assert np.ptp(columns) + 1 == pytest.approx(box.width_m * scale, abs=1.5)
    assert "".join(place.letter for place in box.letters) == text
    dark = (pixels[..., 3] > 0) & (pixels[..., :3].max(-1) < 90)
    for place in box.letters:
        left, low = 130 + place.x_m * scale, ground - place.y_m * scale
        inside = dark[
            round(low - place.height_m * scale) : round(low), round(left) : round(left + place.width_m * scale)
        ]
        assert place.height_m * scale >= LETTER_PX
        assert 0.15 < inside.mean() < 0.75
        dark[
            round(low - place.height_m * scale) - 1 : round(low) + 1,
            round(left) - 1 : round(left + place.width_m * scale) + 1,
        ] = False
    assert not dark.any()


def test_letters_contrast_strongly_with_the_board():
    pixels, canvas = canvas_of(100, 100, 255)
    canvas.translate(50, 95)
    canvas.scale(36, -36)
    draw_sign(Pen(canvas), "H", 0.0, 0.0, 0.45)
    box = sign_box("H", 0.45).letters[0]
    low, left = round(95 - box.y_m * 36), round(50 + box.x_m * 36)
    patch = pixels[low - 16 : low, left : left + 11, :3].astype(float)
    levels = ((patch / 255) ** 2.2) @ (0.2126, 0.7152, 0.0722)
    assert (levels.max() + 0.05) / (levels.min() + 0.05) > 7


def test_long_words_take_two_lines_of_at_most_four():
    assert sign_lines("ZOO1") == ("ZOO1",)
    assert sign_lines("HELLO") == ("HEL", "LO")
    assert all(max(map(len, sign_lines("ABCDEFGH"[:n]))) <= 4 for n in range(1, 9))


@pytest.mark.parametrize("text", ["", "ABCDEFGHI", "abc", "A B", "É"])
def test_what_a_sign_cannot_say_is_refused(text):
    with pytest.raises(ValueError, match="1 to 8 capitals or digits"):
        sign_box(text, 0.45)
