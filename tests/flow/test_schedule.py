"""Time grids start at noise, end at data and never turn back; Movie Gen's is the one it describes."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from kinora.flow.schedule import linear, linear_quadratic, shifted

GOLDEN = json.loads((Path(__file__).parent / "golden" / "linear_quadratic.json").read_text())


@pytest.mark.parametrize("schedule", [linear, shifted, linear_quadratic])
@pytest.mark.parametrize("num_steps", [1, 2, 3, 4, 5, 12, 50, 251, 400])
def test_every_schedule_falls_from_noise_to_data(schedule, num_steps):
    times = schedule(num_steps).tolist()
    assert len(times) == num_steps + 1
    assert times[0] == 1.0 and times[-1] == 0.0
    assert all(now > then for now, then in pairwise(times))


def test_a_shift_of_one_is_no_shift_and_more_stays_longer_near_noise():
    torch.testing.assert_close(shifted(8, 1.0), linear(8))
    assert bool((shifted(8, 3.0)[1:-1] > linear(8)[1:-1]).all())
    assert shifted(2, 3.0)[1].item() == pytest.approx(0.75)


@pytest.mark.parametrize("num_steps", [8, 12, 25, 50])
def test_the_first_half_is_the_linear_grid_of_250(num_steps):
    half = num_steps // 2
    torch.testing.assert_close(linear_quadratic(num_steps)[: half + 1], linear(250)[: half + 1])


@pytest.mark.parametrize("num_steps", [8, 12, 25, 50])
def test_small_steps_lie_near_noise_and_then_grow(num_steps):
    steps = [now - then for now, then in pairwise(linear_quadratic(num_steps).double().tolist())]
    late = steps[num_steps // 2 :]
    assert max(steps[: num_steps // 2]) <= min(late) + 1e-6
    assert all(now < then for now, then in pairwise(late))
    # A parabola: its steps grow by the same amount each time.
    growth = torch.tensor([then - now for now, then in pairwise(late)])
    torch.testing.assert_close(growth, growth.mean().expand_as(growth), rtol=0, atol=1e-5)


@pytest.mark.parametrize("num_steps", [8, 12, 50])
def test_it_is_the_closed_form_others_use_mirrored(num_steps):
    """The form of Mochi and diffusers: noise removed so far, in powers of the step's number."""
    num_linear = num_steps // 2
    num_quadratic, removed = num_steps - num_linear, num_linear / 250
    left = num_linear - removed * num_steps
    square = left / (num_linear * num_quadratic**2)
    slope = removed / num_linear - 2 * left / num_quadratic**2
    walked = [
        i * removed / num_linear if i < num_linear else square * i**2 + slope * i + square * num_linear**2
        for i in range(num_steps + 1)
    ]
    torch.testing.assert_close(linear_quadratic(num_steps), 1 - torch.tensor(walked), rtol=0, atol=1e-6)


@pytest.mark.parametrize("num_steps", [12, 50])
def test_it_is_the_one_written_down(num_steps):
    torch.testing.assert_close(linear_quadratic(num_steps), torch.tensor(GOLDEN[str(num_steps)]), rtol=0, atol=1e-6)
