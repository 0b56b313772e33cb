"""What is learned: clean data from a point on the path, weighed as a velocity."""

import torch
from torch import Tensor

from kinora.flow.path import MIN_TIME


def draw_times(num: int, generator: torch.Generator, *, mean: float = 0.8, width: float = 1.0) -> Tensor:
    """Return `num` logit-normal times (SD3, arXiv 2403.03206), leaning towards noise, where wide tokens are decided."""
    return torch.sigmoid(mean + width * torch.randn(num, generator=generator))


def velocity_loss(predicted: Tensor, data: Tensor, t: Tensor, weight: Tensor) -> Tensor:
    """Return the mean squared velocity error of clean predictions: |x_0' - x_0|^2 / max(t, MIN_TIME)^2 (JiT, arXiv
    2511.13720).

    predicted, data: (B, L, C). t: (B,). weight: (B, L), 0 where a token is given and more than 1 on what matters.
    """
    error_BL = (predicted.float() - data.float()).square().mean(dim=-1)
    scale_B1 = t.clamp(min=MIN_TIME).square().reciprocal().unsqueeze(-1)
    return (error_BL * scale_B1 * weight).sum() / weight.sum().clamp(min=1.0)
