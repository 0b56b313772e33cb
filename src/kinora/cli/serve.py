"""`kinora serve`: the Videos API and its workers, with nothing to configure."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial

from kinora.cli.work import PLACES, add_place_arguments

COMMAND = (sys.executable, "-P", "-c", "from kinora.cli.main import main; main()")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--host", help="address to listen on; others than loopback need keys (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for a free one (default: 8000)")
    parser.add_argument("--workers", type=int, help="worker processes on this machine (default: 1)")
    add_place_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    """Serve until told to stop."""
    from kinora.serving.config import load_config

    names = (*PLACES, "host", "port", "workers")
    config = load_config({name: getattr(arguments, name) for name in names})
    from kinora.serving.api.logs import configure_logs
    from kinora.serving.supervise import serve

    configure_logs()
    given = {name: getattr(arguments, name) for name in (*PLACES, "host")}
    serve(config, partial(start_worker, {name: str(value) for name, value in given.items() if value is not None}))


def start_worker(flags: Mapping[str, str], worker: str) -> "subprocess.Popen[bytes]":
    """Start a child process that works for this server, with the flags it was given itself, under an id."""
    told = {**flags, "id": worker, "parent": str(os.getpid())}
    command = [*COMMAND, "work", *(f"--{name}={value}" for name, value in told.items())]
    # A terminal's Ctrl-C reaches it by way of this process.
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
