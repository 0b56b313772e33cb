"""From trunks to the one weights file that ships: transformer, autoencoders, text and the words they know."""

from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from kinora.models.text import PLAIN_WORDS, split_words
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.weights import save_weights
from kinora.storybook.captions import STYLES, caption
from kinora.storybook.sample import draw_scene
from kinora.storybook.world import world
from kinora.training.checkpoint import load_tensors, newest_checkpoint
from kinora.training.frozen import PARTS, Frozen, part_path
from kinora.training.loop import load_weights
from kinora.training.recipes import find_recipe
from kinora.training.ship_judge import ship_judge
from kinora.training.stages.few_step import FewStepConfig

NAME = "kinora-storybook"
CAPTIONS_READ = 30_000


def ship(run: str, runs: Path, path: Path, version: str) -> int:
    """Write a weights file from a transformer's run and the frozen parts of a runs folder; returns its size in
    bytes."""
    recipe = find_recipe(run.removesuffix("-decay"))
    if recipe.stage.startswith("judge"):
        return ship_judge(runs, path, version)
    found = newest_checkpoint(runs / run)
    if found is None:
        raise ValueError(f"{runs / run} holds no checkpoint: train stills, shorts or clips first")
    tensors, facts = found
    model = Transformer(TransformerConfig())
    prefix = "model|transformer."
    load_weights(model, {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)})
    frozen = Frozen.load(runs / "frozen")
    modules: dict[str, nn.Module] = {"transformer": model, **{part: _needed(frozen, part) for part in PARTS}}
    story = {"transformer": facts, **{part: load_tensors(part_path(runs / "frozen", part))[1] for part in PARTS}}
    for part in story.values():
        part.pop("slots", None)
    says = {"name": NAME, "version": version, "window_blocks": recipe.fill.num_blocks, "trained": story}
    if isinstance(recipe.fill, FewStepConfig):
        says["few_steps"] = list(recipe.fill.few_steps)
    return save_weights(path, modules, words(), says)


def _needed(frozen: Frozen, part: str) -> nn.Module:
    module = getattr(frozen, part)
    if module is None:
        raise ValueError(f"the frozen {part} part is missing: train it and run `kinora train {part} --freeze`")
    return module


def words() -> dict[str, Any]:
    """Return the world's words, with every word captions use under "known"."""
    known = set(PLAIN_WORDS)
    for index in range(CAPTIONS_READ):
        rng = np.random.default_rng([11, index])
        text = caption(draw_scene(11, index), STYLES[index % 2], rng).text  # alt texts have typos
        known.update(word for word, _ in split_words(text) if word)
    return {**world(), "known": sorted(known)}
