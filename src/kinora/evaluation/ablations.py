"""`python -m kinora.evaluation.ablations`: what the design's choices are worth, each trained with and without it.

Every arm is a small transformer trained from scratch: same seed, same order of batches, rates that decay over the last
third. What counts is the velocity error on pictures it was never shown, inside subjects and around them, and how much
more of it an arm has than its base on the same pictures under the same noise.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from kinora.evaluation.arms import ARMS, EVEN_TOKENS, FOLD, TOKENS, WHOLE, Arm, CoarseGrid, FineGrid, Measured, Phase
from kinora.evaluation.benchmark.counting import num_flop
from kinora.evaluation.figures import LEVEL, Figure, ratio, table
from kinora.evaluation.machine import machine_facts
from kinora.flow.state import State, blank
from kinora.media.files import whole_file
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer, TransformerConfig
from kinora.training.frozen import Frozen
from kinora.training.loop import RunConfig, generator_for, load_weights, train
from kinora.training.optimiser import OptimiserConfig
from kinora.training.pool import Item, Pool, PoolConfig, shape_of
from kinora.training.recipes import RECIPES

SEED, PROBE_SEED = 1, 9
BATCH = 32
NEVER = 10**9
WIDTH_STEP, HEAD_WIDTH, HIDDEN = 8, 64, 2.5
# Pictures come two by two, a scene and its mirror image.
VIEWS = 2
# Pictures over whose words FLOPs are averaged.
FEW = 8
SHARDS = {"stills": 130, "shorts": 30}

Errors = dict[str, list[float | None]]
Row = dict[str, Any]


def _pools() -> dict[str, PoolConfig]:
    # All shards are due from the first step, so that nothing waits and arms draw alike.
    return {name: replace(_pool_of(name), first=num, every=NEVER) for name, num in SHARDS.items()}


def _pool_of(recipe: str) -> PoolConfig:
    pool = RECIPES[recipe]().pool
    assert pool is not None
    return pool


@dataclass(frozen=True, kw_only=True)
class Study:
    """What all arms share: the runs folder, steps of those on stills alone, sizes, and by recipe the shards drawn
    from. Coarse grids choose their own width."""

    runs: Path
    num_steps: int = WHOLE
    width: int = 128
    depth: int = 4
    num_pictures: int = 128
    pools: Mapping[str, PoolConfig] = field(default_factory=_pools)

    @cached_property
    def frozen(self) -> Frozen:
        """The parts that all arms stand on."""
        return Frozen.load(self.runs / "frozen")

    def facts(self) -> dict[str, Any]:
        """Return what rows must share to be compared."""
        shards = {name: pool.first for name, pool in self.pools.items()}
        sizes = {"steps": self.num_steps, "width": self.width, "depth": self.depth}
        return {**sizes, "pictures": self.num_pictures, "shards": shards, "frozen": self.frozen.hashes}

    def pool(self, recipe: str, stage: type[Measured]) -> Pool:
        """Return a pool whose shards are all there; grids are of wide pictures only."""
        config = self.pools[recipe]
        pool = Pool(self.runs / "pool" / config.folder, config, patience_s=0)
        wide = [s for s in pool.ready(0) if shape_of(s) == TOKENS or not issubclass(stage, FineGrid)]
        return replace(pool, shards=wide, config=replace(config, first=len(wide)))

    def unseen(self, recipe: str) -> Pool:
        """Return the pool of the one shard that training never draws from."""
        config = self.pools[recipe]
        pool = Pool(self.runs / "pool" / config.folder, config, patience_s=0)
        return replace(pool, shards=[pool.unseen()], config=replace(config, first=1))

    def scaled(self, num: int) -> int:
        """Return steps stated for a whole run as steps of this one."""
        return num * self.num_steps // WHOLE

    def transformer(self, stage: type[Measured]) -> TransformerConfig:
        """Return an arm's network; a coarse grid's is as wide as makes its FLOPs those of the fine one."""
        fine = sized(self.width, self.depth)
        if not issubclass(stage, CoarseGrid):
            return fine
        aim, widths = self.num_flop(fine), range(self.width, 4 * self.width, WIDTH_STEP)
        ways = [sized(width, self.depth, fold=FOLD) for width in widths if width % (2 * num_heads(width)) == 0]
        return min(ways, key=lambda way: abs(self.num_flop(way) - aim))

    def num_flop(self, config: TransformerConfig) -> float:
        """Return the floating-point operations of a still on a grid, forward, its words already read."""
        fold = config.channels["video"] // TransformerConfig().channels["video"]
        x = torch.zeros(len(self._text.context), EVEN_TOKENS // fold, config.channels["video"])
        state, t = State(streams={"video": blank(x, torch.zeros(x.shape[1], 3))}), torch.full((len(x),), 0.5)
        model = Transformer(config)
        with torch.no_grad():
            return num_flop(lambda: model(state, Step.at(t), self._text)) / len(x)

    @cached_property
    def _text(self) -> TextFeatures:
        assert self.frozen.text is not None, "freeze the text encoder first"
        captions = json.loads(self.unseen("stills").shards[0]["captions"].numpy().tobytes())
        return self.frozen.text.encode([texts[0] for texts in captions[:FEW]])


def sized(width: int, depth: int, *, fold: int = 1) -> TransformerConfig:
    """Return a network of a width, for tokens of which `fold` are one."""
    channels = dict(TransformerConfig().channels)
    return TransformerConfig(
        width=width,
        depth=depth,
        num_heads=num_heads(width),
        hidden=int(HIDDEN * width),
        channels={**channels, "video": fold * channels["video"]},
    )


def num_heads(width: int) -> int:
    """Return how many heads a width has."""
    return max(1, round(width / HEAD_WIDTH))


def run_arm(name: str, study: Study) -> Row:
    """Train an arm and measure it; returns its row. Raises KeyboardInterrupt where the training was stopped."""
    arm, config = ARMS[name], study.transformer(ARMS[name].stage)
    unseen = study.unseen(arm.phases[-1].recipe)
    stage: Measured | None = None
    for phase in arm.phases:
        before, stage = stage, _stage(arm, phase, study, config)
        if before is not None:
            load_weights(stage.model, before.model.state_dict())
        _train(stage, phase, study)
    assert stage is not None
    counted = {"gflop": study.num_flop(config) / 1e9} if issubclass(arm.stage, FineGrid) else {}
    passes = {p.recipe: study.scaled(p.num_steps) * p.batch for p in arm.phases}
    found = measure(stage, unseen, study.num_pictures)
    return {"arm": name, "study": study.facts(), "width": config.width, **counted, "passes": passes, "errors": found}


def _stage(arm: Arm, phase: Phase, study: Study, config: TransformerConfig) -> Measured:
    fill = replace(RECIPES[phase.recipe]().fill, transformer=config, **phase.fill)
    return arm.stage(study.pool(phase.recipe, arm.stage), study.frozen, fill, seed=SEED, batch=phase.batch)


def _train(stage: Measured, phase: Phase, study: Study) -> None:
    optimiser = OptimiserConfig(
        rate=1e-3, matrix_rate=4e-3, warmup_steps=20, matrices=phase.matrices, decay_steps=study.scaled(phase.decay)
    )
    run = RunConfig(
        seed=SEED,
        num_steps=study.scaled(phase.num_steps),
        batch=phase.batch,
        optimiser=optimiser,
        save_every_s=float("inf"),
        probe_every=NEVER,
    )
    with TemporaryDirectory() as folder:
        if train(stage, run, Path(folder)) < run.num_steps:
            raise KeyboardInterrupt


def measure(stage: Measured, unseen: Pool, num_pictures: int) -> Errors:
    """Return the errors of each of the pool's first pictures by where, None where there is nothing. Of clips, the mean
    over as many random windows as would lie side by side."""
    other = type(stage)(unseen, stage.frozen, stage.config, seed=SEED, batch=BATCH)
    other.model = stage.model.eval()
    shard = unseen.shards[0]
    num = min(num_pictures, len(shard["video"]))
    height, width = shape_of(shard)
    windows = range(shard["video"].shape[1] // (height * width) // stage.config.num_blocks)
    found: dict[str, list[np.ndarray]] = {}
    for first in range(0, num, BATCH):
        items = [Item(shard=0, row=row) for row in range(first, min(first + BATCH, num))]
        some = [other.errors(items, generator_for(PROBE_SEED, first, window)) for window in windows]
        for where in some[0]:
            found.setdefault(where, []).append(torch.stack([one[where] for one in some]).nanmean(0).numpy())
    return {where: [_plain(value) for value in np.concatenate(parts)] for where, parts in found.items()}


def _plain(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def figures_of(name: str, rows: Mapping[str, Row]) -> list[Figure]:
    """Return an arm's errors, and how much more than its base's they are where that was measured."""
    errors, base = rows[name]["errors"], ARMS[name].base
    found = [_mean(f"{name}, {where}", values) for where, values in errors.items()]
    if base == name or base not in rows:
        return found
    for where, values in errors.items():
        pairs = zip(values, rows[base]["errors"][where], strict=True)
        apart = [None if a is None or b is None else a - b for a, b in pairs]
        figure = _mean(f"{name} minus {base}, {where}", apart)
        found.append(replace(figure, note=verdict(figure)))
    return found


def verdict(figure: Figure) -> str:
    """Return in words whether a difference of errors is apart from nothing."""
    assert figure.low is not None and figure.high is not None
    return "clear: worse" if figure.low > 0 else "clear: better" if figure.high < 0 else "not clear"


def _mean(name: str, values: Sequence[float | None]) -> Figure:
    """Return the mean over pictures, its interval over scenes: a picture and its mirror image are one."""
    numbers = np.array(values, float)
    starts = np.arange(0, len(numbers), VIEWS)
    sums, counts = (np.add.reduceat(part, starts) for part in (np.nan_to_num(numbers), np.isfinite(numbers)))
    return ratio(name, sums, counts, unit="")


def report(rows: Mapping[str, Row]) -> str:
    """Return a Markdown table for every base and what is held against it."""
    parts = []
    for base in dict.fromkeys(arm.base for arm in ARMS.values()):
        names = [name for name, arm in ARMS.items() if arm.base == base and name in rows]
        if names:
            said = "\n".join(f"- `{name}`: {ARMS[name].about}. {_cost(rows[name])}" for name in names)
            parts.append(table(f"Against {base}", [f for name in names for f in figures_of(name, rows)]))
            parts.append(f"{said}\n")
    return "\n".join(parts)


def _cost(row: Row) -> str:
    passes = " and ".join(f"{num:,} of {recipe}" for recipe, num in row["passes"].items())
    flop = f", {row['gflop']:.4g} GFLOP a still" if "gflop" in row else ""
    return f"Width {row['width']}, passes: {passes}{flop}."


def load_rows(path: Path, study: Study) -> dict[str, Row]:
    """Read the rows of arms that are done. Raises ValueError where they are of another study."""
    rows = {row["arm"]: row for row in map(json.loads, path.read_text().splitlines())} if path.exists() else {}
    facts = study.facts()
    if any(row["study"] != facts for row in rows.values()):
        raise ValueError(f"{path} holds arms of another size or other parts: name another folder with --out")
    return rows


def run(names: Sequence[str], study: Study, folder: Path) -> dict[str, Row]:
    """Run the arms that `folder` has no row of yet; write it, and the report, after each. Returns all rows."""
    if strange := [name for name in names if name not in ARMS]:
        raise ValueError(f"there is no arm {strange[0]!r}: choose some of {', '.join(ARMS)}")
    folder.mkdir(parents=True, exist_ok=True)
    rows = load_rows(folder / "arms.jsonl", study)
    left = [name for name in names if name not in rows]
    for name in tqdm(left, unit="arm"):
        rows[name] = run_arm(name, study)
        _write(folder / "arms.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows.values()))
        _write_report(folder, rows, study)
    if not left:
        _write_report(folder, rows, study)
    return rows


def _write_report(folder: Path, rows: Mapping[str, Row], study: Study) -> None:
    command = shlex.join(["python", "-m", "kinora.evaluation.ablations", *sys.argv[1:]])
    interval = (
        f"{LEVEL:.0%}, a bootstrap over scenes: they say what other pictures would change, not what another seed would"
    )
    arms = {
        name: {
            "about": ARMS[name].about,
            "base": ARMS[name].base,
            **{key: value for key, value in row.items() if key not in ("arm", "study", "errors")},
            "figures": [figure.to_json() for figure in figures_of(name, rows)],
        }
        for name, row in rows.items()
    }
    said = {"command": command, "interval": interval, "study": study.facts(), "machine": machine_facts(), "arms": arms}
    _write(folder / "ablations.json", json.dumps(said, indent=2) + "\n")
    head = f"Measured by `{command}`: mean squared error of the velocity on unseen pictures.\nIntervals: {interval}.\n"
    _write(folder / "ablations.md", f"{head}\n{report(rows)}")


def _write(path: Path, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text)


def main() -> None:
    """Train, measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m kinora.evaluation.ablations", description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of shards and frozen parts")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where rows and reports go")
    parser.add_argument("--arms", default=",".join(ARMS), metavar="A,B", help=f"some of {', '.join(ARMS)}")
    parser.add_argument("--steps", type=int, default=WHOLE, help=f"steps of an arm on stills (default: {WHOLE})")
    parser.add_argument("--width", type=int, default=Study.width, help="of the network (default: %(default)s)")
    parser.add_argument("--depth", type=int, default=Study.depth, help="of the network (default: %(default)s)")
    arguments = parser.parse_args()
    study = Study(runs=arguments.runs, num_steps=arguments.steps, width=arguments.width, depth=arguments.depth)
    try:
        sys.stdout.write(report(run(arguments.arms.split(","), study, arguments.out)))
    except ValueError as error:
        sys.exit(f"ablations: {error}")
    except KeyboardInterrupt:
        sys.exit("ablations: stopped; the same command goes on with the arm it was at")


if __name__ == "__main__":
    main()
