"""A file that would not fit is refused in one line, before any work: with figures that are told, nothing is filled."""

from dataclasses import replace

import pytest

from kinora.request import Request
from kinora.tasks import render as rendering
from kinora.tasks import storyboard
from kinora.tasks.generate import plan
from kinora.tasks.render import render
from kinora.tasks.room import Free, check_room, file_bytes
from kinora.tasks.story_plan import plan_story

LARGE = Request(prompt="a red fox", seconds=60, size="1920x1920", fps=30)
PLENTY = Free(memory_bytes=1e12, disk_bytes=1e12)


def room(request, engine, **less):
    (shot,) = plan(request, seed=0)
    check_room(request, shot, engine, replace(PLENTY, **less))


def test_a_minute_at_the_largest_size_needs_room_for_it(engine):
    room(LARGE, engine)
    with pytest.raises(
        ValueError, match=r"^1920x1920 for 60 s takes about .* GB of memory, and 0.40 GB are free: give"
    ):
        room(LARGE, engine, memory_bytes=4e8)
    with pytest.raises(ValueError, match=r"^1920x1920 for 60 s takes about .* GB of disk .* 0.20 GB are free: give"):
        room(LARGE, engine, disk_bytes=2e8)


def test_more_needs_more_disk_and_longer_no_more_memory(engine):
    assert file_bytes(LARGE) > file_bytes(replace(LARGE, seconds=6)) > file_bytes(replace(LARGE, seconds=6, fps=12))
    least = engine.working_bytes(plan(replace(LARGE, seconds=6), seed=0)[0])
    assert engine.working_bytes(plan(LARGE, seed=0)[0]) == least > 0


def test_nothing_is_done_where_there_is_no_room(engine, tmp_path, monkeypatch):
    tight = Free(memory_bytes=1e12, disk_bytes=10)
    for module in (rendering, storyboard):
        monkeypatch.setattr(module, "free_beside", lambda path: tight)
    request = Request(prompt="a fox. a bear.", seconds=4, size="96x96")
    with pytest.raises(ValueError, match="of disk while it is written"):
        next(render(request, engine, tmp_path / "a.mp4", 3))
    with pytest.raises(ValueError, match="of disk while it is written"):
        next(storyboard.render_story(plan_story(request, 3), engine, tmp_path / "a.mp4"))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_one_line(engine, tmp_path):
    with pytest.raises(ValueError, match="does not exist; make it first"):
        next(render(Request(prompt="a fox"), engine, tmp_path / "none" / "a.mp4", 3))
