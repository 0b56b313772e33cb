"""What a generated file costs: the real command in processes of their own, and the stages of one run."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from kinora.evaluation.figures import Figure
from kinora.models.weights import load_model
from kinora.request import Request
from kinora.tasks.render import render

PROMPT = "a red fox jumps in the snow, soft piano"
SECONDS = 16.0
RUNS = 3
SEED = 1
# What the `kinora` command runs, in this interpreter.
KINORA = (sys.executable, "-c", "from kinora.cli.main import main; main()")
# What `render` yields, in its order.
STAGES = ("read", "fill", "decode, encode and sign")

T = TypeVar("T")


def measure(weights: Path) -> list[Figure]:
    """Return wall seconds and peak memory of `kinora generate`, the median of three, and the seconds of each stage."""
    with TemporaryDirectory(prefix="kinora-evaluation-") as folder:
        runs = [run_once(generate_command(weights, Path(folder, f"{n}.mp4"))) for n in range(RUNS)]
        stages = stage_seconds(weights, Path(folder, "stages.mp4"))
    what = f"{SECONDS:g} s, 256x144, with sound; prompt to signed file, a process of its own each time"
    walls, peaks = zip(*runs, strict=True)
    figures = [
        _median("generate, wall time", list(walls), "s", what),
        _median("generate, peak resident memory", [peak / 1e9 for peak in peaks], "GB", what),
    ]
    return figures + [
        Figure(name=f"stage: {name}", value=seconds, unit="s", num=1, note="in one process that has imported all")
        for name, seconds in stages.items()
    ]


def generate_command(weights: Path, out: Path) -> list[str]:
    """Return the command line, all else at its defaults."""
    asked = ["--seconds", f"{SECONDS:g}", "--seed", str(SEED), "--weights", str(weights), "-o", str(out)]
    return [*KINORA, "generate", PROMPT, *asked]


def run_once(command: list[str]) -> tuple[float, float]:
    """Return the wall seconds and the peak resident bytes of a process. Raises ValueError where it fails."""
    watched = [sys.executable, "-m", "kinora.evaluation.watch", *command]
    seen = json.loads(subprocess.run(watched, capture_output=True, text=True, check=True).stdout)
    if seen["status"]:
        raise ValueError(f"the command failed: {seen['complaint']}")
    return seen["seconds"], seen["peak_bytes"]


def stage_seconds(weights: Path, out: Path) -> dict[str, float]:
    """Return the seconds of loading, reading, filling, and of decoding, encoding and signing together."""
    request = Request(prompt=PROMPT, seconds=SECONDS)
    load_s, model = _timed(lambda: load_model(weights))
    stages = render(request, model, out, SEED)
    seconds = [_timed(lambda: next(stages))[0] for _ in STAGES]
    return {"load": load_s, **dict(zip(STAGES, seconds, strict=True))}


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _median(name: str, values: list[float], unit: str, note: str) -> Figure:
    spread = f"{note}; median of runs from {min(values):.4g} to {max(values):.4g} {unit}"
    return Figure(name=name, value=statistics.median(values), unit=unit, num=len(values), note=spread)
