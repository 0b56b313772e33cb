"""The report of an evaluation: every figure with its interval as JSON, and the main ones as Markdown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from kinora.evaluation.figures import Figure
from kinora.evaluation.trials import comparisons, corroboration, laws, tables
from kinora.evaluation.trials.tables import Line, Rows, Table, clips_of


def tables_of(rows: Rows, copies: Sequence[Figure] = ()) -> list[Table]:
    """Return every table of a set of rows; lines and tables that nothing was measured for are left out."""
    found = [
        tables.obedience("What is seen", rows, tables.SEEN, note=_counted(rows) + SEEN),
        tables.obedience("What is seen, one by one", rows, tables.DETAIL),
        tables.obedience("Signs, by length", rows, tables.SIGNS, note="Whole words, every letter right."),
        tables.obedience("What is heard", rows, tables.HEARD),
        comparisons.sync(rows),
        corroboration.beside(rows),
        tables.obedience("Truth suite", rows, tables.LAWS, note=LAWS),
        laws.fits(rows),
        comparisons.seen_and_held_out(rows),
        comparisons.looks(rows),
        _copies(copies),
        comparisons.long_and_short(rows),
    ]
    return [table for table in found if any(line.figures for line in table.lines)]


LAWS = (
    "What video models are known to get wrong. A fall or a bounce is kept where a parabola fits its path (R2 of 0.9) "
    "and its gravity is that of the drawn world to within 30 %."
)


SEEN = (
    "Strangers always ask for something else than the prompt itself. Made - shuffled is counted clip for clip, its n "
    "in written prompts. Oracle: the drawn clips by the same rules, with what is known of them in the judge's place; "
    "what is missing there is the rules' fault, what truth misses beyond it the judge's. Framing is asked for and "
    "never marked. An n in a cell is that cell's, where it is not the line's."
)


def _counted(rows: Rows) -> str:
    """Return what the clips are a sample of."""
    made = clips_of(rows, "made")
    written = len({row["written"] for row in made})
    return (
        f"{len(made)} made clips are {written} written prompts with their mates; intervals are over written prompts. "
    )


COPYING = (
    "What only remembers comes far nearer to its training scenes than an unseen drawn clip does. Made over unseen: "
    "of the same prompts. The scenes are the first of the clips' recipe, a sample of what training sees and not "
    "all of it. Distances are "
)


def _copies(figures: Sequence[Figure]) -> Table:
    lines = tuple(Line(name=figure.name, figures={"value": figure}) for figure in figures)
    return Table(
        title="Copying", columns=("value",), lines=lines, note=f"{COPYING}{figures[0].note}." if figures else ""
    )


def tallies(rows: Rows) -> dict[str, Any]:
    """Return how many clips each arm has, and which prompts the drawn world has no scene for."""
    missing = {row["prompt"]: row["missing"] for row in rows if "missing" in row and row["arm"] == "truth"}
    return {"clips": dict(Counter(row["arm"] for row in rows if "missing" not in row)), "not drawn": missing}


def markdown(found: Sequence[Table], facts: Mapping[str, Any]) -> str:
    """Return the tables as Markdown, for a model card."""
    said = f"Weights {facts['weights']['sha256'][:12]}, judge {facts['judge']['sha256'][:12]}. {facts['interval']}."
    return "\n".join([f"Measured by `{facts['command']}`.", "", said, "", *map(_markdown_table, found)])


def _markdown_table(table: Table) -> str:
    columns = table.filled
    cells = [
        [line.name, *(short(line.figures.get(column), num(line)) for column in columns), num(line)]
        for line in table.lines
    ]
    rows = [["measure", *columns, "n"], ["---"] * (len(columns) + 2), *cells]
    note = [table.note, ""] if table.note else []
    return "\n".join([f"### {table.title}", "", *note, *(f"| {' | '.join(row)} |" for row in rows), ""])


def num(line: Line) -> str:
    """Return how many things the first figure of a line was measured over."""
    return str(next(iter(line.figures.values())).num) if line.figures else ""


def short(figure: Figure | None, usual: str = "") -> str:
    """Return a figure in few characters: value, unit, interval, and its n where that is not the usual one."""
    if figure is None:
        return ""
    interval = [] if figure.low is None or figure.high is None else [f"{digits(figure.low)} to {digits(figure.high)}"]
    own = [f"n {figure.num}"] if usual and usual != str(figure.num) else []
    return f"{valued(figure)} ({', '.join([*interval, *own])})" if interval or own else valued(figure)


def valued(figure: Figure) -> str:
    """Return a figure's value and unit."""
    return f"{digits(figure.value)} {figure.unit}".strip()


def digits(value: float) -> str:
    """Return a number with as many digits as it deserves."""
    if abs(value) >= 20:
        return f"{value:.0f}"
    return f"{value:.{1 if abs(value) >= 2 else 2}f}".rstrip("0").rstrip(".")
