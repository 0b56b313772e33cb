import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.catalog import CATALOG
from kinora.request import Request
from kinora.tasks.generate import num_drawn, num_frames, plan

CANVASES = [entry.canvas for entry in CATALOG.values()]


@given(
    seconds=st.floats(1, 60), fps=st.integers(8, 30), seed=st.integers(0, 2**32 - 1), canvas=st.sampled_from(CANVASES)
)
def test_a_plan_covers_the_seconds_in_as_few_blocks_as_can(seconds, fps, seed, canvas):
    request = Request(prompt="a fox", seconds=seconds, fps=fps, canvas=canvas)
    (shot,) = plan(request, seed)
    assert abs(num_frames(request) - seconds * fps) <= 0.5
    assert 0 <= num_drawn(request) / canvas.fps - num_frames(request) / fps < 1 / canvas.fps + 1e-9
    assert 0 <= shot.num_frames - num_drawn(request) < canvas.block_frames == shot.block_frames
    assert (shot.seed, shot.fps) == (seed, canvas.fps)


@pytest.mark.parametrize(("seconds", "blocks"), [(1, 2), (4, 6), (8, 12), (15.9, 24), (16, 24), (60, 90)])
def test_whole_seconds(seconds, blocks):
    assert plan(Request(prompt="a fox", seconds=seconds), 0)[0].num_blocks == blocks


def test_a_shot_is_what_was_asked_for():
    (shot,) = plan(Request(prompt="a fox", size="9:16", sound=False), 3)
    assert (shot.prompt, shot.height, shot.width, shot.sound) == ("a fox", 256, 144, False)


@pytest.mark.parametrize(
    ("size", "drawn"),
    [("16:9", (144, 256)), ("320x192", (192, 320)), ("1280x720", (144, 256)), ("720x1280", (256, 144))],
)
def test_what_the_model_cannot_draw_is_drawn_in_its_shape(size, drawn):
    (shot,) = plan(Request(prompt="a fox", size=size), 3)
    assert (shot.height, shot.width) == drawn
