"""What a condition does to a state: the only behaviour conditions have, in training, tasks and serving alike."""

from dataclasses import replace

import torch
from torch import Tensor

from kinora.flow.state import State, Stream
from kinora.request import Condition

REFERENCE_TIME_S = -1.0


def apply(condition: Condition, latents: Tensor, state: State) -> State:
    """Return the state with the condition in force.

    `latents` lie on the same token grid as the condition's stream (..., L, C) for "given" and "hint", and are the
    tokens of one picture with their positions in the last three channels (..., L, C + 3) for "reference". A token
    is given when its start lies within [start_s, end_s).
    """
    if condition.kind == "reference":
        return _refer(latents, state)
    stream = state.streams[condition.stream]
    inside = covered(condition, stream.positions)
    update = _give if condition.kind == "given" else _hint
    return State(streams={**state.streams, condition.stream: update(stream, latents, inside)})


def covered(condition: Condition, positions: Tensor) -> Tensor:
    """Return which tokens (..., L) start within the condition's span."""
    seconds = positions[..., 0]
    end_s = torch.inf if condition.end_s is None else condition.end_s
    # Starts are multiples of 1/24 s in float32; a millisecond of slack keeps borders on the right side.
    return (seconds >= condition.start_s - 1e-3) & (seconds < end_s - 1e-3)


def _give(stream: Stream, latents: Tensor, inside: Tensor) -> Stream:
    return replace(
        stream,
        x=torch.where(inside.unsqueeze(-1), latents, stream.x),
        free=stream.free * (~inside).to(stream.free.dtype),
    )


def _hint(stream: Stream, latents: Tensor, inside: Tensor) -> Stream:
    num_masks = stream.hint.shape[-1] - latents.shape[-1]
    masks = torch.ones(*latents.shape[:-1], num_masks, dtype=latents.dtype, device=latents.device)
    hint = torch.cat([latents, masks], dim=-1)
    return replace(stream, hint=torch.where(inside.unsqueeze(-1), hint, stream.hint))


def _refer(latents: Tensor, state: State) -> State:
    x, positions = latents[..., :-3], latents[..., -3:].clone()
    earlier = state.streams.get("reference")
    number = 0 if earlier is None else int(earlier.shot.max()) + 1
    # References live before the story begins, each a second before the last: a range of positions no shot ever uses.
    positions[..., 0] = REFERENCE_TIME_S * (number + 1)
    hint = torch.zeros(*x.shape[:-1], state.streams["video"].hint.shape[-1], dtype=x.dtype, device=x.device)
    shot = torch.full(x.shape[:-1], number, dtype=torch.long, device=x.device)
    stream = Stream(x=x, free=torch.zeros_like(x[..., 0]), hint=hint, positions=positions, shot=shot)
    if earlier is not None:
        stream = Stream(
            **{f: torch.cat([getattr(earlier, f), getattr(stream, f)], dim=_axis(f)) for f in stream.__dict__}
        )
    return State(streams={**state.streams, "reference": stream})


def _axis(field: str) -> int:
    return -1 if field in ("free", "shot") else -2
