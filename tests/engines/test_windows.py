from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.windows import Window, runs, windows

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


FREE = st.lists(st.booleans(), min_size=1, max_size=40)


@given(free=FREE, trained_blocks=st.integers(1, 12))
def test_what_is_free_is_made_exactly_once_and_only_in_windows_that_make_something(free, trained_blocks):
    made = []
    for window in windows(len(free), trained_blocks, free):
        inside = range(window.start, window.stop)
        assert 1 <= len(inside) <= trained_blocks and inside[-1] < len(free)
        fresh = [block for block in inside if free[block] and block not in made]
        assert fresh and min(fresh) == window.start + window.given
        made += fresh
    assert made == [block for block, is_free in enumerate(free) if is_free]


@given(free=FREE, trained_blocks=st.integers(3, 12))
def test_a_third_of_a_window_leads_in_and_out_where_there_is_as_much(free, trained_blocks):
    third, made = trained_blocks // 3, set()
    for window in windows(len(free), trained_blocks, free):
        fresh = [block for block in range(window.start, window.stop) if free[block] and block not in made]
        assert window.start <= max(0, fresh[0] - third)
        after = fresh[-1] + 1
        still_free = [block for block in range(after, len(free)) if free[block]]
        known_until = min(still_free, default=len(free))
        assert window.stop - after >= min(third, known_until - after)
        made.update(fresh)


@given(**SIZES)
def test_where_all_is_free_the_windows_are_those_of_a_clip_made_of_text(num_blocks, trained_blocks):
    assert windows(num_blocks, trained_blocks, [True] * num_blocks) == windows(num_blocks, trained_blocks)
    assert windows(num_blocks, trained_blocks, [False] * num_blocks) == ()


@pytest.mark.parametrize(
    ("known", "cover"),
    [
        ("kkkkkkffff", [(4, 10, 2)]),
        ("ffffkkkkkk", [(0, 6, 0)]),
        ("kkkkfkkkkk", [(2, 8, 2)]),
        ("kkfffffffkk", [(0, 6, 2), (4, 8, 2), (6, 11, 2)]),
        ("kfkkkkkkkkkfk", [(0, 6, 1), (9, 13, 2)]),
    ],
)
def test_windows_of_six_blocks_around_what_is_known(known, cover):
    free = [letter == "f" for letter in known]
    assert [(w.start, w.stop, w.given) for w in windows(len(free), 6, free)] == cover


@given(st.lists(st.booleans(), max_size=50))
def test_runs_are_where_something_holds(holds):
    spans = runs(holds)
    assert [number for start, stop in spans for number in range(start, stop)] == [n for n, h in enumerate(holds) if h]
    assert all(a[1] < b[0] for a, b in pairwise(spans))
