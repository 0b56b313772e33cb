"""What reaches what in the transformer, and what must make no difference.

B batch, L tokens, C channels.
"""

from dataclasses import replace

import pytest
import torch

from kinora.flow.apply import apply
from kinora.flow.grid import sound_positions, video_positions
from kinora.flow.path import MIN_TIME
from kinora.flow.solve import solve
from kinora.flow.state import State, Stream, blank
from kinora.models.denoise import velocity_of
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer, TransformerConfig, rotary_frequencies
from kinora.request import Condition

BLOCK_TOKENS = 6


@pytest.fixture
def words():
    """Text of three facts and four words, of which the second prompt has two."""
    draw = torch.Generator().manual_seed(10)
    mask = torch.tensor([[True] * 7, [True] * 5 + [False] * 2])
    return TextFeatures(context=torch.randn(2, 7, 16, generator=draw), mask=mask, num_slots=3)


@pytest.fixture
def state():
    """Two blocks of 2x3 video tokens and 32 latents of sound, all free."""
    draw = torch.Generator().manual_seed(11)
    return State(
        streams={
            "video": blank(torch.randn(2, 2 * BLOCK_TOKENS, 8, generator=draw), video_positions(2, 2, 3)),
            "sound": blank(torch.randn(2, 32, 4, generator=draw), sound_positions(32)),
        }
    )


def given_start(state):
    """The state with the first of its two blocks of picture given."""
    return apply(Condition(kind="given", end_s=0.5), state.streams["video"].x, state)


def at(time):
    return Step.at(torch.full((2,), time))


def row(state, words, number):
    """One row of a batch."""
    pick = lambda stream: Stream(**{name: value[number : number + 1] for name, value in stream.__dict__.items()})  # noqa: E731
    text = replace(words, context=words.context[number : number + 1], mask=words.mask[number : number + 1])
    return state.map(lambda _, stream: pick(stream)), text


def assert_close(made, expected):
    assert made.keys() == expected.keys()
    for name, value in made.items():
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-4)


def test_a_new_one_is_silent_and_its_layers_are_the_identity(new_transformer, state, words):
    made, tapped = new_transformer(state, at(0.5), words)
    assert not any(value.any() for value in made.values())
    entered = torch.cat([new_transformer._embed(name, stream) for name, stream in state.streams.items()], dim=1)
    assert torch.equal(tapped, entered)


def test_every_stream_gets_a_prediction_of_its_own_shape_and_references_none(transformer, state, words):
    picture = torch.cat([torch.randn(2, 4, 8), video_positions(1, 2, 2).expand(2, 4, 3)], dim=-1)
    made, tapped = transformer(apply(Condition(kind="reference"), picture, state), at(0.5), words)
    assert {name: value.shape for name, value in made.items()} == {"video": (2, 12, 8), "sound": (2, 32, 4)}
    assert tapped.shape == (2, 12 + 32 + 4, 64)


def test_predictions_hear_givens_hints_references_text_and_the_other_stream(transformer, state, words):
    state = given_start(state)
    picture = torch.cat([torch.randn(2, 4, 8), video_positions(1, 2, 2).expand(2, 4, 3)], dim=-1)
    state = apply(Condition(kind="reference"), picture, state)
    inputs = {name: stream.x.clone().requires_grad_() for name, stream in state.streams.items()}
    hint = state.streams["video"].hint.clone().requires_grad_()
    text = replace(words, context=words.context.clone().requires_grad_())
    state = state.with_x(inputs).map(lambda name, stream: replace(stream, hint=hint) if name == "video" else stream)
    made, _ = transformer(state, at(0.5), text)
    made["video"][:, BLOCK_TOKENS:].square().sum().backward()
    heard = (inputs["video"].grad[:, :BLOCK_TOKENS], inputs["sound"].grad, inputs["reference"].grad, hint.grad)
    assert all(bool((gradient.abs().sum(-1) > 0).all()) for gradient in heard)
    assert torch.equal(text.context.grad.abs().sum(-1) > 0, words.mask)


def test_rows_of_a_batch_do_not_mix(transformer, state, words):
    together, _ = transformer(given_start(state), at(0.4), words)
    for number in (0, 1):
        one, text = row(given_start(state), words, number)
        alone, _ = transformer(one, Step.at(torch.full((1,), 0.4)), text)
        assert_close(alone, {name: value[number : number + 1] for name, value in together.items()})


def test_streams_may_come_in_any_order(transformer, state, words):
    turned = State(streams=dict(reversed(state.streams.items())))
    assert_close(transformer(turned, at(0.5), words)[0], transformer(state, at(0.5), words)[0])


@pytest.mark.parametrize("move", [(5.0, 0.0, 0.0), (0.0, 0.25, -0.5)], ids=["later", "elsewhere"])
def test_only_distances_count(transformer, state, words, move):
    """Rotary positions: the same scene a while later, or moved in the frame, is the same scene."""
    moved = state.map(lambda _, stream: replace(stream, positions=stream.positions + torch.tensor(move)))
    assert_close(transformer(moved, at(0.5), words)[0], transformer(state, at(0.5), words)[0])


def test_distance_does_count(transformer, state, words):
    sound = state.streams["sound"]
    late = replace(sound, positions=sound.positions + torch.tensor([0.5, 0.0, 0.0]))
    moved, _ = transformer(State(streams={**state.streams, "sound": late}), at(0.5), words)
    assert not torch.allclose(moved["video"], transformer(state, at(0.5), words)[0]["video"], atol=1e-3)


def test_one_modulation_for_all_is_each_tokens_own(transformer, state, words):
    """The short cut for states without givens, against the long way with givens at the same time."""
    step = replace(at(0.6), given_t=torch.full((2,), 0.6))
    assert_close(transformer(given_start(state), step, words)[0], transformer(state, step, words)[0])


def test_times_of_givens_reach_only_by_way_of_givens(transformer, state, words):
    step = replace(at(0.6), given_t=torch.full((2,), 0.1))
    assert_close(transformer(state, step, words)[0], transformer(state, at(0.6), words)[0])
    changed, _ = transformer(given_start(state), step, words)
    plain, _ = transformer(given_start(state), at(0.6), words)
    assert not torch.allclose(changed["video"], plain["video"], atol=1e-4)


def test_it_is_the_velocity_that_the_solver_walks_down(transformer, state, words):
    state = given_start(state)
    with torch.no_grad():
        velocity = velocity_of(transformer, words)
        made, _ = transformer(state, at(0.5), words)
        slopes = velocity(state, 0.5)
        end = solve(velocity, state, torch.tensor([1.0, 0.5, 0.0]))
    torch.testing.assert_close(slopes["video"], (state.streams["video"].x - made["video"]) / 0.5)
    given = end.streams["video"].free == 0
    assert torch.equal(end.streams["video"].x[given], state.streams["video"].x[given])
    assert all(value.isfinite().all() for value in end.xs.values())


def test_a_silent_network_points_away_from_the_data_it_predicts(new_transformer, state, words):
    """It predicts zero, so its velocity is the point itself over time, held where the path is singular."""
    slopes = velocity_of(new_transformer, words)(state, 0.01)
    torch.testing.assert_close(slopes["sound"], state.streams["sound"].x / MIN_TIME)


def test_frequencies_reach_from_one_latent_of_sound_to_a_minute():
    seconds, height, width = rotary_frequencies(32)
    assert len(seconds) + len(height) + len(width) == 32
    assert (seconds.max() / 24).item() == pytest.approx(1) and (seconds.min() * 64).item() == pytest.approx(1)
    assert (height.max() / 9).item() == pytest.approx(1) and torch.equal(height, width)


def num_parameters(config):
    return sum(parameter.numel() for parameter in Transformer(config).parameters())


def test_sizes_are_data():
    """What one configuration weighs never changes unawares, and the shipped one keeps its budget."""
    assert num_parameters(TransformerConfig(width=256, depth=8, num_heads=4, hidden=640)) == 8_671_328
    assert num_parameters(TransformerConfig()) <= 12_000_000
