"""Throwing away: results past their time, blobs that nothing refers to any more, records of workflows that ended."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.store import Store
from kinora.serving.work.steps import Steps

log = logging.getLogger("kinora.work")

AT_ONCE = 100
ORPHANS_EVERY_S = 3600.0
# A wall clock that went this much further than the monotonic one was set, and is not believed.
JUMP_S = 300.0
ENDED_KEPT = timedelta(days=2)


class Sweep:
    """The chore of one worker; several may do it at once."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        store: Store,
        steps: Steps,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config, self._ledger, self._store, self._steps = config, ledger, store, steps
        self._wall, self._steady = wall, steady
        self._offset_s = wall() - steady()
        self._orphans_at_s = -ORPHANS_EVERY_S

    def run(self) -> None:
        """Sweep once, unless the clock was set since this worker started: then nothing expires until it is started
        again, since nobody here can say which of the two times is right."""
        if abs(self._wall() - self._steady() - self._offset_s) > JUMP_S:
            log.error("the clock was set: nothing expires until this worker is started again")
            return
        for video in self._ledger.expired(int(self._wall()), AT_ONCE):
            self._ledger.forget_result(video.id)
        if self._steady() - self._orphans_at_s >= ORPHANS_EVERY_S:
            self._orphans_at_s = self._steady()
            self._delete_orphans()
        self._ledger.prune()
        ended = datetime.fromtimestamp(self._wall(), UTC) - ENDED_KEPT
        self._steps.forget_ended(ended.isoformat())

    def _delete_orphans(self) -> None:
        """Results that expired or whose video was removed, uploads that no request followed, latents of lost steps."""
        for blob in self._store.old():
            if not self._ledger.refers_to(blob):
                self._store.delete_old(blob)
