import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.catalog import CATALOG
from kinora.media.geometry import shown_box

EVEN = st.integers(80, 960).map(lambda half: 2 * half)
CANVASES = [entry.canvas for entry in CATALOG.values()]
DRAWN = [size for canvas in CANVASES for size in (*canvas.sizes, *(size[::-1] for size in canvas.sizes))]


@pytest.mark.parametrize("size", DRAWN)
def test_of_its_own_shape_all_is_shown(size):
    assert shown_box(size, size) == (0, 0, size[1], size[0])


@given(height=EVEN, width=EVEN, canvas=st.sampled_from(CANVASES))
def test_what_is_shown_has_the_exact_shape_lies_in_the_middle_and_touches_two_edges(height, width, canvas):
    drawn = canvas.drawn((height, width))
    left, top, right, bottom = shown_box(drawn, (height, width))
    assert (right - left) / (bottom - top) == pytest.approx(width / height)
    assert (left + right, top + bottom) == pytest.approx(drawn[::-1])
    assert min(left, top) == pytest.approx(0, abs=1e-9) and left >= 0 and top >= 0
