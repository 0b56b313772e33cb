"""The equations of `kinora.flow.path` are one another's inverses."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kinora.flow.path import (
    MIN_TIME,
    data_from_velocity,
    interpolate,
    noise_from_velocity,
    velocity,
    velocity_from_data,
)

DATA, NOISE = torch.randn(2, 5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
times = st.floats(0, 1)


def test_the_path_runs_from_data_to_noise():
    assert torch.equal(interpolate(DATA, NOISE, 0.0), DATA)
    assert torch.equal(interpolate(DATA, NOISE, 1.0), NOISE)


@given(times)
def test_velocity_is_the_slope_of_the_path(t):
    rise = interpolate(DATA, NOISE, t + 0.5) - interpolate(DATA, NOISE, t)
    torch.testing.assert_close(rise / 0.5, velocity(DATA, NOISE))


@given(times)
def test_a_point_and_its_velocity_show_both_ends(t):
    x_t, v = interpolate(DATA, NOISE, t), velocity(DATA, NOISE)
    torch.testing.assert_close(data_from_velocity(x_t, v, t), DATA)
    torch.testing.assert_close(noise_from_velocity(x_t, v, t), NOISE)


@given(st.floats(MIN_TIME, 1))
def test_a_clean_prediction_is_a_velocity(t):
    x_t = interpolate(DATA, NOISE, t)
    torch.testing.assert_close(velocity_from_data(x_t, DATA, t), velocity(DATA, NOISE), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(data_from_velocity(x_t, velocity_from_data(x_t, DATA, t), t), DATA)


@pytest.mark.parametrize("t", [0.0, 1e-9, MIN_TIME / 2, MIN_TIME])
def test_the_velocity_stays_finite_where_the_data_is(t):
    assert torch.equal(velocity_from_data(NOISE, DATA, t), (NOISE - DATA) / MIN_TIME)


def test_each_token_may_have_its_own_time():
    t = torch.rand(5, 1, dtype=torch.float64)
    each = torch.stack([interpolate(DATA[n], NOISE[n], t[n]) for n in range(5)])
    assert torch.equal(interpolate(DATA, NOISE, t), each)
