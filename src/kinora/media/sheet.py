"""A contact sheet: frames side by side with their times, so that a film is seen at a glance.

Axes: H height, W width.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kinora.media.clip import Clip, Frames
from kinora.media.files import whole_file
from kinora.media.scale import scaled

MARGIN = 4
LABEL_HEIGHT = 16
PAPER, INK = (246, 244, 238), (40, 40, 48)
THUMBNAIL_SIDE = 640
TILE_SIDE, TILE_COLUMNS, MOST_TILES = 160, 10, 100


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
    frames = dict(zip(wanted, _frames_at(clip, wanted), strict=True))
    rows = [wanted[i : i + columns] for i in range(0, len(wanted), columns)]
    return contact_sheet(
        [[frames[i] for i in row] for row in rows],
        [[f"{float(i / clip.fps):.2f} s" for i in row] for row in rows],
    )


def thumbnail(clip: Clip) -> bytes:
    """Return the frame a third into `clip` as a WebP picture, at most 640 pixels on its long side."""
    (frame,) = _frames_at(clip, [clip.num_frames // 3])
    return _file(Image.fromarray(_at_most(frame, THUMBNAIL_SIDE)), "WEBP", quality=85)


def spritesheet(clip: Clip) -> bytes:
    """Return evenly spaced frames of `clip` as one JPEG: tiles of 160 pixels on the long side, without gaps, ten to a
    row, a hundred at most, in reading order; tile k of n begins at k/n of the clip. What is left of the last row is
    black."""
    num_tiles = min(MOST_TILES, clip.num_frames)
    tiles = (
        _at_most(frame, TILE_SIDE)
        for frame in _frames_at(clip, [k * clip.num_frames // num_tiles for k in range(num_tiles)])
    )
    height, width = tile_size(clip.height, clip.width)
    columns = min(TILE_COLUMNS, num_tiles)
    sheet = Image.new("RGB", (columns * width, -(-num_tiles // columns) * height))
    for k, tile in enumerate(tiles):
        sheet.paste(Image.fromarray(tile), (k % columns * width, k // columns * height))
    return _file(sheet, "JPEG", quality=85)


def tile_size(height: int, width: int) -> tuple[int, int]:
    """Return the (height, width) of one tile of a clip's sprite sheet."""
    return _size_at_most(height, width, TILE_SIDE)


def _size_at_most(height: int, width: int, side: int) -> tuple[int, int]:
    shrunk = min(1, side / max(height, width))
    return max(1, round(height * shrunk)), max(1, round(width * shrunk))


def _at_most(frame: Frames, side: int) -> Frames:
    return scaled(frame, *_size_at_most(frame.shape[0], frame.shape[1], side))


def _frames_at(clip: Clip, wanted: Sequence[int]) -> Iterator[Frames]:
    """Yield the frames of these rising numbers; nothing after the last is decoded."""
    due, start = deque(wanted), 0
    for block_THWC in clip.frames():
        while due and due[0] < start + len(block_THWC):
            # Copied, so that the rest of the block can go.
            yield block_THWC[due.popleft() - start].copy()
        if not due:
            return
        start += len(block_THWC)


def _file(image: Image.Image, kind: str, *, quality: int) -> bytes:
    file = BytesIO()
    image.save(file, format=kind, quality=quality)
    return file.getvalue()


def write_png(image: Image.Image, path: Path) -> None:
    """Write `image` as a PNG that appears whole or not at all."""
    with whole_file(path) as temporary:
        image.save(temporary, format="PNG")
