"""Witnesses: colours on painted squares and drawn things, cuts where shots were joined."""

import numpy as np
import pytest

from kinora.evaluation.seeing.oracle import sight_of_film
from kinora.evaluation.seeing.tracks import things_in
from kinora.evaluation.seeing.witnesses import nearest_colours, num_cuts, shows_colour
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene
from kinora.storybook.vocabulary import COLOURS


def film(index):
    return Film(draw_scene(990_001, index, duration_s=4.0), height=144, width=256)


@pytest.mark.parametrize("colour", COLOURS)
def test_a_painted_square_shows_its_colour_and_no_other(colour):
    frame = np.full((40, 60, 3), (200, 225, 255), np.uint8)
    frame[10:30, 20:40] = COLOURS[colour]
    assert (nearest_colours(frame)[10:30, 20:40] == list(COLOURS).index(colour)).all()
    assert [name for name in COLOURS if shows_colour(frame, (20, 10, 40, 30), name)] == [colour]


def test_a_colour_in_crumbs_is_no_blob():
    frame = np.full((40, 40, 3), COLOURS["blue"], np.uint8)
    frame[::4, ::4] = COLOURS["red"]
    assert shows_colour(frame, (0, 0, 40, 40), "blue")
    assert not shows_colour(frame, (0, 0, 40, 40), "red")


def test_most_drawn_things_show_their_colour_in_any_light_and_few_show_others():
    right, others = [], []
    for one in map(film, range(24)):
        thing = things_in(sight_of_film(one, [2.0]), 0)[0]
        shown = {colour for colour in COLOURS if shows_colour(one.frame(2.0), thing.box, colour)}
        right.append(thing.colour in shown)
        others.append(len(shown - {thing.colour}) / (len(COLOURS) - 1))
    assert np.mean(right) > 0.7
    assert np.mean(others) < 0.2


def test_cuts_are_where_shots_are_joined_and_nowhere_else():
    pytest.importorskip("scenedetect")
    first, second = (np.stack([film(index).frame(number / 12) for number in range(24)]) for index in (0, 4))
    assert num_cuts(first, 12) == num_cuts(second, 12) == 0
    assert num_cuts(np.concatenate([first, second]), 12) == 1
