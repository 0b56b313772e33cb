import numpy as np
import pytest
from PIL import Image

from kinora.media.sheet import contact_sheet, preview, write_png


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
