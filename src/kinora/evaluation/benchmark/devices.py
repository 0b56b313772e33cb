"""A training step's share of the device's matmul rate, and what compiling brings on a GPU.

B batch, L tokens, C channels.
"""

import copy
from functools import partial
from typing import Any

import torch

from kinora.evaluation.benchmark.compute import shares
from kinora.evaluation.benchmark.counting import best_rates, matmul_rows, num_flop
from kinora.evaluation.benchmark.table import Bench, Cell, Table
from kinora.evaluation.benchmark.timing import Work, compared, in_turn
from kinora.evaluation.benchmark.window import answer, question
from kinora.flow.objective import velocity_loss
from kinora.models.transformer import Transformer
from kinora.models.weights import Model, load_model
from kinora.training.optimiser import Optimiser, OptimiserConfig

BATCH = {"cpu": 2, "cuda": 64}


def training(bench: Bench) -> list[Table]:
    """Return the share of the measured bfloat16 rate that a training step of the transformer reaches here."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    runs, batch = min(3, bench.effort.runs), BATCH[device]
    model = load_model(bench.weights, device=device)
    rate = best_rates(matmul_rows(bench.effort.matmul_sizes, bench.effort.runs, device))["bfloat16"]
    optimiser, gradients = learner(model, batch)

    def step() -> None:
        gradients()
        optimiser.step(0.0)
        _finish(device)

    operations = num_flop(gradients)
    row: dict[str, Cell] = {"device": device, "batch": batch}
    rows = [{**row, **shares(operations, in_turn({"step": step}, runs)["step"], rate)}]
    note = (
        f"Windows of {model.window_blocks} blocks. Operations of forward and backward; the time holds the "
        "optimiser's step too, but not reading shards or the truth head. The last column is what papers call MFU."
    )
    return [Table(title="A training step of the transformer", rows=rows, note=note)]


def learner(model: Model, batch: int) -> tuple[Optimiser, Work]:
    """Return an optimiser of a copy of the transformer, and the gradients of one batch of noise as a call."""
    network = copy.deepcopy(model.transformer).train().requires_grad_(True)
    optimiser = Optimiser(OptimiserConfig(), network.named_parameters())
    asked = question(model, batch)

    def gradients() -> None:
        with torch.autocast(asked.device.type, torch.bfloat16):
            made, _ = network(asked.state, asked.step, asked.text)
        streams = asked.state.streams.items()
        losses = [velocity_loss(made[name], torch.zeros_like(s.x), asked.step.t, s.free) for name, s in streams]
        torch.stack(losses).sum().backward()

    return optimiser, gradients


def gpu(bench: Bench) -> list[Table]:
    """Return one evaluation of a window on a GPU: as it is, compiled, and compiled with CUDA graphs."""
    title = "One evaluation of a window on a GPU"
    if not torch.cuda.is_available():
        return [Table(title=title, rows=[], note="Not measured: there is no CUDA device here.")]
    model = load_model(bench.weights, device="cuda")
    own, asked = model.transformer, question(model)
    networks: dict[str, Any] = {"as it is": own, "compiled": torch.compile(own)}
    networks["compiled, CUDA graphs"] = torch.compile(own, mode="reduce-overhead")

    def work(network: Transformer) -> None:
        answer(network, asked)
        _finish("cuda")

    ways: dict[str, Work] = {name: partial(work, network) for name, network in networks.items()}
    rate = best_rates(matmul_rows(bench.effort.matmul_sizes, bench.effort.runs, "cuda"))["bfloat16"]
    taken, operations = in_turn(ways, bench.effort.runs), num_flop(ways["as it is"])
    rows = [
        {"way": name, **shares(operations, taken[name], rate), **compared(taken[name], taken["as it is"])}
        for name in ways
    ]
    return [Table(title=title, rows=rows)]


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
