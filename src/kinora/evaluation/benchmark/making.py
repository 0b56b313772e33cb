"""What a generated file costs: the real command, and its stages, in processes of their own."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from kinora.evaluation.benchmark.staged import PROMPT, SEED, Asked, Cost
from kinora.evaluation.figures import Figure
from kinora.tasks.script import LONGEST_TAKE_S

SECONDS = 16.0
SIZE = "16:9"
RUNS = 3
ONE_SHOT = "--one-shot"
# What the `kinora` command runs, in this interpreter.
KINORA = (sys.executable, "-c", "from kinora.cli.main import main; main()")


def measure(weights: Path) -> list[Figure]:
    """Return wall seconds and peak memory of `kinora generate`, the median of three, and the seconds of each stage: of
    the story that it plans, and of one shot."""
    return [figure for asked in ways(SECONDS, SIZE) for figure in _measured(asked, weights)]


def _measured(asked: Asked, weights: Path) -> list[Figure]:
    walls, peaks = zip(*(make_once(asked, weights) for _ in range(RUNS)), strict=True)
    what = f"{asked.seconds:g} s, {asked.size}, with sound; prompt to signed file, a process of its own each time"
    figures = [
        _median(f"generate, {told(asked)}, wall time", list(walls), "s", what),
        _median(f"generate, {told(asked)}, peak resident memory", [peak / 1e9 for peak in peaks], "GB", what),
    ]
    return figures + [
        Figure(
            name=f"{told(asked)}, stage: {cost['stage']}",
            value=cost["seconds"],
            unit="s",
            num=1,
            note="another process",
        )
        for cost in stages_once(asked, weights)
    ]


def ways(seconds: float, size: str) -> list[Asked]:
    """Return how a length may be asked for: as users do, and in one shot where that would be a planned story."""
    usual = Asked(seconds, size)
    return [usual, usual._replace(way=ONE_SHOT)] if seconds > LONGEST_TAKE_S else [usual]


def told(asked: Asked) -> str:
    """Return what the command makes of it, in words."""
    is_one = asked.way == ONE_SHOT or asked.seconds <= LONGEST_TAKE_S
    return f"one shot{f' ({ONE_SHOT})' * bool(asked.way)}" if is_one else "planned story (default)"


def make_once(asked: Asked, weights: Path) -> tuple[float, float]:
    """Return the wall seconds and peak resident bytes of one `kinora generate`, all else at its defaults."""
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        words = ["--seconds", f"{asked.seconds:g}", "--size", asked.size, *([asked.way] if asked.way else [])]
        words += ["--seed", str(SEED), "--weights", str(weights), "-o", str(Path(folder, "clip.mp4"))]
        return run_once([*KINORA, "generate", PROMPT, *words])


def stages_once(asked: Asked, weights: Path) -> list[Cost]:
    """Return what each stage of one file costs, from the imports to the signature."""
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        words = [f"{asked.seconds:g}", asked.size, asked.way, str(weights), str(Path(folder, "clip.mp4"))]
        command = [sys.executable, "-m", "kinora.evaluation.benchmark.staged", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"the stages failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return json.loads(done.stdout)


def run_once(command: list[str]) -> tuple[float, float]:
    """Return the wall seconds and the peak resident bytes of a process. Raises ValueError where it fails."""
    watched = [sys.executable, "-m", "kinora.evaluation.benchmark.watch", *command]
    seen = json.loads(subprocess.run(watched, capture_output=True, text=True, check=True).stdout)
    if seen["status"]:
        raise ValueError(f"the command failed: {seen['complaint']}")
    return seen["seconds"], seen["peak_bytes"]


def _median(name: str, values: list[float], unit: str, note: str) -> Figure:
    spread = f"{note}; median of runs from {min(values):.4g} to {max(values):.4g} {unit}"
    return Figure(name=name, value=statistics.median(values), unit=unit, num=len(values), note=spread)
