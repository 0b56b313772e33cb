"""Prompt to signed file: by stage, by length and by size, every one in a process of its own."""

from collections.abc import Sequence
from statistics import median

from kinora.evaluation.benchmark.making import make_once, stages_once, told, ways
from kinora.evaluation.benchmark.staged import PROMPT, SEED, STAGES, Asked
from kinora.evaluation.benchmark.table import Bench, Cell, Table
from kinora.evaluation.benchmark.timing import spread
from kinora.request import ASPECTS, Canvas, parse_size

WIDE = "16:9"
UNASKED = "Not measured in a quick run."


def stages(bench: Bench) -> list[Table]:
    """Return a table a length, and a way of telling it: every stage, and the whole command."""
    return [_stages(bench, asked) for seconds in bench.effort.files_s for asked in ways(seconds, WIDE)]


def _stages(bench: Bench, asked: Asked) -> Table:
    runs = range(bench.effort.runs)
    costs = [stages_once(asked, bench.weights) for _ in runs]
    rows = []
    for number, name in enumerate(STAGES):
        taken = [run[number] for run in costs]
        rows.append(_row("stage", name, [c["seconds"] for c in taken], [c["peak_bytes"] for c in taken]))
    whole_s, peaks = zip(*(make_once(asked, bench.weights) for _ in runs), strict=True)
    rows.append(_row("stage", "`kinora generate`, whole", whole_s, peaks))
    note = (
        f'"{PROMPT}", seed {SEED}, {WIDE}, with sound, {told(asked)}, all else at its defaults; a fresh process a run. '
        "A stage's peak is all that the process held during it. The last row is the command itself, in other processes."
    )
    return Table(title=f"{asked.seconds:g} s of video, {told(asked)}, by stage", rows=rows, note=note)


def scaling(bench: Bench) -> list[Table]:
    """Return what the command takes against length, and against the size of the picture."""
    runs = min(bench.effort.runs, 2)
    # The longest only as users get them: in one shot they say no more than the stages above do.
    lengths = [
        _whole(bench, asked, runs)
        for seconds in bench.effort.lengths_s
        for asked in (ways(seconds, WIDE) if seconds in bench.effort.files_s else [Asked(seconds, WIDE)])
    ]
    sizes = [_whole(bench, Asked(bench.effort.files_s[0], size), runs) for size in bench.effort.sizes]
    return [
        Table(title=f"Cost against length, {WIDE}", rows=lengths),
        Table(title=f"Cost against size, {bench.effort.files_s[0]:g} s", rows=sizes, note="" if sizes else UNASKED),
    ]


def _whole(bench: Bench, asked: Asked, runs: int) -> dict[str, Cell]:
    walls, peaks = zip(*(make_once(asked, bench.weights) for _ in range(runs)), strict=True)
    clip = f"{asked.seconds:g} s, {sized(asked.size)}, {told(asked)}"
    return {**_row("clip", clip, walls, peaks), "video_s_per_s": asked.seconds / median(walls)}


def sized(size: str) -> str:
    """Return a size in pixels, with the shape that was named or the size from which it is scaled."""
    (height, width), (drawn_height, drawn_width) = parse_size(size), Canvas().drawn(parse_size(size))
    said = size if size in ASPECTS else f"scaled from {drawn_width}x{drawn_height}"
    return f"{width}x{height} ({said})"


def _row(column: str, name: str, seconds: Sequence[float], peaks: Sequence[float]) -> dict[str, Cell]:
    return {column: name, **spread(seconds), "peak_gb": max(peaks) / 1e9}
