"""What witnesses say of a clip that have learned nothing from our pictures or sounds, to stand beside the judge.

T frames, t frames looked at, H W pixels, h w the maps' pixels, L samples.
"""

from collections import Counter
from typing import Any

import numpy as np
from PIL import Image
from scipy.ndimage import find_objects, label

from kinora.evaluation.seeing.onsets import onsets
from kinora.evaluation.seeing.sight import LOOK_EVERY, SHRINK, Sight
from kinora.evaluation.seeing.witnesses import (
    LINES,
    colours_standing_out,
    cutter_version,
    enlarged,
    num_cuts,
    read_boards,
    witness_version,
)
from kinora.evaluation.trials.copying import glances
from kinora.evaluation.trials.gallery import Shown
from kinora.evaluation.trials.impressions import short
from kinora.evaluation.trials.suite import Asks
from kinora.media.sound import loudness_lufs
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import DRAWN_FPS
from kinora.storybook.maps import CORE

# In how many of the four glances a colour must stand out.
MOST = 3
# How many frames of a sign the reader is shown: those that show most of it.
SIGNS_READ = 3


def witnesses() -> dict[str, str]:
    """Return who is there to be asked, by what; "" where it is not installed."""
    return {
        "colours": "nearest in CIELAB, blobs inside the picture",
        "signs": witness_version(),
        "cuts": cutter_version(),
        "onsets": "rises of energy in many bands at once",
    }


def told_by_witnesses(shown: Shown, asks: Asks, seen: Sight) -> dict[str, Any]:
    """Return what witnesses say: colours that stand out, what a sign may say, cuts, when sounds set in, how loud it is.

    None for a sign where none is asked for, and for what nobody installed can tell. `seen` is what the judge saw in
    every third frame: the reader is shown the place where it saw letters, and nothing where it saw none.
    """
    frames_THW3, is_read = shown.frames_THW3, bool(asks.get("sign") and witness_version())
    return {
        "colours": colours_of(frames_THW3),
        "words": words_of(frames_THW3[::LOOK_EVERY], seen.letter_THW) if is_read else None,
        "cuts": num_cuts(frames_THW3, DRAWN_FPS) if cutter_version() else None,
        "onsets_s": [round(float(time_s), 3) for time_s in onsets(shown.wave_L, SAMPLE_RATE_HZ)],
        "loudness_lufs": short(loudness_lufs(shown.wave_L[None], SAMPLE_RATE_HZ)),
        "seconds": len(frames_THW3) / DRAWN_FPS,
    }


def colours_of(frames_THW3: np.ndarray) -> list[str]:
    """Return the colours that stand out in most of four glances, in order of the alphabet."""
    seen = Counter(colour for frame_HW3 in glances(frames_THW3) for colour in colours_standing_out(frame_HW3))
    return sorted(colour for colour, times in seen.items() if times >= MOST)


def words_of(frames_tHW3: np.ndarray, letter_thw: np.ndarray) -> list[str]:
    """Return what tesseract reads in the frames that show most of a sign, where the judge's maps have letters."""
    cells_t = (letter_thw > 0).sum(axis=(1, 2))
    boards = [_board(frames_tHW3[n], letter_thw[n] > 0) for n in np.argsort(-cells_t)[:SIGNS_READ] if cells_t[n]]
    return [word for word in read_boards(boards, LINES) if word] if boards else []


def _board(frame_HW3: np.ndarray, is_letter_hw: np.ndarray) -> Image.Image:
    """Return the place with letters; marks are the cores of letters, so these are a little higher."""
    marks, (y, x) = find_objects(label(is_letter_hw)[0]), np.nonzero(is_letter_hw)
    letter_px = SHRINK * float(np.median([rows.stop - rows.start for rows, _ in marks])) / CORE[0]
    left, top, right, bottom = (SHRINK * float(edge) for edge in (x.min(), y.min(), x.max() + 1, y.max() + 1))
    return enlarged(frame_HW3, (left, top, right, bottom), letter_px)
