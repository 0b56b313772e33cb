"""Witnesses: colours on painted squares and drawn things, cuts where shots were joined, words on drawn signs."""

import numpy as np
import pytest

from kinora.evaluation.seeing.witnesses import colours_standing_out, nearest_colours, num_cuts
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene
from kinora.storybook.vocabulary import COLOURS


def film(index):
    return Film(draw_scene(990_001, index, duration_s=4.0), height=144, width=256)


def plain(colour):
    return np.full((60, 80, 3), COLOURS[colour], np.uint8)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_painted_square_stands_out_in_its_colour_and_no_other(colour):
    frame = plain("blue" if colour == "white" else "white")
    frame[20:40, 30:50] = COLOURS[colour]
    assert (nearest_colours(frame)[20:40, 30:50] == list(COLOURS).index(colour)).all()
    assert colours_standing_out(frame) == {colour}


def test_what_reaches_the_edge_is_no_subject():
    frame = plain("white")
    frame[20:, 30:50] = COLOURS["green"]
    assert colours_standing_out(frame) == set()


def test_crumbs_of_a_colour_do_not_stand_out():
    frame = plain("white")
    frame[10:50, 20:60] = COLOURS["blue"]
    frame[20:40:8, 30:50:8] = COLOURS["red"]
    assert colours_standing_out(frame) == {"blue"}


def test_cuts_are_where_shots_are_joined_and_nowhere_else():
    pytest.importorskip("scenedetect")
    first, second = (np.stack([film(index).frame(number / 12) for number in range(24)]) for index in (0, 4))
    assert num_cuts(first, 12) == num_cuts(second, 12) == 0
    assert num_cuts(np.concatenate([first, second]), 12) == 1
