"""Who counts as dead: whoever's beat stands still for a lease on a clock that nobody can set."""

from kinora.serving.ledger.ledger import Ledger
from kinora.serving.work.watch import Watch

LEASE_S = 15


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def two_workers(database_url):
    ledger, clock = Ledger.open(database_url), Clock()
    for name in ("me", "other"):
        ledger.arrive(name, {})
    return ledger, clock, Watch(ledger, "me", lease_s=LEASE_S, clock=clock)


def test_one_that_beats_lives(database_url):
    ledger, clock, watch = two_workers(database_url)
    for _ in range(10):
        clock.now_s += 5
        ledger.beat("other")
        assert watch.alive() == {"me", "other"}


def test_one_that_stands_still_for_a_lease_is_buried_and_not_before(database_url):
    ledger, clock, watch = two_workers(database_url)
    watch.alive()
    for _ in range(2):
        clock.now_s += 5
        assert watch.alive() == {"me", "other"}
    clock.now_s += 5
    assert watch.alive() == {"me"}
    assert not ledger.beat("other")
    assert ledger.beats().keys() == {"me"}


def test_nobody_buries_itself(database_url):
    ledger, clock, watch = two_workers(database_url)
    for _ in range(10):
        clock.now_s += 5
        ledger.beat("other")
        assert "me" in watch.alive()


def test_after_a_pause_of_its_own_an_observer_counts_anew(database_url):
    """A machine that was stopped wakes everyone at once: the first to look must not bury the others."""
    _, clock, watch = two_workers(database_url)
    watch.alive()
    clock.now_s += 10 * LEASE_S
    assert watch.alive() == {"me", "other"}
