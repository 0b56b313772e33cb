"""What wishes ask of an engine: those that begin from files, those that are stories, and those of earlier versions."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kinora.media.clip import Clip
from kinora.media.encode import write_mp4
from kinora.request import Canvas
from kinora.serving.tasks import JOBS, LANDED
from kinora.serving.work import wanted
from kinora.serving.work.wanted import blobs_of, job_of

ASKED = {"prompt": "it rains", "seed": 3, "size": "256x160", "seconds": 4}
BLOB = "0" * 64


@pytest.fixture
def film(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (24, 160, 256, 3), np.uint8)
    sound = np.random.default_rng(1).normal(0, 0.1, (1, 48_000)).clip(-1, 1).astype(np.float32)
    path = tmp_path / "video"
    write_mp4(Clip.from_array(frames, fps=Fraction(12), sound=sound, sample_rate_hz=24_000), path)
    return path


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (64, 48), "red").save(tmp_path / "input_reference", "PNG")
    return tmp_path / "input_reference"


def asked_of(task, files, **arguments):
    wish = {"request": ASKED, "sources": dict.fromkeys(files, BLOB), "arguments": arguments}
    return job_of(task, wish, files, Canvas()).request


def spans(request, stream="video"):
    return [
        (round(each.start_s - request.begin_s, 3), round(each.end_s - request.begin_s, 3), Path(each.file).name)
        for each in request.conditions
        if each.stream == stream
    ]


def test_every_task_that_begins_from_files_has_landed_and_a_function():
    assert set(JOBS) <= LANDED and set(JOBS) <= set(wanted.JOBS)
    assert set(wanted.JOBS) | {"storyboard", "redo"} == LANDED


def test_an_extension_is_given_all_of_its_video_before_or_after(film):
    after = asked_of("extend", {"video": film}, seconds=3, before=False)
    assert spans(after) == spans(after, "sound") == [(0, 2, "video")]
    assert (after.seconds, after.prompt, after.seed, after.size, after.loose) == (5, "it rains", 3, "256x160", True)
    assert spans(asked_of("extend", {"video": film}, seconds=3, before=True)) == [(3, 5, "video")]


def test_a_part_and_frames_and_a_rate_are_filled(film):
    assert spans(asked_of("fill", {"video": film}, **{"from": 0.5, "to": 1.5})) == [
        (0, 0.5, "video"),
        (1.5, 2, "video"),
    ]
    assert spans(asked_of("mend", {"video": film}, frames=[12])) == [(0, 1, "video"), (1.083, 2, "video")]
    smooth = asked_of("smooth", {"video": film}, fps=24)
    assert (smooth.fps, [each.fps for each in smooth.conditions]) == (24, [12, None])


def test_ends_are_led_to_beginnings(film):
    loop = asked_of("loop", {"video": film}, seconds=2)
    assert (loop.seconds, spans(loop)) == (4, [(0, 2, "video"), (4, 6, "video")])
    second = film.with_name("second")
    second.write_bytes(film.read_bytes())
    join = asked_of("join", {"first": film, "second": second}, seconds=2)
    assert (join.seconds, spans(join)) == (6, [(0, 2, "video"), (4, 6, "second")])


def test_a_score_is_told_what_to_hear_and_nothing_else(film):
    scored = asked_of("score", {"video": film}, effects="rain", music="", keep=True)
    assert (scored.prompt, scored.music, scored.under, scored.loose) == ("rain", False, str(film), False)
    assert spans(scored) == [(0, 2, "video")] and spans(scored, "sound") == []
    part = asked_of("score", {"video": film}, effects="rain", music="", keep=False, **{"from": 0.5, "to": 1.5})
    assert spans(part) == [(0, 2, "video")] and spans(part, "sound") == [(0, 0.5, "video"), (1.5, 2, "video")]


def test_pictures_are_held_where_they_stand_and_a_sound_is_heard(film, picture):
    files = {"input_reference": picture, "keyframe_1": picture, "last_frame": picture, "sound": film}
    request = asked_of("reference", files, keyframes=[2.0])
    frame_s = round(1 / 12, 3)
    assert spans(request) == [
        (0, frame_s, picture.name),
        (2, round(2 + 1 / 12, 3), picture.name),
        (3.917, 4, picture.name),
    ]
    assert spans(request, "sound") == [(0, 2, "video")] and request.seconds == 4


def test_a_picture_can_t_be_extended_and_the_line_names_the_field(picture):
    video = picture.rename(picture.with_name("video"))
    with pytest.raises(ValueError, match="video is a picture"):
        asked_of("extend", {"video": video}, seconds=2)


def test_without_files_a_wish_is_its_fields():
    for task in ("generate", "remix"):
        request = asked_of(task, {})
        assert (request.conditions, request.prompt, request.seconds, request.loose) == ((), "it rains", 4, False)


@pytest.mark.parametrize("task", ["extend", "fill", "loop", "score"])
def test_what_is_no_video_is_one_line(tmp_path, task):
    path = Path(tmp_path, "video")
    path.write_bytes(b"no video at all")
    with pytest.raises(ValueError, match=r"\Avideo [^\n]+\Z"):
        asked_of(task, {"video": path})


def test_wishes_of_earlier_versions_are_still_made(film, picture):
    old = {"request": {**ASKED, "seconds": 5}, "reference": None, "source": BLOB}
    assert blobs_of(old, "extend") == {"video": BLOB} and blobs_of(old, "remix") == {}
    request = job_of("extend", old, {"video": film}, Canvas()).request
    assert (request.seconds, spans(request)) == (5, [(0, 2, "video")])
    old = {"request": ASKED, "reference": BLOB, "source": None}
    assert blobs_of(old, "reference") == {"input_reference": BLOB}
    assert spans(job_of("reference", old, {"input_reference": picture}, Canvas()).request)[0][0] == 0


PLAN = {
    "line": "at night",
    "characters": {"Mia": "a girl in a red hat"},
    "shots": [{"prompt": "Mia runs", "seconds": 1.5, "seed": 8}, {"prompt": "Mia sits", "seconds": 2.5, "seed": 2}],
}


def test_a_plan_is_a_story_with_its_own_seeds_and_lengths():
    job = job_of("storyboard", {"request": ASKED, "plan": PLAN}, {}, Canvas())
    assert [(shot.num_frames, shot.seed) for shot in job.story.shots] == [(18, 8), (30, 2)]
    assert job.story.text_of(0) == "a girl in a red hat runs, at night" and (job.shot, job.film) == (None, None)
    assert (job.request.seed, job.request.size, job.request.seconds) == (3, "256x160", 4)


def test_a_shot_made_again_knows_its_number_and_its_film(film):
    wish = {"request": ASKED, "plan": PLAN, "arguments": {"shot": 2}, "sources": {"video": BLOB}}
    job = job_of("redo", wish, {"video": film}, Canvas())
    assert (job.shot, job.film) == (1, film)
