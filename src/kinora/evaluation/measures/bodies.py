"""Whether a subject's body holds: one piece, of a steady size, on feet that don't slide, with as many legs as it has.

T frames, H W the picture's pixels, w columns. A mask (bool) is one subject's. Figures mean most beside those of
rendered truth of the same prompts, whose masks were made the same way.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label, uniform_filter

from kinora.evaluation.seeing.sight import SHRINK, Sight
from kinora.evaluation.seeing.tracks import NEIGHBOURS
from kinora.storybook.vocabulary import KIND_NAMES

QUADRUPEDS = ("dog", "cat", "fox", "bear", "horse")
# The guided filter's window and how much colours must differ to be an edge (of 1).
GUIDE_WINDOW_PX, GUIDE_SOFTNESS = 13, 1e-4
# What is smaller than this share of the whole is no piece of its own.
CRUMB = 0.03
# The share of its height on which a walker stands, and in which legs are counted; a run of fewer columns is no leg.
SOLE, LEGS, THINNEST_LEG_PX = 0.06, 0.2, 2
# A body slower than this (a frame) walks on the spot, which says nothing of its feet.
LEAST_WAY_PX = 0.5


def subject_mask(sight: Sight, frames_THW3: np.ndarray, kind: str) -> np.ndarray:
    """Return where things of a kind are, bool (T, H, W), with the borders that the pictures show.

    A frame between two that were looked at takes the nearer one's map. Raises ValueError where sizes don't match.
    """
    small_THW = sight.kind_THW == KIND_NAMES.index(kind)
    if frames_THW3.shape[1:3] != tuple(SHRINK * size for size in small_THW.shape[1:]):
        raise ValueError(
            f"maps of {small_THW.shape[1:]} go with frames {SHRINK} times as large, not {frames_THW3.shape}"
        )
    every = len(frames_THW3) / len(small_THW)
    looks = [min(len(small_THW) - 1, round(number / every)) for number in range(len(frames_THW3))]
    large_THW = small_THW.repeat(SHRINK, 1).repeat(SHRINK, 2)
    return np.stack([follow_edges(large_THW[look], frame) for look, frame in zip(looks, frames_THW3, strict=True)])


def follow_edges(mask_HW: np.ndarray, frame_HW3: np.ndarray) -> np.ndarray:
    """Return a coarse mask with its border moved to the picture's edges: the guided filter with a colour guide.

    In every window the mask is made a linear function of colour (He, Sun and Tang, TPAMI 35, 2013).
    """
    fine_HW = np.zeros_like(mask_HW)
    if mask_HW.any():
        # Only around the subject: elsewhere the filter leaves nothing as it is.
        around = tuple(_around(np.any(mask_HW, axis=1 - axis)) for axis in (0, 1))
        fine_HW[around] = _guided(mask_HW[around].astype(np.float32), frame_HW3[around].astype(np.float32) / 255) > 0.5
    return fine_HW


def _around(seen_w: np.ndarray) -> slice:
    ends = np.flatnonzero(seen_w)
    return slice(max(0, int(ends[0]) - GUIDE_WINDOW_PX), int(ends[-1]) + 1 + GUIDE_WINDOW_PX)


def _guided(given_HW: np.ndarray, guide_HW3: np.ndarray) -> np.ndarray:
    mean_HW3, mean_HW = _windowed(guide_HW3), _windowed(given_HW)
    shared_HW3 = _windowed(guide_HW3 * given_HW[..., None]) - mean_HW3 * mean_HW[..., None]
    products_HW33 = _windowed(guide_HW3[..., None] * guide_HW3[..., None, :])
    spread_HW33 = products_HW33 - mean_HW3[..., None] * mean_HW3[..., None, :]
    softened_HW33 = spread_HW33 + GUIDE_SOFTNESS * np.eye(3, dtype=np.float32)
    slope_HW3 = np.linalg.solve(softened_HW33, shared_HW3[..., None])[..., 0]
    offset_HW = mean_HW - (slope_HW3 * mean_HW3).sum(-1)
    return (_windowed(slope_HW3) * guide_HW3).sum(-1) + _windowed(offset_HW)


def _windowed(values_HW: np.ndarray) -> np.ndarray:
    """Return the means over windows, of each channel alone."""
    return uniform_filter(values_HW, GUIDE_WINDOW_PX, axes=(0, 1))


def pieces(mask_THW: np.ndarray) -> float:
    """Return into how many connected pieces a subject falls, as a mean over the frames that show it; 1 is sound.

    NaN where it is never seen.
    """
    counts = [_num_pieces(mask_HW) for mask_HW in mask_THW if mask_HW.any()]
    return float(np.mean(counts)) if counts else float("nan")


def _num_pieces(mask_HW: np.ndarray) -> int:
    labels_HW, _ = label(mask_HW, NEIGHBOURS)
    areas = np.bincount(labels_HW.ravel())[1:]
    return int(np.count_nonzero(areas >= CRUMB * areas.sum()))


def area_wobble(mask_THW: np.ndarray) -> float:
    """Return how unsteady a subject's area is: the deviation of its logarithm from a straight line over time.

    About its coefficient of variation, without steady growth as under a zoom. Frames in which it touches the picture's
    edge don't count; NaN below three.
    """
    rims = np.any(mask_THW[:, [0, -1]], axis=(1, 2)) | np.any(mask_THW[:, :, [0, -1]], axis=(1, 2))
    areas_T = mask_THW.sum(axis=(1, 2))
    frames = np.flatnonzero(~rims & (areas_T > 0))
    if len(frames) < 3:
        return float("nan")
    logs = np.log(areas_T[frames])
    return float(np.std(logs - np.polyval(np.polyfit(frames, logs, 1), frames)))


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How a walker moves: pixels a frame of its feet while they are on the ground, and of its body."""

    slip_px: float
    body_px: float

    @property
    def slide(self) -> float:
        """Return the feet's part of the body's speed: 0 when planted, 1 when pushed along, NaN if it goes nowhere."""
        return self.slip_px / self.body_px if self.body_px >= LEAST_WAY_PX else float("nan")


def steps(mask_THW: np.ndarray) -> Steps:
    """Return how fast soles and body of a walker move before a camera at rest, from every frame.

    Between neighbouring frames the columns in which the lowest part of the mask stands on the ground are shifted until
    they agree best; the medians over frames don't see the moments in which feet change.
    """
    seen = [t for t in range(len(mask_THW)) if mask_THW[t].any()]
    pairs = [n for n in range(len(seen) - 1) if seen[n + 1] == seen[n] + 1]
    if not pairs:
        return Steps(slip_px=float("nan"), body_px=float("nan"))
    soles_Tw, middles_T = _soles(mask_THW[seen]), np.array([np.nonzero(mask_THW[t])[1].mean() for t in seen])
    body_px = np.array([middles_T[n + 1] - middles_T[n] for n in pairs])
    reach = int(np.ceil(1.5 * np.abs(np.median(body_px)))) + 1
    slips_px = [_shift(soles_Tw[n], soles_Tw[n + 1], reach) for n in pairs]
    return Steps(slip_px=float(np.abs(np.median(slips_px))), body_px=float(np.abs(np.median(body_px))))


def _soles(mask_THW: np.ndarray) -> np.ndarray:
    """Return how much of each column stands on the ground, which is as low as the subject ever gets (T, w)."""
    rows_TH = np.any(mask_THW, axis=2)
    bottoms_T = rows_TH.shape[1] - np.argmax(rows_TH[:, ::-1], axis=1)
    heights_T = rows_TH.sum(axis=1)
    ground = int(np.quantile(bottoms_T, 0.9, method="nearest"))
    band = max(2, round(SOLE * float(np.median(heights_T))))
    return mask_THW[:, max(0, ground - band) : ground].sum(axis=1).astype(float)


def _shift(sole_w: np.ndarray, next_w: np.ndarray, reach: int) -> int:
    """Return by how many columns the first must be moved to agree best with the second; the least of equals."""
    shifts = sorted(range(-reach, reach + 1), key=abs)
    return min(shifts, key=lambda shift: float(np.abs(np.roll(sole_w, shift) - next_w).sum()))


def num_legs(mask_HW: np.ndarray) -> int:
    """Return how many legs one sees: the most separate runs of columns in any row of the lowest fifth of a mask."""
    rows = np.flatnonzero(mask_HW.any(axis=1))
    if not len(rows):
        return 0
    lowest = max(1, round(LEGS * (rows[-1] - rows[0] + 1)))
    return max(_num_runs(mask_HW[row]) for row in range(rows[-1] - lowest + 1, rows[-1] + 1))


def _num_runs(row_w: np.ndarray) -> int:
    """Return the number of runs that are as wide as a leg."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row_w.astype(np.int8), [0]])))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= THINNEST_LEG_PX))
