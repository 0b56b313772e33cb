"""Shards of training material, made once by render processes and read by the trainer.

Which shards a step may draw from is a function of the step alone: `first` at the start and one more every `every`
steps. The trainer waits for a shard that is due and not there yet, so that a resumed run sees exactly what an
uninterrupted one sees.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from kinora.training.checkpoint import load_tensors, save_tensors

Shard = dict[str, Tensor]

QUIET_S = 10.0
"""A wait that is longer is said."""


@dataclass(frozen=True, kw_only=True)
class PoolConfig:
    """`kind` names the maker; `per_shard` items a shard; `limit` shards in all. Pools of one `name` share shards."""

    kind: str
    name: str = ""
    seed: int = 7
    per_shard: int = 128
    first: int = 2
    every: int = 50
    limit: int = 40
    core: bool = False

    @property
    def folder(self) -> str:
        """The folder of its shards among the pools."""
        return self.name or self.kind


@dataclass(frozen=True, kw_only=True)
class Item:
    """Where one row lies: its shard and its place in it."""

    shard: int
    row: int


@dataclass
class Pool:
    """The shards of a folder, kept in memory as they come due."""

    folder: Path
    config: PoolConfig
    shards: list[Shard] = field(default_factory=list)
    patience_s: float = 1800.0

    def due(self, step: int) -> int:
        """Return how many shards a step may draw from."""
        return min(self.config.limit, self.config.first + step // self.config.every)

    def ready(self, step: int) -> list[Shard]:
        """Return the shards a step may draw from, waiting for those that are still being made."""
        while len(self.shards) < self.due(step):
            self.shards.append(self._wait_for(len(self.shards)))
        return self.shards[: self.due(step)]

    def draw(self, step: int, num: int, generator: torch.Generator) -> list[Item]:
        """Return `num` random rows, all from shards of one picture shape so that they stack."""
        shards = self.ready(step)
        first = int(torch.randint(len(shards), (1,), generator=generator))
        shape = shape_of(shards[first])
        alike = [number for number, shard in enumerate(shards) if shape_of(shard) == shape]
        picks = torch.randint(len(alike) * self.config.per_shard, (num,), generator=generator).tolist()
        return [Item(shard=alike[p // self.config.per_shard], row=p % self.config.per_shard) for p in picks]

    def gather(self, items: list[Item], name: str) -> Tensor:
        """Stack one tensor of the drawn rows."""
        return torch.stack([self.shards[item.shard][name][item.row] for item in items])

    def unseen(self) -> Shard:
        """Return the shard past the limit, for probes: training never draws from it."""
        return self._wait_for(self.config.limit)

    def _wait_for(self, number: int) -> Shard:
        path = shard_path(self.folder, number)
        began, has_said = time.monotonic(), False
        while not path.exists():
            waited_s = time.monotonic() - began
            if waited_s > self.patience_s:
                raise ValueError(f"shard {path.name} never came: run the recipe with --workers 1 or more to render it")
            if waited_s > QUIET_S and not has_said:
                has_said = True
                tqdm.write(f"waiting for {path.name}, which is not rendered yet", file=sys.stderr)
            time.sleep(0.5)
        return load_tensors(path)[0]


def shape_of(shard: Shard) -> tuple[int, ...]:
    """Return (height, width) of a shard's pictures."""
    return tuple(shard["shape"].tolist()) if "shape" in shard else ()


def shard_path(folder: Path, number: int) -> Path:
    """Return where a shard lies."""
    return folder / f"shard-{number:05d}.safetensors"


def make_shards(folder: Path, config: PoolConfig, make: Callable[[int], Shard], *, worker: int, workers: int) -> None:
    """Make this worker's share of the shards that are missing, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(worker, config.limit, workers):
        path = shard_path(folder, number)
        if not path.exists():
            save_tensors(path, make(number), {"kind": config.kind, "seed": config.seed, "number": number})
