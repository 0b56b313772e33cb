"""How the camera moves, from the pictures alone: what is not a subject is followed from frame to frame.

T frames, S = T - 1 steps between them, H W the picture's pixels. Shifts are those of the background, in pixels, y down:
a camera that turns to the right moves it to the left.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import median_filter

from kinora.evaluation.seeing.sight import Sight

CORNERS, CORNER_QUALITY, CORNER_APART_PX, FLOW_WINDOW_PX = 300, 0.004, 4, 13
# Near ground moves with the camera, far hills and clouds hardly do: shifts are read off the lower part of the picture.
GROUND_FROM = 0.55
FEWEST_POINTS = 8
INLIER_PX = 0.7
# A background that is one picture's and the same in the next takes at least this share of what is followed along. Of
# drawn clips the least is 0.3; of noise, in which nothing is found again, a twentieth goes the same way.
LEAST_AGREED = 0.15
# Rain falls faster than any camera tilts, in picture heights from frame to frame; flakes are wiped out by a median.
FALLING, FLAKES_PX, CLEANING_FRAMES = 0.042, 7, 5
# What counts as no motion at all, of cleaned pictures: picture heights there and back, and growth as a logarithm.
STILL = 0.03
# How far round a subject nothing is followed, in pixels.
BERTH_PX = 6


# What makes a move: growth of the picture as a logarithm, shares of the picture passed, way there and back.
ZOOMED, PASSED, TILTED, SHAKEN, NET = 0.13, 0.07, 0.06, 0.14, 0.6


@dataclass(frozen=True, kw_only=True)
class Motion:
    """What the background does between frames: shifts of the ground in pixels (S, 2), growth of the picture as a
    logarithm (S,), the picture's size (H, W), and the share of what is followed that agrees on it."""

    shift_S2: np.ndarray
    growth_S: np.ndarray
    size: tuple[int, int]
    agreed: float = 1.0

    @property
    def believed(self) -> bool:
        """Return whether this can be a background's motion; where there is nothing to follow, nothing gainsays it."""
        return self.agreed >= LEAST_AGREED

    @property
    def still(self) -> bool:
        """Return whether hardly anything moves."""
        way = np.abs(self.shift_S2).sum(axis=0).max(initial=0.0)
        return bool(way < STILL * self.size[0] and abs(self.growth_S.sum()) < STILL)

    def path(self) -> np.ndarray:
        """Return how far the background has gone in each frame, (0, 0) in the first (T, 2)."""
        return np.concatenate([np.zeros((1, 2)), np.cumsum(self.shift_S2, axis=0)])

    def steadied(self, points_N2: np.ndarray, frames_N: np.ndarray) -> np.ndarray:
        """Return where points (x, y) seen in these frames would be seen had the camera stood still since the first."""
        grown, gone = np.ones(len(self.growth_S) + 1), np.zeros((len(self.growth_S) + 1, 2))
        for step, growth in enumerate(np.exp(self.growth_S)):
            grown[step + 1] = growth * grown[step]
            gone[step + 1] = growth * gone[step] + self.shift_S2[step]
        middle = np.array([self.size[1] / 2, self.size[0] / 2])
        return middle + (points_N2 - middle - gone[frames_N]) / grown[frames_N, None]


def motion_of(frames_THW3: np.ndarray, sight: Sight, fps: float) -> Motion:
    """Return how the background of uint8 frames moves; subjects are where the sight says."""
    grey_THW = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames_THW3])
    free_THW = np.stack([_background(sight, number / fps, grey_THW.shape[1:]) for number in range(len(grey_THW))])
    if sight.weather not in ("rain", "snow"):
        return _motion(grey_THW, free_THW)
    # What falls moves too. A median in time wipes it out but slows what is left, so it only tells whether all is still.
    cleaned = _motion(median_filter(grey_THW, (CLEANING_FRAMES, 1, 1), mode="nearest"), free_THW)
    if cleaned.still:
        return cleaned
    if sight.weather == "snow":
        grey_THW = np.stack([cv2.medianBlur(grey, FLAKES_PX) for grey in grey_THW])
    return _motion(grey_THW, free_THW)


def _motion(grey_THW: np.ndarray, free_THW: np.ndarray) -> Motion:
    steps = [_step(*pair) for pair in zip(grey_THW[:-1], grey_THW[1:], free_THW[:-1], strict=True)]
    table = np.array(steps).reshape(-1, 4)
    known = table[~np.isnan(table[:, 3]), 3]
    agreed = float(np.median(known)) if len(known) else 1.0
    return Motion(shift_S2=table[:, :2], growth_S=table[:, 2], size=grey_THW.shape[1:], agreed=agreed)


def _background(sight: Sight, t_s: float, size: tuple[int, int]) -> np.ndarray:
    """Return where nothing is in the way, uint8 (H, W), 255 where it is not, at the look nearest in time."""
    look = int(np.abs(np.array(sight.times_s) - t_s).argmin())
    taken_HW = (sight.kind_THW[look] > 0).astype(np.uint8)
    taken_HW = cv2.resize(taken_HW, size[::-1], interpolation=cv2.INTER_NEAREST)
    return 255 * (1 - cv2.dilate(taken_HW, np.ones((2 * BERTH_PX + 1,) * 2, np.uint8)))


UNKNOWN = (0.0, 0.0, 0.0, float("nan"))


def _step(before_HW: np.ndarray, after_HW: np.ndarray, free_HW: np.ndarray) -> tuple[float, float, float, float]:
    """Return shift x, y of the ground and growth of the picture from one frame to the next, and how large a share of
    the points in the picture agrees on that; zeros, and no number, where unknown."""
    points = cv2.goodFeaturesToTrack(before_HW, CORNERS, CORNER_QUALITY, CORNER_APART_PX, mask=free_HW)
    if points is None:
        return UNKNOWN
    window = (FLOW_WINDOW_PX, FLOW_WINDOW_PX)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before_HW, after_HW, points, points.copy(), winSize=window, maxLevel=2)
    falling = moved[:, 0, 1] - points[:, 0, 1] >= FALLING * before_HW.shape[0]
    kept = (found[:, 0] == 1) & ~falling
    points, moved = points[kept, 0], moved[kept, 0]
    middle = np.array([before_HW.shape[1] / 2, before_HW.shape[0] / 2])
    whole, agreed = _affine(points - middle, moved - middle)
    near = points[:, 1] >= GROUND_FROM * before_HW.shape[0]
    ground, _ = _affine(points[near] - middle, moved[near] - middle)
    chosen = ground if ground is not None else whole
    if chosen is None or whole is None:
        return UNKNOWN
    return float(chosen[0, 2]), float(chosen[1, 2]), float(np.log(np.hypot(whole[0, 0], whole[1, 0]))), agreed


def _affine(points_N2: np.ndarray, moved_N2: np.ndarray) -> tuple[np.ndarray | None, float]:
    """Return the turn, growth and shift most points agree on (2, 3), None of too few, and what share agrees."""
    if len(points_N2) < FEWEST_POINTS:
        return None, 0.0
    # RANSAC draws from OpenCV's own generator.
    cv2.setRNGSeed(0)
    matrix, is_inlier = cv2.estimateAffinePartial2D(points_N2, moved_N2, ransacReprojThreshold=INLIER_PX)
    return matrix, float(np.mean(is_inlier))


def camera_move(motion: Motion, stays: bool) -> str:
    """Return which of the vocabulary's camera moves this is; `stays` says that the subject keeps its place in the
    picture while the background passes. "" where no background's motion can be believed, as in noise."""
    if not motion.believed:
        return ""
    height, width = motion.size
    growth, path_T2 = float(motion.growth_S.sum()), motion.path()
    across, down = np.abs(path_T2[-1]) / (width, height)
    way = np.abs(motion.shift_S2).sum(axis=0)
    if abs(growth) >= ZOOMED:
        return "zoom in" if growth > 0 else "zoom out"
    if (way >= SHAKEN * height).all() and (np.abs(path_T2[-1]) < NET * way).all():
        return "shake"
    if across >= PASSED and across * width >= down * height:
        return "track" if stays else "pan"
    return "tilt" if down >= TILTED else "static"
