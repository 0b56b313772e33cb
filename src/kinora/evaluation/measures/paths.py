"""Tracks in metres, and the curves that laws of motion fit to them.

N the frames in which a thing is seen. Seconds; metres with y up, from the picture's lower left corner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.signal import find_peaks

from kinora.evaluation.seeing.sight import SHRINK, Sight
from kinora.evaluation.seeing.tracks import Track, tracks_of
from kinora.storybook.camera import FRAMES
from kinora.storybook.moves.role import drawn_scale
from kinora.storybook.vocabulary import KINDS

Asks = Mapping[str, Any]

# A curve is fitted to no fewer frames.
FEWEST = 5
# A touch of the ground is a turn this deep, this near to the lowest one: in one frame a ball falls half a metre.
LEAST_TURN_M, NEAR_GROUND_M = 0.15, 0.45
# What is asked for without a framing is most often seen in one of these, at about this depth.
VIEWS_M = tuple(FRAMES[view][0] for view in ("medium", "wide"))
TYPICAL_DEPTH = 0.35
# What suddenly is so much larger than usual is two things that touch.
JOINED = 1.4
# What rests seems to move by this much, as maps are coarse.
STILL_M = 0.05


@dataclass(frozen=True, kw_only=True)
class Path:
    """A thing's way: its middle, base and sides; `whole_N` is true where no edge cuts it off and no other joins it."""

    kind: str
    colour: str
    times_s: np.ndarray
    x_m: np.ndarray
    middle_m: np.ndarray
    base_m: np.ndarray
    left_m: np.ndarray
    right_m: np.ndarray
    whole_N: np.ndarray

    @property
    def height_m(self) -> np.ndarray:
        """Return how high the base is above the ground, which is as low as it gets but for a stray frame in twenty."""
        return self.base_m - np.quantile(self.base_m, 0.05)

    @property
    def touches(self) -> tuple[int, ...]:
        """Return the frames in which it touches the ground and turns: low turning points of its middle."""
        above_m = self.middle_m - self.middle_m.min()
        return tuple(int(n) for n in find_peaks(-above_m, prominence=LEAST_TURN_M)[0] if above_m[n] <= NEAR_GROUND_M)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A fitted polynomial: velocity at its first frame, acceleration, and the share of the variance it explains."""

    velocity_m_s: float
    acceleration_m_s2: float
    r_squared: float


@dataclass(frozen=True, kw_only=True)
class Kink:
    """Two straight ways, before and after an instant: velocities in m/s, squared error of both in m^2."""

    before_m_s: float
    after_m_s: float
    squared_m2: float


def paths_of(asks: Asks, sight: Sight) -> list[Path]:
    """Return the ways of all things, what is seen longest first."""
    return [_path(asks, sight, track) for track in tracks_of(sight)]


def named(paths: Sequence[Path], asks: Asks) -> list[Path]:
    """Return those of the kind and colour asked for, of any colour where none is."""
    return [one for one in paths if one.kind == asks.get("kind") and asks.get("colour", one.colour) == one.colour]


def _path(asks: Asks, sight: Sight, track: Track) -> Path:
    height_px, width_px = (SHRINK * size for size in sight.kind_THW.shape[1:])
    scale = view_height_m(asks, track, height_px) / height_px
    left, top, right, bottom = track.boxes_N4.T
    uncut = (left > 0) & (top > 0) & (right < width_px) & (bottom < height_px)
    return Path(
        kind=track.kind,
        colour=track.colour,
        times_s=np.array(sight.times_s)[track.frames_N],
        x_m=scale * track.middles_N2[:, 0],
        middle_m=scale * (height_px - track.middles_N2[:, 1]),
        base_m=scale * (height_px - bottom),
        left_m=scale * left,
        right_m=scale * right,
        whole_N=uncut & np.array([thing.area_px < JOINED * track.area_px for thing in track.things]),
    )


def view_height_m(asks: Asks, track: Track, height_px: int) -> float:
    """Return the picture's height in metres: as asked, else in the view that best makes the thing its kind's size."""
    if "framing" in asks:
        return FRAMES[asks["framing"]][0]
    kind = KINDS[track.kind]
    shown = float(np.median([np.sqrt(thing.width_px * thing.height_px) for thing in track.things])) / height_px
    expected_m = np.sqrt(kind.width_m * kind.height_m) * drawn_scale(TYPICAL_DEPTH)
    return min(VIEWS_M, key=lambda view_m: abs(np.log(shown * view_m / expected_m)))


def fitted(times_s: np.ndarray, values_m: np.ndarray, degree: int) -> Curve:
    """Return the least-squares polynomial of degree 1 or 2; what never changes explains nothing (R2 0)."""
    since_s = times_s - times_s[0]
    coefficients = np.polyfit(since_s, values_m, degree)
    variance, left = float(np.var(values_m)), float(np.var(values_m - np.polyval(coefficients, since_s)))
    return Curve(
        velocity_m_s=float(coefficients[-2]),
        acceleration_m_s2=2 * float(coefficients[0]) if degree == 2 else 0.0,
        r_squared=1 - left / variance if variance else 0.0,
    )


def kinks(path: Path) -> dict[float, Kink]:
    """Return, for every instant that leaves enough of the way on both sides, the straight ways fitted to x there."""
    times_s, x_m = path.times_s[path.whole_N], path.x_m[path.whole_N]
    found = {}
    for number in range(FEWEST, len(times_s) - FEWEST + 1):
        parts = (slice(number), slice(number, None))
        (before, error, *_), (after, other, *_) = (np.polyfit(times_s[n], x_m[n], 1, full=True) for n in parts)
        squared_m2 = float(error.sum() + other.sum())
        found[float(times_s[number])] = Kink(
            before_m_s=float(before[0]), after_m_s=float(after[0]), squared_m2=squared_m2
        )
    return found


def spread_m2(path: Path) -> float:
    """Return the squared deviations of x from its mean, at least those of what rests."""
    x_m = path.x_m[path.whole_N]
    return max(float(np.square(x_m - x_m.mean()).sum()), len(x_m) * STILL_M**2)


def nearest_m(first: Path, second: Path) -> float:
    """Return the least gap between the sides of two things, over the instants that show both; 0 where they overlap."""
    _, a, b = np.intersect1d(first.times_s, second.times_s, return_indices=True)
    gaps_m = np.maximum(first.left_m[a], second.left_m[b]) - np.minimum(first.right_m[a], second.right_m[b])
    return max(0.0, float(gaps_m.min(initial=np.inf)))


def runs_between(touches: Sequence[int]) -> list[slice]:
    """Return the frames before the first touch, and between touches, without the touches themselves."""
    return [slice(before + 1, touch) for before, touch in pairwise((-1, *touches))]
