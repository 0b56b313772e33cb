"""Time grids from noise (1) to data (0), `num_steps + 1` points each."""

import torch
from torch import Tensor


def linear(num_steps: int) -> Tensor:
    """Return equal steps from 1 to 0."""
    return torch.linspace(1.0, 0.0, num_steps + 1)


def shifted(num_steps: int, shift: float = 3.0) -> Tensor:
    """Return linear steps warped towards noise: t -> s t / (1 + (s - 1) t) (SD3, arXiv 2403.03206, equation 23)."""
    t = linear(num_steps)
    return shift * t / (1 + (shift - 1) * t)


def linear_quadratic(num_steps: int, emulated_steps: int = 250) -> Tensor:
    """Return Movie Gen's schedule (arXiv 2410.13720, section 3.4.2), mirrored to our direction of time.

    The first half takes the small steps of an `emulated_steps` linear grid, near noise; the second half speeds up
    quadratically from there, without a jump, until it reaches the data.
    """
    if num_steps < 4:
        return linear(num_steps)
    num_linear = num_steps // 2
    num_quadratic = num_steps - num_linear
    step = 1.0 / max(emulated_steps, num_steps)
    walked = torch.arange(num_linear, dtype=torch.float64) * step
    start = num_linear * step
    # Distance start + step * k + curvature * k^2 for k = 0..n, reaching exactly 1.
    curvature = (1.0 - start - step * num_quadratic) / num_quadratic**2
    k = torch.arange(num_quadratic + 1, dtype=torch.float64)
    walked = torch.cat([walked, start + step * k + curvature * k**2])
    return (1.0 - walked).clamp(min=0.0).float()
