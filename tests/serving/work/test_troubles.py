"""Each trouble has one outcome: poison, failures, stuck workers, full disks, cancelling, removing, stopping."""

import signal

from yard import is_alive, kill


def test_what_ends_every_worker_that_takes_it_up_fails_as_poisoned(small_yard):
    small_yard.config["most_attempts"] = 3
    small_yard.start("api")
    video = small_yard.ask("key")
    for _ in range(3):
        worker = small_yard.start("worker")
        small_yard.arm([worker], "begun")
        small_yard.wait(lambda worker=worker: not is_alive(worker))
        small_yard.bury(worker)
    small_yard.start("worker")
    small_yard.finish()
    failed = small_yard.ledger.get(video, "")
    assert (failed.status, failed.error_code, failed.attempts) == ("failed", "poisoned", 3)
    assert list(small_yard.doubled()) == []


def test_what_raises_is_tried_again_then_fails_without_saying_what_was_raised(small_yard):
    small_yard.config["most_attempts"] = 2
    small_yard.start("api")
    small_yard.start("worker", bug="raising")
    video = small_yard.ask("key")
    small_yard.finish()
    failed = small_yard.ledger.get(video, "")
    assert (failed.status, failed.error_code) == ("failed", "server_error")
    assert "secret" not in failed.error_message
    assert "secret" in small_yard.log


def test_a_stuck_worker_ends_and_another_makes_the_video(small_yard):
    small_yard.config["stuck_s"] = 2
    small_yard.start("api")
    stuck = small_yard.start("worker", bug="stuck")
    video = small_yard.ask("key")
    small_yard.wait(lambda: not is_alive(stuck))
    small_yard.config["stuck_s"] = 600
    small_yard.start("worker")
    small_yard.finish()
    assert small_yard.audit() == []
    assert small_yard.ledger.get(video, "").attempts == 2


def test_on_a_full_disk_a_video_waits_for_room_and_loses_no_attempt(small_yard):
    full = small_yard.folder / "full"
    full.touch()
    small_yard.start("api")
    small_yard.start("worker", bug="full disk")
    video = small_yard.ask("key")
    small_yard.wait(lambda: small_yard.ledger.get(video, "").stage == "fill")
    assert list(small_yard.torn()) == []
    full.unlink()
    small_yard.finish()
    assert small_yard.audit() == []
    assert small_yard.ledger.get(video, "").attempts == 1


def test_no_work_is_begun_while_there_is_too_little_room(small_yard):
    small_yard.start("api")
    video = small_yard.ask("key")
    small_yard.config["least_free_bytes"] = 2**60
    cautious = small_yard.start("worker")
    small_yard.wait(lambda: "waiting for room" in small_yard.log)
    assert small_yard.status(video) == "queued"
    kill(cautious, signal.SIGTERM)
    small_yard.wait(lambda: not is_alive(cautious))
    small_yard.config["least_free_bytes"] = 0
    small_yard.start("worker")
    small_yard.finish()
    assert small_yard.audit() == []


def slow_video_in_hand(yard):
    yard.start("api")
    worker = yard.start("worker")
    video = yard.ask("key", prompt="kinora:test/slow")
    yard.wait(lambda: yard.ledger.get(video, "").stage == "fill")
    return video, worker


def test_a_video_that_is_cancelled_while_it_is_made_fails_as_cancelled(small_yard):
    video, _ = slow_video_in_hand(small_yard)
    small_yard.ledger.cancel(video, "")
    small_yard.finish()
    assert small_yard.ledger.get(video, "").error_code == "cancelled"


def test_a_video_that_is_removed_while_it_is_made_leaves_its_worker_free(small_yard):
    video, worker = slow_video_in_hand(small_yard)
    small_yard.ledger.remove(video, "")
    small_yard.keys.clear()
    small_yard.ask("another key")
    small_yard.finish()
    assert small_yard.audit() == []
    assert is_alive(worker)


def test_a_worker_that_is_told_to_stop_hands_back_what_it_has(small_yard):
    video, worker = slow_video_in_hand(small_yard)
    kill(worker, signal.SIGTERM)
    small_yard.wait(lambda: not is_alive(worker))
    handed_back = small_yard.ledger.get(video, "")
    assert (handed_back.status, handed_back.attempts) == ("queued", 0)
    assert small_yard.ledger.beats() == {}
    small_yard.start("worker")
    small_yard.finish()
    assert small_yard.audit() == []


def test_a_video_whose_workflow_is_lost_is_handed_over_anew(small_yard):
    """As after the steps' database was restored from an older backup."""
    small_yard.start("api")
    video = small_yard.ask("key")
    assert small_yard.ledger.hand_over(video, "nobody knows this workflow")
    small_yard.start("worker")
    small_yard.finish()
    assert small_yard.audit() == []
