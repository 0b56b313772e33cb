"""Which frames of a block a hint may know, and which blocks a batch is given hints of.

P patterns, N blocks, B batch, L video tokens, Z latent channels.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kinora.flow.grid import BLOCK_S
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.request import Condition

FIRST, LAST, RAGGED, SPACED = range(4)


def holes(num_blocks: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which frames are known (P, N, 8), in four patterns: of every block the first frame; the last; those on one
    side of a random cut; those at a random even spacing."""
    known = np.zeros((4, num_blocks, BLOCK_FRAMES), bool)
    known[FIRST, :, 0] = True
    known[LAST, :, -1] = True
    frame = np.arange(BLOCK_FRAMES)
    for number in range(num_blocks):
        cut, after = rng.integers(1, BLOCK_FRAMES), rng.random() < 0.5
        known[RAGGED, number] = (frame >= cut) == after
        step = rng.integers(2, BLOCK_FRAMES)
        known[SPACED, number] = frame % step == rng.integers(step)
    return known


@dataclass(frozen=True, kw_only=True)
class Hint:
    """The blocks [start, stop) in one pattern."""

    pattern: int
    start: int
    stop: int

    @property
    def condition(self) -> Condition:
        """The fact, on the clock of the window."""
        return Condition(kind="hint", start_s=self.start * BLOCK_S, end_s=self.stop * BLOCK_S)


def draw_hints(num_blocks: int, generator: torch.Generator) -> tuple[list[Hint], list[tuple[int, int]]]:
    """Return hints and the spans of blocks given beside them, as a task would state them: a picture to begin with, and
    perhaps one to end with; a single frame somewhere; a hole with ragged edges in a clip that is given; every so many
    frames of the whole."""
    kind, *rest = torch.rand(3, generator=generator).tolist()
    first, second = sorted(int(dice * num_blocks) for dice in rest)
    if kind < 0.4:
        ends = [Hint(pattern=LAST, start=num_blocks - 1, stop=num_blocks)] if rest[0] < 0.33 and num_blocks > 1 else []
        return [Hint(pattern=FIRST, start=0, stop=1), *ends], []
    if kind < 0.55:
        return [Hint(pattern=FIRST if rest[1] < 0.5 else SPACED, start=first, stop=first + 1)], []
    if kind < 0.8:
        edges = [Hint(pattern=RAGGED, start=edge, stop=edge + 1) for edge in sorted({first, second})]
        return edges, [span for span in ((0, first), (second + 1, num_blocks)) if span[0] < span[1]]
    return [Hint(pattern=SPACED, start=0, stop=num_blocks)], []


def with_masks(held_BLZ: Tensor, known_BN8: Tensor) -> Tensor:
    """Return latents (B, L, Z + 8) with the masks of their blocks beside them."""
    masks = known_BN8.to(held_BLZ.dtype).repeat_interleave(held_BLZ.shape[1] // known_BN8.shape[1], dim=1)
    return torch.cat([held_BLZ, masks], dim=-1)
