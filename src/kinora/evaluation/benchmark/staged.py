"""Make one file in a process of its own and say what each stage took.

`python -m kinora.evaluation.benchmark.staged SECONDS SIZE WEIGHTS OUT` prints JSON.

A process of its own because its first run is what a user waits for, and its memory is nobody else's.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kinora.evaluation.benchmark.watch import UNIT_BYTES

PROMPT = "a red fox jumps in the snow, soft piano"
SEED = 1
# What `render` yields, in its order.
RENDERED = ("read", "fill", "decode, encode and sign")
STAGES = ("import", "load", *RENDERED)

Cost = dict[str, Any]


def stage_costs(seconds: float, size: str, weights: Path, out: Path) -> Iterator[Cost]:
    """Make a file; yields each stage's name, `seconds` and `peak_bytes`, the most the process held during it."""
    cost, (opened, render, request) = _cost("import", lambda: _imported(seconds, size))
    yield cost
    cost, engine = _cost("load", lambda: opened(weights))
    yield cost
    stages = render(request, engine, out, SEED)
    for name in RENDERED:
        yield _cost(name, lambda: next(stages))[0]


def _imported(seconds: float, size: str) -> tuple[Any, Any, Any]:
    from kinora.engines.opening import open_native
    from kinora.request import Request
    from kinora.tasks.render import render

    return open_native, render, Request(prompt=PROMPT, seconds=seconds, size=size)


def _cost(name: str, work: Callable[[], Any]) -> tuple[Cost, Any]:
    forget_peak()
    began = time.perf_counter()
    result = work()
    return {"stage": name, "seconds": time.perf_counter() - began, "peak_bytes": peak_bytes()}, result


def forget_peak() -> None:
    """Begin a new peak where the system can (Linux); elsewhere peaks are those so far."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """Return the most memory this process held since `forget_peak`."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    kilobytes = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT_BYTES if kilobytes is None else kilobytes * 1024


if __name__ == "__main__":
    length, shape, *paths = sys.argv[1:]
    sys.stdout.write(json.dumps(list(stage_costs(float(length), shape, *map(Path, paths)))))
