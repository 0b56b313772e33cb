"""Jumps learned from a frozen teacher: what it says, what it leaves alone, and that it stays who it was."""

from dataclasses import replace

import pytest
import torch

from kinora.flow.path import data_from_velocity
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import LEAST_GUIDANCE, MOST_GUIDANCE
from kinora.models.layers import silence
from kinora.models.transformer import Step
from kinora.models.weights import load_model
from kinora.training import ship as packing
from kinora.training.checkpoint import digest, import_trunk, newest_checkpoint
from kinora.training.loop import generator_for
from kinora.training.recipes import debug_few, few
from kinora.training.run import Span, build, export, run_recipe, weights_among

BATCH = 4


@pytest.fixture
def make_few(runs):
    """A function from changes of the debug recipe's `FewStepConfig` to its stage, in which student and teacher are one:
    woken, as new networks say nothing, but for the inputs that few steps add."""

    def make(**changes):
        recipe = debug_few()
        fill = replace(recipe.fill, **{"share": 0.5, "give_some": 0.0, "give_stream": 0.0, **changes})
        stage = build(replace(recipe, run=replace(recipe.run, batch=BATCH), fill=fill), runs)
        student, draw = stage.model.transformer, torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in student.parameters():
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=draw))
        silence(student.condition.size)
        silence(student.condition.guidance)
        stage.take_teacher({f"transformer.{name}": value for name, value in student.state_dict().items()})
        return stage

    return make


def drawn(stage, step=0):
    """Clean data, the noised state, where its rows are, their text, and what predictions are compared with."""
    draw = generator_for(1, 0, step)
    items = stage.pool.draw(step, stage.batch, draw)
    clean, extras = stage._windows(items, draw)
    state, at = stage._condition(clean, extras, draw)
    text = stage._text(items, draw)
    return clean, state, at, text, stage._targets(clean, state, at, text)


def test_a_share_of_the_rows_jumps_and_the_rest_do_as_ever(make_few):
    stage = make_few()
    assert stage.num_jumps == 2
    ends = {(now, now - then) for n in (1, 2, 4, 8) for now, then in zip(shifted(n), shifted(n)[1:], strict=False)}
    for step in range(10):
        clean, _, at, _, target = drawn(stage, step)
        assert (at.size[2:] == 0).all() and (at.guidance[2:] == 0).all()
        assert ((at.guidance[:2] >= LEAST_GUIDANCE) & (at.guidance[:2] <= MOST_GUIDANCE)).all()
        assert all(
            any(t == now and size == gap for now, gap in ends) for t, size in zip(at.t[:2], at.size[:2], strict=True)
        )
        for name, stream in clean.streams.items():
            assert torch.equal(target.streams[name].x[2:], stream.x[2:])
            assert not torch.equal(target.streams[name].x[:2], stream.x[:2])


def test_the_text_of_jumps_is_never_dropped(make_few):
    stage, told = make_few(drop_text=1.0), []
    encode = stage.frozen.text.encode
    stage.frozen = replace(
        stage.frozen, text=type("Recorder", (), {"encode": lambda _, p: told.append(p) or encode(p)})()
    )
    for step in range(5):
        draw = generator_for(1, 0, step)
        stage._text(stage.pool.draw(step, BATCH, draw), draw)
    assert all(all(prompts[:2]) and prompts[2:] == ["", ""] for prompts in told)


def head(state, num):
    return state.map(lambda _, stream: replace(stream, **{f: x[:num] for f, x in stream.__dict__.items()}))


def test_a_target_is_where_two_guided_halves_of_the_teacher_point(make_few):
    """Written out by hand: twice an evaluation with the text and one without, at t and at t - d / 2."""
    stage = make_few(few_steps=(4,))
    _, state, at, text, target = drawn(stage)
    x, t, half = head(state, 2), at.t[:2], at.size[:2] / 2
    said, nothing = replace(text, context=text.context[:2], mask=text.mask[:2]), stage.frozen.text.encode([""] * 2)

    def slopes(state, t):
        step = Step(t=t, given_t=at.given_t[:2], size=torch.zeros(2), guidance=torch.zeros(2))
        towards, base = (stage.model.teacher(state, step, features)[0] for features in (said, nothing))
        scale = torch.where(t < 0.45, 1.0, at.guidance[:2])[:, None, None]
        clean = {name: base[name] + scale * (towards[name] - base[name]) for name in base}
        return {name: (state.streams[name].x - clean[name]) / t[:, None, None] for name in clean}

    with torch.no_grad():
        first = slopes(x, t)
        middle = x.with_x({name: x.streams[name].x - half[:, None, None] * v for name, v in first.items()})
        second = slopes(middle, t - half)
    for name, stream in x.streams.items():
        aim = data_from_velocity(stream.x, (first[name] + second[name]) / 2, t[:, None, None])
        torch.testing.assert_close(target.streams[name].x[:2], aim, rtol=1e-3, atol=1e-3)


def test_an_untaught_student_already_answers_a_jump_of_no_size_without_guidance(make_few):
    """Its new inputs are silent: it predicts what the trunk does, and so does the teacher's target."""
    stage = make_few()
    _, state, at, text, _ = drawn(stage)
    plain = replace(at, size=torch.full((BATCH,), 1e-6), guidance=torch.ones(BATCH))
    with torch.no_grad():
        target, made = stage._targets(state, state, plain, text), stage.model.transformer(state, plain, text)[0]
    for name, x in made.items():
        torch.testing.assert_close(target.streams[name].x[:2], x[:2], rtol=1e-3, atol=1e-3)


def test_given_tokens_cost_nothing_and_are_where_the_teacher_left_them(make_few):
    stage = make_few(give_some=1.0)
    step = next(s for s in range(20) if drawn(stage, s)[1].streams["video"].free.min() == 0)
    _, state, _, _, target = drawn(stage, step)
    given = state.streams["video"].free[:2] == 0
    assert torch.equal(target.streams["video"].x[:2][given], state.streams["video"].x[:2][given])

    def shout(module, arguments, output):
        streams = arguments[0].streams
        return {n: x + 9 * (streams[n].free == 0).unsqueeze(-1) for n, x in output[0].items()}, output[1]

    plain = stage.loss(step, generator_for(1, 0, step))
    stage.model.transformer.register_forward_hook(shout)
    shouted = stage.loss(step, generator_for(1, 0, step))
    assert torch.equal(plain[0], shouted[0]) and plain[1] == shouted[1] and plain[1]["jump"] > 0


def test_a_thinned_picture_teaches_too(make_few):
    stage = make_few(keep=0.3)
    seen = []
    stage.model.teacher.register_forward_hook(lambda _, given, __: seen.append(given[0].streams["video"].x.shape[1]))
    loss, figures = stage.loss(0, generator_for(1, 0, 0))
    assert loss.isfinite() and figures["jump"] > 0 and seen == [round(0.3 * 2 * 144)] * 4


def test_the_teacher_never_changes_and_the_student_comes_nearer(runs, trunk):
    run_recipe("debug-few", runs, span=Span(start=str(trunk)), workers=0)
    tensors, facts = newest_checkpoint(runs / "debug-few")
    trunks, after = import_trunk(trunk)[0], weights_among(tensors)
    names = [name for name in after if name.startswith("teacher.")]
    assert names and all(
        torch.equal(after[name], trunks[f"model|transformer.{name.removeprefix('teacher.')}"].float()) for name in names
    )
    assert facts["teacher"] == digest({name.removeprefix("teacher."): after[name] for name in names})
    assert not torch.equal(after["transformer.condition.size.weight"], after["teacher.condition.size.weight"])
    assert not any(name.startswith("moment|teacher") for name in tensors)


def test_jumps_are_learned(make_few):
    """A few steps down the loss of one batch of jumps, and their miss falls."""
    stage = make_few()
    adam = torch.optim.Adam(stage.model.transformer.parameters(), lr=1e-3)
    misses = []
    for _ in range(12):
        loss, figures = stage.loss(0, generator_for(1, 0, 0))
        loss.backward()
        adam.step()
        adam.zero_grad()
        misses.append(figures["jump"])
    assert misses[-1] < 0.8 * misses[0]


def test_few_steps_are_learned_from_a_trunk_only(runs):
    with pytest.raises(ValueError, match="few steps are learned from a trunk: name the folder"):
        run_recipe("debug-few", runs, span=Span(), workers=0)


def test_a_branch_that_decays_leaves_an_exported_trunk(runs, trunk):
    span = Span(decay=4, start=str(trunk))
    assert run_recipe("debug-few", runs, span=replace(span, num_steps=2), workers=0) == 2
    assert run_recipe("debug-few", runs, span=span, workers=0) == 4
    assert not (runs / "debug-few").exists()
    # A trunk of few steps that travels on takes its teacher along.
    export("debug-few-decay", runs, runs / "on")
    carried = weights_among(import_trunk(runs / "on")[0])
    assert torch.equal(
        carried["teacher.enter.video.weight"].float(),
        weights_among(import_trunk(trunk)[0])["transformer.enter.video.weight"].float(),
    )


def test_what_ships_says_that_it_knows_few_steps(runs, trunk, monkeypatch):
    run_recipe("debug-few", runs, span=Span(num_steps=1, start=str(trunk)), workers=0)
    monkeypatch.setattr(packing, "TransformerConfig", lambda: debug_few().fill.transformer)
    monkeypatch.setattr(packing, "words", dict)
    packing.ship("debug-few", runs, runs / "tiny.safetensors", "0.0.1")
    model = load_model(runs / "tiny.safetensors")
    assert model.few_steps == (1, 2, 4, 8) == few().fill.few_steps
