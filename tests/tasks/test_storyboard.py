"""Films of several shots: where they are cut, what a shot is alone, what stays when one is made again."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scenedetect import ContentDetector, detect

from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.media.sound import loudness_lufs
from kinora.models.weights import load_model
from kinora.policy import PolicyError
from kinora.provenance.credentials import read
from kinora.request import Request
from kinora.tasks.generate import plan
from kinora.tasks.render import fill, finished, pack_latents, render, unpack_latents
from kinora.tasks.soundtrack import Heard, Picture, cover_of
from kinora.tasks.story_file import story_of, story_yaml
from kinora.tasks.story_plan import plan_story
from kinora.tasks.storyboard import film, read_shots, redo, render_story, video_of

PROMPT = "[0-1.25s] a red fox jumps [1.25-2.5s] two bears in the snow [2.5-3.75s] a fox at night"
SHOTS = Request(prompt=f"softly music {PROMPT}", steps=2, size="96x96")


def make(story, model, path, **options):
    return {stage.name: stage.result for stage in render_story(story, model, path, **options)}


def parts(path, story):
    """The packets of each shot's picture."""
    coded = read_coded(path)
    return [[packet.data for packet in coded.cut(start, stop).picture] for start, stop in pairwise(story.borders)]


@pytest.fixture(scope="module")
def story():
    return plan_story(SHOTS, 7)


@pytest.fixture(scope="module")
def made(model, story, tmp_path_factory):
    """A film, and its stages."""
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    return path, make(story, model, path)


def test_a_story_becomes_one_signed_film_cut_where_planned(made, story):
    path, stages = made
    assert list(stages) == ["read", "fill", "release"] and story.borders == (0, 15, 30, 45)
    clip, report = read_clip(path), read(path)
    assert (clip.num_frames, clip.height, clip.width, clip.fps) == (45, 96, 96, 12)
    assert clip.sound.shape == (1, 90_000) and np.abs(clip.sound).max() > 0.01
    assert report.state == "valid" and report.ai_made and report.record.seed == 7
    assert set(story.borders) <= set(read_coded(path).borders)
    assert [reading.prompt for reading in stages["read"]][1] == "two bears in the snow, softly music"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_shot_in_a_film_is_that_shot_made_alone(model, made, story, tmp_path, number):
    """Its frames, and how they are coded."""
    path, _ = made
    list(render(story.request_of(number), model, tmp_path / "alone.mp4", story.shots[number].seed))
    alone = read_coded(tmp_path / "alone.mp4").picture
    assert [packet.data for packet in alone] == parts(path, story)[number]


def test_a_film_of_one_shot_is_what_would_be_generated(model, tmp_path):
    request = replace(SHOTS, prompt="a red fox jumps", seconds=2)
    make(plan_story(request, 5), model, tmp_path / "story.mp4")
    list(render(request, model, tmp_path / "plain.mp4", 5))
    story, plain = (read_clip(tmp_path / name) for name in ("story.mp4", "plain.mp4"))
    assert np.array_equal(story.array(), plain.array()) and np.array_equal(story.sound, plain.sound)


def test_the_same_plan_makes_the_same_film(model, made, story, tmp_path):
    """From the plan as it is saved."""
    make(story_of(story_yaml(story)), model, tmp_path / "b.mp4")
    one, two = read_clip(made[0]), read_clip(tmp_path / "b.mp4")
    assert np.array_equal(one.array(), two.array()) and np.array_equal(one.sound, two.sound)


@pytest.mark.parametrize(("size", "fps"), [("96x96", 25), ("160x160", 8), ("160x162", 30)])
def test_at_other_rates_and_sizes_cuts_are_where_planned(model, tmp_path, size, fps):
    story = plan_story(replace(SHOTS, size=size, fps=fps, steps=1, sound=False), 7)
    latents = make(story, model, tmp_path / "a.mp4")["fill"]
    assert set(story.borders) <= set(read_coded(tmp_path / "a.mp4").borders)
    clip, frames = film(story, latents, model), film(story, latents, model).array()
    assert len(frames) == clip.num_frames == story.borders[-1] and clip.cuts == story.borders[1:-1]
    for number, (start, stop) in enumerate(pairwise(story.borders)):
        alone = finished({"video": latents[video_of(number)]}, story.request_of(number), model)
        assert np.array_equal(frames[start:stop], alone.array())


def test_what_is_saved_is_not_made_again(model, made, story, tmp_path):
    _, stages = made
    saved = {"read": stages["read"], "fill": unpack_latents(pack_latents(stages["fill"]))}
    make(story, model, tmp_path / "b.mp4", saved=saved, progress=lambda done, total: pytest.fail("nothing is filled"))
    assert parts(tmp_path / "b.mp4", story) == parts(made[0], story)


def test_progress_counts_shots(model, story, tmp_path):
    seen = []
    make(story, model, tmp_path / "b.mp4", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_stopped_on_the_way_nothing_is_left(model, story, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(story, model, tmp_path / "b.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_redoing_a_shot_leaves_the_others_packets_identical(model, made, story, tmp_path, number):
    source, path, other = made[0], tmp_path / "b.mp4", story.with_seed(number, 99)
    list(redo(other, number, model, source, path))
    before, after = parts(source, story), parts(path, story)
    assert [k for k in range(3) if before[k] != after[k]] == [number]
    # As if the changed plan had been made from the start.
    make(other, model, tmp_path / "anew.mp4")
    assert parts(tmp_path / "anew.mp4", story) == after
    assert read(path).state == "valid"
    old, new = read_coded(source), read_coded(path)
    assert new.num_frames == old.num_frames and new.wave.shape == old.wave.shape
    start, stop = (border * 2000 for border in story.borders[number : number + 2])
    kept = np.r_[0 : max(0, start - 16 * 1024), min(stop + 16 * 1024, 90_000) : 90_000]
    assert np.array_equal(new.wave[:, kept], old.wave[:, kept])
    assert not np.array_equal(new.wave[:, start:stop], old.wave[:, start:stop])


def test_a_redone_shot_is_as_loud_as_its_film(model, made, story, tmp_path):
    list(redo(story.with_seed(1, 99), 1, model, made[0], tmp_path / "b.mp4"))
    old, new = read_coded(made[0]).wave, read_coded(tmp_path / "b.mp4").wave
    assert loudness_lufs(new[:, 30_000:60_000], 24_000) == pytest.approx(loudness_lufs(old, 24_000), abs=12)


def test_what_is_not_the_planned_film_is_not_changed(model, made, story, tmp_path):
    path, _ = made
    for other, why in (
        (plan_story(replace(SHOTS, prompt=PROMPT.replace("1.25", "1.5")), 7), "is not cut as planned"),
        (replace(story, request=replace(story.request, size="112x96")), "is not as it was made"),
        (replace(story, request=replace(story.request, fps=24)), "is not cut as planned"),
    ):
        with pytest.raises(ValueError, match=why) as refused:
            list(redo(other, 1, model, path, tmp_path / "b.mp4"))
        assert "without --redo" in str(refused.value) and list(tmp_path.iterdir()) == []


def test_a_silent_film_is_redone_too(model, story, tmp_path):
    silent = replace(story, request=replace(story.request, sound=False, steps=1))
    make(silent, model, tmp_path / "a.mp4")
    list(redo(silent.with_seed(1, 99), 1, model, tmp_path / "a.mp4", tmp_path / "b.mp4"))
    before, after = (parts(tmp_path / name, story) for name in ("a.mp4", "b.mp4"))
    assert [k for k in range(3) if before[k] != after[k]] == [1]
    assert read_clip(tmp_path / "b.mp4").sound is None


def test_sound_goes_on_from_the_shot_before(model, made, story):
    """What is heard later depends on what was heard before; never the other way round, and pictures never."""
    latents = made[1]["fill"]
    other = {stage.name: stage.result for stage in stages_of(story.with_seed(0, 99), model)}["fill"]
    sound = [latents["sound"].split(30), other["sound"].split(30)]
    assert latents["sound"].shape[0] == 90
    assert not any(torch.equal(one, two) for one, two in zip(*sound, strict=True))
    assert torch.equal(latents["video 2"], other["video 2"]) and torch.equal(latents["video 3"], other["video 3"])
    last = {stage.name: stage.result for stage in stages_of(story.with_seed(2, 99), model)}["fill"]
    assert torch.equal(last["sound"][:60], latents["sound"][:60])
    assert not torch.equal(last["sound"][60:], latents["sound"][60:])


def stages_of(story, model):
    """The stages before a file is written."""
    for stage in render_story(story, model, None):
        yield stage
        if stage.name == "fill":
            return


@pytest.mark.parametrize("known_after", [False, True])
def test_sound_is_made_in_windows_that_begin_in_what_is_heard(model, known_after):
    done = (*[True] * 60, *[False] * 50, *[known_after] * 70)
    heard = replace(Heard.silent(len(done), model), done=done)
    picture = Picture(shot=None, video_LZ=None, start=60, stop=110)
    cover = cover_of(heard, picture, model)
    made = [number for window in cover for number in range(window.start + window.given, min(window.stop, 110))]
    assert made == list(range(60, 110))
    assert all(window.given == 10 and window.stop - window.start <= 32 for window in cover)
    assert cover[-1].stop >= 120 if known_after else cover[-1].stop == 110


def test_what_cannot_be_drawn_as_told_names_its_shot(model):
    strict = plan_story(replace(SHOTS, prompt="[0-1s] a fox [1-2s] a quantum bear", strict=True), 0)
    with pytest.raises(ValueError, match="shot 2: outside the drawn world"):
        read_shots(strict, model)
    with pytest.raises(PolicyError):
        read_shots(plan_story(replace(SHOTS, prompt="[0-1s] a fox [1-2s] a naked child"), 0), model)


def test_cuts_between_contrasting_places_are_seen_where_planned(tmp_path):
    """By PySceneDetect, in a film of the shipped model."""
    told = "a red fox in the snow", "a boy on a stage", "a rocket in space at night"
    text = "".join(f"[{1.5 * n}-{1.5 * (n + 1)}s] {prompt} " for n, prompt in enumerate(told))
    story = plan_story(Request(prompt=text, sound=False), 3)
    make(story, load_model(), tmp_path / "a.mp4")
    seen = [start.frame_num for start, _ in detect(str(tmp_path / "a.mp4"), ContentDetector())]
    assert seen == list(story.borders[:-1])


def test_a_shot_is_filled_in_its_own_words_and_the_lines(model, made, story):
    request, seed = story.request_of(1), story.shots[1].seed
    told = fill(*plan(request, seed), "two bears in the snow, softly music", request, model)
    assert torch.equal(told["video"], made[1]["fill"]["video 2"])
