"""What can happen to pictures on their way: blur, another brightness, JPEG, noise, each at a strength.

T frames, H W pixels, uint8 throughout.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from kinora.evaluation.subject import SEED

Corruption = Callable[[np.ndarray], np.ndarray]


def blurred(frames_THW3: np.ndarray, sigma_px: float) -> np.ndarray:
    """Return frames after a Gaussian blur."""
    return np.stack([cv2.GaussianBlur(frame, (0, 0), sigma_px) for frame in frames_THW3])


def brightened(frames_THW3: np.ndarray, factor: float) -> np.ndarray:
    """Return frames whose levels are so many times as high, cut off at white."""
    return (factor * frames_THW3.astype(np.float32)).round().clip(0, 255).astype(np.uint8)


def compressed(frames_THW3: np.ndarray, quality: int) -> np.ndarray:
    """Return frames after JPEG of a quality from 1 to 100, each on its own."""
    return np.stack([_through_jpeg(frame, quality) for frame in frames_THW3])


def _through_jpeg(frame_HW3: np.ndarray, quality: int) -> np.ndarray:
    _, data = cv2.imencode(".jpg", frame_HW3[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert read is not None
    return read[..., ::-1]


def noisy(frames_THW3: np.ndarray, deviation: float) -> np.ndarray:
    """Return frames with Gaussian noise of so many levels in every value, the same whenever it is asked for."""
    noise = np.random.default_rng([SEED, 10]).standard_normal(frames_THW3.shape, np.float32)
    return (frames_THW3 + deviation * noise).round().clip(0, 255).astype(np.uint8)


CORRUPTIONS: dict[str, Corruption] = {
    **{f"blur, sigma {sigma}": partial(blurred, sigma_px=sigma) for sigma in (1, 2, 4)},
    **{f"brightness x{factor}": partial(brightened, factor=factor) for factor in (0.6, 1.4)},
    "JPEG, quality 20": partial(compressed, quality=20),
    "noise, 20 levels": partial(noisy, deviation=20),
}
