"""The arms at tiny size on pools of noise: that each runs and is compared rightly, not what comes of it."""

import json
from dataclasses import replace

import pytest
import torch

from kinora.evaluation import ablations
from kinora.evaluation.ablations import Study, figures_of, load_rows, run, verdict
from kinora.evaluation.arms import ARMS, CoarseGrid, FineGrid, Measured, folded, folded_truth, unfolded
from kinora.evaluation.figures import Figure
from kinora.flow.grid import video_positions
from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.storybook.facts import FACT_SLOTS
from kinora.training.checkpoint import save_tensors
from kinora.training.frozen import freeze_part
from kinora.training.loop import generator_for
from kinora.training.pool import Item, shape_of, shard_path
from kinora.training.recipes import RECIPES

ROWS, SHAPES = 4, [(9, 16), (9, 9)]


def shard(number, blocks, shape):
    draw = torch.Generator().manual_seed(number)
    tokens = blocks * shape[0] * shape[1]
    truth = torch.zeros(ROWS, tokens, 6, dtype=torch.uint8)
    # The last picture shows nobody.
    truth[:-1, ::5, 3] = 200
    captions = [[f"a red fox in row {row}"] * 4 for row in range(ROWS)]
    made = {
        "video": torch.randn(ROWS, tokens, 64, generator=draw).bfloat16(),
        "truth": truth,
        "captions": torch.frombuffer(bytearray(json.dumps(captions).encode()), dtype=torch.uint8),
        "shape": torch.tensor(shape),
    }
    heard = {
        "sound": torch.randn(ROWS, 16 * blocks, 32, generator=draw).bfloat16(),
        "heard": torch.zeros(ROWS, 16 * blocks, dtype=torch.uint8),
    }
    return made | heard if blocks > 1 else made


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Two shards of stills, only one of them wide, one of clips, and those that are never drawn from."""
    runs = tmp_path_factory.mktemp("runs")
    torch.manual_seed(0)
    text = TextEncoder(TextConfig(slots=FACT_SLOTS))
    freeze_part(runs / "frozen", "text", text.state_dict(), {"slots": FACT_SLOTS})
    freeze_part(runs / "frozen", "video", VideoAutoencoder(VideoAutoencoderConfig()).state_dict(), {})
    freeze_part(runs / "frozen", "sound", SoundAutoencoder(SoundAutoencoderConfig()).state_dict(), {})
    pools = {}
    for recipe, blocks, shapes in (("stills", 1, SHAPES), ("shorts", 4, SHAPES[:1])):
        pools[recipe] = replace(
            RECIPES[recipe]().pool, per_shard=ROWS, first=len(shapes), every=10**9, limit=len(shapes)
        )
        for number, shape in enumerate([*shapes, SHAPES[0]]):
            path = shard_path(runs / "pool" / pools[recipe].folder, number)
            save_tensors(path, shard(number, blocks, shape), {})
    return Study(runs=runs, num_steps=5, width=32, depth=2, pools=pools)


def stage_of(study, kind, **changes):
    fill = replace(RECIPES["stills"]().fill, transformer=study.transformer(kind), keep=1.0, **changes)
    return kind(study.unseen("stills"), study.frozen, fill, seed=1, batch=ROWS)


ITEMS = [Item(shard=0, row=row) for row in range(ROWS)]


@pytest.fixture(scope="module")
def rows(study, tmp_path_factory):
    return run(list(ARMS), study, tmp_path_factory.mktemp("out"))


def test_folding_puts_neighbours_together_and_can_be_undone():
    values = torch.arange(2 * 8 * 16 * 3).view(2, 128, 3)
    four = folded(values, (8, 16))
    assert four.shape == (2, 32, 4, 3)
    assert torch.equal(four[:, 9], values[:, [34, 35, 50, 51]])  # row 1, column 1 of four by eight
    assert torch.equal(unfolded(four, (8, 16)), values)


def test_a_folded_token_is_true_to_the_part_that_shows_most():
    truth = torch.zeros(1, 4, 6, dtype=torch.uint8)
    truth[0, :, 0], truth[0, :, 3] = torch.tensor([1, 2, 3, 4]), torch.tensor([0, 250, 10, 20])
    assert folded_truth(truth, (2, 2)).tolist() == [[[2, 0, 0, 70, 0, 0]]]


def test_grids_are_of_the_same_pixels_and_places(study):
    """Without the top row, and a coarse token lies in the middle of those it is folded of."""
    whole, fine, coarse = (
        stage_of(study, kind)._windows(ITEMS, generator_for(1)) for kind in (Measured, FineGrid, CoarseGrid)
    )
    video = [clean.streams["video"] for clean, _ in (whole, fine, coarse)]
    assert [one.x.shape for one in video] == [(4, 144, 64), (4, 128, 64), (4, 32, 256)]
    assert torch.equal(video[1].x, video[0].x[:, 16:])
    assert torch.equal(video[2].x, folded(video[1].x, (8, 16)).flatten(2))
    assert torch.equal(video[1].positions[0], video_positions(1, 8, 16))
    assert torch.allclose(video[2].positions, folded(video[1].positions, (8, 16)).mean(2))
    assert coarse[1]["truth"].shape == (4, 32, 6) and torch.equal(coarse[1]["seen"], fine[1]["seen"])


def test_networks_that_predict_nothing_err_alike_on_every_grid(study):
    """A new network's answer is zero, so what is left is the noise and the data: the same in both."""
    found = [stage_of(study, kind).errors(ITEMS, generator_for(9)) for kind in (FineGrid, CoarseGrid)]
    for where in ("subjects", "around"):
        assert torch.allclose(found[0][where], found[1][where], rtol=1e-4, equal_nan=True)
        assert found[0][where][:-1].isfinite().all()
    assert found[0]["subjects"][-1].isnan() and found[0]["around"][-1].isfinite()


def test_the_coarse_grid_costs_what_the_fine_one_does():
    class Words(Study):
        _text = TextEncoder(TextConfig(slots=FACT_SLOTS)).encode(["a red fox"])

    study = Words(runs=None, width=64, depth=2)
    fine, coarse = (study.transformer(kind) for kind in (FineGrid, CoarseGrid))
    assert coarse.width > fine.width and coarse.channels["video"] == 256
    assert study.num_flop(coarse) == pytest.approx(study.num_flop(fine), rel=0.07)


def test_grids_are_trained_on_wide_pictures_only(study):
    assert [shape_of(s) for s in study.pool("stills", Measured).shards] == SHAPES
    assert [shape_of(s) for s in study.pool("stills", CoarseGrid).shards] == SHAPES[:1]


def test_every_arm_has_a_row_and_differs_from_its_base(rows):
    assert list(rows) == list(ARMS)
    for name, row in rows.items():
        wheres = ["subjects", "around", *(["sound"] if ARMS[name].base == "clips-only" else [])]
        assert list(row["errors"]) == wheres and all(len(values) == ROWS for values in row["errors"].values())
        assert row["errors"]["subjects"][-1] is None and None not in row["errors"]["around"]
        assert name == ARMS[name].base or row["errors"] != rows[ARMS[name].base]["errors"]
    assert rows["stills-first"]["passes"] == {"stills": 2 * 64, "shorts": 2 * 32}
    assert "gflop" in rows["coarse-grid"] and "gflop" not in rows["base"]


def test_differences_are_between_the_same_pictures():
    errors = {"base": [1.0, 2.0, None, 9.0], "adamw": [1.5, 2.5, 7.0, 9.5]}
    rows = {name: {"errors": {"around": values}} for name, values in errors.items()}
    base, more = figures_of("base", rows), figures_of("adamw", rows)
    assert [figure.name for figure in base] == ["base, around"] and base[0].value == pytest.approx(4.0)
    assert (more[1].value, more[1].low, more[1].high) == pytest.approx((0.5, 0.5, 0.5))
    assert more[1].note == "clear: worse" and more[1].num == 2


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.1, 0.3, "clear: worse"), (-0.3, -0.1, "clear: better"), (-0.1, 0.1, "not clear")]
)
def test_a_difference_is_clear_where_its_interval_leaves_out_nothing(low, high, said):
    assert verdict(Figure(name="", value=0.0, unit="", num=1, low=low, high=high)) == said


def test_arms_that_are_done_are_not_run_again(study, rows, tmp_path, monkeypatch):
    done, asked = {name: rows[name] for name in ("base", "adamw")}, []
    (tmp_path / "arms.jsonl").write_text(json.dumps(done["base"]) + "\n")

    def record(name, study):
        asked.append(name)
        return done[name]

    monkeypatch.setattr(ablations, "run_arm", record)
    assert run(["adamw", "base"], study, tmp_path) == done and asked == ["adamw"]
    assert load_rows(tmp_path / "arms.jsonl", study) == done
    said = json.loads((tmp_path / "ablations.json").read_text())
    assert [figure["name"] for figure in said["arms"]["adamw"]["figures"]][-1] == "adamw minus base, around"
    assert "adamw minus base, subjects" in (tmp_path / "ablations.md").read_text()
    with pytest.raises(ValueError, match="another folder"):
        run(["base"], replace(study, depth=3), tmp_path)


def test_an_arm_nobody_knows_is_refused(study, tmp_path):
    with pytest.raises(ValueError, match="'muon'"):
        run(["muon"], study, tmp_path / "none")
    assert not (tmp_path / "none").exists()
