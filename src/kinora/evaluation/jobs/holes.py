"""What fills a hole without any model, and where a subject is in a frame: the references that filling must beat.

T frames of the hole, H W pixels.
"""

import cv2
import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, label

# A subject stands out from the bare background by this share of what it does in truth; a ghost at half strength does.
STANDS_OUT, SMOOTH_PX = 0.35, 1.0
# What stands out is the subject where it has its true area to within this share: neither a shred nor a smear.
ALIKE = 0.4


def copied(before_HW3: np.ndarray, after_HW3: np.ndarray, num: int) -> np.ndarray:
    """Return the frame before the hole, again and again."""
    return np.repeat(before_HW3[None], num, axis=0)


def cross_faded(before_HW3: np.ndarray, after_HW3: np.ndarray, num: int) -> np.ndarray:
    """Return the frame before the hole as it turns into the one after."""
    share_T111 = _shares(num)[:, None, None, None]
    return ((1 - share_T111) * before_HW3 + share_T111 * after_HW3).round().astype(np.uint8)


def flowed(before_HW3: np.ndarray, after_HW3: np.ndarray, num: int) -> np.ndarray:
    """Return frames in which each pixel is on its way, by optical flow both ways (DIS: Kroeger et al., ECCV 2016).

    At an instant the flow is carried there from either end, what moves most uppermost, holes take their nearest
    neighbour's, and both ends are warped by it and mixed (Baker et al., IJCV 92, 2011, section 3.3.2).
    """
    there_HW2, back_HW2 = (_flow(*pair) for pair in ((before_HW3, after_HW3), (after_HW3, before_HW3)))
    return np.stack([_between(before_HW3, after_HW3, there_HW2, back_HW2, share) for share in _shares(num)])


REFERENCES = {"optical flow": flowed, "cross-fade": cross_faded, "copy-last-frame": copied}


def _shares(num: int) -> np.ndarray:
    """Return how far into the hole its frames lie, the frames around it being 0 and 1."""
    return np.arange(1, num + 1, dtype=np.float32) / (num + 1)


def _flow(one_HW3: np.ndarray, other_HW3: np.ndarray) -> np.ndarray:
    """Return where each pixel goes from one frame to the other, in pixels (H, W, 2)."""
    one_HW, other_HW = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (one_HW3, other_HW3))
    start_HW2 = np.zeros((*one_HW.shape, 2), np.float32)
    return np.asarray(cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(one_HW, other_HW, start_HW2))


def _between(
    before_HW3: np.ndarray, after_HW3: np.ndarray, there_HW2: np.ndarray, back_HW2: np.ndarray, share: np.float32
) -> np.ndarray:
    """Return the frame at a share of the hole."""
    forth_HW2, held_HW = _carried(there_HW2, share)
    other_HW2, other_held_HW = _carried(-back_HW2, share - 1, back_HW2)
    flow_HW2 = np.where((held_HW & other_held_HW)[..., None], (forth_HW2 + other_HW2) / 2, 0)
    flow_HW2 = np.where((held_HW & ~other_held_HW)[..., None], forth_HW2, flow_HW2)
    flow_HW2 = np.where((~held_HW & other_held_HW)[..., None], other_HW2, flow_HW2)
    if not (held_HW | other_held_HW).all():
        nearest = distance_transform_edt(~(held_HW | other_held_HW), return_distances=False, return_indices=True)
        flow_HW2 = flow_HW2[tuple(nearest)]
    ends = (_warped(before_HW3, -share * flow_HW2), _warped(after_HW3, (1 - share) * flow_HW2))
    return ((1 - share) * ends[0] + share * ends[1]).round().clip(0, 255).astype(np.uint8)


def _carried(
    flow_HW2: np.ndarray, share: np.float32, along_HW2: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the flow seen at an instant, each pixel a share of its way on, and where any came to lie (H, W)."""
    height, width = flow_HW2.shape[:2]
    way_HW2 = share * flow_HW2 if along_HW2 is None else -share * along_HW2
    y_HW, x_HW = np.mgrid[:height, :width]
    x = (x_HW + way_HW2[..., 0]).round().astype(int).clip(0, width - 1).ravel()
    y = (y_HW + way_HW2[..., 1]).round().astype(int).clip(0, height - 1).ravel()
    # What is written last stays.
    order = np.argsort(np.linalg.norm(flow_HW2, axis=2).ravel(), kind="stable")
    carried_HW2, held_HW = np.zeros_like(flow_HW2), np.zeros((height, width), bool)
    carried_HW2[y[order], x[order]] = flow_HW2.reshape(-1, 2)[order]
    held_HW[y, x] = True
    return carried_HW2, held_HW


def _warped(frame_HW3: np.ndarray, way_HW2: np.ndarray) -> np.ndarray:
    """Return a frame whose pixels are taken from where the way leads."""
    height, width = frame_HW3.shape[:2]
    y_HW, x_HW = np.mgrid[:height, :width].astype(np.float32)
    at = (x_HW + way_HW2[..., 0].astype(np.float32), y_HW + way_HW2[..., 1].astype(np.float32))
    return cv2.remap(frame_HW3, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)


# Where a subject is


def contrast(frame_HW3: np.ndarray, background_HW3: np.ndarray, subject_HW: np.ndarray) -> float:
    """Return how far the pixels of a subject (bool) stand out from the bare background: their median, in levels."""
    return float(np.median(_difference(frame_HW3, background_HW3)[subject_HW]))


def found_at(
    frame_HW3: np.ndarray, background_HW3: np.ndarray, *, contrast: float, area_px: float
) -> tuple[float, float] | None:
    """Return the middle (x, y) of the largest patch that stands out from the bare background, by colour alone.

    `contrast` and `area_px` are the subject's own in truth, found by the same means; None where the patch is no body of
    that size.
    """
    patch_HW = _patch(frame_HW3, background_HW3, contrast)
    if abs(patch_HW.sum() - area_px) > ALIKE * area_px:
        return None
    rows, columns = np.nonzero(patch_HW)
    return float(columns.mean()), float(rows.mean())


def area_px(frame_HW3: np.ndarray, background_HW3: np.ndarray, contrast: float) -> float:
    """Return how many pixels the largest patch has that stands out from the bare background."""
    return float(_patch(frame_HW3, background_HW3, contrast).sum())


def _patch(frame_HW3: np.ndarray, background_HW3: np.ndarray, contrast: float) -> np.ndarray:
    labels_HW, num = label(_difference(frame_HW3, background_HW3) > STANDS_OUT * contrast)
    return (
        labels_HW == 1 + int(np.bincount(labels_HW.ravel(), minlength=num + 1)[1:].argmax()) if num else labels_HW > 0
    )


def _difference(frame_HW3: np.ndarray, background_HW3: np.ndarray) -> np.ndarray:
    apart_HW3 = frame_HW3.astype(np.float32) - background_HW3
    return np.linalg.norm(gaussian_filter(apart_HW3, (SMOOTH_PX, SMOOTH_PX, 0)), axis=2)
