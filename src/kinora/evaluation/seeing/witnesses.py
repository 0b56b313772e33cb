"""Independent witnesses of what a clip shows; none has learned from our pictures.

Tesseract reads signs and PySceneDetect counts cuts, each where it is installed; colours are told from pixels alone.
T frames, H W pixels, K colours.
"""

import csv
import os
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
# How tesseract is told to look: a single line, or lines one below another.
ONE_LINE, LINES = "7", "6"

# PySceneDetect's own defaults: the mean change of hue, saturation and lightness, and no two cuts within 0.6 s. Nothing
# was fitted: where neighbours are two places, either detector finds all of 40 cuts between drawn shots at 12 fps, and
# this one no other within 1.5 s of them; the adaptive one takes lightning for cuts.
CUT_THRESHOLD, SHORTEST_SHOT_S = 27.0, 0.6

# A blob of a colour that stands out fills this share of the picture. Chosen on 96 scenes of a seed of its own, where in
# three of four glances two thirds of the subjects' colours stand out and 18 % of all others.
BLOB = 0.003
# Colours are told at half the size: as well, and four times as fast.
HALF = 2

Box = tuple[float, float, float, float]


def witness_version() -> str:
    """Return the reader's name and version, "" where it is not installed."""
    if shutil.which(PROGRAM) is None:
        return ""
    shown = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True, timeout=30)
    return (shown.stdout or shown.stderr).splitlines()[0]


def cutter_version() -> str:
    """Return the name and version of what counts cuts, "" where it is not installed."""
    try:
        import scenedetect
    except ImportError:
        return ""
    return f"PySceneDetect {scenedetect.__version__}"


def board(frame_HW3: np.ndarray, places: tuple[LetterPlace, ...]) -> Image.Image:
    """Return the written part of a sign's board, whose letters stand at these places."""
    left = min(place.x_px - place.width_px / 2 for place in places)
    right = max(place.x_px + place.width_px / 2 for place in places)
    top = min(place.y_px - place.height_px / 2 for place in places)
    bottom = max(place.y_px + place.height_px / 2 for place in places)
    return enlarged(frame_HW3, (left, top, right, bottom), places[0].height_px)


def enlarged(frame_HW3: np.ndarray, box: Box, letter_px: float) -> Image.Image:
    """Return a box (left, top, right, bottom) of a frame and a little around it, grey and stretched to full contrast.

    Letters of this height become as high as the reader likes them.
    """
    height, width = frame_HW3.shape[:2]
    reach, scale = AROUND * letter_px, LETTER_HEIGHT_PX / letter_px
    left, top, right, bottom = box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach
    size = (round((right - left) * scale), round((bottom - top) * scale))
    inside = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
    grey = Image.fromarray(frame_HW3).convert("L").resize(size, Image.Resampling.BICUBIC, inside)
    pixels = np.asarray(grey, np.float32)
    low, high = np.quantile(pixels, [0.01, 0.99])
    pixels = 255 * (pixels - low) / max(high - low, 1.0)
    paper = np.pad(pixels.clip(0, 255), PAPER_PX, constant_values=255)
    return Image.fromarray(paper.astype(np.uint8))


def read_boards(pictures: Sequence[Image.Image], layout: str = ONE_LINE) -> list[str]:
    """Return what tesseract reads on each, capitals and digits of all lines in a row; one process reads all."""
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        files = [Path(folder, f"{number}.png") for number in range(len(pictures))]
        for picture, file in zip(pictures, files, strict=True):
            picture.save(file)
        names = Path(folder, "files.txt")
        names.write_text("\n".join(map(str, files)) + "\n")
        asked = ["--psm", layout, "-c", f"tessedit_char_whitelist={SIGN_LETTERS}", "tsv"]
        command = [PROGRAM, str(names), "stdout", *asked]
        # Its threads only wait for each other on pictures as small as these.
        alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=alone)
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
    return len(cuts(frames_THW3, fps))


def cuts(frames_THW3: np.ndarray, fps: float, *, adaptive: bool = False) -> list[int]:
    """Return the frames before which PySceneDetect finds a cut; errors as in `num_cuts`.

    Where a frame changes by more than so much; `adaptive` (the command's own choice) by so many times more than those
    around it, its own defaults again.
    """
    from scenedetect import AdaptiveDetector, ContentDetector, FrameTimecode

    detector = (
        AdaptiveDetector(min_scene_len=SHORTEST_SHOT_S)
        if adaptive
        else ContentDetector(threshold=CUT_THRESHOLD, min_scene_len=SHORTEST_SHOT_S)
    )
    found = [
        cut
        for number, frame in enumerate(frames_THW3)
        for cut in detector.process_frame(FrameTimecode(number, float(fps)), np.ascontiguousarray(frame[..., ::-1]))
    ]
    found += detector.post_process(FrameTimecode(len(frames_THW3), float(fps)))
    return [cut.frame_num for cut in found]


def nearest_colours(frame_HW3: np.ndarray) -> np.ndarray:
    """Return which of the vocabulary's colours each pixel of a uint8 frame is nearest to in CIELAB (H, W)."""
    words_K3 = _lab(np.array([list(COLOURS.values())], np.uint8))[0]
    return np.linalg.norm(_lab(frame_HW3)[:, :, None] - words_K3, axis=-1).argmin(axis=-1)


def colours_standing_out(frame_HW3: np.ndarray) -> set[str]:
    """Return the colours of which one blob is large enough for a subject and does not reach the picture's edge, as
    skies and meadows do. Sides must be even."""
    size = (frame_HW3.shape[1] // HALF, frame_HW3.shape[0] // HALF)
    nearest_HW = nearest_colours(cv2.resize(frame_HW3, size, interpolation=cv2.INTER_AREA))
    return {name for number, name in enumerate(COLOURS) if _largest_inside(nearest_HW == number) >= BLOB}


def _largest_inside(is_HW: np.ndarray) -> float:
    """Return the area of the largest patch that does not reach the edge, as a share of the picture."""
    labels_HW, _ = label(is_HW)
    areas = np.bincount(labels_HW.ravel())
    areas[[0, *np.concatenate([labels_HW[[0, -1]].ravel(), labels_HW[:, [0, -1]].ravel()])]] = 0
    return float(areas.max()) / is_HW.size


def _lab(rgb_HW3: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(rgb_HW3.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
