"""Films of several shots: where they are cut, what a shot is alone, what stays when one is made again."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from scenedetect import ContentDetector, detect

from kinora.engines.opening import open_native
from kinora.engines.reading import Reading
from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.media.sound import loudness_lufs
from kinora.policy import PolicyError
from kinora.provenance.credentials import read
from kinora.request import Request
from kinora.tasks.render import finished, pack_latents, render, unpack_latents
from kinora.tasks.render import made as latents_of
from kinora.tasks.story_file import story_of, story_yaml
from kinora.tasks.story_plan import plan_story
from kinora.tasks.storyboard import Again, film, read_shots, redo, render_story

PROMPT = "[0-1.25s] a red fox jumps [1.25-2.5s] two bears in the snow [2.5-3.75s] a fox at night"
SHOTS = Request(prompt=f"softly music {PROMPT}", steps=2, size="96x96")


def make(story, engine, path, **options):
    return {stage.name: stage.result for stage in render_story(story, engine, path, **options)}


def parts(path, story):
    """The packets of each shot's picture."""
    coded = read_coded(path)
    return [[packet.data for packet in coded.cut(start, stop).picture] for start, stop in pairwise(story.borders)]


@pytest.fixture(scope="module")
def story():
    return plan_story(SHOTS, 7)


@pytest.fixture(scope="module")
def made(engine, story, tmp_path_factory):
    """A film, and its stages."""
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    return path, make(story, engine, path)


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
def test_a_shot_in_a_film_is_that_shot_made_alone(engine, made, story, tmp_path, number):
    """Its frames, and how they are coded."""
    path, _ = made
    list(render(story.request_of(number), engine, tmp_path / "alone.mp4", story.shots[number].seed))
    alone = read_coded(tmp_path / "alone.mp4").picture
    assert [packet.data for packet in alone] == parts(path, story)[number]


def test_a_film_of_one_shot_is_what_would_be_generated(engine, tmp_path):
    request = replace(SHOTS, prompt="a red fox jumps", seconds=2)
    make(plan_story(request, 5), engine, tmp_path / "story.mp4")
    list(render(request, engine, tmp_path / "plain.mp4", 5))
    story, plain = (read_clip(tmp_path / name) for name in ("story.mp4", "plain.mp4"))
    assert np.array_equal(story.array(), plain.array()) and np.array_equal(story.sound, plain.sound)


def test_the_same_plan_makes_the_same_film(engine, made, story, tmp_path):
    """From the plan as it is saved."""
    make(story_of(story_yaml(story)), engine, tmp_path / "b.mp4")
    one, two = read_clip(made[0]), read_clip(tmp_path / "b.mp4")
    assert np.array_equal(one.array(), two.array()) and np.array_equal(one.sound, two.sound)


@pytest.mark.parametrize(("size", "fps"), [("96x96", 25), ("160x160", 8), ("160x162", 30)])
def test_at_other_rates_and_sizes_cuts_are_where_planned(engine, tmp_path, size, fps):
    story = plan_story(replace(SHOTS, size=size, fps=fps, steps=1, sound=False), 7)
    latents = make(story, engine, tmp_path / "a.mp4")["fill"]
    assert set(story.borders) <= set(read_coded(tmp_path / "a.mp4").borders)
    clip, frames = film(story, latents, engine), film(story, latents, engine).array()
    assert len(frames) == clip.num_frames == story.borders[-1] and clip.cuts == story.borders[1:-1]
    for number, (start, stop) in enumerate(pairwise(story.borders)):
        alone = finished({"video": latents[f"{number + 1} video"]}, story.request_of(number), engine)
        assert np.array_equal(frames[start:stop], alone.array())


def test_what_is_saved_is_not_made_again(engine, made, story, tmp_path):
    _, stages = made
    saved = {"read": stages["read"], "fill": unpack_latents(pack_latents(stages["fill"]))}
    make(story, engine, tmp_path / "b.mp4", saved=saved, progress=lambda done, total: pytest.fail("nothing is filled"))
    assert parts(tmp_path / "b.mp4", story) == parts(made[0], story)


def test_progress_counts_the_steps_of_all_shots(engine, story, tmp_path):
    seen = []
    make(story, engine, tmp_path / "b.mp4", progress=lambda done, total: seen.append((done, total)))
    assert {total for _, total in seen} == {300} and seen[-1] == (300, 300)
    done = [done for done, _ in seen]
    assert done == sorted(done) and {100, 200} <= set(done) and len(done) > 3


def test_a_shot_that_is_made_again_is_watched_and_can_be_stopped(engine, made, story, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(redo(Again(story.with_seed(1, 99), 1, made[0]), engine, tmp_path / "b.mp4", progress=stop))
    assert list(tmp_path.iterdir()) == []


def test_stopped_on_the_way_nothing_is_left(engine, story, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(story, engine, tmp_path / "b.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_redoing_a_shot_leaves_the_others_packets_identical(engine, made, story, tmp_path, number):
    source, path, other = made[0], tmp_path / "b.mp4", story.with_seed(number, 99)
    list(redo(Again(other, number, source), engine, path))
    before, after = parts(source, story), parts(path, story)
    assert [k for k in range(3) if before[k] != after[k]] == [number]
    # As if the changed plan had been made from the start.
    make(other, engine, tmp_path / "anew.mp4")
    assert parts(tmp_path / "anew.mp4", story) == after
    assert read(path).state == "valid"
    old, new = read_coded(source), read_coded(path)
    assert new.num_frames == old.num_frames and new.wave.shape == old.wave.shape
    start, stop = (border * 2000 for border in story.borders[number : number + 2])
    kept = np.r_[0 : max(0, start - 16 * 1024), min(stop + 16 * 1024, 90_000) : 90_000]
    assert np.array_equal(new.wave[:, kept], old.wave[:, kept])
    assert not np.array_equal(new.wave[:, start:stop], old.wave[:, start:stop])


def test_a_redone_shot_is_as_loud_as_its_film(engine, made, story, tmp_path):
    list(redo(Again(story.with_seed(1, 99), 1, made[0]), engine, tmp_path / "b.mp4"))
    old, new = read_coded(made[0]).wave, read_coded(tmp_path / "b.mp4").wave
    assert loudness_lufs(new[:, 30_000:60_000], 24_000) == pytest.approx(loudness_lufs(old, 24_000), abs=12)


def test_what_is_not_the_planned_film_is_not_changed(engine, made, story, tmp_path):
    path, _ = made
    for other, why in (
        (plan_story(replace(SHOTS, prompt=PROMPT.replace("1.25", "1.5")), 7), "is not cut as planned"),
        (replace(story, request=replace(story.request, size="112x96")), "is not as it was made"),
        (replace(story, request=replace(story.request, fps=24)), "is not cut as planned"),
    ):
        with pytest.raises(ValueError, match=why) as refused:
            list(redo(Again(other, 1, path), engine, tmp_path / "b.mp4"))
        assert "make the whole film anew" in str(refused.value) and list(tmp_path.iterdir()) == []


def test_a_silent_film_is_redone_too(engine, story, tmp_path):
    silent = replace(story, request=replace(story.request, sound=False, steps=1))
    make(silent, engine, tmp_path / "a.mp4")
    list(redo(Again(silent.with_seed(1, 99), 1, tmp_path / "a.mp4"), engine, tmp_path / "b.mp4"))
    before, after = (parts(tmp_path / name, story) for name in ("a.mp4", "b.mp4"))
    assert [k for k in range(3) if before[k] != after[k]] == [1]
    assert read_clip(tmp_path / "b.mp4").sound is None


def test_sound_goes_on_from_the_shot_before(engine, made, story):
    """What is heard later depends on what was heard before; never the other way round, and pictures never."""
    latents = made[1]["fill"]
    other = {stage.name: stage.result for stage in stages_of(story.with_seed(0, 99), engine)}["fill"]
    sound = [latents["track sound"].split(30), other["track sound"].split(30)]
    assert latents["track sound"].shape[0] == 90
    assert not any(torch.equal(one, two) for one, two in zip(*sound, strict=True))
    assert torch.equal(latents["2 video"], other["2 video"]) and torch.equal(latents["3 video"], other["3 video"])
    last = {stage.name: stage.result for stage in stages_of(story.with_seed(2, 99), engine)}["fill"]
    assert torch.equal(last["track sound"][:60], latents["track sound"][:60])
    assert not torch.equal(last["track sound"][60:], latents["track sound"][60:])


def stages_of(story, engine):
    """The stages before a file is written."""
    for stage in render_story(story, engine, Path("never.mp4")):
        yield stage
        if stage.name == "fill":
            return


def test_what_cannot_be_drawn_as_told_names_its_shot(engine):
    strict = plan_story(replace(SHOTS, prompt="[0-1s] a fox [1-2s] a quantum bear", strict=True), 0)
    with pytest.raises(ValueError, match="shot 2: outside the drawn world"):
        read_shots(strict, engine)
    with pytest.raises(PolicyError):
        read_shots(plan_story(replace(SHOTS, prompt="[0-1s] a fox [1-2s] a naked child"), 0), engine)


def test_cuts_between_contrasting_places_are_seen_where_planned(tmp_path):
    """By PySceneDetect, in a film of the shipped model."""
    told = "a red fox in the snow", "a boy on a stage", "a rocket in space at night"
    text = "".join(f"[{1.5 * n}-{1.5 * (n + 1)}s] {prompt} " for n, prompt in enumerate(told))
    story = plan_story(Request(prompt=text, sound=False), 3)
    make(story, open_native(), tmp_path / "a.mp4")
    seen = [start.frame_num for start, _ in detect(str(tmp_path / "a.mp4"), ContentDetector())]
    assert seen == list(story.borders[:-1])


def test_a_shot_is_filled_in_its_own_words_and_the_lines(engine, made, story):
    request, seed = story.request_of(1), story.shots[1].seed
    told = latents_of(request, Reading(prompt="two bears in the snow, softly music", replaced=()), engine, seed)
    assert torch.equal(told["video"], made[1]["fill"]["2 video"])
