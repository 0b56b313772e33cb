"""Lines of tables and their figures, from rows, one a job done."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from kinora.evaluation.figures import LEVEL, RESAMPLES, Figure, share
from kinora.evaluation.trials.tables import Line, Rows


def of(rows: Rows, job: str) -> Rows:
    """Return the rows of a job."""
    return [row for row in rows if row["job"] == job]


def median(name: str, groups: Sequence[Sequence[float]], *, unit: str, note: str = "") -> Figure | None:
    """Return the median of all values, some a scene, its interval by a bootstrap over scenes; None of none."""
    some = [np.asarray(group, float) for group in groups if len(group)]
    if not some:
        return None
    drawn = np.random.default_rng(0).integers(len(some), size=(RESAMPLES, len(some)))
    medians = [np.median(np.concatenate([some[n] for n in row])) for row in drawn]
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = float(np.median(np.concatenate(some)))
    return Figure(name=name, value=value, unit=unit, num=len(some), low=float(low), high=float(high), note=note)


def line(name: str, columns: Iterable[str], figure: Callable[[str], Figure | None]) -> Line:
    """Return a line with the figure of each column that has one."""
    figures = {column: figure(column) for column in columns}
    return Line(name=name, figures={column: found for column, found in figures.items() if found is not None})


def shared(name: str, groups: Sequence[Sequence[float]]) -> Figure | None:
    """Return the share of ones among all values in percent, some a scene; None of none."""
    some = [group for group in groups if group]
    return share(name, [sum(group) for group in some], [len(group) for group in some]) if some else None
