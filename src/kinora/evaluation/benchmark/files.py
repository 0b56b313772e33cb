"""Prompt to signed file: by stage, by length and by size, every one in a process of its own."""

from collections.abc import Sequence
from statistics import median

from kinora.evaluation.benchmark.making import make_once, stages_once
from kinora.evaluation.benchmark.staged import PROMPT, SEED, STAGES
from kinora.evaluation.benchmark.table import Bench, Cell, Table
from kinora.evaluation.benchmark.timing import spread
from kinora.request import MAX_SECONDS, parse_size

WIDE = "16:9"
UNASKED = "Not measured in a quick run."


def stages(bench: Bench) -> list[Table]:
    """Return a table a length: every stage, and the whole command."""
    return [_stages(bench, seconds) for seconds in bench.effort.files_s]


def _stages(bench: Bench, seconds: float) -> Table:
    runs = range(bench.effort.runs)
    costs = [stages_once(seconds, WIDE, bench.weights) for _ in runs]
    rows = []
    for number, name in enumerate(STAGES):
        taken = [run[number] for run in costs]
        rows.append(_row("stage", name, [c["seconds"] for c in taken], [c["peak_bytes"] for c in taken]))
    whole_s, peaks = zip(*(make_once(seconds, WIDE, bench.weights) for _ in runs), strict=True)
    rows.append(_row("stage", "`kinora generate`, whole", whole_s, peaks))
    note = (
        f'"{PROMPT}", seed {SEED}, {WIDE}, with sound, all else at its defaults; a fresh process a run. '
        "A stage's peak is all that the process held during it. The last row is the command itself, in other processes."
    )
    return Table(title=f"{seconds:g} s of video, by stage", rows=rows, note=note)


def scaling(bench: Bench) -> list[Table]:
    """Return what the command takes against length, and against the shape of the picture."""
    runs = min(bench.effort.runs, 3)
    lengths = [_whole(bench, seconds, WIDE, runs) for seconds in bench.lengths_s]
    sizes = [_whole(bench, bench.effort.files_s[0], size, runs) for size in bench.effort.sizes]
    longer = [f"{seconds:g} s" for seconds in bench.effort.lengths_s if seconds not in bench.lengths_s]
    missing = (
        f"Not measured, because a request is at most {MAX_SECONDS:g} s long: {', '.join(longer)}." if longer else ""
    )
    return [
        Table(title=f"Cost against length, {WIDE}", rows=lengths, note=missing),
        Table(title=f"Cost against shape, {bench.effort.files_s[0]:g} s", rows=sizes, note="" if sizes else UNASKED),
    ]


def _whole(bench: Bench, seconds: float, size: str, runs: int) -> dict[str, Cell]:
    walls, peaks = zip(*(make_once(seconds, size, bench.weights) for _ in range(runs)), strict=True)
    height, width = parse_size(size)
    made = f"{seconds:g} s, {width}x{height} ({size})"
    return {**_row("clip", made, walls, peaks), "video_s_per_s": seconds / median(walls)}


def _row(column: str, name: str, seconds: Sequence[float], peaks: Sequence[float]) -> dict[str, Cell]:
    return {column: name, **spread(seconds), "peak_gb": max(peaks) / 1e9}
