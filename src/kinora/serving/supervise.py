"""`kinora serve`: the API in this process, workers as child processes that are started again when they die.

The API is ready before any worker is, since a worker loads torch. When this process ends, however it ends, its workers
notice and leave.
"""

import errno
import logging
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing

import uvicorn

from kinora.serving.api.app import create_app
from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import new_id
from kinora.serving.store import Store
from kinora.serving.work.watch import Watch

log = logging.getLogger("kinora.serve")

# How soon a death is seen, and how often the living are asked whether they still beat.
LOOK_EVERY_S, WATCH_EVERY_S = 0.1, 1.0
# How long a stop waits: for answers on their way, and for workers, which have a grace of 25 s of their own.
ANSWERS_S, WORKERS_S = 5, 30.0
FIRST_PAUSE_S, MOST_PAUSE_S = 0.5, 30.0
BACKLOG = 2048

# Starts a worker process with this id.
Spawn = Callable[[str], "subprocess.Popen[bytes]"]


def serve(config: Config, spawn: Spawn) -> None:
    """Serve until SIGTERM or SIGINT. Raises ValueError, in one line, where the address can't be had."""
    with closing(bind(config.host, config.port)) as listener, closing(Ledger.open(config.database)) as ledger:
        crew = Crew(ledger, spawn, config.lease_s)
        url = f"http://{f'[{config.host}]' if ':' in config.host else config.host}:{listener.getsockname()[1]}"

        def ready() -> None:
            print(f"ready on {url}", flush=True)  # noqa: T201  the one line a person waits for
            crew.start(config.workers)

        app = create_app(config, ledger, Store.open(config.store))
        # uvicorn stops at these signals, then raises them anew: by then there are still workers to stop.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        options = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=ANSWERS_S, backlog=BACKLOG
        )
        try:
            Server(options, ready).run(sockets=[listener])
        finally:
            crew.stop()


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises ValueError with the remedy."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        remedies = {
            errno.EADDRINUSE: f"port {port} is in use: give another with --port, or stop what uses it",
            errno.EACCES: f"port {port} is not for ordinary users: give one above 1023 with --port",
        }
        refused = f"host {host} is no address of this machine: give another with --host"
        raise ValueError(remedies.get(error.errno or 0, refused)) from error


class Server(uvicorn.Server):
    """uvicorn, saying when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


class Crew:
    """Keeps a number of workers alive."""

    def __init__(self, ledger: Ledger, spawn: Spawn, lease_s: float) -> None:
        self._ledger, self._spawn, self._lease_s = ledger, spawn, lease_s
        self._stopping = threading.Event()
        self._threads: Sequence[threading.Thread] = ()

    def start(self, workers: int) -> None:
        """Start them, and a thread for each that waits for its death."""
        self._threads = [threading.Thread(target=self._keep, name=f"worker {n}") for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask all to leave, wait, and end those that don't."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            worker, began_s = new_id("worker"), time.monotonic()
            process = self._spawn(worker)
            self._accompany(process, worker)
            self._bury(worker)
            if not self._stopping.is_set():
                log.error("worker %s ended with status %s; starting another", worker, process.returncode)
            # One that lived for long begins with short pauses again.
            pause_s = FIRST_PAUSE_S if time.monotonic() - began_s > MOST_PAUSE_S else min(2 * pause_s, MOST_PAUSE_S)
            self._stopping.wait(pause_s)

    def _accompany(self, process: "subprocess.Popen[bytes]", worker: str) -> None:
        """Return when a worker has ended, by itself or because all stop; kill it where it has not beaten for a lease.

        That one is stopped or stuck in the kernel. It may hold the databases' locks, so that nobody could bury it.
        """
        watch, looked_s = Watch(self._ledger, "", lease_s=self._lease_s), time.monotonic()
        while process.poll() is None:
            if self._stopping.wait(LOOK_EVERY_S):
                end(process)
            elif time.monotonic() - looked_s >= WATCH_EVERY_S:
                looked_s = time.monotonic()
                if worker in watch.still():
                    log.error("worker %s has stopped beating: killing it", worker)
                    process.kill()

    def _bury(self, worker: str) -> None:
        """Its end was seen here, so nobody need wait for its lease to run out."""
        try:
            beat = self._ledger.beats().get(worker)
            if beat is not None:
                self._ledger.bury(worker, beat)
        except Exception:
            log.exception("worker %s could not be buried: its lease will run out", worker)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a worker to leave, and end it when it does not."""
    process.terminate()
    try:
        process.wait(WORKERS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
