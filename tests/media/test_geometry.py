from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.media.geometry import drawn_size, shown_box
from kinora.request import ASPECTS

EVEN = st.integers(80, 960).map(lambda half: 2 * half)
GRID = range(96, 337, 16)


@pytest.mark.parametrize("size", [*ASPECTS.values(), (96, 96), (160, 160), (192, 320), (336, 336)])
def test_what_lies_on_the_grid_is_drawn_as_it_is(size):
    assert drawn_size(*size) == size
    assert shown_box(size, size) == (0, 0, size[1], size[0])


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ((720, 1280), (144, 256)),
        ((1280, 720), (256, 144)),
        ((1080, 1920), (144, 256)),
        ((1024, 1792), (144, 256)),
        ((1792, 1024), (256, 144)),
        ((1024, 1024), (144, 144)),
        ((800, 1920), (144, 336)),
        ((700, 1920), (128, 336)),
        ((160, 1920), (96, 336)),
    ],
)
def test_common_sizes(asked, drawn):
    assert drawn_size(*asked) == drawn


@given(height=EVEN, width=EVEN)
def test_a_size_is_drawn_on_the_grid_in_the_nearest_shape(height, width):
    drawn = drawn_size(height, width)
    assert set(drawn) <= set(GRID)
    assert drawn == drawn_size(width, height)[::-1]
    if drawn != (height, width):
        assert min(drawn) == 144 or (min(drawn) < 144 and max(drawn) == 336)

        def lost(size):
            """How much of a drawing of this size is cut away."""
            shape = Fraction(size[1] * height, size[0] * width)
            return 1 - min(shape, 1 / shape)

        for side in GRID[3:]:
            assert lost(drawn) <= min(lost((144, side)), lost((side, 144)))


@given(height=EVEN, width=EVEN)
def test_what_is_shown_has_the_exact_shape_lies_in_the_middle_and_touches_two_edges(height, width):
    drawn = drawn_size(height, width)
    left, top, right, bottom = shown_box(drawn, (height, width))
    assert (right - left) / (bottom - top) == pytest.approx(width / height)
    assert (left + right, top + bottom) == pytest.approx(drawn[::-1])
    assert min(left, top) == pytest.approx(0) and left >= 0 and top >= 0
