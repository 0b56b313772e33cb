"""A worker is buried only where it stood still; nothing is thrown away that is still needed."""

import pytest

from kinora.serving.ledger.records import Counts

BLOB, SOURCE = "cd" * 32, "ab" * 32


@pytest.fixture
def completed(ledger, begun):
    """Completes a video whose result is kept until an instant."""

    def complete(expires_at, **facts):
        turn = begun(**facts)
        ledger.complete(turn, result={"video": BLOB}, notes={}, expires_at=expires_at)
        return turn.video

    return complete


def test_a_beating_worker_is_not_buried(ledger, other):
    ledger.arrive("w1", {"host": "here"})
    seen = other.beats()["w1"]
    assert ledger.beat("w1")
    assert not other.bury("w1", seen)
    assert ledger.beat("w1")


def test_a_worker_that_stood_still_is_buried_once_and_hears_of_it(ledger, other):
    ledger.arrive("w1", {})
    ledger.arrive("w2", {})
    assert [other.bury("w1", 0), ledger.bury("w1", 0)] == [True, False]
    assert [ledger.beat("w1"), ledger.beat("w2")] == [False, True]
    assert ledger.beats() == {"w2": 1}


def test_a_worker_that_leaves_is_forgotten(ledger):
    ledger.arrive("w1", {})
    ledger.leave("w1")
    assert ledger.beats() == {}
    assert not ledger.beat("w1")


def test_counts_are_those_of_each_state(ledger, clock, accepted, begun, completed):
    assert ledger.counts() == Counts(queued=0, in_progress=0, completed=0, failed={}, oldest_queued_s=0.0)
    accepted()
    clock.now += 30
    accepted()
    begun()
    completed(9)
    for code in ("moderation_blocked", "server_error", "server_error"):
        ledger.fail(begun(), code=code, message="")
    failed = {"moderation_blocked": 1, "server_error": 2}
    assert ledger.counts() == Counts(queued=2, in_progress=1, completed=1, failed=failed, oldest_queued_s=30.0)


def test_a_clock_that_jumps_back_makes_no_negative_age(ledger, clock, accepted):
    accepted()
    clock.now -= 1000
    assert ledger.counts().oldest_queued_s == 0.0


def test_a_result_expires_and_is_forgotten_the_video_stays(ledger, completed):
    early, late = completed(100), completed(200)
    assert [video.id for video in ledger.expired(99, 9)] == []
    assert [video.id for video in ledger.expired(100, 9)] == [early.id]
    assert [video.id for video in ledger.expired(999, 9)] == [early.id, late.id]
    assert [video.id for video in ledger.expired(999, 1)] == [early.id]
    ledger.forget_result(early.id)
    assert [video.id for video in ledger.expired(999, 9)] == [late.id]
    assert (ledger.get(early.id, "").status, ledger.get(early.id, "").result) == ("completed", None)


def test_a_blob_is_needed_as_long_as_anyone_needs_it(ledger, completed):
    assert not ledger.refers_to(BLOB)
    first, second = completed(1, wish={"source": SOURCE}), completed(2)
    assert ledger.refers_to(BLOB)
    ledger.forget_result(first.id)
    assert ledger.refers_to(BLOB) and ledger.refers_to(SOURCE)
    ledger.remove(second.id, "")
    assert not ledger.refers_to(BLOB)
    ledger.remove(first.id, "")
    assert not ledger.refers_to(SOURCE)


def test_events_are_forgotten_after_a_week(ledger, clock, completed):
    completed(1)
    ledger.prune()
    assert len(ledger.unhanded_events(9)) == 1
    clock.now += 8 * 24 * 3600
    ledger.prune()
    assert ledger.unhanded_events(9) == []


def test_stages_are_timed_one_by_one(ledger):
    for stage, seconds in (("fill", 1.5), ("read", 0.25), ("fill", 2.0)):
        ledger.took(stage, seconds)
    assert ledger.stage_times() == {"fill": (3.5, 2), "read": (0.25, 1)}
