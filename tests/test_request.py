import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.request import ASPECTS, BOUNDS, MAX_PROMPT_LETTERS, Request, nearest_sizes, parse_size

EVEN = st.integers(80, 960).map(lambda half: 2 * half)


def test_every_named_shape_has_a_short_side_of_144_and_is_close_to_its_name():
    for name, (height, width) in ASPECTS.items():
        w, h = map(int, name.split(":"))
        assert min(height, width) == 144
        assert abs(width / height - w / h) < 0.01
        assert parse_size(name) == parse_size(f"{width}x{height}") == (height, width)


@pytest.mark.parametrize("side", range(96, 337, 16))
def test_what_the_model_draws_is_accepted(side):
    assert parse_size(f"{side}x144") == (144, side)


@given(height=EVEN, width=EVEN)
def test_even_sides_from_160_to_1920_are_accepted(height, width):
    assert parse_size(f"{width}x{height}") == (height, width)


@given(height=st.integers(0, 4000), width=st.integers(0, 4000))
def test_a_wrong_size_names_right_ones_and_none_is_nearer(height, width):
    named = nearest_sizes(height, width)
    assert all(parse_size(f"{w}x{h}") == (h, w) for h, w in named)
    far = {(h - height) ** 2 + (w - width) ** 2 for h, w in named}
    assert len(far) == 1
    if far == {0}:
        assert parse_size(f"{width}x{height}") == (height, width)
        return
    with pytest.raises(ValueError, match=" or ".join(f"{w}x{h}" for h, w in named)) as refused:
        Request(prompt="a fox", size=f"{width}x{height}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("250x144", "the nearest is 256x144"),
        ("1281x720", "the nearest is 1280x720 or 1282x720"),
        ("1920x1081", "the nearest is 1920x1080 or 1920x1082"),
        ("4000x2000", "the nearest is 1920x1920"),
        ("16x16", "the nearest is 96x96"),
        ("200x100", "the nearest is 192x96 or 208x96"),
    ],
)
def test_the_nearest_right_size_is_named(text, nearest):
    with pytest.raises(ValueError, match=nearest + "$"):
        parse_size(text)


@pytest.mark.parametrize("text", ["", "wide", "16:10", "256", "256x", "-256x144", "256x144x3", "٢٥٦x144", "2" * 99])
def test_other_words_name_the_shapes(text):
    with pytest.raises(ValueError, match="16:9"):
        parse_size(text)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_is_taken_up_to_its_bounds_and_no_further(name):
    low, high = BOUNDS[name]
    for value in (low, high):
        assert getattr(Request(prompt="a fox", **{name: value}), name) == value
    for value in (low - 1, high + 1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=re.escape(f"{name} is {value:g}: give a value from {low:g} to {high:g}")):
            Request(prompt="a fox", **{name: value})


def test_a_prompt_has_words_and_an_end():
    assert Request(prompt="x" * MAX_PROMPT_LETTERS)
    for prompt, why in (("", "empty"), (" \n", "empty"), ("x" * (MAX_PROMPT_LETTERS + 1), "at most 32000")):
        with pytest.raises(ValueError, match=why):
            Request(prompt=prompt)
