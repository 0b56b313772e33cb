"""The transformer as the velocity that `flow.solve` walks down."""

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor

from kinora.flow.path import velocity_from_data
from kinora.flow.solve import Velocity
from kinora.flow.state import State
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer


def velocity_of(model: Transformer, text: TextFeatures) -> Velocity:
    """Return the velocity of a batched state towards what the text says."""
    return lambda state, t: velocity_at(model, text, state, Step.at(_rows(text, t)))


def jumps_of(model: Transformer, text: TextFeatures, times: Tensor, guidance: float) -> Velocity:
    """Return the average velocity of each step along `times`, guidance built in: one evaluation a step.

    For a network that was taught few steps; it answers at the points of `times` only.
    """
    sizes = {now: now - then for now, then in pairwise(times.tolist())}

    def velocity(state: State, t: float) -> Mapping[str, Tensor]:
        now, size, scale = (_rows(text, value) for value in (t, sizes[t], guidance))
        return velocity_at(model, text, state, Step(t=now, given_t=torch.zeros_like(now), size=size, guidance=scale))

    return velocity


def velocity_at(model: Transformer, text: TextFeatures, state: State, step: Step) -> dict[str, Tensor]:
    """Return the velocity by stream that the network's clean prediction implies, each row at its own time."""
    made, _ = model(state, step, text)
    t_B11 = step.t[:, None, None]
    return {name: velocity_from_data(state.streams[name].x, clean.float(), t_B11) for name, clean in made.items()}


def _rows(text: TextFeatures, value: float) -> Tensor:
    return torch.full((len(text.context),), value, device=text.context.device)
