"""The only loop: walk a state down a velocity from noise to data."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from torch import Tensor

from kinora.flow.state import State, Stream

Velocity = Callable[[State, float], Mapping[str, Tensor]]
Watch = Callable[[int, State], None]


def solve(velocity: Velocity, state: State, times: Tensor, watch: Watch | None = None) -> State:
    """Return the state after Euler steps along `times` (1 to 0). Given tokens are never written."""
    for number, (now, then) in enumerate(pairwise(times.tolist()), start=1):
        slopes = velocity(state, now)
        state = state.with_x({name: advance(state.streams[name], v, then - now) for name, v in slopes.items()})
        if watch is not None:
            watch(number, state)
    return state


def advance(stream: Stream, v: Tensor, step: float | Tensor) -> Tensor:
    """Return the stream's latents one step along a velocity. Given tokens stay, whatever the velocity says."""
    return (stream.x + step * v).where(stream.free.unsqueeze(-1) > 0, stream.x)
