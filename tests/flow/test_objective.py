"""A clean prediction is judged by the velocity it implies."""

import pytest
import torch

from kinora.flow.objective import draw_times, velocity_loss
from kinora.flow.path import MIN_TIME, interpolate, velocity, velocity_from_data

DRAW = torch.Generator().manual_seed(5)
DATA, NOISE, MADE = torch.randn(3, 4, 6, 8, generator=DRAW)
ONES = torch.ones(4, 6)


def test_the_loss_is_the_squared_error_of_velocities():
    t = torch.tensor([0.05, 0.3, 0.6, 1.0])
    x_t = interpolate(DATA, NOISE, t[:, None, None])
    error = velocity_from_data(x_t, MADE, t[:, None, None]) - velocity(DATA, NOISE)
    torch.testing.assert_close(velocity_loss(MADE, DATA, t, ONES), error.square().mean())


def test_it_stays_finite_at_the_data():
    at = velocity_loss(MADE, DATA, torch.zeros(4), ONES)
    torch.testing.assert_close(at, velocity_loss(MADE, DATA, torch.full((4,), MIN_TIME), ONES))


def test_only_what_has_weight_is_learned():
    made = MADE.clone().requires_grad_()
    weight = (torch.rand(4, 6, generator=DRAW) > 0.5).float()
    velocity_loss(made, DATA, torch.full((4,), 0.5), weight).backward()
    assert torch.equal(made.grad.abs().sum(-1) > 0, weight > 0)


def test_where_nothing_is_free_the_loss_is_zero():
    assert velocity_loss(MADE, DATA, torch.full((4,), 0.5), torch.zeros(4, 6)).item() == 0


def test_times_lie_inside_the_path_lean_to_noise_and_repeat():
    times = draw_times(20_000, torch.Generator().manual_seed(6), mean=0.4)
    assert bool(((times > 0) & (times < 1)).all())
    assert times.median().item() == pytest.approx(torch.sigmoid(torch.tensor(0.4)).item(), abs=0.01)
    assert torch.equal(times, draw_times(20_000, torch.Generator().manual_seed(6), mean=0.4))
    assert draw_times(1000, torch.Generator().manual_seed(6)).median() > 0.5
