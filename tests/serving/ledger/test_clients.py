"""What is accepted is there for everybody who may see it, once, and in order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kinora.serving.ledger.records import KeyReused, UnknownCursor, Video, new_id

BLOB = "ab" * 32


def video(**facts):
    return Video(**{"prompt": "a red fox jumps", "seconds": 4, "size": "1280x720", **facts})


def pages(ledger, owner, limit, newest_first, between=lambda: None):
    """Every id on every page; `between` runs after each page."""
    seen, after, more = [], None, True
    while more:
        page, more = ledger.page(owner, after=after, limit=limit, newest_first=newest_first)
        seen += [one.id for one in page]
        after = seen[-1] if seen else None
        between()
    return seen


def test_what_is_accepted_is_seen_by_another_connection(ledger, other):
    asked = video(wish={"request": {"seed": 7}, "reference": BLOB}, notes={"ignored": ["x"]}, priority=3, owner="key")
    accepted = ledger.accept(asked)
    assert other.get(accepted.id, "key") == accepted == replace(asked, created_at=1_800_000_000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(prompt=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_comes_back_as_it_was(ledger, other, prompt):
    accepted = ledger.accept(video(prompt=prompt, wish={"request": {"prompt": prompt}}))
    assert other.get(accepted.id, "") == accepted


@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "'; DROP TABLE videos; --", "%s %(id)s :id ?"])
def test_text_no_database_can_hold_is_no_error(ledger, odd):
    accepted = ledger.accept(video(prompt=odd, wish={"request": {"prompt": odd}}))
    assert ledger.get(accepted.id, "").wish["request"]["prompt"] == odd
    assert ledger.get(odd, odd) is None
    assert ledger.remove(odd, odd) is None


def test_videos_of_others_are_as_good_as_absent(ledger):
    accepted = ledger.accept(video(owner="mine"))
    for call in (ledger.get, ledger.remove, ledger.cancel, ledger.retry):
        assert call(accepted.id, "yours") is None
    assert ledger.page("yours", after=None, limit=9, newest_first=True) == ([], False)
    assert ledger.get(accepted.id, "mine") == accepted


def test_the_same_key_and_body_is_the_first_video_as_it_is_by_now(ledger, other):
    first = ledger.accept(video(), key="k", body_sha256="b")
    ledger.cancel(first.id, "")
    again = other.accept(video(), key="k", body_sha256="b")
    assert (again.id, again.status) == (first.id, "failed")
    assert ledger.counts().failed == {"cancelled": 1}


def test_the_same_key_and_another_body_is_refused_and_adds_nothing(ledger):
    ledger.accept(video(), key="k", body_sha256="b")
    with pytest.raises(KeyReused):
        ledger.accept(video(), key="k", body_sha256="c")
    assert ledger.counts().queued == 1


def test_keys_are_each_owners_own(ledger):
    first, second = (ledger.accept(video(owner=owner), key="k", body_sha256=owner) for owner in ("a", "b"))
    assert first.id != second.id


def test_a_key_of_a_removed_video_does_not_make_another(ledger):
    first = ledger.accept(video(), key="k", body_sha256="b")
    ledger.remove(first.id, "")
    assert ledger.accept(video(), key="k", body_sha256="b") == first
    assert ledger.counts().queued == 0


def test_keys_are_kept_a_day_and_forgotten_in_the_end(ledger, clock):
    first = ledger.accept(video(), key="k", body_sha256="b")
    clock.now += 24 * 3600
    ledger.prune()
    assert ledger.accept(video(), key="k", body_sha256="b").id == first.id
    clock.now += 48 * 3600
    ledger.prune()
    assert ledger.accept(video(), key="k", body_sha256="other").id != first.id


def test_of_many_who_race_with_one_key_one_makes_a_video(ledger, other):
    with ThreadPoolExecutor(12) as threads:
        ids = threads.map(lambda n: (ledger, other)[n % 2].accept(video(), key="k", body_sha256="b").id, range(24))
        assert len(set(ids)) == 1
    assert ledger.counts().queued == 1
    assert ledger.usage("", 0) == (1, 4)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_show_all_once_in_order(ledger, newest_first, limit):
    ids = [ledger.accept(video()).id for _ in range(7)]
    ledger.accept(video(owner="other"))
    assert pages(ledger, "", limit, newest_first) == (ids[::-1] if newest_first else ids)


@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_show_all_once_while_others_are_added_and_those_seen_removed(ledger, newest_first):
    ids = [ledger.accept(video()).id for _ in range(6)]
    new, seen = [], []

    def between():
        if len(new) < 4:
            new.append(ledger.accept(video()).id)
        page, _ = ledger.page("", after=None, limit=1, newest_first=newest_first)
        if page[0].id in ids:
            ledger.remove(page[0].id, "")

    seen = pages(ledger, "", 2, newest_first, between)
    assert [id for id in seen if id in ids] == (ids[::-1] if newest_first else ids)
    assert len(set(seen)) == len(seen)


def test_a_removed_video_is_still_a_place_in_the_list(ledger):
    ids = [ledger.accept(video()).id for _ in range(3)]
    ledger.remove(ids[1], "")
    (rest,), more = ledger.page("", after=ids[1], limit=5, newest_first=False)
    assert (rest.id, more) == (ids[2], False)


@pytest.mark.parametrize("cursor", ["", "video_", "video_1", "nonsense", "video_" + "g" * 32, "\0"])
def test_a_cursor_that_is_no_id_is_refused(ledger, cursor):
    with pytest.raises(UnknownCursor):
        ledger.page("", after=cursor, limit=1, newest_first=True)


def test_ids_sort_by_age_and_never_meet():
    ids = [new_id("video") for _ in range(2000)]
    assert len(set(ids)) == len(ids)
    # Ids of one microsecond are in any order: what counts is the time in front.
    assert [id[:19] for id in ids] == sorted(id[:19] for id in ids)


def test_cancelling_what_is_queued_fails_it_at_once(ledger):
    accepted = ledger.accept(video())
    was = ledger.cancel(accepted.id, "")
    assert (was.status, was.error_code, was.completed_at) == ("failed", "cancelled", 1_800_000_000)
    assert ledger.unhanded(9) == []


def test_cancelling_twice_or_what_is_closed_changes_nothing(ledger):
    accepted = ledger.accept(video())
    assert ledger.cancel(accepted.id, "") == ledger.cancel(accepted.id, "")
    assert len(ledger.unhanded_events(9)) == 1


def test_a_retried_video_is_queued_like_new_and_its_old_turn_is_over(ledger, begun):
    turn = begun()
    id, old = turn.video.id, turn.video.workflow
    ledger.fail(turn, code="server_error", message="it broke")
    again = ledger.retry(id, "")
    assert replace(again, id="", fence=0) == video(id="", created_at=again.created_at)
    assert ledger.hand_over(id, "flow 2")
    assert ledger.begin(id, "w1", old) is None
    assert ledger.begin(id, "w1", "flow 2").fence > turn.fence


def test_only_what_failed_is_retried(ledger, accepted, begun):
    waiting, turn = accepted(), begun()
    assert ledger.retry(waiting.id, "") == waiting
    ledger.complete(turn, result={"video": BLOB}, notes={}, expires_at=1)
    assert ledger.retry(turn.video.id, "").status == "completed"


def test_what_was_removed_still_counts_as_used(ledger, clock):
    accepted = ledger.accept(video(owner="k", seconds=9))
    ledger.remove(accepted.id, "k")
    clock.now += 100
    ledger.accept(video(owner="k"))
    assert ledger.usage("k", 0) == (2, 13)
    assert ledger.usage("k", int(clock.now)) == (1, 4)
    assert ledger.usage("nobody", 0) == (0, 0)
    assert ledger.waiting("k") == 1


def test_characters_are_found_by_their_owner(ledger, other):
    made = ledger.add_character("char_1", "mine", "Mossy", BLOB, 5)
    assert other.get_character("char_1", "mine") == made
    assert other.get_character("char_1", "yours") is None
    assert ledger.refers_to(BLOB)
