"""Is what is made only remembered? How near each clip comes to a clip of training, and how near an unseen one comes.

A clip is small here: 4 frames at an eighth of the size. K clips, N scenes of training, D values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from multiprocessing.pool import Pool

import numpy as np

from kinora.evaluation.figures import LEVEL, RESAMPLES, Figure, share
from kinora.storybook.film import Film
from kinora.storybook.scene import Scene
from kinora.training.pool import PoolConfig
from kinora.training.recipes import clips
from kinora.training.render_pool import shard_scenes

SHRINK = 8
SMALL = (18, 32)
# Where in a clip it is looked at, as shares of its length.
LOOKS = (1 / 8, 3 / 8, 5 / 8, 7 / 8)
# A clip as near to training as the nearest hundredth of unseen ones is called near.
NEAR = 0.01
AT_ONCE = 50


def glances(frames_THW3: np.ndarray) -> np.ndarray:
    """Return four frames spread over a clip."""
    return frames_THW3[[int(share * len(frames_THW3)) for share in LOOKS]]


def small(frames_THW3: np.ndarray) -> np.ndarray:
    """Return four frames at an eighth of the size, uint8 (4, h, w, 3). Height and width must be multiples of 8."""
    return _shrunk(glances(frames_THW3), SHRINK)


def _shrunk(frames_THW3: np.ndarray, by: int) -> np.ndarray:
    frames, height, width, channels = frames_THW3.shape
    tiles = frames_THW3.reshape(frames, height // by, by, width // by, by, channels)
    return tiles.mean(axis=(2, 4)).round().astype(np.uint8)


def small_scene(scene: Scene) -> np.ndarray:
    """Return a drawn scene as `small` would show it: drawn at twice the small size, for speed."""
    film = Film(scene, height=2 * SMALL[0], width=2 * SMALL[1])
    return _shrunk(np.stack([film.frame(share * scene.duration_s) for share in LOOKS]), 2)


def training_scene(number: int) -> Scene:
    """Return a scene that the shipped recipe trains on. Its mirror image is one too."""
    shard, row = divmod(2 * number, _pool().per_shard)
    return next(islice(shard_scenes(_pool(), shard), row, None))[1]


@lru_cache(maxsize=1)
def _pool() -> PoolConfig:
    pool = clips().pool
    assert pool is not None
    return pool


def _small_training(number: int) -> np.ndarray:
    return small_scene(training_scene(number))


def training_pool(num: int, workers: Pool | None = None) -> np.ndarray:
    """Return `num` scenes of training, small, uint8 (N, 4, h, w, 3)."""
    if workers is None:
        return np.stack([_small_training(number) for number in range(num)])
    return np.stack(workers.map(_small_training, range(num), chunksize=AT_ONCE))


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """For each of K clips the nearest scene of training: its number and the distance in levels of 255."""

    number_K: np.ndarray
    distance_K: np.ndarray


def nearest(small_K: np.ndarray, pool_N: np.ndarray) -> Nearest:
    """Return the nearest of the pool, or of its mirror images, by the root of the mean squared difference of values."""
    here = small_K.reshape(len(small_K), -1).astype(np.float32)
    both = [pool.reshape(len(pool_N), -1).astype(np.float32) for pool in (pool_N, pool_N[..., ::-1, :])]
    squared_KN = np.minimum(*(_squared_distances(here, there) for there in both)) / here.shape[1]
    number_K = squared_KN.argmin(axis=1)
    return Nearest(number_K=number_K, distance_K=np.sqrt(squared_KN[np.arange(len(here)), number_K]))


def _squared_distances(a_KD: np.ndarray, b_ND: np.ndarray) -> np.ndarray:
    """Return squared Euclidean distances (K, N)."""
    squares = np.square(a_KD).sum(1)[:, None] + np.square(b_ND).sum(1)[None]
    return np.maximum(squares - 2 * a_KD @ b_ND.T, 0.0)


def figures(distances: Mapping[str, np.ndarray], num_pool: int) -> list[Figure]:
    """Return median distances of what is made and of unseen drawn clips, their ratio, and how many are near.

    `distances` has "made" and "truth", in levels of 255, and may have "matched": those of what is made that was drawn
    as well, which the ratio is taken of. A model that only remembers has a ratio near 0.
    """
    made, truth = distances["made"], distances["truth"]
    matched = distances.get("matched", made)
    threshold = float(np.quantile(truth, NEAR))
    note = f"to the nearest of {num_pool} scenes of training or its mirror image; 4 frames of 32x18"
    near = f"at most {threshold:.1f} levels, as the nearest {NEAR:.0%} of unseen drawn clips"
    alike = "of the same prompts; 1 and more: made clips are no copies"
    return [
        _median_ratio("made, median distance", made, np.ones(1), unit="levels", note=note),
        _median_ratio("unseen drawn clips, median distance", truth, np.ones(1), unit="levels", note=note),
        _median_ratio("made over unseen", matched, truth, unit="", note=alike),
        share("made clips as near as a copy would be", made <= threshold, np.ones(len(made)), note=near),
    ]


def _median_ratio(name: str, above: np.ndarray, below: np.ndarray, *, unit: str, note: str) -> Figure:
    """Return the ratio of two medians with its bootstrap interval; `num` counts the first."""
    rng = np.random.default_rng(0)
    tops, bottoms = (
        np.median(values[rng.integers(len(values), size=(RESAMPLES, len(values)))], axis=1) for values in (above, below)
    )
    low, high = np.quantile(tops / bottoms, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = float(np.median(above) / np.median(below))
    return Figure(name=name, value=value, unit=unit, num=len(above), low=float(low), high=float(high), note=note)
