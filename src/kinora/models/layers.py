"""Building blocks shared by the networks.

B batch, L tokens, D model width, N heads, K head width, C channels, H W grid.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def silence(layer: nn.Module) -> None:
    """Set every parameter of a layer to zero, so that it says nothing until it has learned something."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


class RMSNorm(nn.Module):
    """Root mean square normalisation of the last axis (arXiv 1910.07467), in the dtype of its input."""

    def __init__(self, width: int, *, affine: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        normal = _RootMeanSquare.apply(x)
        return normal if self.weight is None else normal * self.weight.to(x.dtype)


class _RootMeanSquare(torch.autograd.Function):
    """y = x / rms(x), with its closed-form gradient: autograd's own chain of small operations takes five times as
    long on a CPU."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ANN401
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.promote_types(x.dtype, torch.float32))
        scale = (x.shape[-1] ** 0.5 * (norm.square() + 1e-6).rsqrt()).to(x.dtype)
        y = x * scale
        ctx.save_for_backward(y, scale)
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # noqa: ANN401
        y, scale = ctx.saved_tensors
        along = (grad * y).mean(dim=-1, keepdim=True, dtype=torch.promote_types(y.dtype, torch.float32)).to(y.dtype)
        return (grad - y * along) * scale


class SwiGLU(nn.Module):
    """Gated feed-forward (arXiv 2002.05202)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width, 2 * hidden, bias=False)
        self.leave = nn.Linear(hidden, width, bias=False)

    def forward(self, x_BLD: Tensor) -> Tensor:
        """Map (B, L, D) to (B, L, D)."""
        gate, value = self.enter(x_BLD).chunk(2, dim=-1)
        return self.leave(functional.silu(gate) * value)


class Attention(nn.Module):
    """Multi-head attention with normalised queries and keys; `context` None attends to itself."""

    def __init__(self, width: int, context_width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(context_width, 2 * width, bias=False)
        self.query_norm = RMSNorm(width // num_heads)
        self.key_norm = RMSNorm(width // num_heads)
        self.leave = nn.Linear(width, width, bias=False)

    def forward(
        self,
        x_BLD: Tensor,
        context_BSD: Tensor | None = None,
        *,
        turns: Tensor | None = None,
        mask_BS: Tensor | None = None,
    ) -> Tensor:
        """Map (B, L, D) to (B, L, D). `turns` (B, L, K/2, 2) rotate queries and keys; `mask_BS` is True where
        there is context."""
        context = x_BLD if context_BSD is None else context_BSD
        q_BNLK = self._heads(self.query(x_BLD))
        key, value = self.key_value(context).chunk(2, dim=-1)
        k_BNSK, v_BNSK = self._heads(key), self._heads(value)
        q_BNLK, k_BNSK = self.query_norm(q_BNLK), self.key_norm(k_BNSK)
        if turns is not None:
            q_BNLK, k_BNSK = rotate(q_BNLK, turns), rotate(k_BNSK, turns)
        out_BNLK = attend(q_BNLK, k_BNSK, v_BNSK, mask_BS)
        return self.leave(out_BNLK.transpose(1, 2).flatten(2))

    def _heads(self, x_BLD: Tensor) -> Tensor:
        return x_BLD.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


def attend(q_BNLK: Tensor, k_BNSK: Tensor, v_BNSK: Tensor, mask_BS: Tensor | None) -> Tensor:
    """Softmax attention. On a CPU three plain products in bfloat16 beat the fused kernel by half, on a GPU it is
    the other way."""
    if q_BNLK.is_cuda:
        mask = None if mask_BS is None else mask_BS[:, None, None, :]
        return functional.scaled_dot_product_attention(q_BNLK, k_BNSK, v_BNSK, attn_mask=mask)
    score_BNLS = (q_BNLK * q_BNLK.shape[-1] ** -0.5) @ k_BNSK.transpose(-1, -2)
    if mask_BS is not None:
        score_BNLS = score_BNLS + torch.where(mask_BS, 0.0, -1e4)[:, None, None, :].to(score_BNLS.dtype)
    return torch.softmax(score_BNLS, dim=-1, dtype=score_BNLS.dtype) @ v_BNSK


def rotate(x_BNLK: Tensor, turns_BLK2: Tensor) -> Tensor:
    """Turn pairs of channels by the given (cos, sin): rotary positions (arXiv 2104.09864)."""
    a, b = x_BNLK.chunk(2, dim=-1)
    cos, sin = turns_BLK2.unsqueeze(1).unbind(-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def rotary_turns(positions_BLP: Tensor, frequencies: list[Tensor]) -> Tensor:
    """Return (cos, sin) of every position axis times its frequencies, (B, L, sum of frequencies, 2)."""
    angles = [positions_BLP[..., axis, None] * f.to(positions_BLP) for axis, f in enumerate(frequencies)]
    angle_BLK = torch.cat(angles, dim=-1)
    # Cosines lie beside cosines in memory: `rotate` reads them apart.
    return torch.stack([angle_BLK.cos(), angle_BLK.sin()]).movedim(0, -1)


def sinusoid(value: Tensor, width: int, *, fastest: float = 1000.0) -> Tensor:
    """Return a (..., width) embedding of numbers in [0, 1] at geometrically spaced frequencies."""
    rates = torch.logspace(0, 1, width // 2, base=fastest, device=value.device)
    angle = value.float().unsqueeze(-1) * rates
    return torch.cat([angle.cos(), angle.sin()], dim=-1)


class Conv2d(nn.Module):
    """A square convolution that keeps its weight as a matrix (out, kernel kernel in).

    As a matrix Muon can orthogonalise it and int8 rows can hold it; unfolded it is already in channels-last order.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int) -> None:
        super().__init__()
        self.kernel = kernel
        bound = (channels_in * kernel * kernel) ** -0.5
        self.weight = nn.Parameter(torch.empty(channels_out, kernel * kernel * channels_in).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(channels_out))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C out, H, W), padded with zeros."""
        weight = self.weight.unflatten(1, (self.kernel, self.kernel, -1)).permute(0, 3, 1, 2)
        return functional.conv2d(x_BCHW, weight, self.bias, padding=self.kernel // 2)


class ResidualConv(nn.Module):
    """Two 3x3 convolutions around a skip; starts as the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        # Over channels only: a crop, a frame and a window are normalised alike.
        self.norm = RMSNorm(channels)
        self.first = Conv2d(channels, channels, 3)
        self.second = Conv2d(channels, channels, 3)
        nn.init.zeros_(self.second.weight)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        normal = self.norm(x_BCHW.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x_BCHW + self.second(functional.silu(self.first(functional.silu(normal))))
