"""Filling: steps, words, guidance and jumps reach the model as they were asked for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kinora.engines.engine import Given, Told, nothing_given
from kinora.engines.native.estimate import num_evaluations
from kinora.engines.native.fill import fill, num_steps
from kinora.request import Shot

FOX = Told(prompt="a red fox in the snow", steps=3)


def shot_of(num_blocks=2, seed=5, *, sound=True):
    return Shot(prompt=FOX.prompt, num_blocks=num_blocks, height=96, width=96, seed=seed, sound=sound)


def latents_of(model, told=FOX, *, num_blocks=2, seed=5):
    shot = shot_of(num_blocks, seed, sound=told.sound)
    return fill(shot, told, nothing_given(shot), model)


def test_progress_counts_every_step_of_every_window(model):
    shot, seen = shot_of(4), []
    fill(shot, FOX, nothing_given(shot), model, lambda done, total: seen.append((done, total)))
    assert seen == [(step, 9) for step in range(1, 10)]


def test_a_longer_clip_begins_like_a_shorter_one(model):
    """Later windows are given what is made; they never change it."""
    short, long = (latents_of(model, num_blocks=num_blocks) for num_blocks in (2, 4))
    for name, unit in (("video", 36), ("sound", 16)):
        assert short[name].shape[0] == 2 * unit and long[name].shape[0] == 4 * unit
        assert torch.equal(long[name][: 2 * unit], short[name])
        blocks = long[name].split(unit)
        assert not torch.equal(blocks[2], blocks[3])


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
    text = Recorder(model.text)
    latents_of(replace(model, text=text), replace(FOX, **changes, steps=1))
    assert text.told == [FOX.prompt + ending, ""]


def test_guidance_pulls_and_the_prompt_counts(model):
    plain, strong = (latents_of(model, replace(FOX, guidance=g))["video"] for g in (1.0, 5.0))
    other = latents_of(model, replace(FOX, guidance=1.0, prompt="two bears at night"))["video"]
    assert not torch.equal(plain, strong) and not torch.equal(plain, other)


def taught(model, *few_steps):
    """The model as if it had been taught these numbers of steps."""
    return replace(model, facts={**model.facts, "few_steps": list(few_steps)})


def evaluations(model, told):
    """How often the transformer is asked for one clip, and the clip's picture."""
    asked = []
    hook = model.transformer.register_forward_hook(lambda *_: asked.append(1))
    latents = latents_of(model, told)
    hook.remove()
    return len(asked), latents["video"]


@pytest.mark.parametrize(
    ("steps", "guidance", "num"), [(None, None, 4), (None, 2, 4), (4, 2, 4), (3, 2, 6), (4, 1, 4), (4, 6, 8), (1, 2, 2)]
)
def test_a_model_that_was_taught_to_jump_is_asked_once_a_step(model, steps, guidance, num):
    """Only in as many steps and under as much guidance as it was taught; else as ever, guided by second evaluations."""
    told, jumping = replace(FOX, steps=steps, guidance=guidance), taught(model, 2, 4)
    assert evaluations(jumping, told)[0] == num == num_evaluations(told, jumping)


def test_without_a_word_of_few_steps_there_are_six(model):
    told = replace(FOX, steps=None)
    assert num_steps(told, model) == 6 and num_steps(told, taught(model, 2, 4)) == 4
    assert num_steps(told, taught(model, 8)) == 6
    assert evaluations(model, told)[0] == 11 == num_evaluations(told, model)
    assert num_evaluations(replace(told, guidance=1.0), model) == 6


def test_jumps_go_elsewhere_and_follow_prompt_guidance_and_seed(model):
    jumping, told = taught(model, 4), replace(FOX, steps=4)
    plain, jumped = latents_of(model, told)["video"], latents_of(jumping, told)["video"]
    others = [
        latents_of(jumping, replace(told, guidance=4.0)),
        latents_of(jumping, replace(told, prompt="two bears at night")),
        latents_of(jumping, told, seed=6),
        {"video": plain},
    ]
    assert torch.equal(jumped, latents_of(jumping, told)["video"])
    assert not any(torch.equal(jumped, other["video"]) for other in others)


def test_jumps_touch_nothing_that_is_given(model):
    """Later windows are given what is made; they never change it."""
    jumping = taught(model, 4)
    short, long = (latents_of(jumping, replace(FOX, steps=4), num_blocks=num_blocks) for num_blocks in (2, 4))
    for name, unit in (("video", 36), ("sound", 16)):
        assert long[name].shape[0] == 4 * unit and torch.equal(long[name][: 2 * unit], short[name])


def test_what_no_window_shows_is_told_apart(model):
    """Where all is shown nothing is said."""
    shot = shot_of(5, sound=False)
    nothing = nothing_given(shot)
    assert fill(shot, FOX, nothing, model).keys() == {"video"}
    black = np.zeros((96, 96, 3), np.uint8)
    files = tuple("a" if number < 28 else "" for number in range(shot.num_frames))
    given = Given(files=files, frames=lambda wanted: (black if file else None for file in files), loose=True)
    latents = fill(shot, replace(FOX, sound=False), given, model)
    assert latents["shown"].tolist() == [False, False, True, True, True]
