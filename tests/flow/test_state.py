"""The one state every job fills."""

from dataclasses import FrozenInstanceError, replace

import pytest
import torch

from kinora.flow.state import blank


@pytest.mark.parametrize("shape", [(5, 4), (2, 5, 4)])
def test_a_blank_stream_is_all_free(shape):
    stream = blank(torch.zeros(shape), torch.rand(5, 3))
    assert stream.free.shape == shape[:-1] and bool((stream.free == 1).all())
    assert stream.hint.shape == (*shape[:-1], 4 + 8) and bool((stream.hint == 0).all())
    assert stream.positions.shape == (*shape[:-1], 3)
    assert stream.shot.shape == shape[:-1] and bool((stream.shot == 0).all())


def test_latents_are_replaced_by_name_and_nothing_else_changes(state):
    made = state.with_x({"video": torch.ones(2, 18, 4)})
    assert bool((made.xs["video"] == 1).all()) and made.streams["sound"] is state.streams["sound"]
    assert made.streams["video"].positions is state.streams["video"].positions


def test_a_state_is_mapped_by_name(state):
    made = state.map(lambda name, stream: replace(stream, x=stream.x * 0) if name == "sound" else stream)
    assert not made.xs["sound"].any() and torch.equal(made.xs["video"], state.xs["video"])


def test_it_cannot_be_written(state):
    with pytest.raises(FrozenInstanceError):
        state.streams["video"].x = torch.zeros(1)
