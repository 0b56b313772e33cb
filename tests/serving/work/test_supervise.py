"""`kinora serve` as an operator meets it: one command, one line when ready, workers that come back, a clean stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from yard import is_alive

COMMAND = (sys.executable, "-P", "-c", "from kinora.cli.main import main; main()", "serve")
PATIENCE_S = 120


@contextmanager
def serving(folder, *flags):
    """Yield (process, URL) once the ready line is there; kill what is left at the end."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [*COMMAND, "--port", "0", "--data", str(folder), *flags]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
    try:
        line = process.stdout.readline()
        yield process, re.fullmatch(r"ready on (http://\S+)\n", line)[1]
    finally:
        workers = children(process.pid)
        process.kill()
        process.wait()
        process.stdout.close()
        # A worker whose server is gone leaves by itself.
        wait(lambda: not any(map(is_alive, workers)))


def children(pid):
    with suppress(FileNotFoundError, ProcessLookupError):
        tasks = f"/proc/{pid}/task"
        return [int(child) for task in Path(tasks).iterdir() for child in (task / "children").read_text().split()]
    return []


def wait(condition):
    for _ in range(PATIENCE_S * 20):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError


def test_a_worker_that_dies_comes_back_and_a_stop_leaves_nobody(tmp_path):
    with serving(tmp_path) as (server, url):
        assert httpx.get(f"{url}/health").status_code == 200
        wait(lambda: children(server.pid))
        (first,) = children(server.pid)
        os.kill(first, signal.SIGKILL)
        wait(lambda: set(children(server.pid)) - {first})
        (second,) = set(children(server.pid)) - {first}
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE_S) == 0
        assert not is_alive(second)


def test_workers_leave_when_their_server_was_killed(tmp_path):
    with serving(tmp_path) as (server, _):
        wait(lambda: "is ready" in (tmp_path / "log").read_text())
        (worker,) = children(server.pid)
        server.kill()
        wait(lambda: not is_alive(worker))


def refusal(*flags):
    ended = subprocess.run([*COMMAND, *flags], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    return line


def test_a_port_in_use_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = refusal("--port", str(taken.getsockname()[1]), "--data", str(tmp_path))
    assert "is in use: give another with --port" in line


def test_others_than_loopback_need_keys(tmp_path):
    assert "there are no keys" in refusal("--host", "0.0.0.0", "--data", str(tmp_path))
