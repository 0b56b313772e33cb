import json
import subprocess
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
import torch

from kinora.engines.native import decode
from kinora.engines.native.reading import DEFAULT_SCENE
from kinora.engines.reading import Reading
from kinora.media.decode import read_clip
from kinora.media.scale import scaled
from kinora.policy import PolicyError
from kinora.provenance.credentials import prompt_sha256, read
from kinora.request import Request
from kinora.tasks.render import decoded, finished, made, notes_of, pack_latents, render, unpack_latents

FOX = Request(prompt="a red fox in the snow", seconds=1, steps=3, size="96x96")


def make(engine, path, request=FOX, seed=5, **options):
    return {stage.name: stage.result for stage in render(request, engine, path, seed, **options)}


def latents_of(engine, request=FOX, seed=5):
    return made(request, engine.read(request), engine, seed)


def test_a_request_becomes_a_file_that_plays(engine, tmp_path):
    stages = make(engine, tmp_path / "a.mp4", replace(FOX, seconds=1.7))
    assert list(stages) == ["read", "fill", "release"]
    assert stages["release"] == tmp_path / "a.mp4"
    clip = read_clip(tmp_path / "a.mp4")
    assert (clip.num_frames, clip.height, clip.width, clip.fps) == (20, 96, 96, 12)
    assert clip.sound.shape[0] == 1 and clip.sample_rate_hz == 24_000
    assert np.abs(clip.sound).max() > 0.01 and clip.array().std() > 1
    with av.open(str(tmp_path / "a.mp4")) as container:
        lengths = [stream.duration * stream.time_base for stream in container.streams]
    assert lengths == [Fraction(20, 12)] * 2


def test_a_file_says_who_made_it_of_what(engine, tmp_path):
    path = make(engine, tmp_path / "a.mp4", seed=9)["release"]
    report = read(path)
    assert report.state == "valid" and report.ai_made
    record = report.record
    assert (record.model, record.model_version, record.seed) == ("tiny", "0.0.1", 9)
    assert record.prompt_sha256 == prompt_sha256(FOX.prompt)


def test_the_same_seed_makes_the_same_frames_and_another_does_not(engine, tmp_path):
    stages = [make(engine, tmp_path / f"{number}.mp4", seed=seed) for number, seed in enumerate((5, 5, 6))]
    latents = [stage["fill"]["video"] for stage in stages]
    assert torch.equal(latents[0], latents[1]) and not torch.equal(latents[0], latents[2])
    one, same, other = (read_clip(stage["release"]) for stage in stages)
    assert np.array_equal(one.array(), same.array()) and np.array_equal(one.sound, same.sound)
    assert not np.array_equal(one.array(), other.array()) and not np.array_equal(one.sound, other.sound)


@pytest.mark.parametrize("at", [1, 3])
def test_stopped_while_filling_nothing_is_left(engine, tmp_path, at):
    def stop(done, total):
        if done == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(engine, tmp_path / "a.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_stopped_while_decoding_nothing_is_left(engine, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(decode, "unfold_blocks", stop)
    with pytest.raises(KeyboardInterrupt):
        make(engine, tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


def test_what_is_saved_is_not_made_again(engine, tmp_path):
    """From a saved stage on, the file is what it would have been."""
    whole = make(engine, tmp_path / "whole.mp4")

    def never(done, total):
        raise AssertionError("nothing may be filled")

    saved = {"read": whole["read"], "fill": whole["fill"]}
    stages = make(engine, tmp_path / "again.mp4", saved=saved, progress=never)
    assert stages["read"] is saved["read"] and stages["fill"] is saved["fill"]
    pictures = [read_clip(tmp_path / name).array() for name in ("whole.mp4", "again.mp4")]
    assert np.array_equal(*pictures)
    told = make(engine, tmp_path / "told.mp4", saved={"read": Reading(prompt="two bears", replaced=())})
    assert not torch.equal(told["fill"]["video"], whole["fill"]["video"])


@pytest.mark.parametrize("last", ["read", "fill"])
def test_what_another_process_saved_leads_to_the_same_file(engine, tmp_path, last):
    """Through bytes and JSON, which is how stages travel."""
    whole = make(engine, tmp_path / "whole.mp4")
    packed = {
        "read": json.dumps(whole["read"].as_json()).encode(),
        "fill": pack_latents(whole["fill"]),
    }
    saved = {"read": Reading.from_json(json.loads(packed["read"]))}
    if last == "fill":
        saved["fill"] = unpack_latents(packed["fill"])
    make(engine, tmp_path / "again.mp4", saved=saved)
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
    ("size", "fps", "seconds"), [("320x180", 24, 2), ("162x410", 8, 1), ("570x160", 30, 1), ("96x96", 25, 2)]
)
def test_a_file_has_exactly_the_pixels_and_seconds_asked_for(engine, tmp_path, size, fps, seconds):
    path = make(engine, tmp_path / "a.mp4", replace(FOX, size=size, fps=fps, seconds=seconds, steps=1))["release"]
    width, height = map(int, size.split("x"))
    assert probed(path) == ((width, height, seconds * fps, seconds), seconds)


def test_the_longest_side_makes_a_smaller_clip_of_the_same_moments(engine):
    request = replace(FOX, size="320x180", fps=24, steps=1)
    latents = latents_of(engine, request)
    whole, small = finished(latents, request, engine), finished(latents, request, engine, longest=160)
    assert (whole.height, whole.width, whole.num_frames) == (180, 320, 24)
    assert (small.height, small.width, small.num_frames, small.fps) == (90, 160, 24, 24)
    drawn = decoded(latents, request, engine).array()
    assert np.array_equal(small.array(), [scaled(drawn[k // 2], 90, 160) for k in range(24)])
    assert np.array_equal(whole.array(), [scaled(drawn[k // 2], 180, 320) for k in range(24)])


def test_notes_are_facts_in_json(engine):
    request = replace(FOX, prompt="a quantum wolf", size="320x180", seed=7)
    reading = engine.read(request)
    assert json.loads(json.dumps(notes_of(request, engine, reading))) == {
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
    notes = notes_of(strange, engine, engine.read(strange))
    assert (notes["drawn_instead"], notes["scaled_from"], notes["left_out"]) == (DEFAULT_SCENE, None, ["quantum"])


def test_every_prompt_is_drawn(engine, tmp_path):
    strange, plain = (
        make(engine, tmp_path / f"{n}.mp4", replace(FOX, prompt=p)) for n, p in enumerate(["狐", DEFAULT_SCENE])
    )
    assert torch.equal(strange["fill"]["video"], plain["fill"]["video"])


def test_without_sound_there_is_no_sound_track(engine, tmp_path):
    stages = make(engine, tmp_path / "a.mp4", replace(FOX, sound=False))
    assert stages["fill"].keys() == {"video"}
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize(("size", "height", "width"), [("9:16", 256, 144), ("1:1", 144, 144), ("112x96", 96, 112)])
def test_other_shapes(engine, tmp_path, size, height, width):
    path = make(engine, tmp_path / "a.mp4", replace(FOX, size=size, steps=1))["release"]
    assert read_clip(path).array().shape == (12, height, width, 3)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (
            replace(FOX, prompt="a quantum fox", strict=True),
            r"outside the drawn world: left out \"quantum\"; .*strict",
        ),
        (replace(FOX, prompt="a wolf", strict=True), 'read "wolf" as "fox"'),
        (replace(FOX, prompt="the and of", strict=True), "knows nothing else of it and drew"),
        (replace(FOX, prompt="red fox " * 41, strict=True), "left out the last 4 words"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_any_work(engine, tmp_path, request_, why):
    with pytest.raises(ValueError, match=why) as refused:
        next(render(request_, engine, tmp_path / "a.mp4", 5))
    assert "\n" not in str(refused.value)


def test_what_is_not_made_is_not_read(engine, tmp_path):
    with pytest.raises(PolicyError):
        next(render(replace(FOX, prompt="a naked child"), engine, tmp_path / "a.mp4", 5))
