"""What the threads of one worker process tell one another: what is in hand, whether it moves, whether to stop."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kinora.serving.ledger.records import Turn

# How this process ends when it must not go on; its supervisor reads them in the log.
BURIED, STUCK = 70, 71


class HandedBack(BaseException):
    """The worker stops and its job is queued again. No Exception, so that DBOS records no outcome: whoever takes the
    job up goes on after the last finished step."""


class Pulse:
    """Shared by the thread that draws, the one that beats and the one that listens for signals."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.turn: Turn | None = None
        self._idle = threading.Condition()
        self._in_hand = 0
        self._moved_s = time.monotonic()

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Count a job as in hand while the block runs. Raises HandedBack where no job is begun any more."""
        with self._idle:
            if self.stopping.is_set():
                raise HandedBack
            self._in_hand += 1
        self.moved()
        try:
            yield
        finally:
            with self._idle:
                self.turn = None
                self._in_hand -= 1
                self._idle.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Whether nothing is in hand, at the latest after so long."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._in_hand, timeout_s)

    def moved(self) -> None:
        """Note that the job in hand gets on."""
        self._moved_s = time.monotonic()

    def stuck_s(self) -> float:
        """Return for how long the job in hand has not moved; 0 where none is."""
        return time.monotonic() - self._moved_s if self._in_hand else 0.0


def end_at_once(status: int) -> None:
    """End this process without a word to anyone: what it holds is another's already, or will be."""
    os._exit(status)
