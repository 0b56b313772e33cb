import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.catalog import CATALOG
from kinora.request import ASPECTS, BOUNDS, MAX_PROMPT_LETTERS, Canvas, Request, nearest_sizes, parse_size, shape_held

EVEN = st.integers(80, 960).map(lambda half: 2 * half)
WIDER = "size {}x{} is {} than {} to 1, the most that is drawn, and would be cut: give {}x{}"
CANVASES = {name: entry.canvas for name, entry in CATALOG.items()} | {
    "coarse": Canvas(fps=25, block_frames=1, grid=64, shortest=128, longest=1024, sizes=((512, 768), (640, 640))),
    "one size": Canvas(grid=8, shortest=200, longest=400, sizes=((256, 256),)),
}
canvases = st.sampled_from([*CANVASES.values()])
each_canvas = pytest.mark.parametrize("canvas", CANVASES.values(), ids=CANVASES)


def ratio(size):
    """Width over height."""
    return Fraction(size[1], size[0])


def lost(drawn, asked):
    """How much of a drawing of this size is cut away to show another shape."""
    shape = ratio(drawn) / ratio(asked)
    return 1 - min(shape, 1 / shape)


def turned(sizes):
    return [*sizes, *((width, height) for height, width in sizes)]


def test_every_named_shape_has_a_short_side_of_144_and_is_close_to_its_name():
    for name in ASPECTS:
        height, width = Canvas().named(name)
        w, h = map(int, name.split(":"))
        assert min(height, width) == 144
        assert abs(width / height - w / h) < 0.01
        assert parse_size(name) == parse_size(f"{width}x{height}") == (height, width)


@each_canvas
@pytest.mark.parametrize("name", ASPECTS)
def test_a_named_shape_is_the_size_nearest_in_ratio(canvas, name):
    """Of those that an engine draws best, and of these turned; portrait is turned landscape."""
    height, width = canvas.named(name)
    w, h = map(int, name.split(":"))
    assert Fraction(w, h) == pytest.approx(ASPECTS[name]) and (height, width) in turned(canvas.sizes)
    assert lost((height, width), (h, w)) == min(lost(size, (h, w)) for size in turned(canvas.sizes))
    assert canvas.nearest(1 / ASPECTS[name]) == (width, height)
    assert parse_size(name, canvas) == parse_size(f"{width}x{height}", canvas) == (height, width)


@each_canvas
def test_the_sizes_of_a_canvas_lie_on_its_grid_and_are_drawn_as_they_are(canvas):
    for size in turned(canvas.sizes):
        assert all(side % canvas.grid == 0 for side in size) and canvas.drawn(size) == size


@pytest.mark.parametrize("name", CATALOG)
@pytest.mark.parametrize("shape", ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"])
def test_every_engine_draws_the_named_shapes_nearly(name, shape):
    """Less than a thirtieth is cut away of what is drawn of any of them."""
    canvas, (w, h) = CATALOG[name].canvas, map(int, shape.split(":"))
    assert lost(canvas.named(shape), (h, w)) < Fraction(1, 30)


@pytest.mark.parametrize("size", [(96, 96), (160, 160), (192, 320), (336, 336), *(Canvas().named(a) for a in ASPECTS)])
def test_what_lies_on_the_grid_is_drawn_as_it_is(size):
    assert Canvas().drawn(size) == size


@given(rows=st.integers(1, 60), columns=st.integers(1, 60), canvas=canvases)
def test_what_lies_on_the_grid_of_any_canvas_is_drawn_as_it_is(rows, columns, canvas):
    size = rows * canvas.grid, columns * canvas.grid
    if canvas.shortest <= min(size) and max(size) <= canvas.longest:
        assert canvas.drawn(size) == size and parse_size(f"{size[1]}x{size[0]}", canvas) == size


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
    ],
)
def test_common_sizes(asked, drawn):
    assert Canvas().drawn(asked) == drawn


@given(height=EVEN, width=EVEN)
def test_a_size_is_drawn_on_the_grid_in_the_nearest_shape(height, width):
    drawn = Canvas().drawn((height, width))
    grid = range(96, 337, 16)
    assert set(drawn) <= set(grid)
    assert drawn == Canvas().drawn((width, height))[::-1]
    if drawn != (height, width):
        assert min(drawn) == 144 or (min(drawn) < 144 and max(drawn) == 336)
        for side in grid[3:]:
            assert lost(drawn, (height, width)) <= min(lost(size, (height, width)) for size in turned([(144, side)]))


@given(height=EVEN, width=EVEN, canvas=canvases)
def test_a_size_on_no_grid_is_drawn_at_the_one_of_which_least_is_lost(height, width, canvas):
    drawn = canvas.drawn((height, width))
    assert all(side % canvas.grid == 0 for side in drawn)
    assert drawn == canvas.drawn((width, height))[::-1]
    if drawn != (height, width):
        least = min(lost(size, (height, width)) for size in turned(canvas.sizes))
        # Of shapes as near as each other either will do; logarithms tell them apart to the last bit but one.
        assert float(lost(drawn, (height, width))) == pytest.approx(float(least), abs=1e-12)


@given(height=EVEN, width=EVEN, canvas=canvases)
def test_a_request_is_drawn_on_its_canvas_and_shown_at_its_size(height, width, canvas):
    height, width = shape_held((height, width), canvas)
    request = Request(prompt="a fox", size=f"{width}x{height}", canvas=canvas)
    assert request.shown_size == (height, width) and request.drawn_size == canvas.drawn((height, width))
    assert request.drawn_fps == canvas.fps
    assert Request(prompt="a fox", slow_fps=24, canvas=canvas).drawn_fps == 24


@pytest.mark.parametrize("side", range(96, 337, 16))
def test_what_the_model_draws_is_accepted(side):
    assert parse_size(f"{side}x144") == (144, side)


@given(height=EVEN, width=EVEN, canvas=canvases)
def test_even_sides_from_160_to_1920_are_accepted_in_every_shape_that_is_drawn(height, width, canvas):
    if canvas.holds((height, width)):
        assert parse_size(f"{width}x{height}", canvas) == (height, width)
        return
    h, w = shape_held((height, width), canvas)
    assert max(h, w) == max(height, width) and parse_size(f"{w}x{h}", canvas) == (h, w)
    with pytest.raises(ValueError, match=f"give {w}x{h}$") as refused:
        Request(prompt="a fox", size=f"{width}x{height}", canvas=canvas)
    assert "\n" not in str(refused.value)


@given(height=EVEN, width=EVEN)
def test_of_a_shape_that_is_drawn_hardly_anything_is_cut_away(height, width):
    size = shape_held((height, width), Canvas())
    assert lost(Canvas().drawn(size), size) < Fraction(2, 25)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("1920x160", WIDER.format(1920, 160, "wider", 3.5, 1920, 550)),
        ("1000x200", WIDER.format(1000, 200, "wider", 3.5, 1000, 286)),
        ("160x1920", WIDER.format(160, 1920, "taller", 3.5, 550, 1920)),
    ],
)
def test_what_is_wider_or_taller_than_is_drawn_is_one_line_with_a_size_that_is_not(asked, why):
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        Request(prompt="a fox", size=asked)
    assert Request(prompt="a fox", size="1920x550").drawn_size == (96, 336)


@each_canvas
def test_every_named_shape_is_drawn_without_a_cut_that_counts(canvas):
    assert all(parse_size(name, canvas) == canvas.named(name) for name in ASPECTS)


@given(height=st.integers(0, 4000), width=st.integers(0, 4000), canvas=canvases)
def test_a_wrong_size_names_right_ones_and_none_is_nearer(height, width, canvas):
    named = nearest_sizes(height, width, canvas)
    assert all(parse_size(f"{w}x{h}", canvas) == (h, w) for h, w in named if canvas.holds((h, w)))
    far = {(h - height) ** 2 + (w - width) ** 2 for h, w in named}
    assert len(far) == 1
    if far == {0}:
        return
    with pytest.raises(ValueError, match=" or ".join(f"{w}x{h}" for h, w in named)) as refused:
        Request(prompt="a fox", size=f"{width}x{height}", canvas=canvas)
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
