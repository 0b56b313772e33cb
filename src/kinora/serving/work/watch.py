"""Noticing that a worker died: its beat, a number, stands still for a lease on the observer's own monotonic clock.

No wall clock is read and no time is stored, so that setting a clock can't kill anyone.
"""

import time
from collections.abc import Callable
from typing import Protocol


class Graveyard(Protocol):
    """What of the ledger is needed here."""

    def beats(self) -> dict[str, int]:
        """Return every worker's beat."""
        ...

    def bury(self, worker: str, beat: int) -> bool:
        """Whether this call forgot the worker, whose beat was still this."""
        ...


class Watch:
    """One observer's memory of when each beat last changed."""

    def __init__(
        self, ledger: Graveyard, me: str, *, lease_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger, self._me, self._lease_s, self._clock = ledger, me, lease_s, clock
        self._seen: dict[str, tuple[int, float]] = {}
        self._looked_s = clock()

    def alive(self) -> set[str]:
        """Look once; bury whoever has not beaten for a lease, and return the rest."""
        still = self.still()
        return {worker for worker in self._seen if worker not in still or not self._ledger.bury(worker, still[worker])}

    def still(self) -> dict[str, int]:
        """Look once; return the beats of those that have not beaten for a lease."""
        now_s, beats = self._clock(), self._ledger.beats()
        # After a pause of our own (a stopped machine) the others may just be waking up too: count from now.
        if now_s - self._looked_s > self._lease_s / 2:
            self._seen.clear()
        self._looked_s = now_s
        self._seen = {
            worker: known if (known := self._seen.get(worker)) and known[0] == beat else (beat, now_s)
            for worker, beat in beats.items()
        }
        return {
            worker: beat
            for worker, (beat, since_s) in self._seen.items()
            if worker != self._me and now_s - since_s >= self._lease_s
        }
