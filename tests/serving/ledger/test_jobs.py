"""A video is worked at by one, closed once, and told once."""

import pytest

from kinora.serving.ledger.records import Cancelled, Superseded

BLOB = "cd" * 32
RESULT = {"video": BLOB, "thumbnail": "ef" * 32, "size_bytes": 5}
# What only the holder of the newest fence may do.
CLOSINGS = {
    "complete": lambda ledger, turn: ledger.complete(turn, result=RESULT, notes={}, expires_at=9),
    "fail": lambda ledger, turn: ledger.fail(turn, code="server_error", message="it broke"),
    "hand_back": lambda ledger, turn: ledger.hand_back(turn),
    "advance": lambda ledger, turn: ledger.advance(turn, stage="fill", progress=1),
}


def again(ledger, turn, worker="w2", most_attempts=3):
    if worker not in ledger.beats():
        ledger.arrive(worker, {})
    return ledger.begin(turn.video.id, worker, turn.video.workflow, most_attempts=most_attempts)


def now(ledger, turn):
    return ledger.get(turn.video.id, turn.video.owner)


def test_higher_priority_goes_first_then_age(ledger, accepted):
    videos = [accepted(priority=priority, seconds=n + 1) for n, priority in enumerate([0, 5, -1, 5, 0])]
    assert [video.id for video in ledger.unhanded(9)] == [videos[n].id for n in (1, 3, 0, 4, 2)]
    assert [video.id for video in ledger.unhanded(2)] == [videos[n].id for n in (1, 3)]


def test_a_video_is_handed_over_once(ledger, other, accepted):
    video = accepted()
    assert [ledger.hand_over(video.id, "a"), other.hand_over(video.id, "b")] == [True, False]
    assert ledger.unhanded(9) == []
    assert ledger.open_workflows() == {"a": video.id}


def test_only_the_workflow_it_belongs_to_lets_a_video_go(ledger, accepted):
    video = accepted()
    ledger.hand_over(video.id, "a")
    assert [ledger.reopen(video.id, "b"), ledger.reopen(video.id, "a")] == [False, True]
    assert [one.id for one in ledger.unhanded(9)] == [video.id]


def test_what_is_closed_is_neither_handed_over_nor_reopened_nor_begun(ledger, begun):
    turn = begun()
    ledger.complete(turn, result=RESULT, notes={}, expires_at=9)
    assert not ledger.hand_over(turn.video.id, "x")
    assert not ledger.reopen(turn.video.id, turn.video.workflow)
    assert again(ledger, turn) is None
    assert ledger.open_workflows() == {}


def test_a_turn_says_what_is_worked_at_and_by_whom(ledger, begun):
    turn = begun("w7")
    assert turn.video == now(ledger, turn)
    assert (turn.video.status, turn.video.worker, turn.video.attempts) == ("in_progress", "w7", 1)
    ledger.advance(turn, stage="fill", progress=40)
    assert (now(ledger, turn).stage, now(ledger, turn).progress) == ("fill", 40)


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_newer_turn_supersedes_the_older(ledger, other, closing, begun):
    old = begun()
    new = again(other, old)
    assert new.fence > old.fence
    with pytest.raises(Superseded):
        CLOSINGS[closing](ledger, old)
    assert now(ledger, new) == new.video
    CLOSINGS[closing](other, new)
    assert now(ledger, new) != new.video


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_removed_video_supersedes_its_turn(ledger, closing, begun):
    turn = begun()
    ledger.remove(turn.video.id, "")
    with pytest.raises(Superseded):
        CLOSINGS[closing](ledger, turn)


@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize("first", ["complete", "fail", "hand_back"])
def test_a_turn_ends_once(ledger, first, closing, begun):
    turn = begun()
    CLOSINGS[first](ledger, turn)
    ended = now(ledger, turn)
    with pytest.raises(Superseded):
        CLOSINGS[closing](ledger, turn)
    assert now(ledger, turn) == ended


def test_a_completed_video_has_its_result_and_all_notes(ledger, clock, begun):
    turn = begun(notes={"seed": 7, "ignored": []})
    ledger.complete(turn, result=RESULT, notes={"ignored": ["x"]}, expires_at=1_800_009_999)
    video = now(ledger, turn)
    assert (video.status, video.progress, video.stage, video.result) == ("completed", 100, "", RESULT)
    assert video.notes == {"seed": 7, "ignored": ["x"]}
    assert (video.started_at, video.completed_at, video.expires_at) == (int(clock.now), int(clock.now), 1_800_009_999)


def test_a_failed_video_says_why(ledger, begun):
    turn = begun()
    ledger.fail(turn, code="moderation_blocked", message="not drawn")
    video = now(ledger, turn)
    assert (video.status, video.error_code, video.error_message) == ("failed", "moderation_blocked", "not drawn")


def test_a_worker_hears_that_its_video_was_cancelled_and_may_close_it(ledger, begun):
    turn = begun()
    assert ledger.cancel(turn.video.id, "").status == "in_progress"
    with pytest.raises(Cancelled):
        ledger.advance(turn, stage="fill", progress=9)
    ledger.fail(turn, code="cancelled", message="cancelled")
    assert now(ledger, turn).error_code == "cancelled"


def test_a_cancelled_video_of_a_dead_worker_is_not_begun_again(ledger, begun):
    turn = begun()
    ledger.cancel(turn.video.id, "")
    assert again(ledger, turn) is None
    assert now(ledger, turn).error_code == "cancelled"
    assert len(ledger.unhanded_events(9)) == 1


def test_a_cancelled_video_that_is_handed_back_is_closed(ledger, begun):
    turn = begun()
    ledger.cancel(turn.video.id, "")
    ledger.hand_back(turn)
    assert now(ledger, turn).error_code == "cancelled"


def test_a_worker_that_completes_first_has_completed(ledger, begun):
    turn = begun()
    ledger.cancel(turn.video.id, "")
    ledger.complete(turn, result=RESULT, notes={}, expires_at=9)
    assert now(ledger, turn).status == "completed"


def test_three_attempts_without_an_end_are_enough(ledger, begun):
    turn = begun()
    for _ in range(2):
        turn = again(ledger, turn)
    assert turn.video.attempts == 3
    assert again(ledger, turn) is None
    assert (now(ledger, turn).status, now(ledger, turn).error_code) == ("failed", "poisoned")
    with pytest.raises(Superseded):
        ledger.complete(turn, result=RESULT, notes={}, expires_at=9)
    assert [event.type for event in ledger.unhanded_events(9)] == ["video.failed"]


def test_an_attempt_that_is_handed_back_does_not_count(ledger, begun):
    turn = begun()
    for _ in range(5):
        ledger.hand_back(turn)
        assert now(ledger, turn).status == "queued"
        turn = again(ledger, turn, most_attempts=1)
    assert turn.video.attempts == 1


def test_a_buried_worker_can_not_begin(ledger, other, begun):
    turn = begun("w1")
    assert other.bury("w1", 0)
    with pytest.raises(Superseded):
        ledger.begin(turn.video.id, "w1", turn.video.workflow)
    assert now(ledger, turn) == turn.video


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_video_that_is_opened_anew_supersedes_its_turn(ledger, begun, closing):
    turn = begun()
    assert ledger.reopen(turn.video.id, turn.video.workflow)
    with pytest.raises(Superseded):
        CLOSINGS[closing](ledger, turn)
    assert [video.id for video in ledger.unhanded(9)] == [turn.video.id]


def test_another_workflow_can_not_begin(ledger, begun):
    turn = begun()
    assert ledger.begin(turn.video.id, "w1", "another") is None
    assert ledger.begin("video_" + "0" * 32, "w1", "") is None
    assert now(ledger, turn) == turn.video


@pytest.mark.parametrize(("closing", "type"), [("complete", "video.completed"), ("fail", "video.failed")])
def test_each_closing_is_told_once(ledger, other, closing, type, begun):
    turn = begun()
    assert ledger.unhanded_events(9) == []
    CLOSINGS[closing](ledger, turn)
    (event,) = other.unhanded_events(9)
    assert (event.type, event.video_id) == (type, turn.video.id)
    assert [ledger.hand_over_event(event.id, "a"), other.hand_over_event(event.id, "b")] == [True, False]
    assert ledger.unhanded_events(9) == []
    ledger.close_event(event.id, delivered=True)
    assert not ledger.hand_over_event(event.id, "c")


def test_a_video_that_fails_again_is_told_again(ledger, begun):
    turn = begun()
    ledger.fail(turn, code="server_error", message="it broke")
    ledger.retry(turn.video.id, "")
    ledger.cancel(turn.video.id, "")
    assert [event.type for event in ledger.unhanded_events(9)] == ["video.failed", "video.failed"]


def test_a_change_that_fails_midway_leaves_no_event(ledger, begun):
    turn = begun()
    with pytest.raises(TypeError):
        ledger.complete(turn, result={"video": object()}, notes={}, expires_at=9)
    assert ledger.unhanded_events(9) == []
    assert now(ledger, turn) == turn.video
    CLOSINGS["complete"](ledger, turn)
