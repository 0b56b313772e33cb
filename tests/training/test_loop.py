import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from kinora.training.checkpoint import load_tensors, newest_checkpoint
from kinora.training.loop import Log, RunConfig, generator_for, load_weights, train
from kinora.training.optimiser import OptimiserConfig
from kinora.training.recipes import debug
from kinora.training.run import Span, run_recipe

GOLDEN = Path(__file__).with_name("golden") / "debug_losses.json"
# Where the child is killed, one after the other: FUNCTION:N is before the n-th line that it runs in that function.
INSTANTS = (
    *("_one_step:2", "write:2", "_save:3", "save_tensors:3", "whole_file:6", "sweep:2"),
    *(
        "whole_file:16",
        "save_checkpoint:11",
        "load_tensors:3",
        "_resume:6",
        "load:5",
        "step:20",
        "whole_file:27",
    ),
    *("rate_factor:4", "save_checkpoint:19", "write:7", "train:30"),
)


class Line:
    """The smallest trainee: a matrix and a bias that fit a line; it can be told to do something at a step."""

    def __init__(self, at=None):
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        self.at = at or {}

    def loss(self, step, generator):
        x = torch.randn(8, 4, generator=generator)
        self.at.get(step, lambda: None)()
        return (self.model(x) - x.flip(1)).square().mean(), {"mean": float(x.mean())}

    def probe(self, folder, step):
        return {"probe": float(step)}

    def facts(self):
        return {"kind": "line"}


def config(num_steps, **changes):
    return RunConfig(num_steps=num_steps, batch=8, optimiser=OptimiserConfig(warmup_steps=2), **changes)


def run_killed(runs, *instants, recipe="debug", start=""):
    """A recipe trained by processes that are killed at these instants, and by a last one to its end."""
    program = [sys.executable, str(Path(__file__).with_name("killed.py")), str(runs), recipe, str(start), *instants]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [int(status) for status in done.stdout.split()]


def contents(path):
    """A file's bytes; of a checkpoint its facts and the bytes of its tensors, as the order of its header is chance."""
    if path.suffix != ".safetensors":
        return path.read_bytes()
    tensors, facts = load_tensors(path)
    return facts, {name: (tensor.dtype, tensor.flatten().tolist()) for name, tensor in tensors.items()}


def test_killed_at_any_instant_it_resumes_bit_for_bit(make_runs):
    """Weights, moments, figures, loss plot and probe pictures are those of a run that nobody disturbed."""
    whole, broken = make_runs("whole"), make_runs("broken")
    run_recipe("debug", whole, span=Span(), workers=0)
    statuses = run_killed(broken, *INSTANTS)
    assert statuses == [*[-signal.SIGKILL] * len(INSTANTS), 0]
    names = [path.name for path in sorted((whole / "debug").iterdir())]
    assert [path.name for path in sorted((broken / "debug").iterdir())] == names
    assert [n for n in names if contents(whole / "debug" / n) != contents(broken / "debug" / n)] == []


def test_killed_while_it_learns_few_steps_it_resumes_bit_for_bit(make_runs, trunk):
    """The teacher is the trunk in every life, though only the first could have seen it unchanged."""
    whole, broken = make_runs("few-whole"), make_runs("few-broken")
    run_recipe("debug-few", whole, span=Span(start=str(trunk)), workers=0)
    instants = ("_one_step:4", "write_atomically:23", "_resume:6")
    assert run_killed(broken, *instants, recipe="debug-few", start=trunk) == [*[-signal.SIGKILL] * 3, 0]
    names = [path.name for path in sorted((whole / "debug-few").iterdir())]
    assert [n for n in names if contents(whole / "debug-few" / n) != contents(broken / "debug-few" / n)] == []


def test_the_debug_recipe_loses_as_it_always_has(runs):
    run_recipe("debug", runs, span=Span(num_steps=3), workers=0)
    rows = [json.loads(line) for line in (runs / "debug" / "log.jsonl").read_text().splitlines()]
    golden = json.loads(GOLDEN.read_text())
    assert [row["step"] for row in rows] == [1, 2, 3]
    assert [row["loss"] for row in rows] == pytest.approx(golden["loss"], rel=1e-3)


def test_stopping_and_going_on_is_one_run(tmp_path):
    train(Line(), config(9), tmp_path / "whole", quiet=True)
    for stop in (2, 5, 9):
        train(Line(), config(stop), tmp_path / "parts", quiet=True)
    ends = [newest_checkpoint(tmp_path / name) for name in ("whole", "parts")]
    assert ends[0][1] == ends[1][1]
    assert all(torch.equal(tensor, ends[1][0][name]) for name, tensor in ends[0][0].items())
    logs = [(tmp_path / name / "log.jsonl").read_text() for name in ("whole", "parts")]
    assert logs[0] == logs[1] and len(logs[0].splitlines()) == 9


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_stop_finishes_the_step_and_saves(tmp_path, number):
    stop = {3: lambda: os.kill(os.getpid(), number)}
    before = signal.getsignal(number)
    assert train(Line(stop), config(9), tmp_path, quiet=True) == 4
    assert newest_checkpoint(tmp_path)[1]["step"] == 4
    assert signal.getsignal(number) is before


def test_a_loss_that_is_no_number_ends_the_run_and_is_never_saved(tmp_path):
    trainee = Line()
    train(trainee, config(3), tmp_path, quiet=True)

    def spoil():
        trainee.model[0].weight.data.fill_(torch.nan)

    trainee.at = {3: spoil}
    with pytest.raises(FloatingPointError, match="at step 3: resume"):
        train(trainee, config(5, save_every_s=0.0), tmp_path, quiet=True)
    tensors, facts = newest_checkpoint(tmp_path)
    assert facts["step"] == 3 and all(tensor.isfinite().all() for tensor in tensors.values())


def test_a_finished_run_is_left_as_it_is(tmp_path):
    train(Line(), config(4), tmp_path, quiet=True)
    (path,) = tmp_path.glob("step-*")
    written = path.stat().st_mtime_ns
    assert train(Line(), config(4), tmp_path, quiet=True) == 4
    assert path.stat().st_mtime_ns == written


def test_what_a_killed_writer_left_is_swept_up(tmp_path):
    (tmp_path / ".step-00000003.safetensors.77.part").write_bytes(b"half")
    train(Line(), config(1), tmp_path, quiet=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.jsonl", "step-00000001.safetensors"]


def test_a_checkpoint_says_what_it_is(tmp_path):
    train(Line(), config(4, seed=3), tmp_path, quiet=True)
    _, facts = load_tensors(tmp_path / "step-00000004.safetensors")
    assert facts == {"kind": "line", "samples": 32, "seed": 3, "step": 4}


def test_the_log_is_the_runs_own(tmp_path):
    """Lines after the checkpoint, and a torn last one, are cut off on resume."""
    path = tmp_path / "log.jsonl"
    log = Log(path, 0)
    for step in (1, 2, 3):
        log.write(step, {"loss": 0.5})
    log.close()
    path.write_text(path.read_text() + '{"step": 2, "lo')
    Log(path, 2).close()
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]


def test_chance_follows_from_seed_and_step():
    def draw(*numbers):
        return torch.randn(4, generator=generator_for(*numbers)).tolist()

    assert draw(1, 0, 5) == draw(1, 0, 5)
    different = [draw(*numbers) for numbers in [(1, 0, 5), (1, 0, 6), (2, 0, 5), (1, 1, 5), (1, 5, 0)]]
    assert len({tuple(row) for row in different}) == 5


def test_a_longer_model_starts_from_a_shorter_one_and_never_from_a_stranger():
    big, small = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))
    fresh = big[1].weight.clone()
    load_weights(big, small.state_dict())
    assert torch.equal(big[0].weight, small[0].weight) and torch.equal(big[1].weight, fresh)
    with pytest.raises(ValueError, match=r"the trunk holds '1.bias', which this recipe's model lacks"):
        load_weights(small, big.state_dict())


def test_debug_covers_every_part_of_the_fill():
    recipe = debug()
    fill, run = recipe.fill, recipe.run
    assert fill.sound and min(fill.give_some, fill.give_stream, fill.drop_text) > 0 and fill.num_blocks > 1
    assert run.save_every_s == 0 and run.probe_every < run.num_steps
    assert recipe.pool.first < recipe.pool.limit <= recipe.pool.first + run.num_steps // recipe.pool.every
