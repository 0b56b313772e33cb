"""What a section of the benchmark is given and what it returns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinora.models.weights import Model
from kinora.request import ASPECTS

Cell = str | float | int | None


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much is measured: clips of `num_blocks` of 8 frames are made in each of `steps`; `picture` (height, width)
    is what autoencoders see."""

    runs: int
    files_s: tuple[float, ...]
    lengths_s: tuple[float, ...]
    sizes: tuple[str, ...]
    steps: tuple[int, ...]
    num_prompts: int
    num_blocks: int
    picture: tuple[int, int]
    matmul_sizes: tuple[int, ...]


FULL = Effort(
    runs=5,
    files_s=(4.0, 16.0),
    lengths_s=(1.0, 4.0, 8.0, 16.0, 30.0, 60.0),
    sizes=(*ASPECTS, "1280x720", "1920x1080"),
    steps=(1, 2, 4, 8, 16, 50, 250),
    num_prompts=8,
    num_blocks=1,
    picture=(144, 256),
    matmul_sizes=(512, 1024, 2048),
)
QUICK = Effort(
    runs=1,
    files_s=(1.0,),
    lengths_s=(1.0,),
    sizes=(),
    steps=(1, 4, 8),
    num_prompts=2,
    num_blocks=1,
    picture=(64, 64),
    matmul_sizes=(256,),
)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What is measured, and how much of it."""

    model: Model
    weights: Path
    effort: Effort


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells by column, units in the columns' names. One without rows says in its note why."""

    title: str
    rows: Sequence[Mapping[str, Cell]]
    note: str = ""

    def markdown(self) -> str:
        """Return the table for people."""
        lines = [f"### {self.title}", ""]
        if self.rows:
            columns = list(self.rows[0])
            lines += [_line(column.replace("_", " ") for column in columns), "|---" * len(columns) + "|"]
            lines += [*(_line(shown(row[column]) for column in columns) for row in self.rows), ""]
        return "\n".join([*lines, *([self.note, ""] if self.note else [])])

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain values; JSON knows no infinity, so what is not finite is null."""
        rows = [{column: _finite(cell) for column, cell in row.items()} for row in self.rows]
        return {"title": self.title, "note": self.note, "rows": rows}


def shown(cell: Cell) -> str:
    """Return a cell for people: four figures, a dash where there is nothing."""
    return "–" if _finite(cell) is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def _finite(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _line(cells: Any) -> str:  # noqa: ANN401
    return f"| {' | '.join(cells)} |"
