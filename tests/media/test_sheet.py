from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from kinora.media.sheet import contact_sheet, preview, spritesheet, thumbnail, tile_size, write_png


def picture(data, kind):
    """A file's pixels, once it is the kind it should be."""
    image = Image.open(BytesIO(data))
    assert image.format == kind
    return np.asarray(image.convert("RGB")).astype(int)


def counted(clip, seen):
    """The clip, which writes down how many of its frames were asked for."""

    def blocks():
        for block in clip.frames():
            seen.append(len(block))
            yield block

    return replace(clip, frames=blocks)


def test_frames_keep_their_pixels_and_order(bouncing):
    frames = bouncing(num_frames=4).array()
    sheet = np.asarray(contact_sheet([frames[:2], frames[2:]], [["a", "b"], ["c", "d"]]))
    for i, (row, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        top, left = 4 + row * (96 + 20), 4 + column * (128 + 4)
        np.testing.assert_array_equal(sheet[top : top + 96, left : left + 128], frames[i])


@pytest.mark.parametrize(("num_frames", "cells"), [(1, 1), (5, 5), (40, 12)])
def test_a_preview_has_the_first_and_last_frame(bouncing, tmp_path, num_frames, cells):
    clip = bouncing(num_frames=num_frames)
    image = preview(clip)
    columns = min(4, cells)
    assert image.size == (columns * 132 + 4, -(-cells // 4) * 116 + 4)
    np.testing.assert_array_equal(np.asarray(image)[4:100, 4:132], clip.array()[0])
    write_png(image, tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").size == image.size


def test_each_frame_needs_a_label(bouncing):
    frames = bouncing(num_frames=2).array()
    for rows, labels in [([], []), ([[]], [[]]), ([frames], [["a"]])]:
        with pytest.raises(ValueError, match="label"):
            contact_sheet(rows, labels)


def test_a_thumbnail_is_the_frame_a_third_in_and_no_later_one_is_decoded(bouncing):
    seen, clip = [], bouncing(num_frames=60)
    shown = picture(thumbnail(counted(clip, seen)), "WEBP")
    off = [np.abs(shown - frame).mean() for frame in clip.array()]
    assert np.argmin(off) == 20 and off[20] < 4
    assert sum(seen) == 32


@pytest.mark.parametrize(
    ("size", "shown"), [((96, 128), (96, 128)), ((720, 1280), (360, 640)), ((800, 200), (640, 160))]
)
def test_a_thumbnail_keeps_the_shape_and_has_at_most_640_pixels(bouncing, size, shown):
    assert picture(thumbnail(bouncing(num_frames=1, size=size)), "WEBP").shape == (*shown, 3)


@pytest.mark.parametrize(("num_frames", "columns", "rows"), [(1, 1, 1), (7, 7, 1), (48, 10, 5), (720, 10, 10)])
def test_a_sprite_sheet_has_a_tile_for_every_frame_up_to_a_hundred(bouncing, num_frames, columns, rows):
    sheet = picture(spritesheet(bouncing(num_frames=num_frames, size=(32, 64), num_channels=0)), "JPEG")
    assert sheet.shape == (rows * 32, columns * 64, 3)


def test_tiles_are_evenly_spaced_in_reading_order_and_the_rest_is_black(bouncing):
    clip = bouncing(num_frames=48, size=(96, 320))
    assert tile_size(96, 320) == (48, 160) and tile_size(32, 64) == (32, 64)
    sheet, frames = picture(spritesheet(clip), "JPEG"), clip.array()
    for k in range(48):
        row, column = divmod(k, 10)
        tile = sheet[row * 48 : row * 48 + 48, column * 160 : column * 160 + 160]
        assert np.abs(tile - frames[k, ::2, ::2]).mean() < 8
    assert sheet[4 * 48 + 2 :, 8 * 160 + 10 :].max() < 8
