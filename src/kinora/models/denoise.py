"""The transformer as the velocity that `flow.solve` walks down."""

from collections.abc import Mapping

import torch
from torch import Tensor

from kinora.flow.path import velocity_from_data
from kinora.flow.solve import Velocity
from kinora.flow.state import State
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer


def velocity_of(model: Transformer, text: TextFeatures) -> Velocity:
    """Return the velocity of a batched state towards what the text says."""

    def velocity(state: State, t: float) -> Mapping[str, Tensor]:
        batch, device = len(text.context), text.context.device
        made, _ = model(state, Step.at(torch.full((batch,), t, device=device)), text)
        return {name: velocity_from_data(state.streams[name].x, clean.float(), t) for name, clean in made.items()}

    return velocity
