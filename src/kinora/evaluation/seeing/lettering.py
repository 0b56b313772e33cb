"""What a sign says, read off maps of letters: marks on one line from left to right, lines from top to bottom.

T frames, H W the maps' pixels. A letter's mark is the core of its box, so neighbours don't touch.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import find_objects, label

from kinora.storybook.vocabulary import LETTER_NAMES

# A mark much smaller than the usual one is a speck; one within half a letter's height of a larger one is its shadow.
SPECK, SHADOW = 0.3, 0.4


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One letter's mark in a map: its middle, height and area in pixels of the map."""

    letter: str
    x_px: float
    y_px: float
    height_px: int
    area_px: int


def read_sign(letter_THW: np.ndarray) -> str:
    """Return what frames say, "" where nothing is written: the usual length, then the usual letter at each place."""
    said = [word for word in map(read_frame, letter_THW) if word]
    if not said:
        return ""
    length = Counter(map(len, said)).most_common(1)[0][0]
    columns = zip(*(word for word in said if len(word) == length), strict=True)
    return "".join(Counter(column).most_common(1)[0][0] for column in columns)


def read_frame(letter_HW: np.ndarray) -> str:
    """Return what one map says."""
    marks = _marks(letter_HW)
    if not marks:
        return ""
    reach = 0.75 * float(np.median([mark.height_px for mark in marks]))
    lines: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.y_px):
        if lines and mark.y_px - float(np.mean([other.y_px for other in lines[-1]])) < reach:
            lines[-1].append(mark)
        else:
            lines.append([mark])
    return "".join(mark.letter for line in lines for mark in sorted(line, key=lambda mark: mark.x_px))


def _marks(letter_HW: np.ndarray) -> list[Mark]:
    """Return the marks, largest first, without specks and without what lies in a larger mark's place."""
    marks: list[Mark] = []
    for number in np.unique(letter_HW[letter_HW > 0]):
        labels_HW, _ = label(letter_HW == number)
        for part, (rows, _) in enumerate(find_objects(labels_HW), start=1):
            y, x = np.nonzero(labels_HW == part)
            size = {"height_px": rows.stop - rows.start, "area_px": len(x)}
            marks.append(Mark(letter=LETTER_NAMES[number], x_px=float(x.mean()), y_px=float(y.mean()), **size))
    marks.sort(key=lambda mark: -mark.area_px)
    usual = float(np.median([mark.area_px for mark in marks])) if marks else 0.0
    kept: list[Mark] = []
    for mark in marks:
        if mark.area_px >= SPECK * usual and not any(_shadows(other, mark) for other in kept):
            kept.append(mark)
    return kept


def _shadows(larger: Mark, mark: Mark) -> bool:
    reach = SHADOW * larger.height_px
    return abs(larger.x_px - mark.x_px) < reach and abs(larger.y_px - mark.y_px) < reach
