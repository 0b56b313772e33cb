"""The only training loop: exact on resume, because every random number follows from (seed, step).

A `Trainee` is a stage of the plan: it owns modules, turns (step, generator) into a loss, and draws pictures of how
it is doing.
"""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from kinora.models.memory import keep_memory
from kinora.training.checkpoint import import_trunk, newest_checkpoint, save_checkpoint, sweep, write_atomically
from kinora.training.optimiser import Optimiser, OptimiserConfig, rate_factor
from kinora.training.plots import loss_plot


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """How long and how often. `start` names a trunk whose weights the run begins from; its moments are warmed up
    anew."""

    seed: int = 1
    num_steps: int
    batch: int
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    save_every_s: float = 120.0
    probe_every: int = 500
    start: str = ""


class Trainee(Protocol):
    """What a stage gives the loop."""

    @property
    def model(self) -> nn.Module:
        """What learns."""
        ...

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of one batch and figures worth logging."""
        ...

    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Measure and draw how the model does; returns figures."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint must say about this stage (hashes of frozen parts, distinct clips seen)."""
        ...


def generator_for(*numbers: int) -> torch.Generator:
    """Return a generator derived from (seed, rank, step, row) or any such numbers."""
    state = np.random.SeedSequence(numbers).generate_state(2, np.uint32)
    return torch.Generator().manual_seed(int(state[0]) << 32 | int(state[1]))


def train(trainee: Trainee, config: RunConfig, folder: Path, *, device: str = "cpu", quiet: bool = False) -> int:
    """Train to `num_steps`, resuming whatever the folder holds; returns the last step. Ends early, saved, on
    SIGTERM or Ctrl-C."""
    keep_memory()
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    trainee.model.to(device).train()
    optimiser = Optimiser(config.optimiser, trainee.model.named_parameters())
    step = _resume(trainee, optimiser, config, folder)
    log = Log(folder / "log.jsonl", step)
    saved_at, saved_step = time.monotonic(), step
    bar = tqdm(
        total=config.num_steps * config.batch, initial=step * config.batch, unit="sample", disable=quiet, mininterval=5
    )
    with _listening() as asked_to_stop:
        while step < config.num_steps and not asked_to_stop():
            figures = _one_step(trainee, optimiser, config, step, device)
            step += 1
            log.write(step, figures)
            bar.update(config.batch)
            bar.set_postfix_str(f"step {step} loss {figures['loss']:.4f}", refresh=False)
            if step % config.probe_every == 0:
                log.write(step, trainee.probe(folder, step))
                loss_plot(log.path, folder / "loss.png")
            if time.monotonic() - saved_at > config.save_every_s:
                _save(trainee, optimiser, config, folder, step)
                saved_at, saved_step = time.monotonic(), step
        bar.close()
        log.close()
        if step > saved_step:
            _save(trainee, optimiser, config, folder, step)
    return step


def _one_step(trainee: Trainee, optimiser: Optimiser, config: RunConfig, step: int, device: str) -> dict[str, float]:
    generator = generator_for(config.seed, 0, step)
    with torch.autocast(device, torch.bfloat16):
        loss, figures = trainee.loss(step, generator)
    loss.backward()
    norm = optimiser.step(rate_factor(config.optimiser, step, config.num_steps))
    value = float(loss.detach())
    if not np.isfinite(value):
        raise FloatingPointError(
            f"the loss is {value} at step {step}: resume from the last checkpoint with a lower rate"
        )
    return {"loss": value, "gradient": norm, **figures}


def _save(trainee: Trainee, optimiser: Optimiser, config: RunConfig, folder: Path, step: int) -> None:
    weights = {f"model|{k}": v for k, v in trainee.model.state_dict().items()}
    moments = {f"moment|{k}": v for k, v in optimiser.state().items()}
    facts = {"seed": config.seed, "samples": step * config.batch, **trainee.facts()}
    save_checkpoint(folder, step, {**weights, **moments}, facts)


def _resume(trainee: Trainee, optimiser: Optimiser, config: RunConfig, folder: Path) -> int:
    found = newest_checkpoint(folder)
    if found is None:
        if config.start:
            load_weights(trainee.model, _part(import_trunk(Path(config.start))[0], "model|"))
        return 0
    tensors, facts = found
    load_weights(trainee.model, _part(tensors, "model|"))
    optimiser.load(_part(tensors, "moment|"))
    return int(facts["step"])


def load_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copy weights into a model of the same names; whatever the trunk lacks keeps its fresh start, anything
    unknown is an error."""
    own = model.state_dict()
    known = {name: value for name, value in weights.items() if "|" not in name}
    strange = sorted(set(known) - set(own))
    if strange:
        raise ValueError(
            f"the trunk holds {strange[0]!r}, which this recipe's model lacks: train it with its own recipe"
        )
    model.load_state_dict({**own, **{name: value.to(own[name].dtype) for name, value in known.items()}})


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


@contextmanager
def _listening() -> Iterator[Callable[[], bool]]:
    """Yield whether SIGTERM or Ctrl-C has come; what they did before, they do again afterwards."""
    stopped: list[int] = []

    def note(number: int, _frame: object) -> None:
        if stopped:  # a second Ctrl-C means now
            sys.exit(128 + number)
        stopped.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(stopped)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Log:
    """A line of JSON a step, cut back to the checkpoint's step on resume, so that the curve is the run's own."""

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        kept = [line for line in path.read_text().splitlines() if _step_of(line) <= step] if path.exists() else []
        write_atomically(path, "".join(f"{line}\n" for line in kept).encode())
        self._file = path.open("a")

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Append the figures of a step."""
        if figures:
            self._file.write(json.dumps({"step": step, **{k: round(v, 6) for k, v in figures.items()}}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")  # a torn last line
