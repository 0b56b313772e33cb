import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import pytest
import torch

from kinora.training import frozen
from kinora.training.checkpoint import checkpoint_path, newest_checkpoint
from kinora.training.frozen import Frozen
from kinora.training.recipes import RECIPES, debug, find_recipe
from kinora.training.run import Span, build, export, freeze, run_recipe, shipping

TRUNK_STEPS = 3
KILLED = """
import os, signal, sys
from pathlib import Path
from kinora.training.pool import Pool, PoolConfig
from kinora.training.run import rendering
runs, config = Path(sys.argv[1]), PoolConfig(kind="waves", per_shard=1, first=1, limit=100_000)
with rendering(config, runs, 1):
    Pool(runs / "pool" / "waves", config).ready(0)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def trunk(runs):
    """A runs folder in which the debug recipe has gone three steps."""
    assert run_recipe("debug", runs, span=Span(num_steps=TRUNK_STEPS), workers=0) == TRUNK_STEPS
    return runs


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_found_by_name_and_are_plain_values(name):
    recipe = find_recipe(name)
    assert recipe == find_recipe(name) == RECIPES[name]()
    assert recipe.stage != "fill" or recipe.pool


@pytest.mark.parametrize(("name", "near"), [("stils", "stills"), ("video_decoder", "video-decoder"), ("texts", "text")])
def test_a_mistyped_recipe_is_answered_with_the_nearest(name, near):
    with pytest.raises(ValueError, match=f"there is no recipe '{name}': did you mean '{near}'"):
        find_recipe(name)


def test_a_strange_recipe_is_answered_with_all():
    with pytest.raises(ValueError, match=f"choose one of {', '.join(RECIPES)}"):
        find_recipe("zzz")


def test_what_a_recipe_stands_on_must_be_frozen_first(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(frozen, "SHIPPED", tmp_path / "none")
    with pytest.raises(ValueError, match=r"the frozen text part: run `kinora train text`, then again with --freeze"):
        build(debug(), tmp_path)
    assert build(replace(debug(), needs=("text", "video", "sound")), runs).frozen.hashes.keys() == {
        "text",
        "video",
        "sound",
    }


def test_a_branch_decays_to_nothing_and_leaves_the_trunk_alone(trunk):
    before = files(trunk / "debug")
    span = Span(decay=4)
    assert run_recipe("debug", trunk, span=span, workers=0) == TRUNK_STEPS + 4
    assert files(trunk / "debug") == before
    rows = [json.loads(line) for line in (trunk / "debug-decay" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [4, 5, 6, 7]
    # Run again, it is done; and it stays a branch of where it left, wherever the trunk has come since.
    run_recipe("debug", trunk, span=Span(num_steps=5), workers=0)
    assert run_recipe("debug", trunk, span=span, workers=0) == TRUNK_STEPS + 4


def test_a_branch_leaves_from_the_newest_whole_checkpoint(trunk):
    newest = checkpoint_path(trunk / "debug", TRUNK_STEPS)
    newest.write_bytes(newest.read_bytes()[:-1])
    assert run_recipe("debug", trunk, span=Span(decay=1), workers=0) == TRUNK_STEPS


def test_there_is_no_branch_without_a_trunk(runs):
    with pytest.raises(ValueError, match="holds no checkpoint to decay from: train the trunk first"):
        run_recipe("debug", runs, span=Span(decay=1), workers=0)


def test_a_trunk_begins_a_run_elsewhere(trunk, make_runs):
    away, travelled = make_runs("away"), trunk / "travelled"
    export("debug", trunk, travelled)
    assert run_recipe("debug", away, span=Span(num_steps=1, start=str(travelled)), workers=0) == 1
    known = newest_checkpoint(trunk / "debug")[0]

    # After one warm-up step from bfloat16 weights it is still close to where it began, and far from a fresh start.
    def distance(other):
        return sum(float((value - known[name]).square().sum()) for name, value in other.items() if "model|" in name)

    run_recipe("debug", make_runs("fresh"), span=Span(num_steps=1), workers=0)
    fresh = newest_checkpoint(away.parent / "fresh" / "debug")[0]
    assert distance(newest_checkpoint(away / "debug")[0]) < distance(fresh)


def test_a_part_is_frozen_from_a_run_or_from_its_branch(tmp_path):
    run_recipe("text", tmp_path, span=Span(num_steps=1))
    path = freeze("text", tmp_path)
    assert path == tmp_path / "frozen" / "text.safetensors"
    first = Frozen.load(tmp_path / "frozen").hashes["text"]
    run_recipe("text", tmp_path, span=Span(decay=1))
    freeze("text-decay", tmp_path)
    assert Frozen.load(tmp_path / "frozen").hashes["text"] != first


def test_nothing_is_frozen_or_exported_before_it_is_trained(tmp_path):
    for work in (lambda: freeze("text", tmp_path), lambda: export("text", tmp_path, tmp_path)):
        with pytest.raises(ValueError, match="holds no checkpoint: run `kinora train text` first"):
            work()


def test_a_render_process_ends_with_a_killed_trainer(tmp_path):
    """It holds the trainer's output open for as long as it lives."""
    trainer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert trainer.communicate(timeout=120) == (b"", None)
        assert trainer.returncode == -signal.SIGKILL
    finally:
        with suppress(ProcessLookupError):
            os.killpg(trainer.pid, signal.SIGKILL)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_here_is_said(runs):
    with pytest.raises(ValueError, match="there is no CUDA device here: leave --device away"):
        run_recipe("debug", runs, span=Span(), device="cuda")


@pytest.mark.parametrize("name", ["shorts", "clips", "few"])
def test_branches_that_ship_see_all_tokens_at_a_falling_rate(name):
    trunk = find_recipe(name)
    branch = shipping(trunk, 40, 9)
    assert branch.fill == replace(trunk.fill, keep=1.0) and branch.run.num_steps == 49
    assert branch.run.optimiser == replace(trunk.run.optimiser, decay_steps=9)
