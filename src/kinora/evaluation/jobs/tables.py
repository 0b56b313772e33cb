"""From rows, one a job done, to tables of figures, each beside its controls and references."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from kinora.evaluation.figures import Figure, mean, psnr, ratio
from kinora.evaluation.jobs.lines import line, median, of, shared
from kinora.evaluation.jobs.makings_tables import (
    animate_table,
    cost_table,
    score_table,
    shapes_table,
    storyboard_table,
    take_table,
)
from kinora.evaluation.jobs.seams import UNITS
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.tables import Rows, Table

SEAMS = {
    "extend": ("made", "truth", "copy-last-frame"),
    "fill": ("made", "truth", "optical flow", "cross-fade", "copy-last-frame"),
    "loop": ("made", "truth", "hard cut"),
    "join": ("made", "truth", "hard cut"),
}
FILLED = ("made", "truth", "round trip", "optical flow", "cross-fade", "copy-last-frame")
# The reference that filling must beat, and by how much it does, clip for clip.
BEATEN = "optical flow"
LESS = f"made minus {BEATEN}"
KEPT = ("taken", "frames", "samples", "packets", "sound packets")
BENEATH = "own sound beneath"


def tables_of(rows: Rows) -> list[Table]:
    """Return every table of a set of rows; lines and tables that nothing was measured for are left out."""
    found = [
        *(_seams(job, of(rows, job)) for job in SEAMS),
        _fill(of(rows, "fill")),
        _kept(rows),
        animate_table(of(rows, "animate")),
        score_table(of(rows, "score")),
        storyboard_table(of(rows, "storyboard")),
        cost_table(of(rows, "cost")),
        take_table(of(rows, "take")),
        shapes_table(of(rows, "shape")),
    ]
    filled = [replace(table, lines=tuple(line for line in table.lines if line.figures)) for table in found]
    return [table for table in filled if table.lines]


def _seams(job: str, rows: Rows) -> Table:
    def figure(name: str, arm: str) -> Figure | None:
        return median(name, [[row["seams"][arm][name]] for row in rows if name in row["seams"][arm]], unit="x")

    lines = [line(name, SEAMS[job], partial(figure, name)) for name in UNITS]
    note = (
        "How many times as large the step is where made meets given (the mean of a clip's borders) as the median step "
        "at 16 places of chance inside the rendered clip; the median over clips. `truth` are two more such places."
    )
    return Table(title=f"Seams of {job}", columns=SEAMS[job], lines=tuple(lines), note=note)


def _fill(rows: Rows) -> Table:
    def middles(means: str) -> Callable[[str], Figure | None]:
        # Where nothing stands out, a subject is held to be as far off as when it was last seen.
        def off(row: Row, arm: str) -> float:
            found: float | None = row["middle"][means][arm]
            return row["middle"]["way"]["truth"] / 2 if found is None else found

        def figure(arm: str) -> Figure | None:
            if arm == LESS:
                return median(means, [[off(row, "made") - off(row, BEATEN)] for row in rows], unit="points")
            return median(means, [[off(row, arm)] for row in rows], unit="%")

        return figure

    def seen(means: str) -> Callable[[str], Figure | None]:
        return lambda arm: shared(means, [[float(row["middle"][means][arm] is not None)] for row in rows])

    columns = ("made", LESS, *FILLED[1:])
    lines = [
        line("middle position off, by colour", columns, middles("colour")),
        line("found, by colour", FILLED, seen("colour")),
        line("middle position off, by the judge", columns, middles("judge")),
        line("found, by the judge", FILLED, seen("judge")),
        line("PSNR of the middle third", FILLED, lambda arm: _psnr([row["mse"].get(arm) for row in rows])),
    ]
    note = (
        "A subject that moves evenly through a hole of 1.5 s, by half its width or more: how far from its true middle, "
        "in % of the width, it is found in the hole's middle frame (median). By colour: the largest patch that stands "
        "out from the bare background, if it has the subject's area to within 40 %; two ghosts are no body. `truth` is "
        "what either finder errs by; where a subject is not found it is held to be where it was last seen. "
        "`round trip`: truth after the autoencoder. `made minus optical flow`: the median of the differences, clip for "
        "clip; below nothing is better."
    )
    return Table(title="Fill", columns=columns, lines=tuple(lines), note=note)


def _psnr(errors: Sequence[float | None]) -> Figure | None:
    some = [error for error in errors if error is not None]
    return ratio("PSNR", some, np.ones(len(some)), unit="dB", scale=psnr) if some else None


def _kept(rows: Rows) -> Table:
    held = [row for row in rows if "kept" in row]
    ways = list(dict.fromkeys(_way(row) for row in held))

    def figure(some: Rows) -> Callable[[str], Figure | None]:
        def of_column(what: str) -> Figure | None:
            if what == BENEATH:
                shares = [row["beneath"] for row in some if "beneath" in row]
                return mean(what, shares, unit="x") if shares else None
            return shared(what, [[row["kept"][what]] for row in some if what in row["kept"]])

        return of_column

    note = (
        "Share of clips that are taken without --loose (the others, which the autoencoder can't bring back within 24 "
        "dB, are given with it, and measured all the same); in which all is the very same: given frames and, outside "
        "crossfades of 20 ms, samples, before "
        "they are encoded; bytes of the picture's whole closed groups, and of the AAC under them but near joins "
        "(AAC has a grid of its own, 1024 samples: where a part is moved by no multiple of that, none can stay). "
        "`own sound beneath`: its share in the new sound by least squares, 1 where it is there as loud as it was."
    )
    columns = (*KEPT, BENEATH)
    lines = [line(way, columns, figure([row for row in held if _way(row) == way])) for way in ways]
    lines += [line("all clips", KEPT[:1], figure(held))] if held else []
    return Table(title="What was given stays as it was", columns=columns, lines=tuple(lines), note=note)


def _way(row: Row) -> str:
    """Return in which way something was given: the job, or one of `given`'s ways."""
    return str(row.get("way", row["job"]))
