"""The mathematics of the flow, on one page.

Time runs from t = 0 (data) to t = 1 (noise). Sampling walks from 1 to 0.

(1)  x_t = (1 - t) x_0 + t e,  e ~ N(0, 1)    the straight path (arXiv 2209.03003; Movie Gen, arXiv 2410.13720)
(2)  v   = dx_t / dt = e - x_0             its velocity
(3)  x_0 = x_t - t v                       data, seen from a point and its velocity
(4)  e   = x_t + (1 - t) v                 noise, seen from the same
(5)  v   = (x_t - x_0) / t                 velocity of a network that predicts clean data (JiT, arXiv 2511.13720)

(5) is singular at the data end, so t is held at or above `MIN_TIME` wherever a clean prediction becomes a velocity.

A token's own time is `t * free`: tokens that are given stay at t = 0 and never move.
"""

import torch
from torch import Tensor

MIN_TIME = 0.05


def interpolate(data: Tensor, noise: Tensor, t: Tensor | float) -> Tensor:
    """Return x_t on the straight path, equation (1)."""
    return (1 - t) * data + t * noise


def velocity(data: Tensor, noise: Tensor) -> Tensor:
    """Return the velocity of the path, equation (2)."""
    return noise - data


def data_from_velocity(x_t: Tensor, v: Tensor, t: Tensor | float) -> Tensor:
    """Return x_0, equation (3)."""
    return x_t - t * v


def noise_from_velocity(x_t: Tensor, v: Tensor, t: Tensor | float) -> Tensor:
    """Return the noise, equation (4)."""
    return x_t + (1 - t) * v


def velocity_from_data(x_t: Tensor, data: Tensor, t: Tensor | float) -> Tensor:
    """Return the velocity that a clean prediction implies, equation (5), with t held at `MIN_TIME` or above."""
    t = torch.as_tensor(t, dtype=x_t.dtype, device=x_t.device)
    return (x_t - data) / t.clamp(min=MIN_TIME)
