"""From rows to the tables that are no plain shares: pairs, sync, looks, long clips."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import numpy as np

from kinora.evaluation.figures import LEVEL, RESAMPLES, Figure, mean, ratio, share
from kinora.evaluation.measures.appearance import frechet_distance
from kinora.evaluation.trials.impressions import UNITS, Impressions
from kinora.evaluation.trials.tables import SEEN, SUBJECT, Attribute, Line, Rows, Table, clips_of, marks_of

# Held-out against seen says something where seen is at least this good, in percent.
REACHED = 70.0
PAIRED = ("kind", "colour", SUBJECT.name, "count", "place", "light", "weather", "action", "direction", "relation")
ARMS = ("made", "truth", "round trip", "noise")
SHARES = ("sharpness", "motion energy", "flicker inside blocks", "flicker where blocks meet")
JACKKNIFE_GROUPS = 10
# The ends of 95 % of a normal distribution, in standard errors.
REACH = 1.96


def seen_and_held_out(rows: Rows) -> Table:
    """Return what the model obeys in combinations that training sees, in those it never does, and between pairs."""
    lines = [line for attribute in SEEN if attribute.name in PAIRED and (line := _paired(rows, attribute))]
    note = (
        "Matched pairs: two prompts that differ in the colour alone, one a combination that training sees, one that "
        "it never does, from the same seed. The difference is over pairs, seen minus held-out. It says something "
        f"where seen reaches {REACHED:.0f} %."
    )
    columns = ("seen", "held-out", "difference")
    return Table(title="Seen and held-out combinations", columns=columns, lines=tuple(lines), note=note)


def _paired(rows: Rows, attribute: Attribute) -> Line | None:
    marked = {row["id"]: (row, marks_of(row, attribute, "made")) for row in rows if row["arm"] == "made"}
    pairs = [
        tuple(sorted((marked[one], marked[row["mate"]]), key=lambda pair: pair[0]["held_out"]))
        for one, (row, _) in marked.items()
        if row["mate"] in marked and one < row["mate"]
    ]
    both = np.array([(s, h) for (_, s), (_, h) in pairs if s is not None and h is not None])
    if not len(both):
        return None
    once = np.ones(len(both))
    figures = {
        "seen": share(attribute.name, both[:, 0], once),
        "held-out": share(attribute.name, both[:, 1], once),
        "difference": mean(attribute.name, 100 * (both[:, 0] - both[:, 1]), unit="points"),
    }
    return Line(name=attribute.name, figures=figures)


def looks(rows: Rows) -> Table:
    """Return how clips look, each as the mean of its arm, and as a share of rendered truth of the same prompts."""
    columns = (*ARMS, "made / truth", "round trip / truth")
    by_arm = {arm: {row["id"]: row["looks"] for row in clips_of(rows, arm)} for arm in ARMS}
    lines = []
    for look in UNITS:
        figures = {arm: _mean_look(look, by_arm[arm].values()) for arm in ARMS}
        if look in SHARES:
            figures |= {f"{arm} / truth": _share_of_truth(look, by_arm, arm) for arm in ("made", "round trip")}
        lines.append(Line(name=look, figures={name: figure for name, figure in figures.items() if figure}))
    frechet = Line(name="Frechet distance in judge features", figures=_frechets(rows))
    shown = tuple(line for line in (*lines, frechet) if line.figures)
    return Table(title="Looks", columns=columns, lines=shown, note=LOOKS)


LOOKS = (
    "Sharpness is inside subjects, in the clips in which the judge sees one. Flicker and motion in grey levels of 255. "
    "A body in one piece has 1; planted feet slide by 0, those of a statue that is pushed along by 1. Frechet "
    "distance (the judge's features, a clip's mean) from one half of the drawn clips to the clips of the other half's "
    "prompts: equal n in each column, so that truth's own says what nothing but chance gives."
)


def _mean_look(look: str, found: Iterable[Impressions]) -> Figure | None:
    values = [value for one in found if (value := one.get(look)) is not None]
    return mean(look, values, unit=UNITS[look]) if values else None


def _share_of_truth(look: str, by_arm: dict[str, dict[int, Impressions]], arm: str) -> Figure | None:
    both = [(by_arm[arm][n].get(look), one.get(look)) for n, one in by_arm["truth"].items() if n in by_arm[arm]]
    whole = [(part, truth) for part, truth in both if part is not None and truth is not None]
    if not sum(truth for _, truth in whole) > 0:
        return None
    return ratio(look, *zip(*whole, strict=True), unit="%", scale=lambda x: 100 * x)


def _frechets(rows: Rows) -> dict[str, Figure]:
    """Return the distance of each arm's clips of one half of the prompts from the drawn clips of the other half."""
    truth = {row["id"]: row["features"] for row in clips_of(rows, "truth")}
    ids = sorted(truth, key=lambda number: (number * 7919) % 9973)
    reference, half = ids[::2], ids[1::2]
    figures = {}
    for arm in ARMS:
        features = {row["id"]: row["features"] for row in clips_of(rows, arm)}
        here = np.array([features[n] for n in half if n in features])
        if len(here) == len(half) >= JACKKNIFE_GROUPS:
            figures[arm] = _jackknifed(np.array([truth[n] for n in reference]), here)
    return figures


def _jackknifed(reference_ND: np.ndarray, here_ND: np.ndarray) -> Figure:
    """Return the Frechet distance with the interval of a jackknife over groups of clips."""
    value, group_N = frechet_distance(reference_ND, here_ND), np.arange(len(here_ND)) % JACKKNIFE_GROUPS
    without = [frechet_distance(reference_ND, here_ND[group_N != group]) for group in range(JACKKNIFE_GROUPS)]
    spread = float(np.sqrt((JACKKNIFE_GROUPS - 1) * np.var(without)))
    return Figure(
        name="Frechet distance in judge features",
        value=value,
        unit="",
        num=len(here_ND),
        low=max(0.0, value - REACH * spread),
        high=value + REACH * spread,
        note="jackknife over ten groups",
    )


def sync(rows: Rows) -> Table:
    """Return how far sounds are from what is seen to make them."""
    groups = {arm: [row["offsets_s"] for row in clips_of(rows, arm) if row["offsets_s"]] for arm in ARMS}
    figures = {arm: _median_ms("median offset", found) for arm, found in groups.items() if found}
    note = (
        "Between a sound and the nearest instant at which its cause is seen, in clips in which both are found. Only "
        "landings and bounces are timed: of no other sound is the instant seen."
    )
    return Table(title="Sync", columns=ARMS, lines=(Line(name="median offset", figures=figures),), note=note)


def _median_ms(name: str, groups: Sequence[Sequence[float]]) -> Figure:
    """Return the median magnitude of all offsets in milliseconds, its interval by a bootstrap over clips."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(groups), size=(RESAMPLES, len(groups)))
    medians = [_magnitude_ms(chain.from_iterable(groups[n] for n in row)) for row in drawn]
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = _magnitude_ms(chain.from_iterable(groups))
    return Figure(name=name, value=value, unit="ms", num=len(groups), low=float(low), high=float(high))


def _magnitude_ms(offsets_s: Iterable[float]) -> float:
    return float(1000 * np.median(np.abs(list(offsets_s))))


def long_and_short(rows: Rows) -> Table:
    """Return what long clips obey, beside the short ones, all asks together."""
    groups: dict[str, Callable[[str], bool]] = {
        "everything asked for": lambda name: name != "sign letters",
        "what is seen": lambda name: not _is_heard(name) and name != "sign letters",
        "what is heard": _is_heard,
    }
    lines: list[Line] = []
    for name, counts in groups.items() if clips_of(rows, "long") else ():
        figures = {
            arm: figure for arm in ("long", "made") if (figure := _share_of_asks(name, clips_of(rows, arm), counts))
        }
        lines.append(Line(name=name, figures=figures))
    note = "Long clips are made window after window, and judged whole."
    return Table(title="Long clips", columns=("long", "made"), lines=tuple(lines), note=note)


def _is_heard(name: str) -> bool:
    return name.startswith("sound: ") or name in ("ambience", "instrument", "mood", "tempo")


def _share_of_asks(name: str, rows: Rows, counts: Callable[[str], bool]) -> Figure | None:
    marks = [[value for verdict, value in row["verdicts"].items() if counts(verdict)] for row in rows]
    groups = [group for group in marks if group]
    return share(name, [sum(group) for group in groups], [len(group) for group in groups]) if groups else None
