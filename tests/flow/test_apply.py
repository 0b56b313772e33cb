"""What conditions do to a state, in one place for training, tasks and serving."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kinora.flow.apply import apply, covered
from kinora.flow.grid import BLOCK_S, SOUND_S, sound_positions, video_positions
from kinora.flow.state import State, blank
from kinora.request import Condition

LATENTS = {"video": torch.full((2, 18, 4), 7.0), "sound": torch.full((2, 48, 3), 9.0)}


def blocks(stream):
    """Which of the three video blocks are given, as a string of 0 and 1."""
    free = stream.free[0].unflatten(0, (3, 6))
    assert bool((free == free[:, :1]).all())
    return "".join("01"[int(block[0] == 0)] for block in free)


@pytest.mark.parametrize(
    ("start", "end", "given_blocks"),
    [(0, 1, "100"), (0, 2, "110"), (2, None, "001"), (1, None, "011"), (1, 2, "010"), (0, None, "111"), (0, 3, "111")],
    ids=["prefix", "long prefix", "suffix", "long suffix", "range", "stream", "stream by its length"],
)
def test_whole_blocks_are_given(state, start, end, given_blocks):
    condition = Condition(kind="given", start_s=start * BLOCK_S, end_s=None if end is None else end * BLOCK_S)
    made = apply(condition, LATENTS["video"], state)
    video = made.streams["video"]
    assert blocks(video) == given_blocks
    assert bool((video.x[video.free == 0] == 7).all())
    assert torch.equal(video.x[video.free == 1], state.streams["video"].x[video.free == 1])
    assert torch.equal(video.hint, state.streams["video"].hint)
    assert made.streams["sound"] is state.streams["sound"]


def test_sound_is_given_to_the_latent():
    state = State(streams={"sound": blank(torch.zeros(240, 3), sound_positions(240))})
    condition = Condition(kind="given", stream="sound", start_s=17 * SOUND_S, end_s=192 * SOUND_S)
    free = apply(condition, torch.ones(240, 3), state).streams["sound"].free
    assert torch.equal(free, torch.tensor([1.0] * 17 + [0.0] * 175 + [1.0] * 48))


@given(st.integers(0, 400), st.integers(1, 400), st.integers(-9, 9))
def test_block_borders_fall_on_the_right_side_as_far_as_minutes_go(start, length, offset_us):
    """Whatever the rounding of seconds on the way."""
    seconds = video_positions(900, 1, 1)
    span = [round(n * BLOCK_S, 6) + offset_us * 1e-6 * (n > 0) for n in (start, start + length)]
    inside = covered(Condition(kind="given", start_s=span[0], end_s=span[1]), seconds)
    assert inside.nonzero().flatten().tolist() == list(range(start, start + length))


@pytest.mark.parametrize("kind", ["given", "hint"])
@pytest.mark.parametrize("stream", ["video", "sound"])
@pytest.mark.parametrize("span", [(0.0, 0.7), (0.6, None), (0.5, 1.4)])
def test_twice_is_once(state, kind, stream, span):
    condition = Condition(kind=kind, stream=stream, start_s=span[0], end_s=span[1])
    once = apply(condition, LATENTS[stream], state).streams[stream]
    twice = apply(condition, LATENTS[stream], apply(condition, LATENTS[stream], state)).streams[stream]
    assert all(torch.equal(getattr(once, name), getattr(twice, name)) for name in once.__dict__)


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0.01, 2), st.sampled_from(["given", "hint"])), max_size=4))
def test_freedom_only_shrinks(spans):
    state = State(streams={"video": blank(torch.zeros(2, 18, 4), video_positions(3, 2, 3))})
    for start_s, length_s, kind in spans:
        condition = Condition(kind=kind, start_s=start_s, end_s=start_s + length_s)
        after = apply(condition, LATENTS["video"], state)
        assert bool((after.streams["video"].free <= state.streams["video"].free).all())
        state = after
    assert set(state.streams["video"].free.unique().tolist()) <= {0.0, 1.0}


def test_givens_that_do_not_overlap_may_come_in_any_order(state):
    first, last = Condition(kind="given", end_s=BLOCK_S), Condition(kind="given", start_s=2 * BLOCK_S)
    here = apply(last, LATENTS["video"], apply(first, -LATENTS["video"], state)).streams["video"]
    there = apply(first, -LATENTS["video"], apply(last, LATENTS["video"], state)).streams["video"]
    assert torch.equal(here.x, there.x) and torch.equal(here.free, there.free)
    assert blocks(here) == "101"


def test_a_hint_lays_latents_and_masks_beside_tokens_that_stay_free(state):
    made = apply(Condition(kind="hint", start_s=BLOCK_S), LATENTS["video"], state).streams["video"]
    assert torch.equal(made.x, state.streams["video"].x) and torch.equal(made.free, state.streams["video"].free)
    assert bool((made.hint[:, :6] == 0).all())
    assert bool((made.hint[:, 6:, :4] == 7).all()) and bool((made.hint[:, 6:, 4:] == 1).all())


def picture(value):
    """The 2x2 tokens of a picture, with their positions in the last three channels."""
    return torch.cat([torch.full((2, 4, 4), value), video_positions(1, 2, 2).expand(2, 4, 3)], dim=-1)


def test_references_are_given_tokens_from_before_the_story(state):
    once = apply(Condition(kind="reference"), picture(1.0), state)
    twice = apply(Condition(kind="reference"), picture(2.0), once)
    reference = twice.streams["reference"]
    assert torch.equal(reference.x[0, :, 0], torch.tensor([1.0] * 4 + [2.0] * 4))
    assert torch.equal(reference.positions[0, :, 0], torch.tensor([-1.0] * 4 + [-2.0] * 4))
    assert torch.equal(reference.positions[0, :4, 1:], video_positions(1, 2, 2)[:, 1:])
    assert torch.equal(reference.shot[0], torch.tensor([0] * 4 + [1] * 4))
    assert bool((reference.free == 0).all()) and bool((reference.hint == 0).all())
    assert twice.streams["video"] is state.streams["video"] and twice.streams["sound"] is state.streams["sound"]


def test_a_reference_never_writes_into_what_it_was_given(state):
    latents = picture(1.0)
    before = latents.clone()
    apply(Condition(kind="reference"), latents, state)
    assert torch.equal(latents, before)
