"""An independent reader of signs: tesseract, where it is installed. It knows nothing of our alphabet."""

import csv
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from kinora.evaluation.reader import LetterPlace
from kinora.storybook.vocabulary import SIGN_LETTERS

PROGRAM = "tesseract"
# Tesseract likes letters of thirty pixels and more.
LETTER_HEIGHT_PX = 48
AROUND = 0.28
PAPER_PX = 24
ONE_LINE = "7"


def witness_version() -> str:
    """Return the reader's name and version, "" where it is not installed."""
    if shutil.which(PROGRAM) is None:
        return ""
    shown = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True, timeout=30)
    return (shown.stdout or shown.stderr).splitlines()[0]


def board(frame_HW3: np.ndarray, places: tuple[LetterPlace, ...]) -> Image.Image:
    """Return the written part of a sign's board, grey, enlarged and stretched to full contrast."""
    reach = AROUND * places[0].height_px
    left = min(place.x_px - place.width_px / 2 for place in places) - reach
    right = max(place.x_px + place.width_px / 2 for place in places) + reach
    top = min(place.y_px - place.height_px / 2 for place in places) - reach
    bottom = max(place.y_px + place.height_px / 2 for place in places) + reach
    scale = LETTER_HEIGHT_PX / places[0].height_px
    size = (round((right - left) * scale), round((bottom - top) * scale))
    box = (max(0.0, left), max(0.0, top), min(float(frame_HW3.shape[1]), right), min(float(frame_HW3.shape[0]), bottom))
    grey = Image.fromarray(frame_HW3).convert("L").resize(size, Image.Resampling.BICUBIC, box)
    pixels = np.asarray(grey, np.float32)
    low, high = np.quantile(pixels, [0.01, 0.99])
    pixels = 255 * (pixels - low) / max(high - low, 1.0)
    paper = np.pad(pixels.clip(0, 255), PAPER_PX, constant_values=255)
    return Image.fromarray(paper.astype(np.uint8))


def read_boards(pictures: Sequence[Image.Image]) -> list[str]:
    """Return what tesseract reads on each, one line of capitals and digits; one process reads all."""
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        files = [Path(folder, f"{number}.png") for number in range(len(pictures))]
        for picture, file in zip(pictures, files, strict=True):
            picture.save(file)
        names = Path(folder, "files.txt")
        names.write_text("\n".join(map(str, files)) + "\n")
        asked = ["--psm", ONE_LINE, "-c", f"tessedit_char_whitelist={SIGN_LETTERS}", "tsv"]
        done = subprocess.run([PROGRAM, str(names), "stdout", *asked], capture_output=True, text=True, check=True)
    return words_by_page(done.stdout, len(pictures))


def words_by_page(table: str, num_pages: int) -> list[str]:
    """Return the capitals and digits of each page of tesseract's tab-separated output; a page may have none."""
    said = [""] * num_pages
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        said[int(row["page_num"]) - 1] += "".join(letter for letter in row["text"] or "" if letter in SIGN_LETTERS)
    return said
