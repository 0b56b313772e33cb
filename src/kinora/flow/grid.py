"""Where tokens lie: one clock for every stream, space in units of the picture's short side from its centre."""

import torch
from torch import Tensor

BLOCK_S = 8 / 12
SOUND_S = 1 / 24
SOUND_PER_BLOCK = 16


def video_positions(
    num_blocks: int, height: int, width: int, *, start_s: float = 0.0, block_s: float = BLOCK_S
) -> Tensor:
    """Return (L, 3) seconds, y, x of a grid of (blocks, rows, columns), in that order."""
    seconds = start_s + block_s * torch.arange(num_blocks, dtype=torch.float32)
    short = min(height, width)
    y = (torch.arange(height) + 0.5 - height / 2) / short
    x = (torch.arange(width) + 0.5 - width / 2) / short
    grid = torch.meshgrid(seconds, y, x, indexing="ij")
    return torch.stack(grid, dim=-1).flatten(0, 2)


def sound_positions(num_latents: int, *, start_s: float = 0.0, latent_s: float = SOUND_S) -> Tensor:
    """Return (L, 3) seconds, 0, 0: sound is everywhere in the picture."""
    seconds = start_s + latent_s * torch.arange(num_latents, dtype=torch.float32)
    return torch.stack([seconds, torch.zeros_like(seconds), torch.zeros_like(seconds)], dim=-1)
