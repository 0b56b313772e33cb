"""The numbers behind the truth suite: what was fitted where a law of motion was asked for, as medians over clips."""

from collections import defaultdict

import numpy as np

from kinora.evaluation.figures import LEVEL, RESAMPLES, Figure, share
from kinora.evaluation.trials.tables import Line, Rows, Table, clips_of

ARMS = ("made", "truth", "oracle", "round trip", "noise")
# Of each law, what of its fit is told and in what unit.
TOLD = {
    "fall": {"R2": "", "gravity": "%"},
    "bounce": {"R2": "", "gravity": "%", "restitution": ""},
    "collide": {"R2": "", "restitution": "", "momentum error": "%"},
}
NOTE = (
    "Of the clips in which a path can be fitted at all, kept or not: the median, its interval by a bootstrap over "
    "written prompts. Gravity as a share of the drawn world's (100 % is right), the error of the momentum as a share "
    "of the closing speed (0 % is right), restitution as speed or root of height after over before, R2 the worst of "
    "a clip."
)


def fits(rows: Rows) -> Table:
    """Return how often a path is found that a law can be fitted to, and the medians of what is fitted."""
    lines = [line for law, told in TOLD.items() for line in (_found(rows, law), *_medians(rows, law, told))]
    shown = tuple(line for line in lines if line.figures)
    return Table(title="Truth suite, what is fitted", columns=ARMS, lines=shown, note=NOTE)


def _asked(rows: Rows, arm: str, law: str) -> Rows:
    """Return the clips of an arm that can be read for a law."""
    return [row for row in clips_of(rows, arm) if row["asks"].get("physics") == law and "physics" in row["verdicts"]]


def _found(rows: Rows, law: str) -> Line:
    name, figures = f"{law}: a path is fitted", {}
    for arm in ARMS:
        groups = _grouped([(row["written"], float(bool(row["law"]))) for row in _asked(rows, arm, law)])
        if groups:
            figures[arm] = share(name, [sum(group) for group in groups], [len(group) for group in groups])
    return Line(name=name, figures=figures)


def _medians(rows: Rows, law: str, told: dict[str, str]) -> list[Line]:
    lines = []
    for number, unit in told.items():
        name, scale, figures = f"{law}: {number}", 100 if unit == "%" else 1, {}
        for arm in ARMS:
            asked = [row for row in _asked(rows, arm, law) if number in row["law"]]
            if asked:
                groups = _grouped([(row["written"], scale * row["law"][number]) for row in asked])
                figures[arm] = _median(name, groups, unit)
        lines.append(Line(name=name, figures=figures))
    return lines


def _grouped(values: list[tuple[int, float]]) -> list[list[float]]:
    """Return the values of each written prompt's clips."""
    groups: dict[int, list[float]] = defaultdict(list)
    for written, value in values:
        groups[written].append(value)
    return list(groups.values())


def _median(name: str, groups: list[list[float]], unit: str) -> Figure:
    """Return the median over all clips, its interval by a bootstrap over groups; `num` counts clips."""
    drawn = np.random.default_rng(0).integers(len(groups), size=(RESAMPLES, len(groups)))
    medians = [np.median(np.concatenate([groups[number] for number in row])) for row in drawn]
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="inverted_cdf")
    values = np.concatenate(groups)
    value = float(np.median(values))
    return Figure(
        name=name, value=value, unit=unit, num=len(values), low=min(value, float(low)), high=max(value, float(high))
    )
