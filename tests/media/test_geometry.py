import pytest

from kinora.media.geometry import ASPECTS, parse_size


def test_every_named_shape_has_a_short_side_of_144_and_is_close_to_its_name():
    for name, (height, width) in ASPECTS.items():
        w, h = map(int, name.split(":"))
        assert min(height, width) == 144
        assert abs(width / height - w / h) < 0.01
        assert parse_size(name) == parse_size(f"{width}x{height}") == (height, width)


@pytest.mark.parametrize("side", range(96, 337, 16))
def test_the_whole_grid_is_accepted(side):
    assert parse_size(f"{side}x144") == (144, side)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("250x144", "240x144 and 256x144"),
        ("250x100", "240x96 and 256x96 and 240x112 and 256x112"),
        ("1920x1080", "336x336"),
        ("16x16", "96x96"),
    ],
)
def test_a_wrong_size_names_the_nearest_right_ones(text, nearest):
    with pytest.raises(ValueError, match=nearest):
        parse_size(text)


@pytest.mark.parametrize("text", ["", "wide", "16:10", "256", "256x", "-256x144", "256x144x3"])
def test_other_words_name_the_shapes(text):
    with pytest.raises(ValueError, match="16:9"):
        parse_size(text)
