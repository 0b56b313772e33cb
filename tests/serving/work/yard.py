"""Where servers are killed: one API, some workers, a client that retries, and an auditor who counts afterwards."""

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import av
import httpx

from kinora.serving.ledger.ledger import Ledger

HERE = Path(__file__).parent
PATIENCE_S = 600
SIZE, SECONDS, FRAMES = (256, 160), 1, 12


class Nursery:
    """The process that forks."""

    def __enter__(self):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, HERE / "nursery.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()

    def fork(self, order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Yard:
    """A running deployment whose processes die. `keys` are what was asked for: one key, one video."""

    def __init__(self, nursery, database_url, folder):
        from postgres import free_port

        self._nursery, self.folder, self._born = nursery, folder, 0
        self.store = folder / "store"
        steps = f"sqlite:///{folder}/steps.sqlite" if database_url.startswith("sqlite") else database_url
        self.config = {
            "data": str(folder),
            "database": database_url,
            "store": f"file://{self.store}",
            "steps": steps,
            "port": free_port(),
            "workers": 0,
            "lease_s": 1.2,
            "beat_s": 0.2,
            "most_attempts": 5,
            "least_free_bytes": 0,
        }
        self.names, self.keys, self.frames = {}, {}, {}
        self.url = f"http://127.0.0.1:{self.config['port']}"

    def __enter__(self):
        self.ledger = Ledger.open(self.config["database"])
        self._client = httpx.Client(base_url=self.url, timeout=10)
        return self

    def __exit__(self, *_):
        for pid in list(self.names):
            kill(pid)
        self.wait(lambda: not any(map(is_alive, self.names)))
        self._client.close()
        self.ledger.close()

    def start(self, role, *, bug=""):
        """Fork an API ("api") or a worker and return its pid."""
        self._born += 1
        name, log = f"{role}-{self._born}", str(self.folder / "log")
        pid = self._nursery.fork({"role": role, "name": name, "bug": bug, "config": self.config, "log": log})
        self.names[pid] = name
        if role == "worker":
            self.wait(lambda: name in self.ledger.beats())
        else:
            self.wait(self.answers)
        return pid

    def answers(self):
        with suppress(httpx.TransportError):
            return self._client.get("/health").status_code == 200
        return False

    def arm(self, pids, label, nth=1, number=signal.SIGKILL):
        """Have these processes wait for an instant."""
        (self.folder / "instant").write_text(json.dumps({"label": label, "nth": nth, "number": int(number)}))
        self._signal(pids, signal.SIGUSR1, label)

    def let_off(self, pids):
        """Have what is left of these processes wait for nothing."""
        self._signal(pids, signal.SIGUSR2, "")

    def _signal(self, pids, number, expected):
        for pid in pids:
            kill(pid, number)
        told = {pid: self.folder / f"armed-{pid}" for pid in pids}
        self.wait(lambda: all(read(path) == expected or not is_alive(pid) for pid, path in told.items()))

    def bury(self, pid):
        """Do as a supervisor does that saw a worker end."""
        name = self.names[pid]
        if (beat := self.ledger.beats().get(name)) is not None:
            self.ledger.bury(name, beat)

    def ask(self, key, *, prompt="a red fox jumps in the snow", job="", on_silence=lambda: None, tries=200):
        """Ask for a video, or for a job on one that is there, as a client that never gives up does; return its id."""
        path, told, self.frames[key] = self.jobs()[job]
        wish = {"prompt": prompt, "seconds": str(SECONDS), "size": "x".join(map(str, SIZE)), **told}
        wish |= {"seed": int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]), "num_inference_steps": 1}
        for _ in range(tries):
            with suppress(httpx.TransportError):
                answer = self._client.post(f"/v1/videos{path}", json=wish, headers={"Idempotency-Key": key})
                assert answer.status_code == 200, answer.text
                self.keys[key] = answer.json()["id"]
                return self.keys[key]
            on_silence()
            time.sleep(0.02)
        raise TimeoutError(self.log)

    def jobs(self):
        """Every job by name: its path, what it is told, and how many frames it makes; those on videos once there are
        some."""
        shots = [{"prompt": "a cat sits", "seconds": 1}, {"prompt": "a dog runs", "seconds": 1}]
        jobs = {"": ("", {}, FRAMES), "storyboard": ("/storyboard", {"shots": shots}, 2 * FRAMES)}
        done = {key: id for key, id in self.keys.items() if self.status(id) == "completed"}
        plain = [id for key, id in done.items() if self.frames[key] == FRAMES]
        films = [id for id in done.values() if self.ledger.get(id, "").task == "storyboard"]
        if plain:
            source = {"video": {"id": plain[0]}}
            ends = {"first": {"id": plain[0]}, "second": {"id": plain[-1]}}
            jobs |= {
                "fill": ("/fill", {**source, "from": 0.25, "to": 0.5}, FRAMES),
                "loop": ("/loop", source, 2 * FRAMES),
                "join": ("/join", ends, 3 * FRAMES),
                "score": ("/score", {**source, "effects": "rain"}, FRAMES),
                "extend": ("/extensions", {**source, "before": True}, 2 * FRAMES),
            }
        if films:
            jobs["redo"] = (f"/{films[0]}/redo", {"shot": 2}, 2 * FRAMES)
        return jobs

    def status(self, video):
        video = self.ledger.get(video, "")
        return video.status if video else "lost"

    def finish(self):
        """Wait until nothing that was asked for is open."""
        self.wait(lambda: all(self.status(video) not in ("queued", "in_progress") for video in self.keys.values()))

    def wait(self, condition):
        for _ in range(PATIENCE_S * 50):
            if condition():
                return
            time.sleep(0.02)
        raise TimeoutError(f"{self.log}\n{[self.ledger.get(video, '') for video in self.keys.values()][-3:]}")

    @property
    def log(self):
        path = self.folder / "log"
        return path.read_text()[-20_000:] if path.exists() else ""

    def audit(self):
        """Return what is wrong: videos lost or doubled, blobs torn."""
        return [*self.lost(), *self.doubled(), *self.torn()]

    def lost(self, since=0):
        """Every video that was answered for is there, completed, and its file plays; the first so many aside."""
        for key, id in list(self.keys.items())[since:]:
            video = self.ledger.get(id, "")
            if video is None or video.status != "completed":
                yield f"{key} ({id}) is lost: {video.status if video else 'no row'}, {video and video.error_message}"
            elif (found := self.played(video)) != (self.frames[key], *SIZE):
                yield f"{key} ({id}) plays as {found}"

    def played(self, video):
        """Return the number of frames and their size as they decode, from the blob that the ledger names."""
        blob = video.result["video"]
        content = (self.store / blob[:2] / blob[2:4] / blob).read_bytes()
        with closing(av.open(io.BytesIO(content))) as file:
            frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
            sound = file.streams.audio
        return len(frames), frames[0].shape[1], frames[0].shape[0] if sound else "no sound"

    def doubled(self):
        """One key made one video, and each video was closed once, which its one event shows."""
        made = {row[0] for row in self.ledger.database.read("SELECT id FROM videos")}
        if strange := made - set(self.keys.values()):
            yield f"made and never answered for: {strange}"
        closed = [row[0] for row in self.ledger.database.read("SELECT video_id FROM events")]
        yield from (f"{id} was closed {closed.count(id)} times" for id in made if closed.count(id) != 1)

    def torn(self):
        """What has a name in the store has the content of that name; nothing else is where it could be read."""
        for path in self.store.rglob("*"):
            hidden = path.parent == self.store and path.name.startswith(".")
            if path.is_file() and not hidden and hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                yield f"{path} is half written"


def read(path):
    return path.read_text() if path.exists() else None


def kill(pid, number=signal.SIGKILL):
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pause_before(rng: random.Random, most_s: float) -> None:
    """Wait for a random while, so that a kill falls anywhere."""
    time.sleep(rng.uniform(0, most_s))
