"""A worker process: takes open videos from the ledger, makes them one after another, and watches over the others.

Nothing is remembered here that matters: whatever this process holds when it dies is found in the ledger and in the
steps' database by those that are left.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import new_id
from kinora.serving.store import Store
from kinora.serving.work import webhooks
from kinora.serving.work.engine import Engines
from kinora.serving.work.jobs import ERRORS, Shop, make_video
from kinora.serving.work.pulse import BURIED, STUCK, Pulse, end_at_once
from kinora.serving.work.steps import POLL_S, Queue, Steps
from kinora.serving.work.sweep import Sweep
from kinora.serving.work.watch import Watch

log = logging.getLogger("kinora.work")

QUEUE = Queue(name="videos", at_once=1)
AT_ONCE = 64
RECONCILE_EVERY_S, SWEEP_EVERY_S = 5.0, 60.0
# How long a stop waits for a file that is being written.
GRACE_S = 25.0
NICENESS = 10

Result = TypeVar("Result")


def run(config: Config, *, worker: str | None = None, parent: int | None = None) -> None:
    """Work until told to stop by SIGTERM or SIGINT, or until the `parent` process is gone."""
    # The API on the same machine comes first.
    os.nice(NICENESS)
    Worker(config, worker or new_id("worker")).run(parent)


class Worker:
    """One process's worth of work."""

    def __init__(self, config: Config, worker: str) -> None:
        self._config, self._worker, self._pulse = config, worker, Pulse()
        self._ledger, self._store = Ledger.open(config.database), Store.open(config.store)
        self._shop = Shop(
            worker=worker,
            config=config,
            ledger=self._ledger,
            store=self._store,
            engines=Engines(),
            pulse=self._pulse,
        )
        self._steps = Steps(config.steps, worker, errors=ERRORS)
        self._make = self._steps.workflow("make_video", partial(make_video, self._shop))
        self._herald = webhooks.Herald(config, self._ledger, self._steps)
        self._watch = Watch(self._ledger, worker, lease_s=config.lease_s)

    def run(self, parent: int | None) -> None:
        """Arrive, work, and leave."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._pulse.stopping.set())
        self._ledger.arrive(self._worker, {"host": socket.gethostname(), "pid": os.getpid()})
        threading.Thread(target=self._beat, name="beat", daemon=True).start()
        self._steps.launch((QUEUE, webhooks.QUEUE))
        log.info("worker %s is ready", self._worker)
        chores = self._chores()
        while not self._pulse.stopping.wait(POLL_S):
            if parent is not None and os.getppid() != parent:
                self._pulse.stopping.set()
            for chore in chores:
                _tried(chore, otherwise=None)
        self._stop()

    def _beat(self) -> None:
        """Show that this process is alive, end it when others think it dead or its job has stopped moving."""
        while True:
            if not _tried(partial(self._ledger.beat, self._worker), otherwise=True):
                end_at_once(BURIED)
            if self._pulse.stuck_s() > self._config.stuck_s:
                log.error("the job in hand has not moved for %d s: ending this process", self._config.stuck_s)
                end_at_once(STUCK)
            time.sleep(self._config.beat_s)

    def _chores(self) -> list[Callable[[], None]]:
        sweep = Sweep(self._ledger, self._store, self._steps.forget_ended)
        return [
            self._take_in,
            partial(self._herald.take_in, AT_ONCE),
            _every(self._config.beat_s, self._recover),
            _every(RECONCILE_EVERY_S, self._reconcile),
            _every(SWEEP_EVERY_S, sweep.run),
        ]

    def _take_in(self) -> None:
        """Put open videos in line. Two workers that do it at once do it once: the workflow's id is the same."""
        for video in self._ledger.unhanded(AT_ONCE):
            workflow = f"{video.id}.{video.fence}"
            self._steps.enqueue(QUEUE.name, self._make, video.id, workflow=workflow, priority=video.priority)
            self._ledger.hand_over(video.id, workflow)

    def _recover(self) -> None:
        """Bury workers that have stopped beating, and put back in line what the dead held."""
        # Who holds a workflow arrived before: asked in this order, nobody who is alive is missed.
        holders = self._steps.executors()
        if dead := holders - self._watch.alive():
            log.warning("recovered %d workflows of %s", self._steps.recover(dead), ", ".join(sorted(dead)))

    def _reconcile(self) -> None:
        """Hand over anew what the steps' database has lost, or ended without closing its video."""
        open_workflows = self._ledger.open_workflows()
        for workflow in set(open_workflows) - self._steps.running(open_workflows):
            if self._ledger.reopen(open_workflows[workflow], workflow):
                log.warning("workflow %s was lost: its video is handed over anew", workflow)

    def _stop(self) -> None:
        """Finish or hand back what is in hand, then leave: those that are left recover the workflow."""
        log.info("stopping")
        turn = self._pulse.turn
        if not self._pulse.wait_idle(GRACE_S) and turn is not None:
            _tried(partial(self._ledger.hand_back, turn), otherwise=None)
        self._ledger.leave(self._worker)
        log.info("left")
        logging.shutdown()
        end_at_once(0)


def _tried(act: Callable[[], Result], *, otherwise: Result) -> Result:
    """Return what a call gives, or something else where the database can't be reached: it will be asked again."""
    try:
        return act()
    except Exception:
        log.exception("the ledger did not answer")
        return otherwise


def _every(seconds: float, chore: Callable[[], None]) -> Callable[[], None]:
    """Return a chore that does nothing when it was done less than so long ago."""
    done_s = -float("inf")

    def due() -> None:
        nonlocal done_s
        if time.monotonic() - done_s >= seconds:
            done_s = time.monotonic()
            chore()

    return due
