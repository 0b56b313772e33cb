"""Independent witnesses beside the judge: what each says of the same clips, and how often they agree."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from kinora.evaluation.figures import Figure, mean, share
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.tables import COLUMNS, HEARD, Line, Rows, Table, clips_of, marks_of

# What a clip adds to a share: how much of it is so, and of how much. None where it doesn't count.
Tally = tuple[float, float]

# Something sets in with an onset that the judge reports when it does so no further from it than this, in seconds.
NEAR_S = 0.05
# What is asked for by name, what in a row tells what the judge saw of it, and what tells what the witness says.
TESTIMONIES: dict[str, tuple[Callable[[Row], Sequence[str]], Callable[[Row], Sequence[str] | None]]] = {
    "colour": (lambda row: row["seen"]["colours"], lambda row: row["witnesses"]["colours"]),
    "sign": (lambda row: [row["seen"]["sign"]], lambda row: row["witnesses"]["words"]),
}
SOUNDS = next(attribute for attribute in HEARD if attribute.verdict == "sounds")
# What is compared of a judge's and a witness's verdict, each 0 or 1.
VIEWS: dict[str, Callable[[float, float], Tally]] = {
    "judge": lambda judge, witness: (judge, 1),
    "witness": lambda judge, witness: (witness, 1),
    "they agree": lambda judge, witness: (float(judge == witness), 1),
    "witness where the judge says yes": lambda judge, witness: (judge * witness, judge),
    "witness where the judge says no": lambda judge, witness: ((1 - judge) * witness, 1 - judge),
}
ARMS = ("made", "truth", "round trip", "noise", "long")
# No witness is asked about what is known of drawn clips.
ASKED = {column: made_of for column, made_of in COLUMNS.items() if column != "oracle"}
NOTE = (
    "None of them has learned from our pictures or sounds. Colour: the judge sees a thing of any kind in the colour "
    "asked for, the witness a blob of it, clear of the picture's edge, in three of four glances. Sign: the whole word, "
    "as tesseract reads one of three frames at the place where the judge sees letters. Onsets: energy rises in many "
    f"bands at once within {1000 * NEAR_S:.0f} ms of an onset that the judge names; that tells when and not what, so "
    "chance times stand beside it. Cuts: by PySceneDetect; a clip is one shot, so none is expected."
)


def beside(rows: Rows) -> Table:
    """Return what judge and witnesses say of the same clips and of the controls."""
    named = [_line(f"{thing}, {view}", rows, ASKED, _verdicts(thing, view)) for thing in TESTIMONIES for view in VIEWS]
    heard = [
        _line("asked sound, judge", rows, ASKED, _asked_sounds),
        _line("asked sound, judge and something sets in then", rows, ASKED, _confirmed_sounds),
        _line("onsets of the judge at which something sets in", rows, ARMS, _heard_too),
        _line("the same at chance times", rows, ARMS, _heard_by_chance),
        _line("clips in which a cut is counted", rows, ARMS, _has_cuts),
        _loudness(rows),
    ]
    lines = tuple(line for line in (*named, *heard) if line.figures)
    columns = tuple(dict.fromkeys((*ASKED, *ARMS)))
    return Table(title="Independent witnesses beside the judge", columns=columns, lines=lines, note=NOTE)


def _line(name: str, rows: Rows, columns: Iterable[str], tally: Callable[[Row, str], Tally | None]) -> Line:
    """Return the shares of a line; a written prompt is the sampling unit."""
    figures: dict[str, Figure] = {}
    for column in columns:
        groups: dict[int, np.ndarray] = defaultdict(lambda: np.zeros(2))
        for row in clips_of(rows, COLUMNS.get(column, (column,))[0]):
            if (counted := tally(row, column)) is not None:
                groups[row["written"]] += counted
        if sum(whole for _, whole in groups.values()) > 0:
            figures[column] = share(name, *np.array(list(groups.values())).T)
    return Line(name=name, figures=figures)


def _verdicts(thing: str, view: str) -> Callable[[Row, str], Tally | None]:
    judge_sees, witness_says = TESTIMONIES[thing]

    def tally(row: Row, column: str) -> Tally | None:
        wanted, told = _wanted(row, column).get(thing), witness_says(row)
        if not wanted or told is None:
            return None
        return VIEWS[view](float(wanted in judge_sees(row)), float(wanted in told))

    return tally


def _wanted(row: Row, column: str) -> dict[str, Any]:
    """Return what the clips of a column are held against."""
    return row["strangers"] if COLUMNS[column][1] == "by_strangers" else row["asks"]


def _asked_sounds(row: Row, column: str) -> Tally | None:
    judge = marks_of(row, SOUNDS, column)
    return None if judge is None else (judge, 1)


def _confirmed_sounds(row: Row, column: str) -> Tally | None:
    """Count the sounds asked for that the judge hears at an instant at which something sets in."""
    if marks_of(row, SOUNDS, column) is None:
        return None
    heard, asked = row["seen"]["sounds"], _wanted(row, column)["sounds"]
    return sum(_near(row, heard.get(sound, ())).any() for sound in asked) / len(asked), 1


def _heard_too(row: Row, column: str) -> Tally:
    """Count the onsets that the judge reports at instants at which something sets in."""
    near = _near(row, _reported(row))
    return float(near.sum()), len(near)


def _heard_by_chance(row: Row, column: str) -> Tally:
    """Count as many instants, anywhere in the clip: the share of it that lies near something that sets in."""
    num, seconds = len(_reported(row)), row["witnesses"]["seconds"]
    edges = np.clip([(at - NEAR_S, at + NEAR_S) for at in row["witnesses"]["onsets_s"]], 0, seconds).reshape(-1, 2)
    # Onsets ascend, so what one covers beyond those before it begins where theirs end.
    begins = np.maximum(edges[:, 0], np.concatenate([[0.0], edges[:-1, 1]])[: len(edges)])
    return num * float((edges[:, 1] - begins).sum()) / seconds, num


def _reported(row: Row) -> list[float]:
    return [time_s for times in row["seen"]["sounds"].values() for time_s in times]


def _near(row: Row, times_s: Iterable[float]) -> np.ndarray:
    """Return for each instant whether the witness hears something set in near it."""
    onsets = np.array(row["witnesses"]["onsets_s"], float)
    return np.array([bool((np.abs(onsets - time_s) <= NEAR_S).any()) for time_s in times_s], bool)


def _has_cuts(row: Row, column: str) -> Tally | None:
    cuts = row["witnesses"]["cuts"]
    return None if cuts is None else (float(cuts > 0), 1)


def _loudness(rows: Rows) -> Line:
    """Return the mean loudness of the clips that are not silent: sounds can only be compared where it is alike."""
    name = "loudness"
    heard = {arm: [row["witnesses"]["loudness_lufs"] for row in clips_of(rows, arm)] for arm in ARMS}
    found = {arm: [value for value in values if value is not None] for arm, values in heard.items()}
    return Line(name=name, figures={arm: mean(name, values, unit="LUFS") for arm, values in found.items() if values})
