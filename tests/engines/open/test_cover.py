"""Windows of a shot: as few as there can be, none of them a scrap, each led up to."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.open.cover import cover_of, drawn_frames


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(9, 81), st.sampled_from([0, 1, 4]))
def test_windows_cover_all_that_is_free(free, window_frames, overlap):
    cover = cover_of(free, window_frames, overlap)
    covered = {frame for window in cover for frame in range(window.start, window.stop)}
    assert {frame for frame, is_free in enumerate(free) if is_free} <= covered <= set(range(len(free)))
    assert all(window.stop - window.start <= window_frames for window in cover)
    assert [window.start for window in cover] == sorted(window.start for window in cover)


@given(st.integers(2, 720), st.integers(17, 121), st.booleans())
def test_a_long_shot_is_shared_out_evenly(num_frames, window_frames, by_thirds):
    overlap = window_frames // 3 if by_thirds else 1
    cover = cover_of([True] * num_frames, window_frames, overlap)
    lengths = [window.stop - window.start for window in cover]
    step = window_frames - overlap
    assert len(cover) == max(1, -(-(num_frames - overlap) // step))
    assert max(lengths) - min(lengths) <= len(cover)
    assert all(before.stop - after.start == overlap for before, after in pairwise(cover))


@pytest.mark.parametrize(("num_frames", "drawn"), [(1, 1), (2, 5), (5, 5), (6, 9), (80, 81), (81, 81)])
def test_what_is_drawn_fills_whole_steps(num_frames, drawn):
    assert drawn_frames(num_frames, 4) == drawn
