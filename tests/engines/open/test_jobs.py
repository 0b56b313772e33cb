"""Every job of the command line through open engines: the tasks don't know who draws."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_shots import CPU, entry_of

from kinora.engines.finding import find_engine
from kinora.engines.voiced import Voiced
from kinora.media.decode import read_clip
from kinora.provenance.credentials import read
from kinora.request import Canvas, Request
from kinora.tasks.jobs import animate, extend, fill, join, loop, mend, score, smooth
from kinora.tasks.needs import check_needs, needs_of
from kinora.tasks.render import render
from kinora.tasks.story_plan import plan_story
from kinora.tasks.storyboard import Again, redo, render_story

SMALL = {"grid": 16, "shortest": 32, "longest": 128, "sizes": ((48, 48), (32, 64))}
PROMPT = "a red fox jumps in the snow, music"


@pytest.fixture(scope="module")
def voiced(folder_of, engine):
    """A tiny open engine by its kind, on a small canvas, with the voice of the tiny native one."""
    from kinora.engines.open.opening import open_folder

    def opened(kind):
        entry = entry_of(kind)
        entry = replace(entry, canvas=replace(entry.canvas, **SMALL))
        return Voiced(picture=open_folder(folder_of(kind), entry, CPU), native=engine)

    return opened


@pytest.fixture(scope="module")
def vace(voiced):
    return voiced("wan-vace")


def asked(engine, **facts):
    return {"steps": 1, "seed": 3, "canvas": engine.canvas, **facts}


def jobs_of(film, engine):
    """Every job on small films of 16 frames a second, with the frames of its file that are known: pairs of number there
    and in which film."""
    long, short, still = film(24, fps=16), film(17, "short.mkv", fps=16, seed=1), film(1, "still.mkv", sound=False)
    quick = asked(engine)
    return {
        "generate": (Request(prompt=PROMPT, seconds=1.5, size="48x48", fps=16, **quick), []),
        "animate": (
            animate(PROMPT, first=still, keyframes=[(0.5, still)], seconds=1, fps=16, **quick),
            [(0, still, 0), (8, still, 0)],
        ),
        "extend": (extend(long, PROMPT, seconds=1, **quick), [(n, long, n) for n in range(24)]),
        "before": (extend(short, PROMPT, seconds=1, before=True, **quick), [(16 + n, short, n) for n in range(17)]),
        "fill": (
            fill(long, PROMPT, from_s=0.5, to_s=1.0, **quick),
            [(n, long, n) for n in range(24) if not 8 <= n < 16],
        ),
        "mend": (mend(long, PROMPT, frames=[3, 9], **quick), [(n, long, n) for n in range(24) if n not in (3, 9)]),
        "loop": (loop(short, PROMPT, seconds=1, **quick), [(n, short, n) for n in range(17)]),
        "join": (
            join(long, short, PROMPT, seconds=0.5, **quick),
            [(n, long, n) for n in range(24)] + [(32 + n, short, n) for n in range(17)],
        ),
        "score": (score(long, music=PROMPT, **quick), [(n, long, n) for n in range(24)]),
    }


JOBS = ("generate", "animate", "extend", "before", "fill", "mend", "loop", "join", "score")


@pytest.mark.parametrize("name", JOBS)
def test_a_job_keeps_what_is_given_and_makes_the_rest(vace, film, tmp_path, name):
    from kinora.tasks.render import finished

    request, known = jobs_of(film, vace)[name]
    stages = {stage.name: stage for stage in render(request, vace, tmp_path / "made.mp4", 3)}
    frames = finished(stages["fill"].result, request, vace).array()
    assert len(frames) == round(request.seconds * request.fps)
    sources = {path: read_clip(path).array() for path in {source.path for _, source, _ in known}}
    for number, source, there in known:
        assert np.array_equal(frames[number], sources[source.path][there])
    clip = read_clip(tmp_path / "made.mp4")
    assert (clip.num_frames, clip.fps) == (len(frames), request.fps) and clip.sound is not None and clip.sound.any()
    report = read(tmp_path / "made.mp4")
    assert report.state == "valid" and report.ai_made and report.record.model == vace.model


def test_a_smaller_source_rate_is_drawn_between(vace, film, tmp_path):
    source = film(8, fps=8)
    request = smooth(source, PROMPT, fps=16, **asked(vace))
    list(render(request, vace, tmp_path / "a.mp4", 3))
    assert read_clip(tmp_path / "a.mp4").num_frames == 16


def test_a_story_is_cut_as_planned_and_one_shot_of_it_made_again(vace, tmp_path):
    request = Request(prompt=f"[0-1s] {PROMPT} [1-2s] the fox sleeps", size="48x48", fps=16, **asked(vace, seconds=2))
    story = plan_story(request, 3)
    list(render_story(story, vace, tmp_path / "a.mp4"))
    whole = read_clip(tmp_path / "a.mp4").array()
    assert len(whole) == 32
    list(redo(Again(story.with_seed(1, 9), 1, tmp_path / "a.mp4"), vace, tmp_path / "b.mp4"))
    again = read_clip(tmp_path / "b.mp4").array()
    assert np.array_equal(again[:16], whole[:16]) and not np.array_equal(again[16:], whole[16:])


def test_later_shots_are_shown_who_was_seen_before(vace, tmp_path, monkeypatch):
    shown = []
    own = type(vace.picture).fill

    def watched(self, shot, told, given, progress=None):
        shown.append(len(given.references))
        return own(self, shot, told, given, progress)

    monkeypatch.setattr(type(vace.picture), "fill", watched)
    words = "[0-1s] a red fox runs [1-2s] a bear sleeps [2-3s] the fox jumps"
    request = Request(prompt=words, size="48x48", fps=16, sound=False, **asked(vace, seconds=3))
    list(render_story(plan_story(request, 3), vace, tmp_path / "a.mp4"))
    assert shown == [0, 0, 1]


def test_a_canvas_is_drawn_at_its_own_rate_and_size_and_shown_as_asked(vace, tmp_path):
    request = Request(prompt=PROMPT, seconds=1, size="320x180", fps=24, **asked(vace))
    assert request.drawn_size == (32, 64) and request.drawn_fps == 16
    list(render(request, vace, tmp_path / "a.mp4", 3))
    clip = read_clip(tmp_path / "a.mp4")
    assert (clip.num_frames, clip.height, clip.width, clip.fps) == (24, 180, 320, 24)


def test_a_job_that_an_engine_cannot_do_names_one_that_can(film):
    short = film(16, fps=16)
    wan, image = find_engine("wan2.1-1.3b"), find_engine("wan2.2-5b")
    ask = {"canvas": wan.canvas, "size": "832x480"}
    with pytest.raises(ValueError, match=r"wan2.1-1.3b can't go on from what is given: say --engine .*vace-1.3b"):
        check_needs(extend(short, PROMPT, seconds=1, **ask), wan)
    long = Request(prompt=PROMPT, seconds=6, **ask)
    with pytest.raises(ValueError, match="can't go on from what is given: say --engine"):
        check_needs(long, wan)
    check_needs(replace(long, canvas=image.canvas), image)
    assert needs_of(score(short, music="drums", canvas=Canvas())) == {"soundtrack"}
    check_needs(score(short, music="drums", **ask), wan)
