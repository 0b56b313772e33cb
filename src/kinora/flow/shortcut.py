"""Few steps, on one page: one long step that lands where short ones of a guided teacher do (arXiv 2410.12557).

From x_t a jump of size d goes to t - d. Its direction is the average velocity on the way,

(1)  s(x_t, t, d) = (x_t - x_{t-d}) / d = mean of v(x_k, t - k h),  k = 0 .. n - 1

where the teacher walks n equal parts: h = d / n and x_{k+1} = x_k - h v(x_k, t - k h). n = 2 are the paper's two
half-steps; d -> 0 is the velocity itself. The network predicts clean data, so it is shown the data that this
direction points at, equation (3) of `flow.path`:

(2)  x_0* = x_t - t s

A jump's target is then just other data, and its loss the same loss. As the teacher is guided, guidance is an input
too, and costs no second evaluation (arXiv 2210.03142). Jumps are drawn from the very steps that sampling takes.

Times, sizes and guidance have the state's leading axes, often (B,): every row has its own.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from kinora.flow.path import MIN_TIME
from kinora.flow.schedule import shifted
from kinora.flow.solve import advance
from kinora.flow.state import State

# Guidance that the network is taught to have built in.
LEAST_GUIDANCE, MOST_GUIDANCE = 1.0, 5.0

VelocityAt = Callable[[State, Tensor], Mapping[str, Tensor]]


def jumps(grids: Sequence[int]) -> Tensor:
    """Return (J, 2) the time and the size of every step of the shifted grids with these numbers of steps."""
    points = [shifted(num_steps) for num_steps in grids]
    return torch.cat([torch.stack([times[:-1], times[:-1] - times[1:]], dim=-1) for times in points])


def draw_jumps(num: int, grids: Sequence[int], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return times and sizes (num,) of jumps, each step of each grid as likely as any other."""
    every = jumps(grids)
    t, size = every[torch.randint(len(every), (num,), generator=generator)].unbind(-1)
    return t, size


def draw_guidance(num: int, generator: torch.Generator) -> Tensor:
    """Return `num` guidance scales, uniform over what is taught."""
    return LEAST_GUIDANCE + (MOST_GUIDANCE - LEAST_GUIDANCE) * torch.rand(num, generator=generator)


def average_velocity(teacher: VelocityAt, state: State, t: Tensor, size: Tensor, parts: int = 2) -> dict[str, Tensor]:
    """Return the average velocity of a jump by stream, equation (1), with `parts` evaluations of the teacher. Given
    tokens stay where they are, at velocity 0."""
    part = size / parts
    moved, total = state, dict[str, Tensor]()
    for number in range(parts):
        slopes = teacher(moved, t - number * part)
        held = {name: v * (state.streams[name].free > 0).unsqueeze(-1) for name, v in slopes.items()}
        total = {name: v / parts + total.get(name, 0.0) for name, v in held.items()}
        moved = moved.with_x({n: advance(moved.streams[n], v, -part[..., None, None]) for n, v in held.items()})
    return total


def clean_target(x_t: Tensor, s: Tensor, t: Tensor) -> Tensor:
    """Return the clean data that a direction points at, equation (2): `path.velocity_from_data` undoes it, with t held
    at `MIN_TIME` as there."""
    return x_t - t.clamp(min=MIN_TIME)[..., None, None] * s
