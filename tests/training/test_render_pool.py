"""The real render worker, at the smallest size, and a stage that trains on what it made."""

import json
from dataclasses import replace

import pytest
import torch

from kinora.training.checkpoint import load_tensors
from kinora.training.loop import generator_for
from kinora.training.pool import PoolConfig, shard_path
from kinora.training.recipes import debug
from kinora.training.render_pool import run_worker
from kinora.training.run import build

SIZES = {
    "pictures": {"frames": (2, 16, 144, 256, 3), "foreground": (2, 2, 18, 32)},
    "waves": {"wave": (2, 48_000)},
    "stills": {"video": (2, 144, 64), "truth": (2, 144, 6), "shape": (2,)},
    "clips": {
        "video": (2, 864, 64),
        "held": (2, 4, 864, 64),
        "known": (2, 4, 6, 8),
        "sound": (2, 96, 32),
        "truth": (2, 864, 6),
        "heard": (2, 96),
        "shape": (2,),
    },
}


def render(kind, folder, frozen, *, limit=1):
    run_worker(kind, folder, PoolConfig(kind=kind, per_shard=2, limit=limit), frozen, (limit - 1, limit))
    return load_tensors(shard_path(folder, limit - 1))[0]


@pytest.mark.parametrize("kind", SIZES)
def test_a_shard_is_a_function_of_seed_and_number(materials, tmp_path, kind):
    one, other = (render(kind, tmp_path / name, materials / "frozen") for name in "ab")
    assert {name: tuple(one[name].shape) for name in SIZES[kind]} == SIZES[kind]
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    assert all(one[name].float().std() > 0 for name in ("frames", "wave", "video", "truth") if name in one)


def test_every_fifth_shard_of_stills_has_another_shape(materials, tmp_path):
    shard = render("stills", tmp_path, materials / "frozen", limit=5)
    assert shard["shape"].tolist() == [9, 9] and shard["video"].shape[1] == 81


def test_a_stage_trains_on_rendered_clips(materials, tmp_path):
    recipe = debug()
    pool = replace(recipe.pool, name="rendered", per_shard=2, limit=1)
    (tmp_path / "frozen").symlink_to(materials / "frozen")
    run_worker("clips", tmp_path / "pool" / "rendered", pool, tmp_path / "frozen", (0, 1))
    stage = build(replace(recipe, pool=pool), tmp_path)
    loss, figures = stage.loss(0, generator_for(1, 0, 0))
    loss.backward()
    assert loss.isfinite() and figures.keys() == {"video", "truth", "sound", "heard"}
    captions = json.loads(stage.pool.shards[0]["captions"].numpy().tobytes())
    assert [len(texts) for texts in captions] == [4, 4] and all(text for texts in captions for text in texts)
    assert sum(parameter.grad is not None for parameter in stage.model.parameters()) > 20
