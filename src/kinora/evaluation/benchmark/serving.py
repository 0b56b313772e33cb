"""`python -m kinora.evaluation.benchmark.serving`: a server under load, from outside, over real sockets.

Clients poll videos while jobs wait and clips render. The server is started as its users
start it, and asked as they ask it; nothing of it is imported.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

from kinora.evaluation.benchmark.timing import percentile
from kinora.evaluation.machine import machine_facts

PROMPT = "a red fox walks in the snow"


@dataclass(frozen=True, kw_only=True)
class Load:
    """How hard: clients that poll once every `every_s`, jobs in the queue, seconds of a clip, for how long."""

    clients: int = 200
    jobs: int = 50
    clip_s: int = 4
    every_s: float = 1.0
    duration_s: float = 300.0


@dataclass
class Seen:
    """What all clients saw: seconds of every answer, and whatever was not an answer."""

    latencies_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def starts(times: int) -> list[float]:
    """Return the seconds from starting the command to the first answer of /health, each time in a fresh folder."""
    taken = []
    for _ in range(times):
        with TemporaryDirectory() as folder, _server(Path(folder)) as (_, seconds):
            taken.append(seconds)
    return taken


def under_load(load: Load) -> dict[str, object]:
    """Return what `load` clients saw of a server of this machine."""
    with TemporaryDirectory() as folder, _server(Path(folder)) as (port, _):
        ids = [_create(port, load.clip_s) for _ in range(load.jobs)]
        seen = asyncio.run(_poll(port, ids, load))
        states = [_answer(port, f"/v1/videos/{id}")["status"] for id in ids]
    return {
        **vars(load),
        "answers": len(seen.latencies_s),
        "median_s": median(seen.latencies_s),
        "p95_s": percentile(seen.latencies_s, 0.95),
        "p99_s": percentile(seen.latencies_s, 0.99),
        "worst_s": max(seen.latencies_s),
        "errors": len(seen.errors),
        "first_errors": seen.errors[:5],
        "states": {state: states.count(state) for state in sorted(set(states))},
    }


@contextmanager
def _server(data: Path) -> Iterator[tuple[int, float]]:
    """Yield the port of a fresh server and the seconds it took to answer."""
    port, began = _free_port(), time.perf_counter()
    command = [sys.executable, "-c", "from kinora.cli.main import main; main()", "serve"]
    command += ["--data", str(data), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _healthy(port):
            if process.poll() is not None:
                raise ValueError(f"the server ended with status {process.returncode} before it answered")
            time.sleep(0.005)
        yield port, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _create(port: int, clip_s: int) -> str:
    body = {"prompt": PROMPT, "seconds": str(clip_s), "size": "256x160", "seed": 1}
    return str(_answer(port, "/v1/videos", body)["id"])


def _answer(port: int, path: str, body: dict[str, object] | None = None) -> dict[str, str]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"http://127.0.0.1:{port}{path}", data=data, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        found: dict[str, str] = json.load(answer)
        return found


async def _poll(port: int, ids: Sequence[str], load: Load) -> Seen:
    """Let every client ask for one video again and again; they begin spread over the first interval."""
    seen, end = Seen(), time.monotonic() + load.duration_s
    async with asyncio.TaskGroup() as clients:
        for number in range(load.clients):
            delay_s = number / load.clients * load.every_s
            clients.create_task(_client(port, ids[number % len(ids)], load.every_s, end, delay_s, seen))
    return seen


async def _client(port: int, id: str, every_s: float, end: float, delay_s: float, seen: Seen) -> None:
    await asyncio.sleep(delay_s)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line = f"GET /v1/videos/{id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer any\r\n\r\n".encode()
    while time.monotonic() < end:
        began = time.perf_counter()
        try:
            writer.write(line)
            status = await _read_answer(reader)
        except (OSError, EOFError, ValueError) as error:
            seen.errors.append(type(error).__name__)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        taken_s = time.perf_counter() - began
        seen.latencies_s.append(taken_s)
        if status != 200:
            seen.errors.append(str(status))
        await asyncio.sleep(max(0.0, every_s - taken_s))
    writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> int:
    """Read one whole answer and return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
    return int(head.split()[1])


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="how long the clients poll (default: 5)")
    parser.add_argument("--starts", type=int, default=10, help="how often the start is timed (default: 10)")
    arguments = parser.parse_args()
    facts = {**machine_facts(), "cores": len(os.sched_getaffinity(0))}
    taken = starts(arguments.starts)
    start = {"median_s": median(taken), "worst_s": max(taken), "n": len(taken)}
    load = under_load(Load(duration_s=60 * arguments.minutes))
    json.dump({"machine": facts, "start": start, "load": load}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
