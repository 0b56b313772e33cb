"""Laws of the benchmark: closed forms of operations, percentiles, the grid of walks, a complete report; never times."""

import json
import mmap
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from kinora.evaluation.benchmark import compute, files, making, peers, report, steps, variants
from kinora.evaluation.benchmark.counting import best_rates, num_flop
from kinora.evaluation.benchmark.staged import PROMPT, STAGES, Asked, forget_peak, peak_bytes, stage_costs
from kinora.evaluation.benchmark.steps import SCHEDULES, Walk, grid, latent_likeness, picture_likeness, walk_down
from kinora.evaluation.benchmark.table import FULL, QUICK, Table
from kinora.evaluation.benchmark.timing import compared, in_turn, percentile, spread
from kinora.evaluation.benchmark.window import answer, question
from kinora.evaluation.trials.suite import Prompt
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.models.weights import load_model
from kinora.request import MAX_SECONDS, Request, parse_size
from kinora.tasks import render, storyboard
from kinora.tasks.story_plan import is_story

FOX = Prompt(id=1, text="a red fox", asks={}, held_out=False, mate=None, written=1, seed=7)


@pytest.fixture(scope="module")
def model(weights):
    """The tiny model, woken: as shipped it predicts nothing."""
    model, noise = load_model(weights), torch.Generator().manual_seed(0)
    for parameter in model.transformer.parameters():
        parameter.add_(0.1 * torch.randn(parameter.shape, generator=noise))
    return model


def test_operations_of_layers_are_their_closed_forms():
    rows, wide, narrow, size = 5, 7, 3, 8
    linear, conv = nn.Linear(wide, narrow), nn.Conv2d(wide, narrow, 3, padding=1)
    assert num_flop(lambda: linear(torch.ones(rows, wide))) == 2 * rows * wide * narrow
    assert num_flop(lambda: conv(torch.ones(1, wide, size, size))) == 2 * size * size * 9 * wide * narrow


@pytest.mark.parametrize("attend", [variants.attend_in_use, variants.fused, partial(variants.in_chunks, 4)])
def test_operations_of_attention_do_not_depend_on_how_it_is_written(attend):
    heads, queries, keys, width = 2, 10, 6, 8
    q, k, v = (torch.ones(1, heads, length, width) for length in (queries, keys, keys))
    mask = torch.ones(1, keys, dtype=torch.bool)
    assert num_flop(lambda: attend(q, k, v, mask)) == 4 * heads * queries * keys * width


def test_operations_of_the_transformer_are_its_closed_form(model):
    asked, config = question(model), model.transformer.config
    tokens = {name: stream.x.shape[1] for name, stream in asked.state.streams.items()}
    length, (_, words, text_width) = sum(tokens.values()), asked.text.context.shape
    d, f = config.width, config.hidden
    # Six square matrices see every token: four of self-attention, and the first and last of cross-attention.
    layer = 2 * length * (6 * d * d + 3 * d * f) + 2 * words * 2 * d * text_width
    layer += 4 * length * length * d + 4 * length * words * d
    ends = sum(2 * num * d * (3 * config.channels[name] + 8) for name, num in tokens.items())
    conditioner = 2 * d * (text_width + 3 * d + d + 6 * d)
    assert num_flop(lambda: answer(model.transformer, asked)) == config.depth * layer + ends + conditioner


def test_every_stage_of_a_file_has_its_operations(model):
    stages = compute.works(model, Request(prompt="a red fox", seconds=1, size="96x96", steps=1))
    assert list(stages) == ["text, one prompt", "fill", "decode sound", "decode pictures"]
    assert all(num_flop(work) > 0 for _, work in stages.values())


def test_a_share_is_of_the_best_rate_of_its_precision():
    rows = [
        {"precision": p, "gflop_per_s": rate} for p, rate in (("float32", 1.0), ("bfloat16", 4.0), ("bfloat16", 2.0))
    ]
    assert best_rates(rows) == {"float32": 1e9, "bfloat16": 4e9}
    assert compute.shares(10**9, [0.5, 9.0, 0.1], 4e9)["share_of_matmul_pct"] == pytest.approx(50)


def test_percentiles_are_measured_values():
    values = list(np.random.default_rng(0).permutation(np.arange(1.0, 21.0)))
    assert percentile(values, 0.95) == 19
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3
    assert spread([4.0, 1.0, 2.0, 3.0]) == {"median_s": 2.5, "p95_s": 4.0, "n": 4}


def test_a_ratio_has_an_interval_where_it_was_measured_twice():
    assert compared([2.0, 6.0], [1.0, 3.0]) == {"times_base": 2.0, "low": 2.0, "high": 2.0}
    assert compared([2.0], [1.0]) == {"times_base": 2.0, "low": None, "high": None}


def test_works_are_timed_in_turn_after_one_run_each():
    order = []
    taken = in_turn({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert "".join(order) == "abab" + "ab"
    assert {name: len(seconds) for name, seconds in taken.items()} == {"a": 2, "b": 2}


def test_the_grid_has_every_schedule_at_every_number_of_steps():
    walks = grid(FULL, (1, 2))
    assert walks[0] == Walk(schedule="linear", num_steps=250)
    plain = {(walk.schedule, walk.num_steps) for walk in walks if not walk.jumps}
    assert plain == {("linear", 250), *((name, num) for name in SCHEDULES for num in (1, 2, 4, 8, 16, 50))}
    assert [walk.num_steps for walk in walks if walk.jumps] == [1, 2]
    assert not any(walk.jumps for walk in grid(FULL, ()))


@pytest.mark.parametrize("walk", [Walk(schedule=name, num_steps=5) for name in (*SCHEDULES, steps.FEW_STEP)])
def test_the_network_is_asked_as_often_as_said(walk, model):
    asked = []
    hook = model.transformer.register_forward_hook(lambda *_: asked.append(1))
    walk_down(walk, FOX, model, 1)
    hook.remove()
    assert len(asked) == walk.num_evaluations


def test_the_same_walk_comes_to_the_same_and_a_shorter_one_less_near(model):
    far, again, near, short = (
        walk_down(Walk(schedule="linear", num_steps=num), FOX, model, 1) for num in (32, 32, 16, 1)
    )
    assert picture_likeness([far], [again]).value == np.inf
    likeness = [latent_likeness("video", [far], [made]) for made in (again, near, short)]
    assert likeness[0] == 100
    assert likeness[0] > likeness[1] > likeness[2]


def test_int8_linears_are_near_and_chunks_exact():
    draw = torch.Generator().manual_seed(0)
    linear, x = nn.Linear(64, 32), torch.randn(2, 24, 64, generator=draw)
    q, k, v = (torch.randn(1, 2, 10, 8, generator=draw) for _ in range(3))
    with torch.no_grad():
        assert variants.error(variants.Int8Linear(linear)(x), linear(x)) < 2
    whole = variants.attend_in_use(q, k, v, None)
    assert torch.allclose(variants.in_chunks(3, q, k, v, None), whole, atol=1e-6)
    assert torch.allclose(variants.fused(q, k, v, None), whole, atol=1e-6)


def test_ways_of_the_same_work_come_to_the_same(model):
    for ways in (variants.transformer_ways(model), variants.decoder_ways(model)):
        exact = ways[variants.EXACT]()
        assert {name: variants.error(way(), exact) < 10 for name, way in ways.items()} == dict.fromkeys(ways, True)
    # What stood in another's place is gone.
    assert variants.layers.attend is variants.attend_in_use


def test_what_a_length_is_told_as_is_what_the_command_makes(monkeypatch):
    """The whole command and its stages are told the same, and say in which way."""
    seen = []
    monkeypatch.setattr(making, "run_once", lambda command: seen.append(command) or (1.0, 1.0))
    for seconds, names in ((8.0, ["one shot"]), (16.0, ["planned story (default)", "one shot (--one-shot)"])):
        asked = making.ways(seconds, "16:9")
        assert [making.told(each) for each in asked] == names
        for each, name in zip(asked, names, strict=True):
            making.make_once(each, Path("w"))
            assert ("--one-shot" in seen[-1]) == ("--one-shot" in name)
            is_planned = is_story(Request(prompt=PROMPT, seconds=seconds)) and not each.way
            assert is_planned == ("story" in name)


@pytest.mark.parametrize("way", ["", making.ONE_SHOT])
def test_stages_are_those_of_the_story_or_of_the_shot(way, weights, tmp_path, monkeypatch):
    made = []
    for module, name in ((storyboard, "render_story"), (render, "render")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *words, real=real, name=name: made.append(name) or real(*words))
    costs = list(stage_costs(Asked(9.0, "96x96", way), weights, tmp_path / "a.mp4"))
    assert [cost["stage"] for cost in costs] == list(STAGES) and (tmp_path / "a.mp4").is_file()
    assert made == ["render" if way else "render_story"]


def test_a_size_says_its_shape_or_from_what_it_is_scaled():
    assert files.sized("16:9") == "256x144 (16:9)"
    assert files.sized("1280x720") == "1280x720 (scaled from 256x144)"
    assert all(parse_size(size) for size in FULL.sizes) and max(FULL.lengths_s) <= MAX_SECONDS


def test_tables_show_and_write_what_is_there():
    table = Table(title="A", rows=[{"way": "b", "median_s": 0.123456, "psnr_db": np.inf, "low": None}], note="Why.")
    assert table.to_json()["rows"] == [{"way": "b", "median_s": 0.123456, "psnr_db": None, "low": None}]
    assert table.markdown().splitlines()[2:5] == [
        "| way | median s | psnr db | low |",
        "|---|---|---|---|",
        "| b | 0.1235 | – | – |",
    ]


def test_a_quick_report_is_complete(weights):
    said = []
    chosen = [name for name in report.choose("") if name != "peers"]
    made = json.loads(json.dumps(report.measure(weights, QUICK, chosen, said.append), allow_nan=False))
    assert list(made["sections"]) == chosen
    assert len(said) == len(chosen)
    assert made["machine"]["packages"]["torch"] and made["sha256"] == {weights.name: load_model(weights).sha256}
    tables = [table for section in made["sections"].values() for table in section["tables"]]
    assert all(table["rows"] or table["note"].startswith("Not measured") for table in tables)
    assert all(row.get("n", 1) > 0 for table in tables for row in table["rows"])
    (walks,) = made["sections"]["steps"]["tables"]
    assert len(walks["rows"]) == len(grid(QUICK, ()))


def test_a_strange_section_is_named():
    with pytest.raises(ValueError, match="no section taste"):
        report.choose("steps,taste")


def test_peers_are_of_our_size(model):
    pytest.importorskip("diffusers")
    shipped = replace(model, transformer=Transformer(TransformerConfig(text_width=16)))
    sizes = {name: peers.num_parameters(one.network) for name, one in peers.transformers(shipped).items()}
    assert len(sizes) == 3 and max(sizes.values()) < 1.15 * min(sizes.values())
    coders = peers.autoencoders(VideoAutoencoder(VideoAutoencoderConfig()), (8, 64, 64))
    sizes = {name: sum(peers.num_parameters(half[name].network) for half in coders) for name in coders[0]}
    assert len(sizes) == 3 and max(sizes.values()) < 1.15 * min(sizes.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a process's peak")
def test_a_peak_can_be_forgotten():
    with mmap.mmap(-1, 200_000_000) as block:
        block[::4096] = b"x" * len(block[::4096])
        high = peak_bytes()
    forget_peak()
    assert peak_bytes() < high - 1.5e8
