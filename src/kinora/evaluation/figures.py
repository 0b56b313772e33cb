"""A measured figure with its interval, and how both are computed from one row a scene.

Scenes are the sampling unit everywhere: what happens inside one scene is not independent.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

LEVEL = 0.95
RESAMPLES = 2000
FULL_SCALE = 255.0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured: a value with its 95 % interval (None where there is none), over `num` things."""

    name: str
    value: float
    unit: str
    num: int
    low: float | None = None
    high: float | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the figure as plain values."""
        return asdict(self)

    def row(self) -> str:
        """Return the figure as a row of a Markdown table."""
        interval = "" if self.low is None or self.high is None else f"{self.low:.4g} to {self.high:.4g}"
        return f"| {self.name} | {self.value:.4g} {self.unit} | {interval} | {self.num} | {self.note} |"


HEADER = "| measure | value | 95 % interval | n | how |\n|---|---|---|---|---|"


def ratio(
    name: str,
    parts: ArrayLike,
    wholes: ArrayLike,
    *,
    unit: str,
    note: str = "",
    scale: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> Figure:
    """Return `scale(sum of parts / sum of wholes)`, one part and one whole a scene, with its percentile bootstrap.

    `num` is the number of scenes. Raises ValueError where there is nothing to divide by.
    """
    part, whole = np.asarray(parts, float), np.asarray(wholes, float)
    if not whole.sum() > 0:
        raise ValueError(f"nothing was measured for {name!r}: give more clips")
    drawn = np.random.default_rng(0).integers(len(part), size=(RESAMPLES, len(part)))
    parts_drawn, wholes_drawn = part[drawn].sum(axis=1), whole[drawn].sum(axis=1)
    # A resample without any whole has no ratio; it says nothing about the spread.
    some = wholes_drawn > 0
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    # An end is one of the resamples, so that infinite ones do not turn into no number at all.
    low, high = np.quantile(scale(parts_drawn[some] / wholes_drawn[some]), ends, method="inverted_cdf")
    value = float(scale(part.sum() / whole.sum()))
    return Figure(name=name, value=value, unit=unit, num=len(part), low=float(low), high=float(high), note=note)


def mean(name: str, values: ArrayLike, *, unit: str, note: str = "") -> Figure:
    """Return the mean of one value a scene with its bootstrap interval."""
    return ratio(name, values, np.ones(len(np.asarray(values))), unit=unit, note=note)


def share(name: str, right: ArrayLike, asked: ArrayLike, *, note: str = "") -> Figure:
    """Return a share in percent, `num` counting what was asked.

    The interval is the wider of the bootstrap over scenes and Wilson's over all that was asked: the first knows that
    a scene's answers hang together, the second does not collapse where everything is right.
    """
    over_scenes = ratio(name, right, asked, unit="%", note=note, scale=lambda x: 100 * x)
    num = int(np.sum(asked))
    low, high = (100 * end for end in wilson(float(np.sum(right)), num))
    assert over_scenes.low is not None and over_scenes.high is not None
    return Figure(
        name=name,
        value=over_scenes.value,
        unit="%",
        num=num,
        low=min(low, over_scenes.low),
        high=max(high, over_scenes.high),
        note=note,
    )


def wilson(right: float, num: int) -> tuple[float, float]:
    """Return Wilson's score interval of a share in [0, 1] (JASA 22, 1927)."""
    z = float(norm.ppf((1 + LEVEL) / 2))
    middle = (right + z * z / 2) / (num + z * z)
    reach = z / (num + z * z) * np.sqrt(right * (num - right) / num + z * z / 4)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def psnr(mean_squared: np.ndarray) -> np.ndarray:
    """Return decibels for a mean squared error of 8-bit values; no error is infinitely many."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(FULL_SCALE**2 / np.asarray(mean_squared, float))


def table(title: str, figures: Sequence[Figure]) -> str:
    """Return a titled Markdown table."""
    return "\n".join([f"## {title}", "", HEADER, *(figure.row() for figure in figures), ""])
