"""Make one file in a process of its own and say what each stage took.

`python -m kinora.evaluation.benchmark.staged SECONDS SIZE WAY WEIGHTS OUT` prints JSON.

A process of its own because its first run is what a user waits for, and its memory is nobody else's.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from kinora.evaluation.benchmark.watch import UNIT_BYTES

PROMPT = "a red fox jumps in the snow, soft piano"
SEED = 1
# What `render` yields, in its order.
RENDERED = ("read", "fill", "decode, encode and sign")
STAGES = ("import", "load", *RENDERED)

Cost = dict[str, Any]


class Asked(NamedTuple):
    """What is asked of the command: a length, a size, and a way, "" for its own or "--one-shot"."""

    seconds: float
    size: str
    way: str = ""


def stage_costs(asked: Asked, weights: Path, out: Path) -> Iterator[Cost]:
    """Make a file as `kinora generate` does, a longer one as a planned story unless in one shot; yields each stage's
    name, `seconds` and `peak_bytes`, the most the process held during it."""
    cost, (opened, making) = _cost("import", lambda: _imported(asked))
    yield cost
    cost, engine = _cost("load", lambda: opened(weights))
    yield cost
    stages = making(engine, out)
    for name in RENDERED:
        yield _cost(name, lambda: next(stages))[0]


def _imported(asked: Asked) -> tuple[Any, Any]:
    from kinora.engines.opening import open_native
    from kinora.request import Request
    from kinora.tasks.story_plan import is_story, plan_story

    request = Request(prompt=PROMPT, seconds=asked.seconds, size=asked.size)
    if is_story(request) and not asked.way:
        from kinora.tasks.storyboard import render_story

        return open_native, lambda engine, out: render_story(plan_story(request, SEED), engine, out)
    from kinora.tasks.render import render

    return open_native, lambda engine, out: render(request, engine, out, SEED)


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
    length, shape, told, *paths = sys.argv[1:]
    sys.stdout.write(json.dumps(list(stage_costs(Asked(float(length), shape, told), *map(Path, paths)))))
