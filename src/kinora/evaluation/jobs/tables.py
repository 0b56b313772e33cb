"""From rows, one a job done, to tables of figures, each beside its controls and references."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from kinora.evaluation.figures import LEVEL, RESAMPLES, Figure, mean, psnr, ratio, share
from kinora.evaluation.jobs.makings import SHAPES
from kinora.evaluation.jobs.seams import UNITS
from kinora.evaluation.trials.tables import Line, Rows, Table

SEAMS = {
    "extend": ("made", "truth", "copy-last-frame"),
    "fill": ("made", "truth", "optical flow", "cross-fade", "copy-last-frame"),
    "loop": ("made", "truth", "hard cut"),
    "join": ("made", "truth", "hard cut"),
}
FILLED = ("made", "truth", "round trip", "optical flow", "cross-fade", "copy-last-frame")
# Motion of a clip is right within this much of truth's, in percent.
LIVELY = (60.0, 140.0)
KEPT = ("taken", "frames", "samples", "packets", "sound packets")
# What does not move has no share of its motion, in levels.
STILL = 0.05
# A sound is on its cue within this.
ON_TIME_S = 0.5


def tables_of(rows: Rows) -> list[Table]:
    """Return every table of a set of rows; lines and tables that nothing was measured for are left out."""
    found = [
        *(_seams(job, of(rows, job)) for job in SEAMS),
        _fill(of(rows, "fill")),
        _kept(rows),
        _animate(of(rows, "animate")),
        _score(of(rows, "score")),
        _storyboard(of(rows, "storyboard")),
        _cost(of(rows, "cost")),
        _take(of(rows, "take")),
        _shapes(of(rows, "shape")),
    ]
    filled = [replace(table, lines=tuple(line for line in table.lines if line.figures)) for table in found]
    return [table for table in filled if table.lines]


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


def _share(name: str, groups: Sequence[Sequence[float]]) -> Figure | None:
    some = [group for group in groups if group]
    return share(name, [sum(group) for group in some], [len(group) for group in some]) if some else None


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
        lost = {row["number"]: row["middle"]["way"]["truth"] / 2 for row in rows}

        def figure(arm: str) -> Figure | None:
            found = {row["number"]: row["middle"][means][arm] for row in rows}
            return median(means, [[lost[n] if off is None else off] for n, off in found.items()], unit="%")

        return figure

    def seen(means: str) -> Callable[[str], Figure | None]:
        return lambda arm: _share(means, [[float(row["middle"][means][arm] is not None)] for row in rows])

    lines = [
        line("middle position off, by colour", FILLED, middles("colour")),
        line("found, by colour", FILLED, seen("colour")),
        line("middle position off, by the judge", FILLED, middles("judge")),
        line("found, by the judge", FILLED, seen("judge")),
        line("PSNR of the middle third", FILLED, lambda arm: _psnr([row["mse"].get(arm) for row in rows])),
    ]
    note = (
        "A subject that moves evenly through a hole of 1.5 s, by half its width or more: how far from its true middle, "
        "in % of the width, it is found in the hole's middle frame (median). By colour: the largest patch that stands "
        "out from the bare background, if it has the subject's area to within 40 %; two ghosts are no body. `truth` is "
        "what either finder errs by; where a subject is not found it is held to be where it was last seen. "
        "`round trip`: truth after the autoencoder."
    )
    return Table(title="Fill", columns=FILLED, lines=tuple(lines), note=note)


def _psnr(errors: Sequence[float | None]) -> Figure | None:
    some = [error for error in errors if error is not None]
    return ratio("PSNR", some, np.ones(len(some)), unit="dB", scale=psnr) if some else None


def _kept(rows: Rows) -> Table:
    jobs = [job for job in dict.fromkeys(row["job"] for row in rows) if any("kept" in row for row in of(rows, job))]

    def figure(job: str) -> Callable[[str], Figure | None]:
        return lambda what: _share(job, [[row["kept"][what]] for row in of(rows, job) if what in row["kept"]])

    note = (
        "Share of clips that are taken without --loose (the others are given with it, and measured all the same); in "
        "which all is the very same: given frames and, outside crossfades of 20 ms, samples, before "
        "they are encoded; bytes of the picture's whole closed groups, and of the AAC under them but near joins "
        "(AAC has a grid of its own, 1024 samples: where a part is moved by no multiple of that, none can stay)."
    )
    lines = [line(job, KEPT, figure(job)) for job in jobs]
    return Table(title="What was given stays as it was", columns=KEPT, lines=tuple(lines), note=note)


def _animate(rows: Rows) -> Table:
    arms = ("made", "truth", "another's")
    moving = [row for row in rows if row["motion"]["truth"] > STILL]

    def relative(arm: str) -> Figure | None:
        return median("motion", [[100 * row["motion"][arm] / row["motion"]["truth"]] for row in moving], unit="%")

    def lively(arm: str) -> Figure | None:
        shares = [100 * row["motion"][arm] / row["motion"]["truth"] for row in moving]
        return _share("lively", [[float(LIVELY[0] <= one <= LIVELY[1])] for one in shares])

    def overall(arm: str) -> Figure | None:
        parts, wholes = ([row["motion"][one] for row in moving] for one in (arm, "truth"))
        return ratio("motion", parts, wholes, unit="%", scale=lambda x: 100 * x) if moving else None

    def second(arm: str) -> Figure | None:
        return median("second", [[row["second"][arm]] for row in rows], unit="levels")

    lines = [
        line("motion energy against truth, all clips together", arms, overall),
        line("motion energy against truth, median clip", arms, relative),
        line("clips within 60 to 140 %", arms, lively),
        line("second frame from the first", arms, second),
    ]
    note = "The first frame is given. `another's`: a rendered clip of another scene, as if the picture were ignored."
    return Table(title="Animate", columns=arms, lines=tuple(lines), note=note)


def _score(rows: Rows) -> Table:
    columns = ("made", "truth", "made for others", "truth for others")

    def offset(arm: str) -> Figure | None:
        groups = [row["offsets_s"].get(arm, []) for row in rows]
        return median("offset", [[1000 * abs(off) for off in group] for group in groups], unit="ms")

    def timed(arm: str) -> Figure | None:
        groups = [[float(abs(off) <= ON_TIME_S) for off in row["offsets_s"].get(arm, [])] for row in rows]
        return _share("timed", groups)

    lines = [
        line("asked effect heard", columns, lambda arm: _share("heard", [row["sounds"].get(arm, []) for row in rows])),
        line("median offset", ("made", "truth"), offset),
        line("offsets within half a second", ("made", "truth"), timed),
    ]
    note = (
        "Sound made for a silent rendering of what a prompt of the suite asks, in its words. `truth` is the sound of "
        "the rendering; `for others` are sounds that another prompt asks for and this one does not."
    )
    return Table(title="Score", columns=columns, lines=tuple(lines), note=note)


def _storyboard(rows: Rows) -> Table:
    arms = ("made", "truth")

    def found(arm: str) -> Figure | None:
        return _share("found", [[float(cut in row["found"][arm]) for cut in row["planned"]] for row in rows])

    def false(arm: str) -> Figure | None:
        counts = [len(set(row["found"][arm]) - set(row["planned"])) for row in rows]
        return mean("false", counts, unit="a film") if counts else None

    lines = [
        line("planned cuts found at their frame", arms, found),
        line("cuts found elsewhere", arms, false),
        line("of those found in truth, found", ("made",), lambda arm: _found_of_truth(rows)),
    ]
    note = "Films of six shots of 2 s. PySceneDetect with its own defaults; `truth` are rendered shots of the prompts."
    return Table(title="Storyboard", columns=arms, lines=tuple(lines), note=note)


def _found_of_truth(rows: Rows) -> Figure | None:
    both = [[cut for cut in row["planned"] if cut in row["found"]["truth"]] for row in rows]
    return _share(
        "found", [[float(cut in row["found"]["made"]) for cut in some] for row, some in zip(rows, both, strict=True)]
    )


def _cost(rows: Rows) -> Table:
    columns = tuple(f"{row['film_s']} s" for row in rows)
    by_length = {f"{row['film_s']} s": row for row in rows}

    def single(name: str, unit: str, key: str, scale: float) -> Line:
        figures = {
            column: Figure(name=name, value=row[key] * scale, unit=unit, num=1) for column, row in by_length.items()
        }
        return Line(name=name, figures=figures)

    lines = [single("wall time", "s", "seconds", 1), single("peak memory", "MB", "peak_bytes", 1e-6)]
    note = (
        "`kinora storyboard` with six shots and sound, 256x144, one run each in a process of its own, start included."
    )
    return Table(title="What a film costs", columns=columns, lines=tuple(lines), note=note)


def _take(rows: Rows) -> Table:
    columns = ("first 5 s", "last 5 s", "last minus first")

    def figure(arm: str) -> Callable[[str], Figure | None]:
        def values(column: str) -> Figure | None:
            marks = np.array([row["marks"][arm] for row in rows])
            unit = "points" if column == columns[2] else "%"
            values = dict(zip(columns, (marks[:, 0], marks[:, 1], marks[:, 1] - marks[:, 0]), strict=True))
            return mean(arm, values[column], unit=unit)

        return values

    lines = [line(arm, columns, figure(arm)) for arm in ("made", "truth")] if rows else []
    note = "Share of place, light, kind and colour asked for that the judge sees, in 60 s without a cut."
    return Table(title="One long take", columns=columns, lines=tuple(lines), note=note)


def _shapes(rows: Rows) -> Table:
    columns = ("made", "truth", "16:9 cropped, bicubic", "made minus 16:9")
    arms = dict(zip(columns, ("made", "truth", "cropped"), strict=False))
    groups: dict[str, Mapping[int, Mapping[str, float]]] = {
        shape: {row["group"]: row["marks"] for row in rows if row["shape"] == shape} for shape in SHAPES
    }

    def figure(shape: str) -> Callable[[str], Figure | None]:
        def of_column(column: str) -> Figure | None:
            if column in arms:
                marks = [one[arms[column]] for one in groups[shape].values()]
                return mean(shape, marks, unit="%") if marks else None
            wide = groups[SHAPES[0]]
            less = [one["made"] - wide[number]["made"] for number, one in groups[shape].items() if number in wide]
            return mean(shape, less, unit="points") if less and shape != SHAPES[0] else None

        return of_column

    note = "Share of place, light, kind and colour asked for that the judge sees, the same prompts in each shape."
    lines = [line(shape, columns, figure(shape)) for shape in SHAPES]
    return Table(title="Shapes", columns=columns, lines=tuple(lines), note=note)
