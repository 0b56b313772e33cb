"""The one state every job fills: named streams of tokens, some given, the rest made.

Rank-agnostic: a leading batch axis may be there or not. L below is a stream's number of tokens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Tokens of one kind.

    x: (..., L, C) latents. free: (..., L) is 1 where tokens are made and 0 where they are given. hint: (..., L, C
    + 8) aligned channels (a source's latents, then 8 frame masks), zero where nothing is hinted. positions: (...,
    L, 3) seconds, y, x; space in units of the short side from the picture's centre. shot: (..., L) the number of
    the shot a token belongs to.
    """

    x: Tensor
    free: Tensor
    hint: Tensor
    positions: Tensor
    shot: Tensor


@dataclass(frozen=True, kw_only=True)
class State:
    """Streams by name; elementwise mathematics maps over them."""

    streams: Mapping[str, Stream]

    def map(self, update: Callable[[str, Stream], Stream]) -> "State":
        """Return the state with every stream replaced by `update(name, stream)`."""
        return State(streams={name: update(name, stream) for name, stream in self.streams.items()})

    def with_x(self, xs: Mapping[str, Tensor]) -> "State":
        """Return the state with the latents of the named streams replaced."""
        return self.map(lambda name, stream: replace(stream, x=xs[name]) if name in xs else stream)

    @property
    def xs(self) -> dict[str, Tensor]:
        """Latents by stream."""
        return {name: stream.x for name, stream in self.streams.items()}


def blank(x: Tensor, positions: Tensor, *, num_masks: int = 8) -> Stream:
    """Return a stream in which every token is free, nothing is hinted and all is one shot."""
    free = torch.ones(x.shape[:-1], dtype=x.dtype, device=x.device)
    hint = torch.zeros(*x.shape[:-1], x.shape[-1] + num_masks, dtype=x.dtype, device=x.device)
    shot = torch.zeros(x.shape[:-1], dtype=torch.long, device=x.device)
    return Stream(x=x, free=free, hint=hint, positions=positions.expand(*x.shape[:-1], 3), shot=shot)
