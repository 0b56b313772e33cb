"""Jumps on fields whose answer is known: what they average, what they leave alone, and where they are drawn."""

from dataclasses import replace

import pytest
import torch

from kinora.flow.path import velocity_from_data
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import (
    LEAST_GUIDANCE,
    MOST_GUIDANCE,
    average_velocity,
    clean_target,
    draw_guidance,
    draw_jumps,
    jumps,
)
from kinora.flow.solve import solve
from kinora.flow.state import State

RATE = 0.8
T, SIZE = torch.tensor([1.0, 0.5]), torch.tensor([0.25, 0.5])


def linear_field(state, t):
    """dx/dt = a x: from t to t - d, x shrinks to x exp(-a d)."""
    return {name: RATE * x for name, x in state.xs.items()}


def doubled(state):
    return state.with_x({name: x.double() for name, x in state.xs.items()})


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_on_a_linear_field_it_is_the_average_velocity_in_closed_form(state, parts):
    """n parts shrink x by (1 - a d / n)^n, and the average velocity is what was lost over d."""
    state = doubled(state)
    slopes = average_velocity(linear_field, state, T.double(), SIZE.double(), parts)
    lost_B = (1 - (1 - RATE * SIZE.double() / parts) ** parts) / SIZE.double()
    for name, s in slopes.items():
        torch.testing.assert_close(s, lost_B[:, None, None] * state.streams[name].x)


def test_many_parts_reach_the_exact_average_velocity(state):
    slopes = average_velocity(linear_field, doubled(state), T.double(), SIZE.double(), 4000)
    exact_B = (1 - torch.exp(-RATE * SIZE.double())) / SIZE.double()
    torch.testing.assert_close(
        slopes["video"], exact_B[:, None, None] * doubled(state).streams["video"].x, rtol=2e-4, atol=0
    )


def test_on_a_constant_field_halves_make_the_whole(state):
    """Its direction is the field itself, however far the jump, and the jump lands where both halves did."""
    field = {name: torch.randn_like(x) for name, x in state.xs.items()}
    for parts in (1, 2):
        slopes = average_velocity(lambda state, t: field, state, T, SIZE, parts)
        for name, v in field.items():
            torch.testing.assert_close(slopes[name], v)


def test_a_jump_of_no_size_is_the_velocity(state):
    slopes = average_velocity(linear_field, doubled(state), T.double(), torch.full((2,), 1e-9).double())
    torch.testing.assert_close(slopes["sound"], RATE * doubled(state).streams["sound"].x)


def test_the_teacher_is_asked_at_each_rows_own_times(state):
    asked = []
    average_velocity(lambda state, t: asked.append(t) or linear_field(state, t), state, T, SIZE)
    torch.testing.assert_close(torch.stack(asked), torch.tensor([[1.0, 0.5], [0.875, 0.25]]))


def test_given_tokens_stay_while_the_teacher_walks(state):
    free = (torch.arange(18) % 3 > 0).float().expand(2, 18)
    video = replace(state.streams["video"], free=free)
    state, seen = State(streams={**state.streams, "video": video}), []

    def wild(state, t):
        seen.append(state.streams["video"].x[free == 0])
        return {name: torch.full_like(x, 7.0) for name, x in state.xs.items()}

    slopes = average_velocity(wild, state, T, SIZE)
    assert torch.equal(seen[0], seen[1]) and torch.equal(seen[1], video.x[free == 0])
    assert slopes["video"][free == 0].abs().max() == 0 and (slopes["video"][free > 0] == 7).all()


@pytest.mark.parametrize("t", [0.01, 0.3, 1.0])
def test_a_network_that_predicts_the_target_goes_the_way_of_the_teacher(state, t):
    """Also where the path is singular: target and velocity hold time alike."""
    x_t, times = state.streams["video"].x, torch.full((2,), t)
    s = average_velocity(linear_field, state, times, 0.01 * torch.ones(2))["video"]
    torch.testing.assert_close(velocity_from_data(x_t, clean_target(x_t, s, times), t), s, rtol=1e-3, atol=1e-4)


def test_states_need_no_batch(state):
    row = state.map(lambda _, s: replace(s, x=s.x[0], free=s.free[0]))
    alone = average_velocity(linear_field, row, T[0], SIZE[0])["video"]
    torch.testing.assert_close(alone, average_velocity(linear_field, state, T, SIZE)["video"][0])


def test_jumps_are_the_steps_that_sampling_takes(state):
    """Walked along a taught grid by a network that knows its jumps, the state lands where the teacher's halves do."""
    assert len(jumps([1, 2, 4, 8])) == 1 + 2 + 4 + 8
    four = jumps([4])
    assert torch.equal(four[:, 0], shifted(4)[:-1])
    torch.testing.assert_close(four[:, 0] - four[:, 1], shifted(4)[1:])

    def taught(state, t):
        size = four[four[:, 0] == t, 1]
        return average_velocity(linear_field, state, torch.full((2,), t), size.expand(2))

    halves = torch.cat([torch.stack([four[:, 0], four[:, 0] - four[:, 1] / 2], dim=1).flatten(), torch.zeros(1)])
    jumped, walked = solve(taught, state, shifted(4)), solve(linear_field, state, halves)
    torch.testing.assert_close(jumped.streams["video"].x, walked.streams["video"].x)


def test_every_step_is_drawn_alike_and_guidance_over_all_that_is_taught():
    draw = torch.Generator().manual_seed(0)
    t, size = draw_jumps(6000, [1, 2], draw)
    for now, then in ((1.0, 0.0), (1.0, 0.75), (0.75, 0.0)):
        assert ((t == now) & (size == now - then)).float().mean() == pytest.approx(1 / 3, abs=0.03)
    scale = draw_guidance(6000, draw)
    assert LEAST_GUIDANCE <= scale.min() < 1.01 and 4.99 < scale.max() <= MOST_GUIDANCE
    assert scale.mean() == pytest.approx(3, abs=0.1)
