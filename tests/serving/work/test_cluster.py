"""Past one machine: an API without workers, and workers that share nothing with it but two URLs."""

import os
import signal
import subprocess
import time
from contextlib import ExitStack
from hashlib import sha256

import httpx

from kinora.testing import COMMAND, serving, stop

PATIENCE_S = 240
WISH = {"prompt": "a red fox jumps in the snow", "seconds": "1", "size": "256x160", "seed": 7}


def worker(stack, folder, *flags):
    """A worker on a host of its own."""
    folder.mkdir()
    environment = {**os.environ, "KINORA_HOME": str(folder / "home")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "work", "--data", str(folder), *flags], env=environment, stdout=log, stderr=log
        )
    stack.callback(stop, process)
    return process


def finished(client, ids):
    """The videos once none of them is open."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        videos = [client.get(f"/videos/{id}").json() for id in ids]
        if all(video["status"] in ("completed", "failed") for video in videos):
            return videos
        time.sleep(0.1)
    raise TimeoutError(f"{videos}")


def test_workers_need_two_urls_and_one_that_dies_is_missed_by_nobody(postgres_url, bucket_url, tmp_path):
    places = ("--database", postgres_url, "--store", bucket_url)
    (tmp_path / "api").mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path / "api", "--workers", "0", *places))
        client = stack.enter_context(httpx.Client(base_url=server.base_url, timeout=30))
        ids = [client.post("/videos", json={**WISH, "seed": seed}).json()["id"] for seed in range(3)]
        first = worker(stack, tmp_path / "one", *places)
        worker(stack, tmp_path / "two", *places)
        while all(client.get(f"/videos/{id}").json()["status"] == "queued" for id in ids):
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        assert [video["status"] for video in finished(client, ids)] == ["completed"] * 3
        for id in ids:
            film = client.get(f"/videos/{id}/content")
            assert film.headers["etag"].strip('"') == sha256(film.content).hexdigest() and film.content[4:8] == b"ftyp"
        assert not list((tmp_path / "api").rglob("*.sqlite")) and not list((tmp_path / "one").rglob("*.sqlite"))
