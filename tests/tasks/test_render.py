import json
import subprocess
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from kinora.media.decode import read_clip
from kinora.media.scale import scaled
from kinora.policy import PolicyError
from kinora.provenance.credentials import prompt_sha256, read
from kinora.request import Request
from kinora.tasks import render as path_to_file
from kinora.tasks.estimate import estimate, num_evaluations
from kinora.tasks.generate import plan
from kinora.tasks.reading import DEFAULT_SCENE, Reading
from kinora.tasks.render import decoded, fill, finished, notes_of, num_steps, pack_latents, render, unpack_latents

FOX = Request(prompt="a red fox in the snow", seconds=1, steps=3, size="96x96")


def make(model, path, request=FOX, seed=5, **options):
    return {stage.name: stage.result for stage in render(request, model, path, seed, **options)}


def latents_of(model, request=FOX, seed=5):
    (shot,) = plan(request, seed)
    return fill(shot, request.prompt, request, model, lambda done, total: None)


def test_a_request_becomes_a_file_that_plays(model, tmp_path):
    stages = make(model, tmp_path / "a.mp4", replace(FOX, seconds=1.7))
    assert list(stages) == ["read", "fill", "release"]
    assert stages["release"] == tmp_path / "a.mp4"
    clip = read_clip(tmp_path / "a.mp4")
    assert (clip.num_frames, clip.height, clip.width, clip.fps) == (20, 96, 96, 12)
    assert clip.sound.shape[0] == 1 and clip.sample_rate_hz == 24_000
    assert np.abs(clip.sound).max() > 0.01 and clip.array().std() > 1
    with av.open(str(tmp_path / "a.mp4")) as container:
        lengths = [stream.duration * stream.time_base for stream in container.streams]
    assert lengths == [Fraction(20, 12)] * 2


def test_a_file_says_who_made_it_of_what(model, tmp_path):
    path = make(model, tmp_path / "a.mp4", seed=9)["release"]
    report = read(path)
    assert report.state == "valid" and report.ai_made
    record = report.record
    assert (record.model, record.model_version, record.seed) == ("tiny", "0.0.1", 9)
    assert record.prompt_sha256 == prompt_sha256(FOX.prompt)


def test_the_same_seed_makes_the_same_frames_and_another_does_not(model, tmp_path):
    stages = [make(model, tmp_path / f"{number}.mp4", seed=seed) for number, seed in enumerate((5, 5, 6))]
    latents = [stage["fill"]["video"] for stage in stages]
    assert torch.equal(latents[0], latents[1]) and not torch.equal(latents[0], latents[2])
    one, same, other = (read_clip(stage["release"]) for stage in stages)
    assert np.array_equal(one.array(), same.array()) and np.array_equal(one.sound, same.sound)
    assert not np.array_equal(one.array(), other.array()) and not np.array_equal(one.sound, other.sound)


@pytest.mark.parametrize("at", [1, 3])
def test_stopped_while_filling_nothing_is_left(model, tmp_path, at):
    def stop(done, total):
        if done == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(model, tmp_path / "a.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_stopped_while_decoding_nothing_is_left(model, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(path_to_file, "unfold_blocks", stop)
    with pytest.raises(KeyboardInterrupt):
        make(model, tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_what_is_saved_is_not_made_again(model, tmp_path):
    """From a saved stage on, the file is what it would have been."""
    whole = make(model, tmp_path / "whole.mp4")

    def never(done, total):
        raise AssertionError("nothing may be filled")

    saved = {"read": whole["read"], "fill": whole["fill"]}
    stages = make(model, tmp_path / "again.mp4", saved=saved, progress=never)
    assert stages["read"] is saved["read"] and stages["fill"] is saved["fill"]
    pictures = [read_clip(tmp_path / name).array() for name in ("whole.mp4", "again.mp4")]
    assert np.array_equal(*pictures)
    told = make(model, tmp_path / "told.mp4", saved={"read": Reading(prompt="two bears", replaced=())})
    assert not torch.equal(told["fill"]["video"], whole["fill"]["video"])


@pytest.mark.parametrize("last", ["read", "fill"])
def test_what_another_process_saved_leads_to_the_same_file(model, tmp_path, last):
    """Through bytes and JSON, which is how stages travel."""
    whole = make(model, tmp_path / "whole.mp4")
    packed = {
        "read": json.dumps(whole["read"].as_json()).encode(),
        "fill": pack_latents(whole["fill"]),
    }
    saved = {"read": Reading.from_json(json.loads(packed["read"]))}
    if last == "fill":
        saved["fill"] = unpack_latents(packed["fill"])
    make(model, tmp_path / "again.mp4", saved=saved)
    one, two = (read_clip(tmp_path / name) for name in ("whole.mp4", "again.mp4"))
    assert np.array_equal(one.array(), two.array()) and np.array_equal(one.sound, two.sound)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_latents_come_back_bit_for_bit(dtype):
    noise = torch.randn(40, 8)
    noise[0, :3] = torch.tensor([float("nan"), float("inf"), -0.0])
    latents = {"video": noise.to(dtype)[:, ::2], "sound": noise.to(dtype)[3:7]}
    back = unpack_latents(pack_latents(latents))
    assert back.keys() == latents.keys()
    for name, x in latents.items():
        assert back[name].dtype == dtype and back[name].shape == x.shape
        assert torch.equal(back[name].view(torch.uint8), x.contiguous().view(torch.uint8))
    assert pack_latents(back) == pack_latents(latents)


@pytest.mark.parametrize("data", [b"", b"nonsense", pack_latents({"video": torch.ones(4, 4)})[:-1]])
def test_torn_latents_are_said_to_be_torn(data):
    with pytest.raises(ValueError, match="torn"):
        unpack_latents(data)


def probed(path):
    """(width, height, frames, seconds) of a file's picture and the seconds of its sound, as ffprobe sees them."""
    show = "stream=codec_type,width,height,nb_read_frames,duration"
    line = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", show, "-of", "json", str(path)]
    streams = json.loads(subprocess.run(line, capture_output=True, check=True).stdout)["streams"]
    picture, sound = (next(s for s in streams if s["codec_type"] == kind) for kind in ("video", "audio"))
    frames, duration_s = int(picture["nb_read_frames"]), float(picture["duration"])
    return (picture["width"], picture["height"], frames, duration_s), float(sound["duration"])


@pytest.mark.parametrize(
    ("size", "fps", "seconds"), [("320x180", 24, 2), ("162x410", 8, 1), ("640x160", 30, 1), ("96x96", 25, 2)]
)
def test_a_file_has_exactly_the_pixels_and_seconds_asked_for(model, tmp_path, size, fps, seconds):
    path = make(model, tmp_path / "a.mp4", replace(FOX, size=size, fps=fps, seconds=seconds, steps=1))["release"]
    width, height = map(int, size.split("x"))
    assert probed(path) == ((width, height, seconds * fps, seconds), seconds)


def test_the_longest_side_makes_a_smaller_clip_of_the_same_moments(model):
    request = replace(FOX, size="320x180", fps=24, steps=1)
    latents = latents_of(model, request)
    whole, small = finished(latents, request, model), finished(latents, request, model, longest=160)
    assert (whole.height, whole.width, whole.num_frames) == (180, 320, 24)
    assert (small.height, small.width, small.num_frames, small.fps) == (90, 160, 24, 24)
    (shot,) = plan(request, 5)
    drawn = decoded(latents, shot, model, 12).array()
    assert np.array_equal(small.array(), [scaled(drawn[k // 2], 90, 160) for k in range(24)])
    assert np.array_equal(whole.array(), [scaled(drawn[k // 2], 180, 320) for k in range(24)])


def test_notes_are_facts_in_json(model):
    request = replace(FOX, prompt="a quantum wolf", size="320x180", seed=7)
    reading = path_to_file.read(request, model)
    assert json.loads(json.dumps(notes_of(request, model, reading))) == {
        "engine": "storybook",
        "model": "tiny",
        "model_version": "0.0.1",
        "seed": 7,
        "replaced": [["wolf", "fox"]],
        "left_out": ["quantum"],
        "dropped_words": 0,
        "drawn_instead": None,
        "scaled_from": "256x144",
        "native_fps": 12,
    }
    strange = replace(FOX, prompt="quantum")
    notes = notes_of(strange, model, path_to_file.read(strange, model))
    assert (notes["drawn_instead"], notes["scaled_from"], notes["left_out"]) == (DEFAULT_SCENE, None, ["quantum"])


def test_every_prompt_is_drawn(model, tmp_path):
    strange, plain = (
        make(model, tmp_path / f"{n}.mp4", replace(FOX, prompt=p)) for n, p in enumerate(["狐", DEFAULT_SCENE])
    )
    assert torch.equal(strange["fill"]["video"], plain["fill"]["video"])


def test_without_sound_there_is_no_sound_track(model, tmp_path):
    stages = make(model, tmp_path / "a.mp4", replace(FOX, sound=False))
    assert stages["fill"].keys() == {"video"}
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize(("size", "height", "width"), [("9:16", 256, 144), ("1:1", 144, 144), ("112x96", 96, 112)])
def test_other_shapes(model, tmp_path, size, height, width):
    path = make(model, tmp_path / "a.mp4", replace(FOX, size=size, steps=1))["release"]
    assert read_clip(path).array().shape == (12, height, width, 3)


def test_progress_counts_every_step_of_every_window(model):
    request, seen = replace(FOX, seconds=2.5), []
    (shot,) = plan(request, 5)
    fill(shot, request.prompt, request, model, lambda done, total: seen.append((done, total)))
    assert seen == [(step, 9) for step in range(1, 10)]


def test_a_longer_clip_begins_like_a_shorter_one(model):
    """Later windows are given what is made; they never change it."""
    short, long = (latents_of(model, replace(FOX, seconds=seconds)) for seconds in (1, 2.5))
    for name, unit in (("video", 36), ("sound", 16)):
        assert short[name].shape[0] == 2 * unit and long[name].shape[0] == 4 * unit
        assert torch.equal(long[name][: 2 * unit], short[name])
        blocks = long[name].split(unit)
        assert not torch.equal(blocks[2], blocks[3])


def test_decoding_as_a_stream_is_decoding_at_once(model):
    request = replace(FOX, seconds=2.5)
    (shot,) = plan(request, 5)
    latents = latents_of(model, request)
    clip = decoded(latents, shot, model, 30)
    assert [len(block) for block in clip.frames()] == [8, 8, 8, 6]
    video = latents["video"].T.unflatten(1, (4, 6, 6))[None]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        rgb = model.video.decode(video)[0].permute(1, 2, 3, 0).float()
    at_once = ((rgb[:30] + 1) * 127.5).round().clamp(0, 255).byte().numpy()
    assert np.array_equal(clip.array(), at_once)
    assert np.array_equal(clip.array(), clip.array())
    with torch.no_grad():
        wave = model.sound.decode(latents["sound"].T[None])
    assert np.array_equal(clip.sound, wave[:, :60_000].clamp(-1, 1).numpy())


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (
            replace(FOX, prompt="a quantum fox", strict=True),
            r"outside the drawn world: left out \"quantum\"; .*--strict",
        ),
        (replace(FOX, prompt="a wolf", strict=True), 'read "wolf" as "fox"'),
        (replace(FOX, prompt="the and of", strict=True), "knows nothing else of it and drew"),
        (replace(FOX, prompt="red fox " * 41, strict=True), "left out the last 4 words"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_any_work(model, tmp_path, request_, why):
    with pytest.raises(ValueError, match=why) as refused:
        next(render(request_, model, tmp_path / "a.mp4", 5))
    assert "\n" not in str(refused.value)


def test_what_is_not_made_is_not_read(model, tmp_path):
    with pytest.raises(PolicyError):
        next(render(replace(FOX, prompt="a naked child"), model, tmp_path / "a.mp4", 5))


class Recorder:
    """The text encoder, which remembers what it was told."""

    def __init__(self, encoder):
        self.encoder, self.told = encoder, []

    def encode(self, prompts):
        self.told += prompts
        return self.encoder.encode(prompts)


@pytest.mark.parametrize(
    ("changes", "ending"), [({}, ""), ({"music": False}, ", no music"), ({"music": False, "sound": False}, "")]
)
def test_music_that_is_not_wanted_is_said_to_the_model(model, changes, ending):
    told = Recorder(model.text)
    latents_of(replace(model, text=told), replace(FOX, **changes, steps=1))
    assert told.told == [FOX.prompt + ending, ""]


def test_guidance_pulls_and_the_prompt_counts(model):
    plain, strong = (latents_of(model, replace(FOX, guidance=g))["video"] for g in (1.0, 5.0))
    other = latents_of(model, replace(FOX, guidance=1.0, prompt="two bears at night"))["video"]
    assert not torch.equal(plain, strong) and not torch.equal(plain, other)


def taught(model, *few_steps):
    """The model as if it had been taught these numbers of steps."""
    return replace(model, facts={**model.facts, "few_steps": list(few_steps)})


def evaluations(model, request):
    """How often the transformer is asked for one clip, and the clip's picture."""
    asked = []
    hook = model.transformer.register_forward_hook(lambda *_: asked.append(1))
    latents = latents_of(model, request)
    hook.remove()
    return len(asked), latents["video"]


@pytest.mark.parametrize(
    ("steps", "guidance", "num"), [(None, 2, 4), (4, 2, 4), (3, 2, 6), (4, 1, 4), (4, 6, 8), (1, 2, 2)]
)
def test_a_model_that_was_taught_to_jump_is_asked_once_a_step(model, steps, guidance, num):
    """Only in as many steps and under as much guidance as it was taught; else as ever, guided by second evaluations."""
    request, jumping = replace(FOX, steps=steps, guidance=guidance), taught(model, 2, 4)
    assert evaluations(jumping, request)[0] == num == num_evaluations(request, jumping)


def test_without_a_word_of_few_steps_there_are_six(model):
    request = replace(FOX, steps=None)
    assert num_steps(request, model) == 6 and num_steps(request, taught(model, 2, 4)) == 4
    assert num_steps(request, taught(model, 8)) == 6
    assert evaluations(model, request)[0] == 11 == num_evaluations(request, model)
    assert num_evaluations(replace(request, guidance=1.0), model) == 6


def test_jumps_go_elsewhere_and_follow_prompt_guidance_and_seed(model):
    jumping, request = taught(model, 4), replace(FOX, steps=4)
    plain, jumped = latents_of(model, request)["video"], latents_of(jumping, request)["video"]
    others = [
        latents_of(jumping, replace(request, guidance=4.0)),
        latents_of(jumping, replace(request, prompt="two bears at night")),
        latents_of(jumping, request, seed=6),
        {"video": plain},
    ]
    assert torch.equal(jumped, latents_of(jumping, request)["video"])
    assert not any(torch.equal(jumped, other["video"]) for other in others)


def test_jumps_touch_nothing_that_is_given(model):
    """Later windows are given what is made; they never change it."""
    jumping = taught(model, 4)
    short, long = (latents_of(jumping, replace(FOX, steps=4, seconds=seconds)) for seconds in (1, 2.5))
    for name, unit in (("video", 36), ("sound", 16)):
        assert long[name].shape[0] == 4 * unit and torch.equal(long[name][: 2 * unit], short[name])


def test_an_estimate_is_more_for_more(model):
    short, long = (estimate(replace(FOX, seconds=s, steps=1), model) for s in (1, 16))
    assert short.seconds > 0 and short.peak_bytes == long.peak_bytes
    wide, large = (estimate(replace(FOX, size=size, steps=1), model) for size in ("16:9", "1920x1080"))
    assert large.peak_bytes > wide.peak_bytes > short.peak_bytes and large.seconds > wide.seconds
