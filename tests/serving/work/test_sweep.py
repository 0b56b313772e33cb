"""Results go when their time has come, unless the clock was set."""

import pytest

from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Video
from kinora.serving.store import Store
from kinora.serving.work.steps import JsonSerializer, StepFailed
from kinora.serving.work.sweep import DISTRUST_S, Sweep

BLOB = "a" * 64


class Clocks:
    """A wall clock that can be set, and one that can't."""

    def __init__(self):
        self.wall_s, self.steady_s = 1_800_000_000.0, 50.0

    def go_on(self, seconds):
        self.wall_s += seconds
        self.steady_s += seconds


@pytest.fixture
def swept(tmp_path):
    """(clocks, ledger, sweep) with one completed video that expires in an hour."""
    clocks, url = Clocks(), f"sqlite:///{tmp_path}/ledger.sqlite"
    ledger = Ledger.open(url, clock=lambda: clocks.wall_s)
    ledger.arrive("worker", {})
    video = ledger.accept(Video(prompt="a fox", seconds=1, size="256x160"))
    ledger.hand_over(video.id, "workflow")
    turn = ledger.begin(video.id, "worker", "workflow")
    ledger.complete(turn, result={"video": BLOB}, notes={}, expires_at=int(clocks.wall_s) + 3600)
    store, ended = Store.open(f"file://{tmp_path}/store"), []
    sweep = Sweep(ledger, store, ended.append, wall=lambda: clocks.wall_s, steady=lambda: clocks.steady_s)
    return clocks, sweep, lambda: ledger.get(video.id, "").result


def test_a_result_goes_when_its_time_has_come_and_not_before(swept):
    clocks, sweep, result = swept
    clocks.go_on(3500)
    sweep.run()
    assert result() == {"video": BLOB}
    clocks.go_on(200)
    sweep.run()
    assert result() is None


def test_nothing_goes_by_a_clock_that_was_set(swept):
    clocks, sweep, result = swept
    clocks.wall_s += 10 * 24 * 3600
    sweep.run()
    clocks.go_on(DISTRUST_S / 2)
    sweep.run()
    assert result() == {"video": BLOB}


def test_a_clock_that_was_set_back_is_believed_again(swept):
    clocks, sweep, result = swept
    clocks.wall_s += 10 * 24 * 3600
    sweep.run()
    clocks.wall_s -= 10 * 24 * 3600
    clocks.go_on(3700)
    sweep.run()
    assert result() is None


def test_a_clock_that_stays_set_is_believed_after_a_day(swept):
    clocks, sweep, result = swept
    clocks.wall_s += 10 * 24 * 3600
    sweep.run()
    clocks.go_on(DISTRUST_S + 1)
    sweep.run()
    sweep.run()
    assert result() is None


def test_what_steps_give_survives_as_json_and_errors_by_name():
    class Known(Exception):
        pass

    serializer = JsonSerializer([Known])
    for value in (None, {"a": [1, 2.5, "x", True]}, "text"):
        assert serializer.deserialize(serializer.serialize(value)) == value
    known = serializer.deserialize(serializer.serialize(Known("code", "message")))
    assert (type(known), known.args) == (Known, ("code", "message"))
    strange = serializer.deserialize(serializer.serialize(RuntimeError("a secret")))
    assert (type(strange), strange.args) == (StepFailed, ())
    with pytest.raises(TypeError):
        serializer.serialize(object())
