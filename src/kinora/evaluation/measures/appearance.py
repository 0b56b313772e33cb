"""How clips look, whatever was asked for: sharpness, flicker, motion, and how far a set of clips is from the truth.

T frames, H W pixels, K axes, N clips, D features. Grey levels are of 255. Figures that depend on what is shown (all but
Frechet's distance) mean something only as a share of the same figure on rendered truth of the same prompts.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from kinora.models.video_autoencoder import BLOCK_FRAMES

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# One step along an edge (rows, columns); the derivative across it is that of x and y with the weights beside.
AXES: tuple[tuple[tuple[int, int], tuple[float, float]], ...] = (
    ((1, 0), (1.0, 0.0)),
    ((0, 1), (0.0, 1.0)),
    ((1, 1), (0.5**0.5, -(0.5**0.5))),
    ((1, -1), (0.5**0.5, 0.5**0.5)),
)
AXIS_SCALE_PX = 1.5
# A frozen clip: half a second later the liveliest hundredth of its tiles looks the same to within these grey levels.
FROZEN_LAG_FRAMES, FROZEN_TILE_PX, FROZEN_LEVELS = 6, 8, 2.5


def luma(frames_THW3: np.ndarray) -> np.ndarray:
    """Return the brightness of uint8 pixels (..., 3) as float32 (...), in grey levels (ITU-R BT.601)."""
    return frames_THW3.astype(np.float32) @ LUMA


def sharpness(frames_THW3: np.ndarray, inside_THW: np.ndarray) -> float:
    """Return how strong edges are inside a mask (bool), in grey levels a pixel; NaN where the mask is empty.

    It is the root of the mean, over the pixels inside, of `d(p - s) d(p + s)`: d is the central difference of luma
    across the edge, s one step along it, and the edge's axis that of four on which d has most energy around. An edge
    goes on along itself, so that the product is its squared slope; noise has no such axis, so that its products
    cancel. Hence blur and loss of detail lower the figure and noise does not raise it, be it fine or of two pixels.
    It scales with contrast: divide it by that of truth of the same prompts.
    """
    seen = [t for t in range(len(frames_THW3)) if inside_THW[t].any()]
    if not seen:
        return float("nan")
    products = np.concatenate([_edge_products(luma(frames_THW3[t]))[inside_THW[t]] for t in seen])
    return float(np.sqrt(max(0.0, float(products.mean(dtype=np.float64)))))


def _edge_products(luma_HW: np.ndarray) -> np.ndarray:
    """Return the product of an edge's slope one pixel to either side along it (H, W)."""
    by_y_HW, by_x_HW = np.gradient(luma_HW)
    products, energies = [], []
    for (rows, columns), (x, y) in AXES:
        slope_HW = x * by_x_HW + y * by_y_HW
        energies.append(gaussian_filter(np.square(slope_HW), AXIS_SCALE_PX))
        products.append(np.roll(slope_HW, (rows, columns), (0, 1)) * np.roll(slope_HW, (-rows, -columns), (0, 1)))
    axis_1HW = np.argmax(energies, axis=0)[None]
    product_HW = np.take_along_axis(np.stack(products), axis_1HW, 0)[0]
    # Rolling wraps around.
    product_HW[[0, -1]], product_HW[:, [0, -1]] = 0.0, 0.0
    return product_HW


@dataclass(frozen=True, kw_only=True)
class Flicker:
    """Grey levels of jitter, where the generator's blocks of frames meet and inside them."""

    at_borders: float
    inside_blocks: float


def flicker(frames_THW3: np.ndarray, background_THW: np.ndarray) -> Flicker:
    """Return the mean magnitude of the second difference over time, f(t-1) - 2 f(t) + f(t+1), of background pixels.

    `background_THW` (bool) is outside subjects; a pixel counts where it is background in all three frames. What
    brightens steadily doesn't count, rain and moving cameras do: hold it against truth. Blocks are the video
    autoencoder's. Raises ValueError below two blocks of frames.
    """
    if len(frames_THW3) < 2 * BLOCK_FRAMES:
        raise ValueError(f"flicker needs {2 * BLOCK_FRAMES} frames or more, not {len(frames_THW3)}")
    light_THW = luma(frames_THW3)
    jitter_THW = np.abs(light_THW[:-2] - 2 * light_THW[1:-1] + light_THW[2:])
    counts_THW = background_THW[:-2] & background_THW[1:-1] & background_THW[2:]
    across_T = np.isin(np.arange(1, len(light_THW) - 1) % BLOCK_FRAMES, (0, BLOCK_FRAMES - 1))
    at_borders, inside = (
        float(jitter_THW[frames][counts_THW[frames]].mean()) if counts_THW[frames].any() else float("nan")
        for frames in (across_T, ~across_T)
    )
    return Flicker(at_borders=at_borders, inside_blocks=inside)


def motion_energy(frames_THW3: np.ndarray) -> float:
    """Return the mean magnitude of the difference between neighbouring frames, in grey levels."""
    return float(np.abs(np.diff(luma(frames_THW3), axis=0)).mean())


def is_frozen(frames_THW3: np.ndarray) -> bool:
    """Return whether nothing moves: no half second visibly changes a hundredth of the picture's tiles.

    Tiles of 8 pixels average noise out; height and width must be multiples of that. Truth that stands still is frozen.
    """
    frames, height, width = frames_THW3.shape[:3]
    tiled = (frames, height // FROZEN_TILE_PX, FROZEN_TILE_PX, width // FROZEN_TILE_PX, FROZEN_TILE_PX)
    tiles_THW = luma(frames_THW3).reshape(tiled).mean(axis=(2, 4))
    change_THW = np.abs(tiles_THW[FROZEN_LAG_FRAMES:] - tiles_THW[:-FROZEN_LAG_FRAMES])
    return bool(np.quantile(change_THW, 0.99, axis=(1, 2)).max() < FROZEN_LEVELS)


def frechet_distance(features_a_ND: np.ndarray, features_b_ND: np.ndarray) -> float:
    """Return the squared Frechet distance of the Gaussians fitted to two sets of features, 0 for equal ones.

    `|mean difference|^2 + tr A + tr B - 2 tr (A^1/2 B A^1/2)^1/2` (Dowson and Landau, J. Multivariate Analysis 12,
    1982), by eigenvalues of symmetric matrices, so that it is never complex. Covariances are shrunk as by Ledoit and
    Wolf, which lets N be below D. Still it is biased upwards at small N: compare figures of equal N only, and state N.
    """
    (mean_a_D, a_DD), (mean_b_D, b_DD) = shrunk_gaussian(features_a_ND), shrunk_gaussian(features_b_ND)
    return gaussian_distance(mean_a_D, a_DD, mean_b_D, b_DD)


def gaussian_distance(mean_a_D: np.ndarray, a_DD: np.ndarray, mean_b_D: np.ndarray, b_DD: np.ndarray) -> float:
    """Return the squared Frechet distance of two Gaussians given by their means and covariances."""
    values_D, vectors_DD = np.linalg.eigh(a_DD)
    root_DD = (vectors_DD * np.sqrt(values_D.clip(0))) @ vectors_DD.T
    shared = np.sqrt(np.linalg.eigvalsh(root_DD @ b_DD @ root_DD).clip(0)).sum()
    apart = np.square(mean_a_D - mean_b_D).sum()
    return max(0.0, float(apart + np.trace(a_DD) + np.trace(b_DD) - 2 * shared))


def shrunk_gaussian(features_ND: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean (D,) and covariance (D, D), drawn towards a multiple of one as far as N warrants.

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", J. Multivariate Analysis
    88, 2004. Raises ValueError below two rows.
    """
    num, width = features_ND.shape
    if num < 2:
        raise ValueError("a Gaussian needs two rows of features or more: give more clips")
    mean_D = features_ND.mean(axis=0, dtype=np.float64)
    centred_ND = features_ND - mean_D
    sample_DD = centred_ND.T @ centred_ND / num
    level = np.trace(sample_DD) / width
    spread = np.square(sample_DD).sum() - width * level**2
    error = (np.square(np.square(centred_ND).sum(axis=1)).sum() / num - np.square(sample_DD).sum()) / num
    share = min(1.0, error / spread) if spread > 0 else 0.0
    return mean_D, (1 - share) * sample_DD + share * level * np.eye(width)
