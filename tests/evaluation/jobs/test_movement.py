"""What tells motion from a picture that is held or zoomed."""

import numpy as np
import pytest

from kinora.evaluation.jobs.footage import array_of, drawn_scene
from kinora.evaluation.jobs.movement import within, zoomed
from kinora.storybook.film import Film


@pytest.fixture(scope="module")
def film():
    return Film(drawn_scene(900, 2.0), height=144, width=256)


def test_a_held_picture_does_not_move(film):
    assert within(np.repeat(film.frame(0.0)[None], 8, axis=0)) == (0.0, 0.0)


def test_little_is_left_of_a_zoom_and_most_of_what_moves_in_the_picture(film):
    times = [number / 12 for number in range(24)]
    left = {
        name: np.divide(*within(frames)[::-1])
        for name, frames in {"zoom": zoomed(film.frame(0.0), 24), "moving": array_of(film, times)}.items()
    }
    assert left["zoom"] < 0.4 and left["moving"] > 0.8


def test_a_zoom_begins_with_the_picture_and_keeps_its_middle(film):
    picture = film.frame(0.0)
    frames = zoomed(picture, 5)
    assert frames.shape == (5, *picture.shape) and np.array_equal(frames[0], picture)
    assert np.abs(frames[-1][70:74, 126:130].astype(int) - picture[70:74, 126:130]).mean() < 40
