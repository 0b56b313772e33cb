"""Guidance wraps one velocity in another."""

from collections.abc import Mapping

from torch import Tensor

from kinora.flow.solve import Velocity
from kinora.flow.state import State

# Below this flow time guidance is off: late steps only sharpen what is decided.
GUIDE_ABOVE = 0.45


def guided(conditional: Velocity, unconditional: Velocity, scale: float, *, above: float = 0.0) -> Velocity:
    """Return classifier-free guidance: v = v_u + scale (v_c - v_u) (arXiv 2207.12598, equation 6).

    Below time `above` the conditional velocity is used alone: late steps only sharpen, and it saves their second
    evaluation (arXiv 2404.07724).
    """
    if scale == 1.0:
        return conditional

    def velocity(state: State, t: float) -> Mapping[str, Tensor]:
        wanted = conditional(state, t)
        if t < above:
            return wanted
        return extrapolated(wanted, unconditional(state, t), scale)

    return velocity


def extrapolated(wanted: Mapping[str, Tensor], base: Mapping[str, Tensor], scale: float | Tensor) -> dict[str, Tensor]:
    """Return v_u + scale (v_c - v_u) by stream; `scale` is a number, or spreads over the velocities."""
    return {name: base[name] + scale * (v - base[name]) for name, v in wanted.items()}
