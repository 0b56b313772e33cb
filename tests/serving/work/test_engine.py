"""Engines are opened by name, one at a time, and what they make is what was asked for, to the pixel and the frame."""

import gc
import sys
import weakref
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from kinora.media.clip import Clip
from kinora.media.decode import MediaError, probe
from kinora.media.decode_facts import USUAL
from kinora.media.decode_messages import RefusedError, check_budget
from kinora.media.encode import write_mp4
from kinora.request import LONGEST, MAX_FPS, MAX_SECONDS, Canvas
from kinora.serving.work.engine import OWN, Engines
from kinora.serving.work.wanted import job_of

ASKED = {"prompt": "a red fox jumps in the snow", "seed": 3, "size": "256x256", "seconds": 1, "fps": 30, "steps": 1}


@pytest.fixture(scope="session")
def open_folder(tmp_path_factory):
    """A tiny pipeline with random weights, as a folder."""
    pytest.importorskip("diffusers")
    pytest.importorskip("transformers")
    sys.path.insert(0, str(Path(__file__).parents[2] / "engines" / "open"))
    from tiny import wan

    folder = tmp_path_factory.mktemp("engines") / "tiny"
    wan().save_pretrained(folder)
    return folder


def test_one_engine_is_open_at_a_time(open_folder):
    engines = Engines()
    first = engines.named("storybook")
    assert engines.named("storybook") is first and first.canvas.fps == 12
    held = weakref.ref(first._engine)
    del first
    assert engines.named(str(open_folder)).canvas.fps == 16
    gc.collect()
    assert held() is None


def test_whatever_an_engine_draws_the_file_is_as_asked(open_folder, tmp_path):
    engine, path = Engines().named(str(open_folder)), tmp_path / "film.mp4"
    job = job_of("generate", {"request": ASKED}, {}, engine.canvas)
    told = engine.read(job)
    latents = engine.fill(job, told, lambda done, total: None)
    engine.release(job, told, latents, path)
    facts = probe(path)
    assert (facts.width, facts.height, facts.fps, facts.num_frames) == (256, 256, 30, 30)
    assert engine.pictures(job, latents, path).thumbnail and engine.notes(job, told)["native_fps"] == 16


def test_what_an_engine_held_on_the_card_is_given_back(open_folder):
    if not torch.cuda.is_available():
        pytest.skip("there is no card")
    engines = Engines()
    engines.named("storybook").held = torch.zeros(1 << 26, device="cuda")
    assert torch.cuda.memory_reserved() >= 1 << 28
    engines.named(str(open_folder))
    assert torch.cuda.memory_reserved() < 1 << 28


def test_the_longest_and_largest_film_of_the_server_s_own_is_opened():
    largest = LONGEST, LONGEST, round(MAX_SECONDS * MAX_FPS)
    check_budget(*largest, asdict(OWN))
    with pytest.raises(RefusedError):
        check_budget(*largest, asdict(USUAL))


def test_a_story_s_pictures_are_made_within_these_limits(tmp_path, monkeypatch):
    path, plan = tmp_path / "film.mp4", {"shots": [{"prompt": "a fox runs", "seconds": 1, "seed": 1}]}
    frames = np.zeros((12, 256, 256, 3), np.uint8)
    write_mp4(Clip.from_array(frames, fps=Fraction(12)), path)
    engine, job = Engines().named("storybook"), job_of("storyboard", {"request": ASKED, "plan": plan}, {}, Canvas())
    shown = engine.pictures(job, b"", path)
    assert shown.thumbnail and shown.spritesheet
    monkeypatch.setattr("kinora.serving.work.engine.OWN", replace(OWN, total_pixels=12 * 256 * 256 - 1))
    with pytest.raises(MediaError):
        engine.pictures(job, b"", path)


def test_what_the_sound_follows_is_told(open_folder):
    engine = Engines().named(str(open_folder))
    for asked, heard in (({}, "jumps"), ({"sound": False}, None)):
        job = job_of("generate", {"request": {**ASKED, **asked}}, {}, engine.canvas)
        told = engine.notes(job, engine.read(job)).get("heard")
        assert told is None if heard is None else heard in told


def test_what_is_not_on_this_machine_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KINORA_ENGINES", str(tmp_path))
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        _ = Engines().named("vace-1.3b").canvas
