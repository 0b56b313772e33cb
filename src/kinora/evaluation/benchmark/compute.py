"""Operations of each stage, counted on its real calls, and the share of this machine's measured matmul rate."""

from collections import deque
from statistics import median

from kinora.engines.native.engine import NativeEngine
from kinora.engines.reading import Reading
from kinora.evaluation.benchmark.counting import best_rates, matmul_rows, num_flop
from kinora.evaluation.benchmark.staged import PROMPT, SEED
from kinora.evaluation.benchmark.table import Bench, Cell, Table
from kinora.evaluation.benchmark.timing import Work, in_turn, spread
from kinora.models.weights import Model
from kinora.request import Request
from kinora.tasks.render import decoded, made


def measure(bench: Bench) -> list[Table]:
    """Return the matmul rates, then a table a length."""
    speeds = matmul_rows(bench.effort.matmul_sizes, bench.effort.runs)
    rates = best_rates(speeds)
    note = "Square matrices, the threads of this process. The best of each precision is the 100 % of the tables below."
    tables = [Table(title="Measured matmul rate", rows=speeds, note=note)]
    return tables + [_stages(bench, seconds, rates) for seconds in bench.effort.files_s]


def _stages(bench: Bench, seconds: float, rates: dict[str, float]) -> Table:
    rows = []
    for name, (precision, work) in works(bench.model, Request(prompt=PROMPT, seconds=seconds)).items():
        operations = num_flop(work)
        spent = in_turn({name: work}, min(3, bench.effort.runs))[name]
        rows.append({"stage": name, "precision": precision, **shares(operations, spent, rates[precision])})
    note = "Counted: matrix products, convolutions, attention. A warm process; encoding and signing do no such work."
    return Table(title=f"Operations of {seconds:g} s of video in one shot", rows=rows, note=note)


def shares(operations: int, seconds: list[float], rate: float) -> dict[str, Cell]:
    """Return operations, time, operations a second, and their percentage of the machine's rate, as cells."""
    reached = operations / median(seconds)
    share = {"gflop_per_s": reached / 1e9, "share_of_matmul_pct": 100 * reached / rate}
    return {"gflop": operations / 1e9, **spread(seconds), **share}


def works(model: Model, request: Request) -> dict[str, tuple[str, Work]]:
    """Return the precision of each stage's products, and the stage as a call."""
    engine, reading = NativeEngine(model), Reading(prompt=request.prompt, replaced=())
    latents = made(request, reading, engine, SEED)
    clip = decoded(latents, request, engine)
    return {
        "text, one prompt": ("float32", lambda: model.text.encode([request.prompt])),
        "fill": ("bfloat16", lambda: made(request, reading, engine, SEED)),
        # A clip's sound is made with it, its frames when they are read.
        "decode sound": ("float32", lambda: decoded(latents, request, engine)),
        "decode pictures": ("bfloat16", lambda: deque(clip.frames(), maxlen=0)),
    }
