"""From rows, one a clip, to tables of figures, each beside its controls.

A written prompt is the sampling unit: its two clips say more than one, and less than two of different prompts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kinora.evaluation.figures import Figure, ratio, share
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.suite import Asks
from kinora.storybook.vocabulary import AMBIENCES, CAMERA_MOVES, EFFECTS, LIGHTS, RELATIONS, WEATHERS

# What a column is made of: the arm, and whose wishes its clips are marked by.
COLUMNS = {
    "made": ("made", "verdicts"),
    "truth": ("truth", "verdicts"),
    "oracle": ("oracle", "verdicts"),
    "round trip": ("round trip", "verdicts"),
    "shuffled": ("made", "by_strangers"),
    "chance": ("truth", "by_strangers"),
    "noise": ("noise", "verdicts"),
}
# How far what is made lies above what strangers ask of the same clips, and where that stands.
AHEAD = "made - shuffled"
SHOWN = tuple(name for column in COLUMNS for name in ((column, AHEAD) if column == "shuffled" else (column,)))
SIDES, BESIDE = ("left", "right"), ("left of", "right of")

Rows = Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """What is asked and marked: its name in the report, the verdict, the thing in `asks`, and which prompts count."""

    name: str
    verdict: str
    thing: str
    counts: Callable[[Asks], bool] = lambda asks: True


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a table: a figure in each column that has one."""

    name: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A titled table: what its columns are, and how to read it."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain values."""
        lines = [
            {"name": line.name, "figures": {column: figure.to_json() for column, figure in line.figures.items()}}
            for line in self.lines
        ]
        return {"title": self.title, "note": self.note, "columns": list(self.columns), "lines": lines}

    @property
    def filled(self) -> list[str]:
        """The columns in which some line has a figure."""
        return [column for column in self.columns if any(column in line.figures for line in self.lines)]


def _single(asks: Asks) -> bool:
    return asks.get("count", 1) == 1 and "relation" not in asks


def _is(thing: str, *values: object) -> Callable[[Asks], bool]:
    return lambda asks: asks.get(thing) in values


def _spells(length: int) -> Callable[[Asks], bool]:
    return lambda asks: len(asks.get("sign", "")) == length


def _names(thing: str, word: str) -> Callable[[Asks], bool]:
    return lambda asks: word in asks.get(thing, ())


def plain(*names: str, thing: str = "") -> tuple[Attribute, ...]:
    """Return attributes whose verdicts bear their names; they belong to `thing`, by default what they are called."""
    return tuple(Attribute(name=name, verdict=name, thing=thing or name) for name in names)


def split(thing: str, values: Iterable[object], label: str = "{}") -> tuple[Attribute, ...]:
    """Return one attribute a value that is asked for."""
    return tuple(
        Attribute(name=label.format(value), verdict=thing, thing=thing, counts=_is(thing, value)) for value in values
    )


SUBJECT = Attribute(name="kind and colour of a single subject", verdict="kind and colour", thing="kind", counts=_single)
SEEN = (
    *plain("kind", "colour"),
    SUBJECT,
    *plain("count", "place", "light", "weather", "camera", "action", "direction", "relation", "sign"),
)
DETAIL = (
    Attribute(name="direction, left or right", verdict="direction", thing="direction", counts=_is("direction", *SIDES)),
    Attribute(
        name="relation, left of or right of", verdict="relation", thing="relation", counts=_is("relation", *BESIDE)
    ),
    *split("relation", RELATIONS, "relation, {}"),
    *split("count", range(1, 6), "count of {}"),
    *split("camera", CAMERA_MOVES, "camera, {}"),
    *split("light", LIGHTS, "light, {}"),
    *split("weather", WEATHERS, "weather, {}"),
)
SIGNS = (
    *(
        Attribute(name=f"signs of {length}", verdict="sign", thing="sign", counts=_spells(length))
        for length in range(1, 9)
    ),
    Attribute(name="letters of all signs, in order", verdict="sign letters", thing="sign"),
)
HEARD = (
    Attribute(name="any sound asked for", verdict="sounds", thing="sounds"),
    *(
        Attribute(name=sound, verdict=f"sound: {sound}", thing="sounds", counts=_names("sounds", sound))
        for sound in EFFECTS
    ),
    *plain("ambience"),
    *(
        Attribute(name=f"ambience, {one}", verdict="ambience", thing="ambience", counts=_names("ambience", one))
        for one in AMBIENCES
    ),
    *(Attribute(name=f"music, {trait}", verdict=trait, thing="music") for trait in ("instrument", "mood", "tempo")),
)
LAWS = (
    *split("physics", ("fall", "bounce"), "{}: acceleration, R2"),
    Attribute(name="collision: momentum", verdict="physics", thing="physics", counts=_is("physics", "collide")),
    Attribute(
        name="permanence behind an occluder", verdict="physics", thing="physics", counts=_is("physics", "occlusion")
    ),
    Attribute(
        name="left and right: direction", verdict="direction", thing="direction", counts=_is("direction", *SIDES)
    ),
    Attribute(name="left and right: relation", verdict="relation", thing="relation", counts=_is("relation", *BESIDE)),
    Attribute(name="counting, two to five", verdict="count", thing="count", counts=_is("count", 2, 3, 4, 5)),
)


def clips_of(rows: Rows, arm: str) -> list[Row]:
    """Return the rows of an arm's clips, without those that the drawn world has no scene for."""
    return [row for row in rows if row["arm"] == arm and "missing" not in row]


def marks_of(row: Row, attribute: Attribute, column: str) -> float | None:
    """Return what a clip gets for an attribute in a column, in [0, 1]; None where it doesn't count."""
    arm, by = COLUMNS[column]
    if row["arm"] != arm or "missing" in row:
        return None
    wanted, given = row["asks"], row["verdicts"]
    if by == "by_strangers":
        given = row[by].get(attribute.thing, {})
        wanted = {**wanted, attribute.thing: row["strangers"].get(attribute.thing)} if given else wanted
    if not attribute.counts(wanted):
        return None
    if attribute.verdict == "sounds":
        heard = [value for name, value in given.items() if name.startswith("sound: ")]
        return sum(heard) / len(heard) if heard else None
    return given.get(attribute.verdict)


def by_written(rows: Rows, mark: Callable[[Row], float | None]) -> dict[int, list[float]]:
    """Return the marks of each written prompt's clips, without those that don't count."""
    groups: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        if (value := mark(row)) is not None:
            groups[row["written"]].append(value)
    return dict(groups)


def cell(name: str, rows: Rows, attribute: Attribute, column: str) -> Figure | None:
    """Return the share of clips that have an attribute, None where nothing asks for it."""
    groups = by_written(rows, lambda row: marks_of(row, attribute, column)).values()
    if not groups:
        return None
    return share(name, [sum(group) for group in groups], [len(group) for group in groups])


def ahead(name: str, rows: Rows, attribute: Attribute) -> Figure | None:
    """Return how many points more made clips have by what was asked than by what strangers ask, clip for clip.

    A written prompt is the sampling unit, which `num` counts. None where no clip is marked by both.
    """

    def points(row: Row) -> float | None:
        own, strangers = (marks_of(row, attribute, column) for column in ("made", "shuffled"))
        return None if own is None or strangers is None else 100 * (own - strangers)

    groups = by_written(rows, points).values()
    if not groups:
        return None
    return ratio(name, [sum(group) for group in groups], [len(group) for group in groups], unit="points")


def obedience(title: str, rows: Rows, attributes: Sequence[Attribute], *, note: str = "") -> Table:
    """Return the shares of clips that have what was asked for, each beside its controls."""
    lines = []
    for attribute in attributes:
        cells = {column: cell(attribute.name, rows, attribute, column) for column in COLUMNS}
        cells[AHEAD] = ahead(attribute.name, rows, attribute)
        figures = {column: figure for column, figure in cells.items() if figure is not None}
        if figures:
            lines.append(Line(name=attribute.name, figures=figures))
    return Table(title=title, columns=SHOWN, lines=tuple(lines), note=note)
