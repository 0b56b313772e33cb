"""Throwing away: results past their time, blobs that nothing refers to any more, records of workflows that ended."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

from kinora.serving.ledger.ledger import Ledger
from kinora.serving.store import Store

log = logging.getLogger("kinora.work")

AT_ONCE = 100
ORPHANS_EVERY_S = 3600.0
# A wall clock that went this much further than the other one was set, and is not believed for a day: time enough for a
# person, or its time server, to put it right.
JUMP_S, DISTRUST_S = 300.0, 24 * 3600.0
ENDED_KEPT = timedelta(days=2)
# Unlike the monotonic clock it goes on while the machine sleeps.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Sweep:
    """The chore of one worker; several may do it at once. `forget_ended` is told before which instant (ISO 8601) the
    workflows ended that need not be remembered."""

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        forget_ended: Callable[[str], object],
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = lambda: time.clock_gettime(_STEADY),
    ) -> None:
        self._ledger, self._store, self._forget_ended = ledger, store, forget_ended
        self._wall, self._steady = wall, steady
        self._offset_s, self._jumped_at_s = wall() - steady(), cast("float | None", None)
        self._orphans_at_s = -ORPHANS_EVERY_S

    def run(self) -> None:
        """Sweep once, unless the clock was set: then nothing expires for a day, or until it is set back."""
        if self._is_distrusted():
            return
        for video in self._ledger.expired(int(self._wall()), AT_ONCE):
            self._ledger.forget_result(video.id)
        if self._steady() - self._orphans_at_s >= ORPHANS_EVERY_S:
            self._orphans_at_s = self._steady()
            self._delete_orphans()
        self._ledger.prune()
        ended = datetime.fromtimestamp(self._wall(), UTC) - ENDED_KEPT
        self._forget_ended(ended.isoformat())

    def _is_distrusted(self) -> bool:
        offset_s = self._wall() - self._steady()
        if abs(offset_s - self._offset_s) <= JUMP_S:
            self._jumped_at_s = None
        elif self._jumped_at_s is None:
            log.error("the clock was set by %.0f s: nothing expires for a day", offset_s - self._offset_s)
            self._jumped_at_s = self._steady()
        elif self._steady() - self._jumped_at_s > DISTRUST_S:
            self._offset_s, self._jumped_at_s = offset_s, None
        return self._jumped_at_s is not None

    def _delete_orphans(self) -> None:
        """Results that expired or whose video was removed, uploads that no request followed, latents of lost steps."""
        for blob in self._store.old():
            if not self._ledger.refers_to(blob):
                self._store.delete_old(blob)
