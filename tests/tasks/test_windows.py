import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.tasks.windows import Window, windows

SIZES = {"num_blocks": st.integers(1, 40), "trained_blocks": st.integers(1, 12)}


@given(**SIZES)
def test_every_block_is_made_exactly_once(num_blocks, trained_blocks):
    made = [block for w in windows(num_blocks, trained_blocks) for block in range(w.start + w.given, w.stop)]
    assert made == list(range(num_blocks))


@given(**SIZES)
def test_no_window_is_longer_than_what_was_trained_and_each_makes_something(num_blocks, trained_blocks):
    for window in windows(num_blocks, trained_blocks):
        assert window.stop - window.start <= trained_blocks
        assert window.stop - window.start - window.given >= 1


@given(**SIZES)
def test_what_is_given_is_the_end_of_the_window_before(num_blocks, trained_blocks):
    first, *others = windows(num_blocks, trained_blocks)
    assert (first.start, first.given) == (0, 0)
    before = first
    for window in others:
        assert window.start + window.given == before.stop
        assert window.given == min(max(1, trained_blocks // 3), trained_blocks - 1)
        before = window


@pytest.mark.parametrize(
    ("num_blocks", "cover"),
    [(4, [(0, 4, 0)]), (6, [(0, 6, 0)]), (7, [(0, 6, 0), (4, 7, 2)]), (12, [(0, 6, 0), (4, 10, 2), (8, 12, 2)])],
)
def test_windows_of_six_blocks(num_blocks, cover):
    assert windows(num_blocks, 6) == tuple(Window(start=a, stop=b, given=g) for a, b, g in cover)
