"""The auditor of the kill suite sees each of three bugs, planted in an otherwise real server, and a stalled worker that
wakes does no harm without them."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from yard import FRAMES, SIZE, is_alive, kill


def test_an_answer_before_the_commit_is_a_lost_video(small_yard):
    api = small_yard.start("api", bug="answer before commit")
    small_yard.ask("key")
    kill(api)
    small_yard.wait(lambda: not is_alive(api))
    assert list(small_yard.lost())


def test_publishing_in_place_leaves_a_torn_blob(small_yard):
    small_yard.start("api")
    worker = small_yard.start("worker", bug="publish in place")
    small_yard.arm([worker], "writing", 2)
    small_yard.ask("key")
    small_yard.wait(lambda: not is_alive(worker))
    assert list(small_yard.torn())


def stall_and_wake(yard, bug=""):
    """Stop a worker just before it publishes, let another make the video, wake the first, and wait for its end."""
    yard.start("api")
    stalled = yard.start("worker", bug=bug)
    (yard.folder / "hold").touch()
    yard.arm([stalled], "at rest", number=signal.SIGSTOP)
    video = yard.ask("key")
    yard.wait(lambda: is_stopped(stalled))
    while is_locked(yard):
        # Another of its threads was stopped in the middle of a write, which on SQLite keeps everybody out: once more.
        kill(stalled, signal.SIGCONT)
        time.sleep(0.02)
        yard.wait(lambda: is_stopped(stalled))
    (yard.folder / "hold").unlink()
    yard.start("worker", bug=bug)
    yard.finish()
    first = yard.ledger.get(video, "")
    kill(stalled, signal.SIGCONT)
    yard.wait(lambda: not is_alive(stalled))
    return first, yard.ledger.get(video, "")


@pytest.mark.parametrize("bug", ["", "skipped fence check"])
def test_a_stalled_worker_that_wakes_publishes_only_without_the_fence(small_yard, bug):
    before, after = stall_and_wake(small_yard, bug)
    assert before.status == after.status == "completed"
    assert small_yard.played(after) == (FRAMES, *SIZE)
    assert bool(list(small_yard.doubled())) == bool(bug)


def is_locked(yard):
    for name in ("ledger", "steps"):
        with closing(sqlite3.connect(yard.folder / f"{name}.sqlite", timeout=0.3, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
    return False


def is_stopped(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
