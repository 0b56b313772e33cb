"""Jobs are facts: what each gives, without a file being opened."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.reading import Reading
from kinora.media.decode import Facts
from kinora.request import Canvas, Condition, Request, parse_size
from kinora.tasks.generate import first_drawn
from kinora.tasks.jobs import Source, Track, animate, cut_of, extend, fill, join, loop, mend, own_size, score, smooth
from kinora.tasks.render import scaled_from, told_of


def clip(name="a.mp4", *, frames=48, fps=12, size=(256, 144), sound=True):
    heard = {"sound_codec": "aac", "sample_rate_hz": 24_000, "num_channels": 1} if sound else {}
    facts = Facts(
        container="mp4",
        picture_codec="h264",
        width=size[0],
        height=size[1],
        fps=Fraction(fps),
        num_frames=frames,
        **heard,
    )
    return Source(path=Path(name), facts=facts)


def still(name="p.png", size=(256, 144)):
    return clip(name, frames=1, fps=1, size=size, sound=False)


def spans(request):
    """(stream, start, end, file, where in it) of what is given, from where the file begins."""
    return [
        (c.stream, *(round(s - request.begin_s, 4) for s in (c.start_s, c.end_s)), c.file, round(c.file_start_s, 4))
        for c in request.conditions
    ]


def both(start_s, end_s, file, from_s=0.0):
    return [(stream, start_s, end_s, file, from_s) for stream in ("video", "sound")]


def test_what_each_job_gives():
    a, b = clip(), clip("b.mp4", frames=36)
    assert spans(extend(a, "a fox", seconds=2)) == both(0, 4, "a.mp4")
    assert spans(extend(a, "a fox", seconds=2, before=True)) == both(2, 6, "a.mp4")
    assert spans(fill(a, from_s=1, to_s=2.5)) == both(0, 1, "a.mp4") + both(2.5, 4, "a.mp4", 2.5)
    assert spans(loop(a)) == both(0, 4, "a.mp4") + both(6, 8, "a.mp4")
    assert spans(join(a, b, seconds=1)) == both(0, 4, "a.mp4") + both(5, 8, "b.mp4")
    assert spans(score(a)) == [("video", 0, 4, "a.mp4", 0)]
    whole = ("sound", 0, 4, "a.mp4", 0)
    third, tenth = round(3 / 12, 4), round(10 / 12, 4)
    assert spans(mend(a, frames=[3, 7, 8, 9])) == [
        ("video", 0, third, "a.mp4", 0),
        ("video", round(4 / 12, 4), round(7 / 12, 4), "a.mp4", round(4 / 12, 4)),
        ("video", tenth, 4, "a.mp4", tenth),
        whole,
    ]
    assert spans(smooth(a, fps=24)) == [("video", 0, 4, "a.mp4", 0), whole]
    assert smooth(a, fps=24).conditions[0].fps == 12


def test_how_long_files_get():
    a, b = clip(), clip("b.mp4", frames=36)
    lengths = {
        extend(a, "a fox", seconds=2).seconds: 6,
        join(a, b, seconds=1).seconds: 8,
        loop(a).seconds: 6,
        fill(a, from_s=1, to_s=2).seconds: 4,
        score(a).seconds: 4,
    }
    assert all(seconds == expected for seconds, expected in lengths.items())


@given(frames=st.integers(12, 300), seconds=st.floats(0.5, 20), before=st.booleans())
def test_made_frames_begin_or_end_with_a_block(frames, seconds, before):
    request = extend(clip(frames=frames), "a fox", seconds=seconds, before=before)
    video = request.conditions[0]
    border_s = video.start_s if before else video.end_s
    block_frames = Canvas().block_frames
    assert round(border_s * 12) % block_frames == 0 and 0 <= first_drawn(request) < block_frames
    assert request.begin_s + request.seconds == pytest.approx(
        max(video.end_s, video.end_s + seconds * (not before)), abs=0.05
    )


def test_size_rate_and_sound_are_the_sources_own_unless_asked_for():
    source = clip(size=(320, 180), fps=24, frames=96, sound=False)
    own = extend(source, "a fox")
    assert (own.size, own.fps, own.sound) == ("320x180", 24, False)
    asked = extend(source, "a fox", size="9:16", fps=8, seed=4, steps=2)
    assert (asked.size, asked.fps, asked.seed, asked.steps) == ("9:16", 8, 4, 2)
    assert not [c for c in extend(clip(), "a fox", sound=False).conditions if c.stream == "sound"]


@given(width=st.integers(16, 8000), height=st.integers(16, 8000))
def test_every_source_has_a_size_that_can_be_made_unless_it_is_too_wide_or_tall(width, height):
    size = own_size(clip(size=(width, height)))["size"]
    made = tuple(map(int, size.split("x")))[::-1]
    if not Canvas().holds(made):
        with pytest.raises(ValueError, match="to 1, the most that is drawn, and would be cut: give"):
            extend(clip(size=(width, height)), "a fox")
        return
    assert parse_size(size) == made
    assert (size == f"{width}x{height}") or made != (height, width)


@pytest.mark.parametrize(("fps", "made"), [(Fraction(30_000, 1001), 30), (60, 30), (5, 8), (25, 25)])
def test_rates(fps, made):
    assert extend(clip(fps=fps, frames=120), "a fox").fps == made


def test_pictures_are_frames_of_the_model():
    request = animate("a fox", first=still(), keyframes=[(2.5, still("k.png"))], last=still("l.png"))
    assert [(c.file, round(c.start_s * 12), round((c.end_s - c.start_s) * 12)) for c in request.conditions] == [
        *(("p.png", 0, 1), ("k.png", 30, 1), ("l.png", 47, 1))
    ]
    assert request.size == "256x144" and request.seconds == 4
    assert animate("a fox", first=still(size=(180, 320)), size="1:1").size == "1:1"
    assert animate("a fox", seconds=2, strict=True) == Request(prompt="a fox", seconds=2, strict=True)


def test_a_picture_for_a_sound_is_as_long_as_it():
    track = Track(path=Path("t.wav"), seconds=7.25)
    request = animate("a fox dances", track=track)
    assert request.seconds == 7.25
    assert request.conditions == (Condition(kind="given", stream="sound", end_s=7.25, file="t.wav"),)
    assert animate("a fox", track=track, seconds=3).conditions[0].end_s == 3
    assert animate("a fox", track=track, seconds=9).conditions[0].end_s == 7.25


def test_music_is_made_where_it_is_described_or_nothing_is():
    described = {"effects": "rain", "music": "soft piano"}
    made = {
        names: score(clip(), **{name: described[name] for name in names})
        for names in ((), ("effects",), ("music",), ("effects", "music"))
    }
    assert [request.music for request in made.values()] == [True, False, True, True]
    assert [request.prompt for request in made.values()] == ["", "rain", "soft piano", "rain, soft piano"]
    assert score(clip(), keep=True).under == "a.mp4" and score(clip()).under == ""


def test_sound_can_be_made_again_in_a_part_and_where_there_is_none(film):
    """An extension is a part that begins where the sound ends, or earlier."""
    whole, short = film(24), film(24, "short.mkv", wave=np.zeros((1, 24_000)))
    name = str(short.path)
    parts = {
        (0.5, 1.5): [("sound", 0, 0.5, str(whole.path), 0), ("sound", 1.5, 2, str(whole.path), 1.5)],
        (None, 0.5): [("sound", 0.5, 2, str(whole.path), 0.5)],
        (1.5, None): [("sound", 0, 1.5, str(whole.path), 0)],
    }
    for (from_s, to_s), given_ in parts.items():
        assert spans(score(whole, from_s=from_s, to_s=to_s)) == [("video", 0, 2, str(whole.path), 0), *given_]
    assert short.heard_s() == 1 and whole.heard_s() == 2
    assert spans(score(short, from_s=1.5))[1:] == [("sound", 0, 1, name, 0)]
    assert spans(score(short, from_s=0.25, to_s=0.5))[1:] == [("sound", 0, 0.25, name, 0), ("sound", 0.5, 1, name, 0.5)]


@pytest.mark.parametrize(
    ("described", "told", "music"),
    [
        ({}, "", True),
        ({"effects": "rain"}, "rain", False),
        ({"music": "soft piano"}, "soft piano", True),
        ({"effects": "rain", "music": "soft piano"}, "rain, soft piano", True),
    ],
)
def test_engines_are_told_of_effects_and_music_what_is_described(described, told, music):
    """Alone or together; no words say that a picture that is shown makes no sound."""
    request = score(clip(), **described)
    asked = told_of(request, Reading(prompt=request.prompt, replaced=()))
    assert (asked.prompt, asked.music, asked.sound) == (told, music, True)


def test_pictures_of_one_shape_may_have_several_sizes_and_of_several_are_fitted_to_a_size_that_is_asked_for():
    first, last = still(), still("l.png", (720, 1280))
    assert animate("a", first=first, last=still("l.png", (1280, 720))).size == "256x144"
    assert animate("a", first=first, last=last, size="1:1").shown_size == (144, 144)


def test_a_size_in_which_a_picture_is_drawn_is_said_only_where_one_is():
    large = clip(size=(640, 360))
    assert scaled_from(extend(large, "a fox")) == "256x144" and scaled_from(score(large, music="drums")) is None


def test_what_is_cut_to_be_fitted_is_said(film):
    source = film(24)
    assert cut_of(extend(source, "a fox")) == cut_of(Request(prompt="a fox")) == ""
    assert cut_of(extend(source, "a fox", size="256x144")) == "film.mkv is 96x96: cut in the middle to 256x144"


SILENT = {"sound": False}
REFUSED = {
    "0.5 to 9 s is no part of a.mp4, which lasts 4 s": lambda: fill(clip(), from_s=0.5, to_s=9),
    "2 to 1 s is no part": lambda: fill(clip(), from_s=2, to_s=1),
    "0 to 4 s is no part": lambda: fill(clip(), from_s=0, to_s=4),
    "nan to 4 s is no part": lambda: fill(clip(), from_s=float("nan"), to_s=4),
    "a.mp4 has frames 0 to 47": lambda: mend(clip(), frames=[48]),
    "name some of them, not all": lambda: mend(clip(), frames=range(48)),
    "has 12 frames a second, and 30 is no multiple: give 24": lambda: smooth(clip(), fps=30),
    "has 24 frames a second, and 30 is no multiple: that has no multiple up to 30": lambda: smooth(
        clip(fps=24), fps=30
    ),
    "has 29.97 frames a second": lambda: smooth(clip(fps=Fraction(30_000, 1001)), fps=60),
    "a.mp4 is 256x144 and b.mp4 144x144: give a size": lambda: join(clip(), clip("b.mp4", size=(144, 144))),
    "p.png is 256x144 and l.png 720x1280: give a size, and both are fitted": lambda: animate(
        "a", first=still(), last=still("l.png", (720, 1280))
    ),
    "p.png is 256x144 and k.png 144x144: give a size, and both are fitted": lambda: animate(
        "a", first=still(), keyframes=[(1, still("k.png", (144, 144)))]
    ),
    "a keyframe at 9 s is outside the clip, which lasts 4 s": lambda: animate("a", keyframes=[(9.0, still())]),
    "a keyframe at inf s is outside": lambda: animate("a", keyframes=[(float("inf"), still())]),
    "p.png is a picture; give a video": lambda: extend(still(), "a fox"),
    "a.mp4 has no sound to keep; leave a range away": lambda: score(clip(**SILENT), from_s=1),
    "2 to 1 s is no part of a.mp4": lambda: score(clip(), from_s=2, to_s=1),
    "0 to 4 s is no part of a.mp4": lambda: score(clip(), from_s=0),
    "nan to 4 s is no part of a.mp4": lambda: score(clip(), from_s=float("nan")),
    "in it none does: leave keep away": lambda: score(clip(), to_s=1, keep=True),
    "a.mp4 has no sound to keep; leave keep away": lambda: score(clip(**SILENT), keep=True),
    "with a.mp4 it would last 104 s, and 60 is the most": lambda: extend(clip(), "a fox", seconds=100),
    "with a.mp4 it would last 0.5 s, and 1 is the least": lambda: score(clip(frames=6)),
    "inf s is no time to make": lambda: loop(clip(), seconds=float("inf")),
    "0 s is no time to make: give some seconds, as in 2": lambda: join(clip(), clip(), seconds=0),
    "-1 s is no time to make": lambda: extend(clip(), "a fox", seconds=-1),
    "0.01 s is no time to make": lambda: loop(clip(), seconds=0.01),
    "t.wav lasts 75 s: give seconds, at most 60": lambda: animate("a", track=Track(path=Path("t.wav"), seconds=75)),
    "the prompt is empty": lambda: animate(" "),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_can_not_be_done_is_one_line_with_the_remedy(why):
    with pytest.raises(ValueError) as refused:
        REFUSED[why]()
    assert why in str(refused.value) and "\n" not in str(refused.value)
