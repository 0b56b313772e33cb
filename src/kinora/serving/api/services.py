"""What every route stands on."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from kinora.serving.api.gate import Gate
from kinora.serving.api.metrics import Metrics
from kinora.serving.api.uploads import Uploads
from kinora.serving.api.wishes import Wishes
from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Counts
from kinora.serving.store import Store

COUNTED_S = 1.0
WRITERS = 4
Result = TypeVar("Result")


class Services:
    """The two durable things, and the parts of the API that are made of them."""

    def __init__(self, config: Config, ledger: Ledger, store: Store) -> None:
        self.config, self.ledger, self.store = config, ledger, store
        self.gate = Gate(config, ledger, store)
        self.uploads = Uploads(config, store)
        self.wishes = Wishes(config, ledger, self.uploads)
        self.metrics = Metrics(ledger)
        self.queue = Queue(ledger)
        # Uploads are decoded and written for seconds; a line of their own keeps them from those who poll.
        self._writers = anyio.CapacityLimiter(WRITERS)

    async def write(self, act: Callable[..., Result], *arguments: object) -> Result:
        """Run what writes or decodes in one of a few threads."""
        return await anyio.to_thread.run_sync(act, *arguments, limiter=self._writers)


class Queue:
    """How long the queue is, counted at most once a second however many ask."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._counts: Counts | None = None
        self._until_s = 0.0

    @property
    def num_queued(self) -> int:
        """As of the last second."""
        now_s = time.monotonic()
        if self._counts is None or now_s >= self._until_s:
            self._until_s = now_s + COUNTED_S
            self._counts = self._ledger.counts()
        return self._counts.queued
