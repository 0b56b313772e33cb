"""The loop on fields whose answer is known, and what it never writes."""

import math
from dataclasses import replace

import pytest
import torch

from kinora.flow.path import velocity, velocity_from_data
from kinora.flow.schedule import linear, linear_quadratic, shifted
from kinora.flow.solve import solve
from kinora.flow.state import State, blank


def one_stream(x):
    return State(streams={"video": blank(x, torch.zeros(3))})


def walk(field, x, times):
    """Solve dx/dt = field(x, t) over one stream."""
    solved = solve(lambda state, t: {"video": field(state.streams["video"].x, t)}, one_stream(x), times)
    return solved.streams["video"].x


@pytest.mark.parametrize("schedule", [linear, shifted, linear_quadratic])
@pytest.mark.parametrize("num_steps", [1, 3, 12])
def test_a_straight_path_is_walked_exactly(schedule, num_steps):
    data, noise = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    end = walk(lambda x, t: velocity(data, noise), noise, schedule(num_steps))
    torch.testing.assert_close(end, data, atol=1e-6, rtol=0)


def test_a_perfect_clean_prediction_lands_on_the_data():
    """Though its velocity is held below time 0.05, where the path is singular."""
    data, noise = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(3))
    end = walk(lambda x, t: velocity_from_data(x, data, t), noise, linear(20))
    torch.testing.assert_close(end, data, atol=1e-4, rtol=0)


@pytest.mark.parametrize("rate", [-1.5, 0.7, 2.0])
def test_a_linear_field_meets_its_closed_form(rate):
    """dx/dt = a x from t = 1 to 0 ends at x exp(-a); Euler's own closed form is x (1 - a / n)^n."""
    x = torch.ones(1, 1, dtype=torch.float64)
    ends = {n: walk(lambda x, t: rate * x, x, linear(n).double()).item() for n in (50, 100, 200)}
    for n, end in ends.items():
        assert end == pytest.approx((1 - rate / n) ** n, rel=1e-5)
    errors = [abs(end - math.exp(-rate)) for end in ends.values()]
    # First order: half the step, half the error.
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.1)
    assert errors[1] / errors[2] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("wrong", [1e6, math.nan, math.inf])
def test_given_tokens_are_untouched_bit_for_bit_whatever_the_velocity_says(state, wrong):
    video = state.streams["video"]
    free = (torch.arange(18) % 3 > 0).float().expand(2, 18)
    state = State(streams={**state.streams, "video": replace(video, free=free)})

    def field(state, t):
        x = state.streams["video"].x
        return {"video": torch.where(state.streams["video"].free.unsqueeze(-1) > 0, torch.ones_like(x), wrong)}

    end = solve(field, state, linear(5)).streams["video"].x
    assert torch.equal(end[free == 0], video.x[free == 0])
    torch.testing.assert_close(end[free > 0], video.x[free > 0] - 1)


def test_streams_without_a_velocity_stay(state):
    end = solve(lambda state, t: {"video": torch.ones_like(state.streams["video"].x)}, state, linear(3))
    assert end.streams["sound"] is state.streams["sound"]


def test_the_velocity_is_asked_once_a_step_and_the_watcher_told_after_each(state):
    asked, told = [], []
    solve(
        lambda state, t: asked.append(t) or {},
        state,
        linear(4),
        watch=lambda number, _: told.append(number),
    )
    assert asked == [1.0, 0.75, 0.5, 0.25] and told == [1, 2, 3, 4]
