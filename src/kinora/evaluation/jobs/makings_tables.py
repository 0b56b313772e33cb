"""Tables of jobs that make a whole stream or a whole clip: animate, score, storyboards, what a film costs, one long
take, other shapes."""

from collections.abc import Callable

import numpy as np

from kinora.evaluation.figures import Figure, mean, ratio
from kinora.evaluation.jobs.lines import line, median, shared
from kinora.evaluation.jobs.makings import SHAPES
from kinora.evaluation.trials.tables import Line, Rows, Table

# Motion of a clip is right within this much of truth's, in percent.
LIVELY = (60.0, 140.0)
# What does not move has no share of its motion, in levels.
STILL = 0.05
# A sound is on its cue within this.
ON_TIME_S = 0.5
# What is held against what in other shapes, clip for clip.
LESSENED = (("made", "16:9"), ("made", "16:9 cropped, bicubic"))


def animate_table(rows: Rows) -> Table:
    """Return the table of animate."""
    arms = ("made", "truth", "another's", "frozen", "zoom")
    moving = [row for row in rows if row["motion"]["truth"] > STILL]

    def relative(arm: str) -> Figure | None:
        return median("motion", [[100 * row["motion"][arm] / row["motion"]["truth"]] for row in moving], unit="%")

    def lively(arm: str) -> Figure | None:
        shares = [100 * row["motion"][arm] / row["motion"]["truth"] for row in moving]
        return shared("lively", [[float(LIVELY[0] <= one <= LIVELY[1])] for one in shares])

    def overall(arm: str) -> Figure | None:
        parts, wholes = ([row["motion"][one] for row in moving] for one in (arm, "truth"))
        return ratio("motion", parts, wholes, unit="%", scale=lambda x: 100 * x) if moving else None

    def second(arm: str) -> Figure | None:
        return median("second", [[row["second"][arm]] for row in rows], unit="levels")

    def inside(arm: str) -> Figure | None:
        parts, wholes = ([row["within"][one] for row in moving] for one in (arm, "truth"))
        return ratio("within", parts, wholes, unit="%", scale=lambda x: 100 * x) if moving else None

    def unexplained(arm: str) -> Figure | None:
        parts, wholes = ([row[what][arm] for row in moving] for what in ("within", "apart"))
        return ratio("unexplained", parts, wholes, unit="%", scale=lambda x: 100 * x) if sum(wholes) else None

    lines = [
        line("motion energy against truth, all clips together", arms, overall),
        line("motion energy against truth, median clip", arms, relative),
        line("clips within 60 to 140 %", arms, lively),
        line("motion within the picture against truth, all clips together", arms, inside),
        line("share of motion that is within the picture", arms, unexplained),
        line("second frame from the first", arms, second),
    ]
    note = (
        "The first frame is given. `another's`: a rendered clip of another scene, as if the picture were ignored; "
        "`frozen`: the picture held; `zoom`: the picture enlarged by 15 % in 4 s. Motion within the picture is what "
        "is left of the difference between frames a third of a second apart once the earlier one is shifted, turned "
        "and scaled as a whole to lie over the later one: of a zoom little is."
    )
    return Table(title="Animate", columns=arms, lines=tuple(lines), note=note)


def score_table(rows: Rows) -> Table:
    """Return the table of score."""
    columns = ("made", "truth", "made for others", "truth for others")

    def offset(arm: str) -> Figure | None:
        groups = [row["offsets_s"].get(arm, []) for row in rows]
        return median("offset", [[1000 * abs(off) for off in group] for group in groups], unit="ms")

    def timed(arm: str) -> Figure | None:
        groups = [[float(abs(off) <= ON_TIME_S) for off in row["offsets_s"].get(arm, [])] for row in rows]
        return shared("timed", groups)

    lines = [
        line("asked effect heard", columns, lambda arm: shared("heard", [row["sounds"].get(arm, []) for row in rows])),
        line("median offset", ("made", "truth"), offset),
        line("offsets within half a second", ("made", "truth"), timed),
    ]
    note = (
        "Sound made for a silent rendering of what a prompt of the suite asks, in its words. `truth` is the sound of "
        "the rendering; `for others` are sounds that another prompt asks for and this one does not."
    )
    return Table(title="Score", columns=columns, lines=tuple(lines), note=note)


def storyboard_table(rows: Rows) -> Table:
    """Return the table of storyboards."""
    arms = ("made", "truth")

    def planned(where: str) -> Callable[[str], Figure | None]:
        return lambda arm: shared(
            where, [[float(cut in row[where][arm]) for cut in row["planned"]] for row in rows if arm in row[where]]
        )

    def elsewhere(where: str) -> Callable[[str], Figure | None]:
        def figure(arm: str) -> Figure | None:
            counts = [len(set(row[where][arm]) - set(row["planned"])) for row in rows]
            return mean("elsewhere", counts, unit="a film") if counts else None

        return figure

    def begun(arm: str) -> Figure | None:
        groups = [row["groups"][arm] for row in rows]
        shares = [100 * (len(borders) - 1) / borders[-1] for borders in groups]
        return mean("begun", shares, unit="%") if shares else None

    lines = [
        line("planned cuts found at their frame", arms, planned("found")),
        line("cuts found elsewhere", arms, elsewhere("found")),
        line("of those found in truth, found", ("made",), lambda arm: _found_of_truth(rows)),
        line("planned cuts found at their frame, adaptively", arms, planned("adaptive")),
        line("cuts found elsewhere, adaptively", arms, elsewhere("adaptive")),
        line("planned cuts at which a closed group of packets begins", ("made",), planned("groups")),
        line("frames at which one begins, of all", ("made",), begun),
    ]
    note = (
        "Films of six shots of 10 s whose neighbours are told to be in two places, n in cuts and, of those elsewhere, "
        "in films. PySceneDetect's ContentDetector with its own defaults; adaptively: its AdaptiveDetector, with its "
        "own too, which takes lightning for cuts. `truth` are rendered shots of the prompts. Groups are read from the "
        "file; one begins every 2 s anyway, so that the detectors must bear it out."
    )
    return Table(title="Storyboard", columns=arms, lines=tuple(lines), note=note)


def _found_of_truth(rows: Rows) -> Figure | None:
    both = [[cut for cut in row["planned"] if cut in row["found"]["truth"]] for row in rows]
    return shared(
        "found", [[float(cut in row["found"]["made"]) for cut in some] for row, some in zip(rows, both, strict=True)]
    )


def cost_table(rows: Rows) -> Table:
    """Return the table of cost."""
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


def take_table(rows: Rows) -> Table:
    """Return the table of long takes."""
    columns = ("first 5 s", "last 5 s", "last minus first")
    arms = {
        "made": ("marks", "made"),
        "truth": ("marks", "truth"),
        "shuffled": ("strangers", "made"),
        "chance": ("strangers", "truth"),
    }

    def figure(arm: str) -> Callable[[str], Figure | None]:
        def values(column: str) -> Figure | None:
            by, whose = arms[arm]
            marks = np.array([row[by][whose] for row in rows])
            unit = "points" if column == columns[2] else "%"
            values = dict(zip(columns, (marks[:, 0], marks[:, 1], marks[:, 1] - marks[:, 0]), strict=True))
            return mean(arm, values[column], unit=unit)

        return values

    lines = [line(arm, columns, figure(arm)) for arm in arms] if rows else []
    note = (
        "Share of place, light, kind and colour asked for that the judge sees, in 60 s without a cut; n in prompts, "
        "each made once; differences are a clip's own. `shuffled` and `chance`: the share of what strangers ask in "
        "their place that it sees, in made and in rendered clips."
    )
    return Table(title="One long take", columns=columns, lines=tuple(lines), note=note)


def shapes_table(rows: Rows) -> Table:
    """Return the table of shapes."""
    arms = {
        "made": ("marks", "made"),
        "shuffled": ("strangers", "made"),
        "truth": ("marks", "truth"),
        "chance": ("strangers", "truth"),
        "16:9": ("marks", "wide"),
        "16:9 cropped, bicubic": ("marks", "cropped"),
    }
    minus = {f"{arm} minus {other}": (arm, other) for arm, other in LESSENED}

    def figure(shape: str) -> Callable[[str], Figure | None]:
        some = [row for row in rows if row["shape"] == shape]

        def marks(arm: str) -> list[float]:
            by, whose = arms[arm]
            return [row[by][whose] for row in some]

        def of_column(column: str) -> Figure | None:
            if not some:
                return None
            if column in arms:
                return mean(shape, marks(column), unit="%")
            one, other = minus[column]
            less = np.subtract(marks(one), marks(other))
            return mean(shape, less, unit="points") if shape != SHAPES[0] else None

        return of_column

    note = (
        "Share of place, light, kind and colour asked for that the judge sees; n: prompts in that shape, the same in "
        "each. Differences are between clips of one prompt and one seed. `shuffled` and `chance`: the share of what "
        "strangers ask in their place that it sees, in made and in rendered clips."
    )
    columns = (*arms, *minus)
    lines = [line(shape, columns, figure(shape)) for shape in SHAPES]
    return Table(title="Shapes", columns=columns, lines=tuple(lines), note=note)
