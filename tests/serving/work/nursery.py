"""A process that has everything loaded, and forks servers and workers when told to, so that each is born at once.

What is forked is the real thing: `kinora.serving.supervise.serve` without workers, or `kinora.serving.work.worker.run`.
Reads one JSON object a line, answers each with the pid.
"""

import functools
import json
import logging
import os
import signal
import sys
from pathlib import Path

import kinora.serving.work.engine as engine
from kinora.engines.catalog import NATIVE
from kinora.serving.config import Config, Webhook
from kinora.serving.supervise import serve
from kinora.serving.work.worker import run


def main() -> None:
    """Serve orders until the pipe is closed."""
    engine.open_engine = functools.cache(engine.open_engine)
    engine.open_engine(NATIVE)
    # Forking copies one thread only: there must be no other.
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "the nursery has threads"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            live(order)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def live(order: dict) -> None:
    """Be what was ordered, until killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Path(order["log"]).open("ab", buffering=0) as log, Path(os.devnull).open("rb") as nothing:
        for number, file in enumerate((nothing, log, log)):
            os.dup2(file.fileno(), number)
    logging.basicConfig(level="INFO", format=f"%(asctime)s {order['name']} %(message)s", stream=sys.stderr)
    import instants

    instants.BUGS[order["bug"]]()
    instants.Instant(Path(order["config"]["data"]))
    told = order["config"]
    webhooks = tuple(Webhook(**webhook) for webhook in told.get("webhooks", ()))
    config = Config(**{**told, "data": Path(told["data"]), "webhooks": webhooks})
    try:
        if order["role"] == "worker":
            run(config, worker=order["name"])
        else:
            serve(config, spawn=lambda _: None)
    except BaseException:
        logging.exception("ended")
    finally:
        os._exit(1)


main()
