"""What every job needs of the engine that draws it, and which engines can."""

from dataclasses import replace

import pytest
from PIL import Image

from kinora.engines.able import GOES_ON, with_voice
from kinora.engines.catalog import CATALOG, NATIVE
from kinora.request import Condition, Request
from kinora.tasks.jobs import Source, Track, animate, extend, join, loop, mend, score, smooth
from kinora.tasks.jobs import fill as refill
from kinora.tasks.needs import check_needs, needs_of

NEEDS = {
    "extend": {"prefix"},
    "before": {"suffix"},
    "fill": {"range"},
    "mend": {"keyframes"},
    "smooth": {"keyframes"},
    "loop": {"range"},
    "join": {"range"},
    "score": {"soundtrack"},
}


@pytest.fixture
def pictures(film):
    return [film(1, f"{number}.mkv", seed=number, sound=False) for number in range(3)]


@pytest.mark.parametrize("name", NEEDS)
def test_every_job_needs_what_it_gives(jobs, name):
    """Nor is a film drawn to its own sound, which stays beside what is made."""
    request, _ = jobs[name]
    assert needs_of(request) == NEEDS[name]
    assert needs_of(replace(request, sound=False)) == NEEDS[name]


@pytest.mark.parametrize("name", CATALOG)
def test_a_job_needs_the_same_on_every_canvas(film, name):
    """Where each frame of a film is known, and which, does not hang on how many the engine draws a second."""
    canvas = CATALOG[name].canvas
    long, short = film(canvas.fps * 3, fps=canvas.fps), film(canvas.fps * 2, "short.mkv", fps=canvas.fps, seed=1)
    asked = {"canvas": canvas}
    requests = {
        "extend": extend(long, "a fox", seconds=1, **asked),
        "before": extend(short, "a fox", seconds=1, before=True, **asked),
        "fill": refill(long, from_s=1, to_s=2, **asked),
        "mend": mend(long, frames=[3, 9], **asked),
        "loop": loop(short, seconds=1, **asked),
        "join": join(long, short, seconds=0.5, **asked),
        "score": score(long, **asked),
    }
    assert {job: needs_of(request) for job, request in requests.items()} == {job: NEEDS[job] for job in requests}


def test_words_and_pictures(pictures, film):
    first, middle, last = pictures
    track = Track(path=film(24).path, seconds=2.0)
    needed = {
        "words": needs_of(Request(prompt="a fox")),
        "first": needs_of(animate("a fox", first=first)),
        "last": needs_of(animate("a fox", last=last)),
        "both": needs_of(animate("a fox", first=first, last=last)),
        "keyframes": needs_of(animate("a fox", first=first, keyframes=[(1, middle)], last=last)),
        "sound": needs_of(animate("a fox", track=track)),
        "first and sound": needs_of(animate("a fox", first=first, track=track)),
    }
    assert needed == {
        "words": {"text"},
        "first": {"first frame"},
        "last": {"last frame"},
        "both": {"both ends"},
        "keyframes": {"keyframes"},
        "sound": {"text", "given sound"},
        "first and sound": {"first frame", "given sound"},
    }


def test_who_appears_is_shown():
    shown = Request(prompt="a fox", conditions=(Condition(kind="reference", file="fox.png"),))
    assert needs_of(shown) == {"text", "references"}


def refused(request, entry):
    """What is said where an engine is asked for what it can't do; "" where it can."""
    try:
        check_needs(request, entry)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", CATALOG)
def test_what_is_longer_than_a_window_is_gone_on_from(name):
    """By engines that can, from what they made or from its last frame; unless nothing of it is drawn."""
    entry = CATALOG[name]
    can, seconds = replace(entry, can=entry.can | {"text"}), entry.window_frames / entry.canvas.fps
    fits = Request(prompt="a fox", seconds=seconds, fps=entry.canvas.fps, canvas=entry.canvas)
    longer = replace(fits, seconds=seconds + 1)
    assert refused(fits, can) == "" and bool(refused(longer, can)) == (not can.can & GOES_ON)
    for one in GOES_ON:
        assert refused(longer, replace(entry, can=frozenset({"text", one}))) == ""
    assert "can't go on from what is given: say --engine" in refused(longer, replace(entry, can=frozenset({"text"})))
    whole = Condition(kind="given", end_s=seconds + 1, file="a.mp4")
    assert refused(replace(longer, conditions=(whole,)), replace(entry, can=frozenset())) == ""


@pytest.mark.parametrize("engine", CATALOG)
@pytest.mark.parametrize("name", NEEDS)
def test_an_engine_takes_a_job_or_names_one_that_takes_it(jobs, engine, name):
    """A silent engine can score as well, with a voice that is not its own."""
    said, can = refused(jobs[name][0], CATALOG[engine]), with_voice(CATALOG[engine])
    assert bool(said) == (not needs_of(jobs[name][0]) <= can) and "\n" not in said
    if said:
        named = said.partition("say --engine ")[2].split(" or ")
        assert NATIVE in named and all(not refused(jobs[name][0], CATALOG[other]) for other in named)


def test_no_file_is_opened_to_find_out(tmp_path, jobs):
    """Jobs looked into theirs when they were asked for."""
    request, known = jobs["extend"]
    source = known[0][1]
    gone = replace(source, path=tmp_path / "gone.mkv")
    assert isinstance(gone, Source) and needs_of(extend(gone, "a fox", seconds=1)) == needs_of(request)
    assert needs_of(smooth(gone, fps=24)) == {"keyframes"}


@pytest.mark.parametrize("fps", [8, 10, 12, 15, 16, 20, 24, 25, 30])
@pytest.mark.parametrize("name", CATALOG)
def test_both_ends_are_the_ends_at_every_rate(pictures, name, fps):
    """Frames that are drawn after the last that is shown don't hang loose behind it."""
    first, _, last = pictures
    request = animate("a fox", first=first, last=last, seconds=3, fps=fps, canvas=CATALOG[name].canvas)
    if fps <= CATALOG[name].canvas.fps or fps % CATALOG[name].canvas.fps == 0:
        assert needs_of(request) <= {"both ends", "range"}
    assert needs_of(replace(request, conditions=request.conditions[:1])) == {"first frame"}


def test_a_film_of_the_model_in_the_package_keeps_its_size_on_every_canvas(tmp_path):
    """So that none of it is cut or scaled."""
    still = tmp_path / "a.png"
    Image.new("RGB", (256, 144)).save(still)
    for entry in CATALOG.values():
        request = animate("a fox", first=Source.of(still), canvas=entry.canvas)
        assert request.size == "256x144" and request.shown_size == (144, 256)


def test_sound_that_is_made_with_the_picture_is_not_made_for_it(film):
    with pytest.raises(
        ValueError, match=r"ltx2 can't make sound to a picture: say --engine storybook or wan2\.1-1\.3b"
    ):
        check_needs(score(film(24), music="drums", canvas=CATALOG["ltx2"].canvas), CATALOG["ltx2"])
