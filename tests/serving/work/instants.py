"""Labelled instants in the life of the real server, at which a test has its process killed or stopped.

Nothing of this is in the product: each label wraps one of its functions, in a process that was forked for the purpose.
SIGUSR1 arms a process for the instant that a file names, SIGUSR2 lets it off.
"""

import errno
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy
from dbos._sys_db import SystemDatabase

import kinora.serving.ledger.clients as clients
import kinora.serving.ledger.jobs as jobs
import kinora.serving.store as store
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.work.engine import Engine
from kinora.serving.work.steps import Steps

Strike = Callable[[], None]


class Instant:
    """What this process waits for: the nth time that a label is passed."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._label, self._left, self._signal = folder, "", 0, 0
        for label, install in LABELS.items():
            install(partial(self._pass, label))
        signal.signal(signal.SIGUSR1, lambda *_: self.arm())
        signal.signal(signal.SIGUSR2, lambda *_: self.arm(label="", nth=0, number=0))

    def arm(self, **instant) -> None:
        """Wait for an instant, by default the one in the folder's file."""
        instant = instant or json.loads((self._folder / "instant").read_text())
        self._label, self._left, self._signal = instant["label"], instant["nth"], instant["number"]
        (self._folder / f"armed-{os.getpid()}").write_text(self._label)

    def _pass(self, label: str) -> None:
        if label == self._label:
            self._left -= 1
            if self._left == 0:
                # To this very thread: of others it could take a while to hear of it, and meanwhile go on.
                signal.pthread_kill(threading.get_ident(), self._signal)
                while self._signal == signal.SIGSTOP and (self._folder / "hold").exists():
                    time.sleep(0.005)
                    signal.pthread_kill(threading.get_ident(), self._signal)


def _around(owner: object, name: str, *, before: Strike = lambda: None, after: Strike = lambda: None) -> None:
    act = getattr(owner, name)

    def wrapped(*arguments, **named):
        before()
        result = act(*arguments, **named)
        after()
        return result

    setattr(owner, name, wrapped)


def _around_naming(*, before: Strike = lambda: None, after: Strike = lambda: None) -> None:
    """Around the rename by which a blob gets its name; other files are renamed too."""
    replace = os.replace

    def wrapped(source, target, **named):
        is_blob = len(Path(target).name) == 64
        before() if is_blob else None
        replace(source, target, **named)
        after() if is_blob else None

    os.replace = wrapped


def _in_checkpoint(strike: Strike) -> None:
    @sqlalchemy.event.listens_for(sqlalchemy.Engine, "after_cursor_execute")
    def _(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO") and "operation_outputs" in statement:
            strike()


def _half_written(strike: Strike) -> None:
    """The first half of a blob is in its file, the rest is not."""

    def copy(content, file, name):
        data = content if isinstance(content, bytes) else content.read_bytes()
        file.write(data[: len(data) // 2])
        file.flush()
        strike()
        file.write(data[len(data) // 2 :])

    store.copy = copy


def _at_rest(strike: Strike) -> None:
    """Before a video is completed, while no other thread is in a transaction: who is stopped in one holds its locks."""
    complete = Ledger.complete

    def wrapped(self, turn, **named):
        with self.database._writers:
            strike()
        complete(self, turn, **named)

    Ledger.complete = wrapped


LABELS: dict[str, Callable[[Strike], None]] = {
    # Inside the write of a checkpoint: the row is there and not committed; and just after.
    "checkpoint": _in_checkpoint,
    "checkpointed": lambda strike: _around(SystemDatabase, "record_operation_result", after=strike),
    # Inside the publishing of a blob.
    "writing": _half_written,
    "naming": lambda strike: _around_naming(before=strike),
    "named": lambda strike: _around_naming(after=strike),
    # Between the other commits of a worker.
    "handing": lambda strike: _around(Ledger, "hand_over", before=strike),
    "handed": lambda strike: _around(Ledger, "hand_over", after=strike),
    "begun": lambda strike: _around(Ledger, "begin", after=strike),
    "before complete": lambda strike: _around(Ledger, "complete", before=strike),
    "at rest": lambda strike: _at_rest(strike),
    "completing": lambda strike: _around(jobs, "close", after=strike),
    "completed": lambda strike: _around(Ledger, "complete", after=strike),
    # Of the API: the row is there and not committed; committed and not answered.
    "accepting": lambda strike: _around(clients, "insert", after=strike),
    "accepted": lambda strike: _around(Ledger, "accept", after=strike),
    "recovering": lambda strike: _around(Steps, "recover", before=strike),
}


def answer_before_commit() -> None:
    """A create is answered while its row is still to be written."""
    accept = Ledger.accept

    def later(self, video, **named):
        def commit() -> None:
            time.sleep(1.0)
            accept(self, video, **named)

        threading.Thread(target=commit, daemon=True).start()
        return video

    Ledger.accept = later


def skipped_fence_check() -> None:
    """Whoever has once begun a video may write to it for ever."""
    jobs.Jobs._mine = staticmethod(lambda run, turn: jobs.held(run, turn.video.id))


def publish_in_place() -> None:
    """A blob is written under its own name from the first byte."""

    def write(self, name, content) -> None:
        path = self._folder / store.place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            store.copy(content, file, name)

    store.FolderStore._write = write


def full_disk() -> None:
    """There is no room while a file named "full" lies beside the store."""
    write = store.FolderStore._write

    def refuse(self, name, content) -> None:
        if (self._folder.parent / "full").exists():
            raise OSError(errno.ENOSPC, "planted")
        write(self, name, content)

    store.FolderStore._write = refuse


def stuck() -> None:
    """Filling never ends."""
    Engine.fill = lambda *_: threading.Event().wait()


def raising() -> None:
    """Filling always fails."""

    def fill(*_) -> None:
        raise RuntimeError("a secret of the machine")

    Engine.fill = fill


BUGS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "answer before commit": answer_before_commit,
    "skipped fence check": skipped_fence_check,
    "publish in place": publish_in_place,
    "full disk": full_disk,
    "stuck": stuck,
    "raising": raising,
}
