"""Copies are told from unseen clips: a clip of training is found again, mirrored or not."""

import numpy as np
import pytest

from kinora.evaluation.trials.copying import figures, nearest, small, small_scene, training_pool, training_scene
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene

NUM = 5


@pytest.fixture(scope="module")
def pool():
    return training_pool(NUM)


def filmed(scene):
    film = Film(scene, height=144, width=256)
    return np.stack([film.frame(scene.duration_s * (2 * n + 1) / 8) for n in range(4)])


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_copy_is_found_and_is_far_nearer_than_what_is_unseen(pool, mirrored):
    copy = filmed(training_scene(3))[:, :, :: -1 if mirrored else 1]
    found = nearest(np.stack([small(copy), small_scene(draw_scene(990_001, 1))]), pool)
    assert found.number_K[0] == 3
    assert found.distance_K[0] < found.distance_K[1] / 4


def test_a_clip_is_shrunk_to_means_of_tiles():
    frames = np.zeros((8, 16, 16, 3), np.uint8)
    frames[:, :8, :8] = np.arange(8)[:, None, None, None] * 10
    assert small(frames).shape == (4, 2, 2, 3)
    assert small(frames)[:, 0, 0, 0].tolist() == [10, 30, 50, 70] and not small(frames)[:, 1].any()


def test_distances_are_those_of_values(pool):
    shifted = (pool[:2].astype(int) + 3).clip(0, 255).astype(np.uint8)
    assert nearest(pool[:2], pool).distance_K == pytest.approx([0, 0], abs=0.1)
    assert nearest(shifted, pool).distance_K == pytest.approx([3, 3], abs=0.2)


def test_what_only_remembers_has_a_ratio_near_nothing():
    rng = np.random.default_rng(0)
    unseen = rng.uniform(18, 26, 80)
    by_name = {one.name: one for one in figures({"made": rng.uniform(0.5, 1.5, 60), "truth": unseen}, 100)}
    assert by_name["made over unseen"].high < 0.1
    assert by_name["made clips as near as a copy would be"].value == 100
    matched = {"made": unseen / 2, "matched": unseen, "truth": unseen}
    assert {one.name: one for one in figures(matched, 100)}["made over unseen"].value == 1
    honest = {one.name: one for one in figures({"made": rng.uniform(18, 26, 60), "truth": unseen}, 100)}
    assert honest["made over unseen"].low < 1 < honest["made over unseen"].high
    assert honest["made clips as near as a copy would be"].value < 10
