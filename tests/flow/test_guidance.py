"""Guidance is a straight line through two velocities."""

import pytest
import torch

from kinora.flow.guidance import guided

WANTED, BASE = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(4))


def conditional(state, t):
    return {"video": WANTED}


def unconditional(state, t):
    return {"video": BASE}


def never(state, t):
    raise AssertionError("the unconditional velocity was asked for")


def test_a_scale_of_one_is_the_conditional_velocity_itself():
    assert guided(conditional, never, 1.0) is conditional


@pytest.mark.parametrize(("scale", "expected"), [(0.0, BASE), (2.0, 2 * WANTED - BASE), (0.5, (WANTED + BASE) / 2)])
def test_known_points_of_the_line(state, scale, expected):
    torch.testing.assert_close(guided(conditional, unconditional, scale)(state, 0.5)["video"], expected)


def test_guidance_is_linear_in_its_scale(state):
    at = [guided(conditional, unconditional, scale)(state, 0.5)["video"] for scale in (2.0, 4.0, 6.0)]
    torch.testing.assert_close(at[1] - at[0], at[2] - at[1])
    torch.testing.assert_close(at[1] - at[0], 2 * (WANTED - BASE))


def test_late_steps_ask_only_once(state):
    velocity = guided(conditional, never, 3.0, above=0.3)
    assert torch.equal(velocity(state, 0.29)["video"], WANTED)
    with pytest.raises(AssertionError):
        velocity(state, 0.3)
