"""From a recipe's name to a run: folders, render processes, the trainee and the loop.

A runs folder holds `pool/KIND/` (shards), `frozen/PART.safetensors` (what later stages stand on) and a folder a recipe
(checkpoints, log, loss plot, probe pictures).
"""

import difflib
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from kinora.training.checkpoint import export_trunk, newest_checkpoint
from kinora.training.frozen import Frozen, trunk_path
from kinora.training.loop import Trainee, train
from kinora.training.pool import Pool, PoolConfig, shard_path
from kinora.training.recipes import RECIPES, Recipe
from kinora.training.stages.fill import FillStage
from kinora.training.stages.sound import SoundStage, measure_latents
from kinora.training.stages.text import TextStage
from kinora.training.stages.video import VideoStage


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name. Raises ValueError that suggests the nearest one."""
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(RECIPES)}"
        raise ValueError(f"there is no recipe {name!r}: {hint}")
    return RECIPES[name]()


def run_recipe(
    name: str, runs: Path, *, num_steps: int | None = None, workers: int = 1, start: str = "", device: str = "cpu"
) -> int:
    """Train a recipe in a runs folder until its last step, or `num_steps`; returns the step reached."""
    recipe = find_recipe(name)
    config = replace(recipe.run, start=start, num_steps=num_steps or recipe.run.num_steps)
    with rendering(recipe.pool, runs, workers):
        trainee = build(recipe, runs, device)
        return train(trainee, config, runs / name, device=device)


def build(recipe: Recipe, runs: Path, device: str = "cpu") -> Trainee:
    """Return the trainee of a recipe, with what it stands on loaded."""
    seed, batch = recipe.run.seed, recipe.run.batch
    if recipe.pool is None:
        return TextStage(seed=seed, batch=batch)
    pool = Pool(runs / "pool" / recipe.pool.kind, recipe.pool)
    if recipe.stage == "video":
        return VideoStage(pool, seed=seed, batch=batch, decoder_only=recipe.decoder_only)
    if recipe.stage == "sound":
        return SoundStage(pool, seed=seed, batch=batch)
    for part in recipe.needs:
        if not trunk_path(runs / "frozen", part).exists():
            raise ValueError(f"this recipe stands on the frozen {part} part: train it and run `kinora train --freeze {part}`")
    return FillStage(pool, Frozen.load(runs / "frozen", device), recipe.fill, seed=seed, batch=batch)


@contextmanager
def rendering(pool: PoolConfig | None, runs: Path, workers: int) -> Iterator[None]:
    """Run render processes beside the trainer, at the lowest priority, and end them with it."""
    if pool is None or workers == 0:
        yield
        return
    # One shard past the limit is for probes only: training never draws from it.
    wanted = replace(pool, limit=pool.limit + 1)
    folder = runs / "pool" / pool.kind
    _make_probe_first(wanted, folder, runs)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_work, args=(wanted, folder, runs / "frozen", (n, workers)), daemon=True) for n in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _work(pool: PoolConfig, folder: Path, frozen: Path, worker: tuple[int, int]) -> None:
    # The renderer needs skia; the trainer itself does not.
    from kinora.training.render_pool import run_worker  # noqa: PLC0415

    os.nice(5)
    run_worker(pool.kind, folder, pool, frozen, worker)


def _make_probe_first(pool: PoolConfig, folder: Path, runs: Path) -> None:
    """Render the probe's shard, which the trainer wants early though it is the last by number."""
    if not shard_path(folder, pool.limit - 1).exists():
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(pool, folder, runs / "frozen", (pool.limit - 1, pool.limit)), daemon=True
        )
        process.start()
        process.join()


def freeze(name: str, runs: Path) -> Path:
    """Export a recipe's newest checkpoint as a frozen part that later stages stand on."""
    recipe = find_recipe(name)
    found = newest_checkpoint(runs / name)
    if found is None:
        raise ValueError(f"{runs / name} holds no checkpoint: run `kinora train {name}` first")
    tensors, facts = found
    weights = {key: value for key, value in tensors.items() if key.startswith("model|")}
    part = recipe.stage
    if part == "sound":
        weights = _measured(recipe, runs, weights)
    path = trunk_path(runs / "frozen", part)
    export_trunk(path, weights, facts)
    return path


def _measured(recipe: Recipe, runs: Path, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the sound autoencoder's weights with its latents' mean and scale measured on the first shard."""
    assert recipe.pool is not None
    stage = SoundStage(Pool(runs / "pool" / recipe.pool.kind, recipe.pool), seed=0, batch=1)
    stage.model.load_state_dict({key.removeprefix("model|"): value for key, value in weights.items()})
    stage.model.latent_mean.zero_()
    stage.model.latent_scale.fill_(1.0)
    measure_latents(stage.model, stage.pool.ready(0)[0]["wave"].float() / 32767)
    return {f"model|{key}": value for key, value in stage.model.state_dict().items()}
