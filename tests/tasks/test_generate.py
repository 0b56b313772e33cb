import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.request import Request
from kinora.tasks.generate import BLOCK_FRAMES, FPS, num_frames, plan


@given(seconds=st.floats(1, 16), seed=st.integers(0, 2**32 - 1))
def test_a_plan_covers_the_seconds_in_as_few_blocks_as_can(seconds, seed):
    request = Request(prompt="a fox", seconds=seconds)
    (shot,) = plan(request, seed)
    frames = num_frames(request)
    assert abs(frames - seconds * FPS) <= 0.5
    assert 0 <= shot.num_blocks * BLOCK_FRAMES - frames < BLOCK_FRAMES
    assert shot.seed == seed


@pytest.mark.parametrize(("seconds", "blocks"), [(1, 2), (4, 6), (8, 12), (15.9, 24), (16, 24)])
def test_whole_seconds(seconds, blocks):
    assert plan(Request(prompt="a fox", seconds=seconds), 0)[0].num_blocks == blocks


def test_a_shot_is_what_was_asked_for():
    (shot,) = plan(Request(prompt="a fox", size="9:16", sound=False), 3)
    assert (shot.prompt, shot.height, shot.width, shot.sound) == ("a fox", 256, 144, False)
    with pytest.raises(ValueError, match="the nearest are 240x96 and 256x96"):
        plan(Request(prompt="a fox", size="250x96"), 3)
