"""A contact sheet: frames side by side with their times, so that a film is seen at a glance.

Axes: H height, W width.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kinora.media.clip import Clip, Frames
from kinora.media.files import whole_file

MARGIN = 4
LABEL_HEIGHT = 16
PAPER, INK = (246, 244, 238), (40, 40, 48)


def contact_sheet(rows: Sequence[Sequence[Frames]], labels: Sequence[Sequence[str]]) -> Image.Image:
    """Lay out rows of uint8 frames (H, W, 3), each with a label under it.

    Rows may differ in length and frames in size; every cell is as large as the largest frame. Raises ValueError where
    there are no frames, or not one label a frame.
    """
    if not any(map(len, rows)) or [len(row) for row in rows] != [len(row) for row in labels]:
        raise ValueError("a contact sheet needs at least one frame, and one label for each")
    shapes = [frame.shape for row in rows for frame in row]
    cell_height = max(shape[0] for shape in shapes) + LABEL_HEIGHT + MARGIN
    cell_width = max(shape[1] for shape in shapes) + MARGIN
    size = (cell_width * max(map(len, rows)) + MARGIN, cell_height * len(rows) + MARGIN)
    sheet = Image.new("RGB", size, PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for i, (row, names) in enumerate(zip(rows, labels, strict=True)):
        for j, (frame, name) in enumerate(zip(row, names, strict=True)):
            left, top = MARGIN + j * cell_width, MARGIN + i * cell_height
            sheet.paste(Image.fromarray(frame), (left, top))
            pen.text((left + 2, top + frame.shape[0] + 1), name, fill=INK, font=font)
    return sheet


def preview(clip: Clip, *, num_frames: int = 12, columns: int = 4) -> Image.Image:
    """A contact sheet of evenly spaced frames of `clip`, first and last among them, labelled with their times."""
    wanted = np.unique(np.linspace(0, clip.num_frames - 1, num_frames).round().astype(int)).tolist()
    frames, start = {}, 0
    for block_THWC in clip.frames():
        # Copied, so that the rest of the block can go.
        frames.update({i: block_THWC[i - start].copy() for i in wanted if start <= i < start + len(block_THWC)})
        start += len(block_THWC)
    rows = [wanted[i : i + columns] for i in range(0, len(wanted), columns)]
    return contact_sheet(
        [[frames[i] for i in row] for row in rows],
        [[f"{float(i / clip.fps):.2f} s" for i in row] for row in rows],
    )


def write_png(image: Image.Image, path: Path) -> None:
    """Write `image` as a PNG that appears whole or not at all."""
    with whole_file(path) as temporary:
        image.save(temporary, format="PNG")
