"""What other models do where a picture is given: hold it, or zoom it slowly; and what tells that from motion.

T frames, H W pixels. Grey levels are of 255.
"""

import cv2
import numpy as np

from kinora.evaluation.measures.appearance import luma

# A slow zoom goes in so far in four seconds.
ZOOM = 1.15
# Frames a third of a second apart are laid over each other: over less, sampling anew errs by as much as a zoom moves.
APART_FRAMES = 4
# Corners to follow: how many at most and at least, how strong, how far apart, and how near to the fit they must lie.
CORNERS, FEWEST, STRENGTH, SPACED_PX, NEAR_PX = 200, 8, 0.01, 5, 0.5


def zoomed(picture_HW3: np.ndarray, num: int) -> np.ndarray:
    """Return a picture that is slowly enlarged around its middle, uint8 (T, H, W, 3)."""
    height, width = picture_HW3.shape[:2]
    middle = ((width - 1) / 2, (height - 1) / 2)
    return np.stack(
        [_moved(picture_HW3, cv2.getRotationMatrix2D(middle, 0, scale)) for scale in np.linspace(1, ZOOM, num)]
    )


def within(frames_THW3: np.ndarray) -> tuple[float, float]:
    """Return how much frames a third of a second apart differ, in levels, and how much of that is left once the earlier
    one is shifted, turned and scaled as a whole to lie over the later one as well as it can.

    The similarity is fitted to corners that were followed (Lucas and Kanade, IJCAI 1981; RANSAC: Fischler and Bolles,
    CACM 24, 1981); where there is none, or it is no better, all is left.
    """
    grey_THW = luma(frames_THW3)
    pairs = zip(grey_THW, grey_THW[APART_FRAMES:], strict=False)
    differences = np.array([_differences(one_HW, other_HW) for one_HW, other_HW in pairs])
    apart, left = differences.mean(axis=0)
    return float(apart), float(left)


def _differences(one_HW: np.ndarray, other_HW: np.ndarray) -> tuple[float, float]:
    apart = float(np.abs(other_HW - one_HW).mean())
    fit = _similarity(one_HW, other_HW)
    if fit is None:
        return apart, apart
    # What comes in over the edge was seen in neither.
    seen_HW = cv2.warpAffine(np.ones_like(one_HW), fit, one_HW.shape[::-1]) > 1 - 1e-3
    left_HW = np.abs(other_HW - _moved(one_HW, fit))
    return apart, min(apart, float(left_HW[seen_HW].mean())) if seen_HW.any() else apart


def _similarity(one_HW: np.ndarray, other_HW: np.ndarray) -> np.ndarray | None:
    """Return the shift, turn and scale (2, 3) that most corners of a grey picture followed; None where too few did."""
    one, other = (grey_HW.round().clip(0, 255).astype(np.uint8) for grey_HW in (one_HW, other_HW))
    corners_N12 = cv2.goodFeaturesToTrack(one, CORNERS, STRENGTH, SPACED_PX)
    if corners_N12 is None or len(corners_N12) < FEWEST:
        return None
    followed_N12, is_found_N1, _ = cv2.calcOpticalFlowPyrLK(one, other, corners_N12, np.empty_like(corners_N12))
    is_found_N = is_found_N1[:, 0] == 1
    if is_found_N.sum() < FEWEST:
        return None
    there = corners_N12[is_found_N], followed_N12[is_found_N]
    fit, _ = cv2.estimateAffinePartial2D(*there, method=cv2.RANSAC, ransacReprojThreshold=NEAR_PX)
    return fit


def _moved(picture: np.ndarray, fit: np.ndarray) -> np.ndarray:
    size = (picture.shape[1], picture.shape[0])
    return cv2.warpAffine(picture, fit, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
