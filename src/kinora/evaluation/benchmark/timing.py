"""Seconds, how they spread, and how two ways of doing the same compare in one run."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

import numpy as np

from kinora.evaluation.benchmark.table import Cell
from kinora.evaluation.figures import ratio

Work = Callable[[], object]


def in_turn(works: Mapping[str, Work], runs: int) -> dict[str, list[float]]:
    """Return the seconds of every run of every work, after one that warms up. A round runs each once, so that whatever
    else the machine does falls on all alike."""
    for work in works.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            taken[name].append(seconds_of(work))
    return taken


def seconds_of(work: Work) -> float:
    """Return the wall seconds of one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spread(seconds: Sequence[float]) -> dict[str, Cell]:
    """Return median, 95th percentile and number as cells."""
    return {"median_s": median(seconds), "p95_s": percentile(seconds, 0.95), "n": len(seconds)}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least measured value that at least a share of all do not exceed."""
    return float(np.quantile(values, share, method="inverted_cdf"))


def compared(seconds: Sequence[float], base: Sequence[float]) -> dict[str, Cell]:
    """Return the time as a multiple of the base's, with the bootstrap interval over rounds where there are several, as
    cells."""
    times = ratio("time", seconds, base, unit="times")
    low, high = (times.low, times.high) if len(seconds) > 1 else (None, None)
    return {"times_base": times.value, "low": low, "high": high}
