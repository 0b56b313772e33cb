"""A real Kinora server for the tests of programs that make videos: the pytest fixture `kinora_server`.

pytest finds it wherever Kinora is installed (turn it off with `-p no:kinora.testing`). The server is `kinora serve` in
a process of its own, on a free port of the loopback interface, with a data folder that goes when the tests end.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

READY = re.compile(r"^ready on (http://\S+)$", re.MULTILINE)
READY_S = 60
"""How long a server may take to answer, on a machine that is busy with everybody's tests."""
STOP_S = 40
"""Longer than its workers take to hand back what they have in hand."""
POLL_S = 0.02
COMMAND = (sys.executable, "-P", "-c", "from kinora.cli.main import main; main()")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: where it is, a key that it takes, and the folder that holds all it knows."""

    base_url: str
    api_key: str
    data: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which an unchanged OpenAI client finds this server."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": self.api_key}


@pytest.fixture(scope="session")
def kinora_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Kinora with no videos yet, shared by the whole test run (with pytest-xdist: one a worker)."""
    with serving(tmp_path_factory.mktemp("kinora")) as server:
        yield server


@contextmanager
def serving(data: Path, *flags: str) -> Iterator[Server]:
    """Run `kinora serve` with its data, its signer and its log in `data`; stop it as an operator would.

    `flags` are passed on. Raises RuntimeError with the end of the log where the server does not come up.
    """
    log = data / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--data", str(data), *flags],
            env={**os.environ, "KINORA_HOME": str(data / "home")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Server(base_url=f"{_ready(process, log)}/v1", api_key="any key will do", data=data)
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask a server to end, and end it when it does not."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ready(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address that a server says it answers at."""
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        if said := READY.search(log.read_text(errors="replace")):
            return said[1]
        time.sleep(POLL_S)
    why = "ended" if process.poll() is not None else f"did not answer within {READY_S} s"
    last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise RuntimeError(f"`kinora serve` {why}; its last lines were:\n{last}")
