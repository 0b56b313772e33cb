"""Samplers held against each other from the same noise, marked by a judge: how, not how well, as the networks are tiny
and know nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kinora.evaluation import few_steps
from kinora.evaluation.few_steps import EULER, JUMPS, asks_of, compare, draw, score
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.trials.suite import Prompt
from kinora.models.judge import Networks, PictureJudge, SoundJudge
from kinora.models.weights import load_model
from kinora.request import Request
from kinora.training.stages.judge import judge_config

TINY = Request(prompt="any", seconds=1, size="96x96")


def prompt(number, **asks):
    text = "a red fox jumps in the snow"
    return Prompt(id=number, text=text, asks=asks, held_out=False, mate=None, written=number, seed=number)


@pytest.fixture(scope="module")
def model(weights):
    """The tiny model, woken, as if it had been taught two steps."""
    model, noise = load_model(weights), torch.Generator().manual_seed(0)
    for parameter in model.transformer.parameters():
        parameter.add_(0.1 * torch.randn(parameter.shape, generator=noise))
    return replace(model, facts={**model.facts, "few_steps": [2]})


@pytest.fixture(scope="module")
def judge():
    torch.manual_seed(0)
    config = replace(judge_config(), widths=(8, 8, 16), num_mels=16, sound_width=16, sound_depth=1)
    return Judge(networks=Networks(picture=PictureJudge(config).eval(), sound=SoundJudge(config).eval(), sha256=""))


def test_only_what_a_prompt_asks_for_counts():
    assert asks_of(prompt(1, kind="fox", place="snow", camera="pan", count=2)) == {"kind": "fox", "place": "snow"}
    assert asks_of(prompt(1, camera="pan")) == {}


def test_samplers_start_from_one_noise_and_take_their_own_ways(model):
    request = replace(TINY, prompt="a red fox in the snow", steps=2)
    asked = []
    hook = model.transformer.register_forward_hook(lambda *_: asked.append(1))
    ways = {}
    for sampler in (JUMPS, *EULER):
        asked.clear()
        ways[sampler.name] = (draw(model, request, 5, sampler), len(asked))
    hook.remove()
    assert [num for _, num in ways.values()] == [2, 4, 2]
    frames = [way for way, _ in ways.values()]
    assert all(one.shape == (12, 96, 96, 3) and one.dtype == np.uint8 for one in frames)
    assert not np.array_equal(frames[0], frames[1]) and not np.array_equal(frames[1], frames[2])
    assert np.array_equal(frames[0], draw(model, request, 5, JUMPS))


def test_a_score_is_the_share_of_what_was_asked(model, judge, monkeypatch):
    answers = {"place": 1.0, "light": 0.0, "kind": 1.0}
    monkeypatch.setattr(few_steps, "verdicts", lambda asks, *_: {name: answers[name] for name in asks})
    request = replace(TINY, prompt="a red fox in the snow", steps=2)
    marks = [
        score(model, judge, request, prompt(1, **dict.fromkeys(asks, "any")), JUMPS)
        for asks in (("place",), ("place", "light"), ("place", "light", "kind"))
    ]
    assert marks == pytest.approx([100, 50, 200 / 3])


def test_figures_are_paired_by_prompt(model, judge, monkeypatch):
    """Jumps ten points better on every prompt are ten points better without any doubt, however prompts differ."""
    base = {1: 20.0, 2: 60.0, 3: 90.0}
    monkeypatch.setattr(
        few_steps, "score", lambda m, j, r, p, sampler: base[p.id] + (10.0 if sampler is JUMPS else 0.0)
    )
    prompts = [prompt(number, place="snow") for number in base] + [prompt(4, camera="pan")]
    figures = {figure.name: figure for figure in compare(model, judge, prompts, steps=[2], request=TINY)}
    more = figures["few-step minus Euler, guided, 2 steps"]
    assert (more.value, more.low, more.high, more.num) == pytest.approx((10, 10, 10, 3))
    assert figures["few-step, 2 steps"].value == pytest.approx(200 / 3)
    assert figures["Euler, 2 steps"].low < figures["Euler, 2 steps"].value < figures["Euler, 2 steps"].high


def test_plain_steps_may_be_another_models(model, judge, monkeypatch):
    walked, other = {}, replace(model, name="other")
    monkeypatch.setattr(few_steps, "score", lambda m, j, r, p, sampler: walked.setdefault(sampler, m.name) and 0.0)
    for plain in (None, other):
        walked.clear()
        compare(model, judge, [prompt(1, place="snow")], plain=plain, steps=[2])
        assert walked == {JUMPS: "tiny", **dict.fromkeys(EULER, "other" if plain else "tiny")}


def test_jumps_that_were_not_taught_are_refused(model, judge):
    with pytest.raises(ValueError, match=r"not taught 4 jumps: ask for some of \[2\]"):
        compare(model, judge, [prompt(1, place="snow")], steps=[2, 4])


def test_it_runs_whole(model, judge):
    figures = compare(model, judge, [prompt(1, place="snow", kind="fox")], steps=[2], request=TINY)
    assert [figure.num for figure in figures] == [1] * 5 and all(0 <= abs(figure.value) <= 100 for figure in figures)
