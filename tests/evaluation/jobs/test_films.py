"""Films of the suite: what their drawn shots look like to PySceneDetect, and how a story is told."""

import numpy as np
import pytest

from kinora.evaluation.jobs.asked import SHOT_S, drawn_for, shots_of
from kinora.evaluation.jobs.films import story_of
from kinora.evaluation.jobs.footage import array_of
from kinora.evaluation.seeing.witnesses import cuts
from kinora.storybook.film import Film


@pytest.mark.parametrize("adaptive", [False, True])
def test_drawn_shots_are_cut_where_they_meet_and_nowhere_else(adaptive):
    pytest.importorskip("scenedetect")
    times = [frame / 12 for frame in range(24)]
    shots = [array_of(Film(drawn_for(one, SHOT_S), height=144, width=256), times) for one in shots_of(0)]
    assert cuts(np.concatenate(shots), 12, adaptive=adaptive) == [24, 48, 72, 96, 120]


def test_a_story_is_told_in_blocks_of_seconds():
    assert story_of(["a fox", "a boat"], 10) == "[0-10s] a fox [10-20s] a boat"
