import numpy as np
import pytest

from kinora.flow.grid import BLOCK_S
from kinora.training.hinting import FIRST, LAST, RAGGED, SPACED, draw_hints, holes
from kinora.training.loop import generator_for


@pytest.mark.parametrize("seed", range(20))
def test_of_every_block_something_is_known_and_never_all(seed):
    known = holes(6, np.random.default_rng(seed))
    assert known.shape == (4, 6, 8)
    assert known[FIRST].sum() == 6 and known[FIRST, :, 0].all() and known[LAST].sum() == 6 and known[LAST, :, -1].all()
    assert known.any(-1).all() and not known.all(-1).any()
    # A cut has one border; even spacing has one distance.
    assert (np.diff(known[RAGGED].astype(int), axis=-1) != 0).sum() == 6
    for block in known[SPACED]:
        assert len(set(np.diff(np.flatnonzero(block)).tolist())) <= 1


@pytest.mark.parametrize("num_blocks", [1, 2, 6])
def test_hints_and_given_blocks_never_meet_and_something_is_always_made(num_blocks):
    draw, seen = generator_for(4), set()
    for _ in range(400):
        hints, spans = draw_hints(num_blocks, draw)
        hinted = [n for hint in hints for n in range(hint.start, hint.stop)]
        given = [n for a, b in spans for n in range(a, b)]
        assert hinted and not set(hinted) & set(given) and max(hinted + given) < num_blocks
        assert all(hint.condition.start_s == hint.start * BLOCK_S for hint in hints)
        seen |= {hint.pattern for hint in hints}
    assert seen == {FIRST, LAST, RAGGED, SPACED} - ({LAST} if num_blocks == 1 else set())
