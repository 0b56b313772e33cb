"""Independent witnesses of what a clip shows; none has learned from our pictures.

Tesseract reads signs and PySceneDetect counts cuts, each where it is installed; colours are told from pixels alone.
T frames, H W pixels.
"""

import csv
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from PIL import Image
from scipy.ndimage import label

from kinora.storybook.maps import LetterPlace
from kinora.storybook.vocabulary import COLOURS, SIGN_LETTERS

PROGRAM = "tesseract"
# Tesseract likes letters of thirty pixels and more.
LETTER_HEIGHT_PX = 48
AROUND = 0.28
PAPER_PX = 24
ONE_LINE = "7"

# PySceneDetect's own defaults: the mean change of hue, saturation and lightness, and no two cuts within 0.6 s.
CUT_THRESHOLD, SHORTEST_SHOT_S = 27.0, 0.6

# A blob of a colour fills this share of the box it is looked for in.
BLOB = 0.12


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


def num_cuts(frames_THW3: np.ndarray, fps: float) -> int:
    """Return how many cuts PySceneDetect finds in uint8 frames; a single shot has none.

    Raises ImportError where it is not installed.
    """
    from scenedetect import ContentDetector, FrameTimecode

    detector = ContentDetector(threshold=CUT_THRESHOLD, min_scene_len=SHORTEST_SHOT_S)
    cuts = [
        cut
        for number, frame in enumerate(frames_THW3)
        for cut in detector.process_frame(FrameTimecode(number, float(fps)), np.ascontiguousarray(frame[..., ::-1]))
    ]
    return len([*cuts, *detector.post_process(FrameTimecode(len(frames_THW3), float(fps)))])


def nearest_colours(frame_HW3: np.ndarray) -> np.ndarray:
    """Return which of the vocabulary's colours each pixel of a uint8 frame is nearest to in CIELAB (H, W)."""
    words_K3 = _lab(np.array([list(COLOURS.values())], np.uint8))[0]
    return np.linalg.norm(_lab(frame_HW3)[:, :, None] - words_K3, axis=-1).argmin(axis=-1)


def shows_colour(frame_HW3: np.ndarray, box: tuple[int, int, int, int], colour: str) -> bool:
    """Return whether one blob of the colour fills a good share of a box (left, top, right, bottom) of the frame."""
    left, top, right, bottom = box
    is_HW = nearest_colours(frame_HW3[top:bottom, left:right]) == list(COLOURS).index(colour)
    labels_HW, num = label(is_HW)
    return num > 0 and int(np.bincount(labels_HW.ravel())[1:].max()) >= BLOB * is_HW.size


def _lab(rgb_HW3: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(rgb_HW3.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
