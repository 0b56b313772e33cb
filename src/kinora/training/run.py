"""From a recipe's name to a run: folders, render processes, the trainee and the loop.

A runs folder holds `pool/NAME/` (shards), `frozen/PART.safetensors` (what later stages stand on) and a folder a recipe
(checkpoints, log, loss plot, probe pictures).
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import torch

from kinora.training.checkpoint import export_trunk, import_trunk, newest_checkpoint, save_checkpoint, write_atomically
from kinora.training.frozen import Frozen, freeze_part
from kinora.training.loop import Trainee, train
from kinora.training.pool import Pool, PoolConfig, shard_path
from kinora.training.recipes import Recipe, find_recipe
from kinora.training.stages.few_step import FewStepConfig, FewStepStage
from kinora.training.stages.fill import FillStage
from kinora.training.stages.judge import PictureJudgeStage, SoundJudgeStage
from kinora.training.stages.sound import SoundStage, measure_latents
from kinora.training.stages.text import TextStage
from kinora.training.stages.video import VideoStage

BRANCH = "-decay"
JUDGES: dict[str, Callable[..., Trainee]] = {"judge-pictures": PictureJudgeStage, "judge-sounds": SoundJudgeStage}


@dataclass(frozen=True, kw_only=True)
class Span:
    """How far a run goes: to `num_steps`, or `decay` steps down a branch that leaves the trunk and ships; `start`
    is a trunk to begin from."""

    num_steps: int | None = None
    decay: int = 0
    start: str = ""


def run_recipe(name: str, runs: Path, *, span: Span, workers: int = 1, device: str = "cpu") -> int:
    """Train a recipe in a runs folder until its last step, or the span's; returns the step reached."""
    recipe, folder = find_recipe(name), runs / name
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("there is no CUDA device here: leave --device away to train on the processor")
    if span.decay:
        folder = runs / f"{name}{BRANCH}"
        recipe = shipping(recipe, _branch(runs / name, folder, span.start), span.decay)
    config = replace(recipe.run, start=span.start, num_steps=span.num_steps or recipe.run.num_steps)
    with rendering(recipe.pool, runs, workers):
        trainee = build(recipe, runs, device)
        if isinstance(trainee, FewStepStage):
            _seat_teacher(trainee, folder, span.start)
        return train(trainee, config, folder, device=device)


def shipping(recipe: Recipe, first: int, decay: int) -> Recipe:
    """Return the recipe of a branch that leaves its trunk at step `first` and ships after so many: at a falling rate,
    and on all tokens, since a network that saw few expects subjects where they lie close together."""
    run = replace(recipe.run, optimiser=replace(recipe.run.optimiser, decay_steps=decay), num_steps=first + decay)
    return replace(recipe, run=run, fill=replace(recipe.fill, keep=1.0))


def _seat_teacher(stage: FewStepStage, folder: Path, start: str) -> None:
    """Give a run that begins the trunk it starts from as its teacher; one that goes on has it in its checkpoint."""
    if newest_checkpoint(folder) is None:
        if not start:
            raise ValueError("few steps are learned from a trunk: name the folder it was exported to with --start")
        stage.take_teacher(weights_among(import_trunk(Path(start))[0]))


def _branch(trunk: Path, branch: Path, start: str) -> int:
    """Copy a trunk's newest checkpoint into an empty branch, or leave it empty where the branch starts from an exported
    trunk; returns the step at which the branch left the trunk."""
    leaves = branch / "left-trunk-at-step"
    if not leaves.exists() and start:
        write_atomically(leaves, b"0")
    if not leaves.exists():
        found = newest_checkpoint(trunk)
        if found is None:
            raise ValueError(f"{trunk} holds no checkpoint to decay from: train the trunk first")
        tensors, facts = found
        save_checkpoint(branch, facts["step"], tensors, facts)
        write_atomically(leaves, str(facts["step"]).encode())
    return int(leaves.read_text())


def build(recipe: Recipe, runs: Path, device: str = "cpu") -> Trainee:
    """Return the trainee of a recipe, with what it stands on loaded."""
    seed, batch = recipe.run.seed, recipe.run.batch
    if recipe.pool is None:
        return TextStage(seed=seed, batch=batch)
    pool = Pool(runs / "pool" / recipe.pool.folder, recipe.pool)
    if recipe.stage == "video":
        kept = Frozen.load(runs / "frozen", device).video if recipe.decoder_only else None
        return VideoStage(pool, seed=seed, batch=batch, frozen=kept)
    if recipe.stage == "sound":
        return SoundStage(pool, seed=seed, batch=batch)
    if recipe.stage in JUDGES:
        return JUDGES[recipe.stage](pool, seed=seed, batch=batch)
    frozen = Frozen.load(runs / "frozen", device)
    for part in recipe.needs:
        if getattr(frozen, part) is None:
            raise ValueError(
                f"this recipe stands on the frozen {part} part: run `kinora train {part}`, then again with --freeze"
            )
    if isinstance(recipe.fill, FewStepConfig):
        return FewStepStage(pool, frozen, recipe.fill, seed=seed, batch=batch)
    return FillStage(pool, frozen, recipe.fill, seed=seed, batch=batch)


@contextmanager
def rendering(pool: PoolConfig | None, runs: Path, workers: int) -> Iterator[None]:
    """Run render processes beside the trainer, at the lowest priority, and end them with it."""
    if pool is None or workers == 0:
        yield
        return
    # One shard past the limit is for probes only: training never draws from it.
    wanted = replace(pool, limit=pool.limit + 1)
    folder = runs / "pool" / pool.folder
    _make_probe_first(wanted, folder, runs)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_work, args=(wanted, folder, runs / "frozen", (n, workers)), daemon=True)
        for n in range(workers)
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
    from kinora.training.render_pool import run_worker

    os.nice(5)
    _end_with_parent()
    run_worker(pool.kind, folder, pool, frozen, worker)


def _end_with_parent() -> None:
    """Have this process end as soon as the one that started it is gone, however that ended."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "a render process is started by a trainer"

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def _make_probe_first(pool: PoolConfig, folder: Path, runs: Path) -> None:
    """Render the probe's shard, which the trainer wants early though it is the last by number."""
    if not shard_path(folder, pool.limit - 1).exists():
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(pool, folder, runs / "frozen", (pool.limit - 1, pool.limit)), daemon=True
        )
        process.start()
        process.join()


def newest(name: str, runs: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return the weights and facts of a recipe's newest checkpoint. Raises ValueError when there is none."""
    found = newest_checkpoint(runs / name)
    if found is None:
        raise ValueError(f"{runs / name} holds no checkpoint: run `kinora train {name}` first")
    return weights_among(found[0]), found[1]


def weights_among(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights among a checkpoint's or a trunk's tensors by the model's own names."""
    return {key.removeprefix("model|"): value for key, value in tensors.items() if key.startswith("model|")}


def freeze(name: str, runs: Path) -> Path:
    """Write the newest checkpoint of a recipe, or of its branch, as a frozen part that later stages stand on."""
    recipe = find_recipe(name.removesuffix(BRANCH))
    weights, facts = newest(name, runs)
    if recipe.stage == "sound":
        weights = _measured(recipe, runs, weights)
    return freeze_part(runs / "frozen", recipe.stage, weights, facts)


def export(name: str, runs: Path, folder: Path) -> list[Path]:
    """Write a recipe's newest checkpoint as a trunk that travels."""
    weights, facts = newest(name, runs)
    return export_trunk(folder, {f"model|{key}": value for key, value in weights.items()}, facts)


def _measured(recipe: Recipe, runs: Path, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the sound autoencoder's weights with its latents' mean and scale measured on the first shard."""
    assert recipe.pool is not None
    stage = SoundStage(Pool(runs / "pool" / recipe.pool.folder, recipe.pool), seed=0, batch=1)
    stage.model.load_state_dict(weights)
    stage.model.latent_mean.zero_()
    stage.model.latent_scale.fill_(1.0)
    measure_latents(stage.model, stage.pool.ready(0)[0]["wave"].float() / 32767)
    return dict(stage.model.state_dict())
