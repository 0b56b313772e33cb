"""Signs: the reader reads all that is drawn, and nothing that is not there."""

import shutil
from collections import Counter

import numpy as np
import pytest

from kinora.evaluation.parts.pictures import clip_times
from kinora.evaluation.parts.signs import LENGTHS, READ_FRAME, in_sight, measure, sign_shots, wanted
from kinora.evaluation.seeing.reader import read_word
from kinora.evaluation.seeing.witnesses import board, read_boards, words_by_page
from kinora.storybook.film import SIGN_MASK, Film
from kinora.storybook.pen import PARTS


@pytest.fixture(scope="module")
def shots():
    return list(sign_shots(Counter(dict.fromkeys(LENGTHS, 1)), lambda frames: frames, seed=5))


def test_as_many_of_each_length_as_wanted(shots):
    assert Counter(len(shot.word) for shot in shots) == Counter(dict.fromkeys(LENGTHS, 1))
    assert wanted(100)[4] == 100
    assert set(wanted(100)) == set(LENGTHS)


def test_every_drawn_letter_is_read(shots):
    assert [read_word(shot.drawn, shot.places) for shot in shots] == [shot.word for shot in shots]


def test_letters_are_where_the_mask_has_them(shots):
    for shot in shots:
        mask = Film(shot.scene, height=144, width=256).mask(clip_times(shot.scene.index)[READ_FRAME])
        painted = mask == SIGN_MASK * 4 + PARTS.index("extra")
        covered = np.zeros_like(painted)
        for place in shot.places:
            top, bottom, left, right = place.window()
            assert painted[top:bottom, left:right].any()
            covered[top:bottom, left:right] = True
        assert covered[painted].all()


def test_noise_is_read_by_chance(shots):
    rng = np.random.default_rng(0)
    right = asked = 0
    for _ in range(8):
        for shot in shots:
            said = read_word(rng.integers(0, 256, (144, 256, 3), np.uint8), shot.places)
            right += sum(a == b for a, b in zip(said, shot.word, strict=True))
            asked += len(shot.word)
    assert right / asked < 3 / 36


def test_a_flat_picture_says_nothing(shots):
    assert read_word(np.full((144, 256, 3), 90, np.uint8), shots[0].places).strip() == ""


def test_light_and_fog_do_not_matter(shots):
    for shot in shots:
        foggy = (0.3 * shot.drawn + 120).astype(np.uint8)
        assert read_word(foggy, shot.places) == shot.word


def test_a_covered_letter_is_not_in_sight(shots):
    place = shots[0].places[0]
    mask = np.full((144, 256), SIGN_MASK * 4, np.uint8)
    assert in_sight(mask, (place,))
    mask[round(place.y_px), round(place.x_px)] = 4
    assert not in_sight(mask, (place,))


def test_a_pass_that_forgets_everything_is_seen_through():
    figures = {figure.name: figure for figure in measure(1, np.zeros_like)}
    assert figures["words of 4 on a sign, our reader"].value == 0
    assert figures["words of 4 on a sign, our reader, control"].value == 100


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_the_witness_reads_some_signs(shots):
    lines = [shot for shot in shots if len(shot.word) <= 4]
    said = read_boards([board(shot.drawn, shot.places) for shot in lines])
    assert any(text == shot.word for text, shot in zip(said, lines, strict=True))


def test_a_page_without_words_is_empty():
    table = "level\tpage_num\ttext\n1\t1\t\n5\t1\tA\n5\t1\tB-1\n1\t2\t\n1\t3\t\n5\t3\tC\n"
    assert words_by_page(table, 3) == ["AB1", "", "C"]
