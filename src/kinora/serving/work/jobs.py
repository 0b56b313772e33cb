"""One video, from begin to publish, as a workflow of three recorded steps: read, fill, release.

Each result is JSON: facts, or names of blobs. Whoever takes up an interrupted workflow gets what is finished and goes
on with the next step. Beginning raises the video's fence, and everything written afterwards carries it, so of two
workers that both believe to have the video only the later one can publish.
"""

import errno
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from kinora.policy import PolicyError
from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Cancelled, Superseded, Turn
from kinora.serving.store import Store, StoreFull
from kinora.serving.tasks import NOT_YET
from kinora.serving.work.engine import Engine, Engines, Told
from kinora.serving.work.pulse import BURIED, HandedBack, Pulse, end_at_once
from kinora.serving.work.steps import step, this_workflow
from kinora.serving.work.wanted import Job, blobs_of, job_of

log = logging.getLogger("kinora.work")

# Percent at which each stage begins and ends: solving takes most of the time.
SHARES = {"read": (0, 2), "fill": (2, 80), "release": (80, 99)}
# The ledger hears of progress at most this often; it is also how soon a cancelled video is let go.
ADVANCE_EVERY_S = 0.5
ROOM_EVERY_S = 2.0
SLOW_STEP_S = 1.5
BLOBS = ("video", "thumbnail", "spritesheet")
FULL = (errno.ENOSPC, errno.EDQUOT)

# What a test prompt ends as: code and message.
OUTCOMES = {
    "fail": ("server_error", "this prompt asks for a failure"),
    "moderation": ("moderation_blocked", "this prompt asks to be blocked"),
}
CANCELLED = "the client asked to stop"

Result = TypeVar("Result")


class Refused(Exception):
    """A video that will not be made; its client reads code and message, the two arguments."""


ERRORS = (Superseded, Cancelled, Refused)
"""Errors that a step may end with and that mean the same when they are remembered."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What a worker works with."""

    worker: str
    config: Config
    ledger: Ledger
    store: Store
    engines: Engines
    pulse: Pulse


def make_video(shop: Shop, video_id: str) -> None:
    """Make one video and close it; the body of its workflow."""
    wait_for_room(shop)
    facts = {"video": video_id}
    with shop.pulse.in_hand():
        try:
            turn = shop.ledger.begin(video_id, shop.worker, this_workflow(), most_attempts=shop.config.most_attempts)
            if turn is None:
                return
            shop.pulse.turn = turn
            log.info("began", extra=facts)
            close(shop, turn)
            log.info("closed", extra=facts)
        except Superseded:
            end_if_buried(shop)
            log.info("dropped: removed, or taken up by another worker", extra=facts)


def close(shop: Shop, turn: Turn) -> None:
    """Make the video and publish it, or say why not. Raises Superseded where that is no longer this worker's to do."""
    attempt = Attempt(shop, turn)
    fail = partial(shop.ledger.fail, turn)
    try:
        result, notes = attempt.make()
    except Cancelled:
        fail(code="cancelled", message=CANCELLED)
    except Refused as refusal:
        code, message = refusal.args
        fail(code=code, message=message)
    except Superseded:
        raise
    except Exception:
        # Each step was tried again before; what failed is in this worker's log, not in the answer.
        log.exception("gave up", extra={"video": turn.video.id})
        tries = shop.config.most_attempts
        fail(code="server_error", message=f"the stage {attempt.stage} failed {tries} times in a row")
    else:
        expires_at = int(time.time()) + shop.config.retention_s
        shop.ledger.complete(turn, result=result, notes=notes, expires_at=expires_at)


def end_if_buried(shop: Shop) -> None:
    """End this process where others think it dead: whatever it holds was given away."""
    if shop.worker not in shop.ledger.beats():
        end_at_once(BURIED)


def wait_for_room(shop: Shop) -> None:
    """Take no work while the store is nearly full, so that the ledger can go on. Raises HandedBack at a stop."""
    while (free_bytes := shop.store.free_bytes()) is not None and free_bytes < shop.config.least_free_bytes:
        log.warning("waiting for room in the store: %d MB are free", free_bytes // 1_000_000)
        if shop.pulse.stopping.wait(ROOM_EVERY_S):
            raise HandedBack


class Attempt:
    """One turn at one video."""

    def __init__(self, shop: Shop, turn: Turn) -> None:
        self._shop, self._turn = shop, turn
        self.stage, self._part, self._told_s = "read", 0.0, 0.0

    @property
    def _engine(self) -> Engine:
        return self._shop.engines.named(self._turn.video.engine)

    @contextmanager
    def _job(self) -> Iterator[Job]:
        """What the video asks of its engine; its files lie where the engine finds them. Raises Refused."""
        video, store = self._turn.video, self._shop.store
        try:
            canvas = self._engine.canvas
        except ValueError as unopened:
            log.warning("%s can't be opened: %s", video.engine, unopened)
            engine = Path(video.engine).name
            raise Refused("not_available", f"the engine {engine} is not ready; ask who runs the server") from unopened
        with ExitStack() as files:
            folder = files.enter_context(tempfile.TemporaryDirectory(prefix="kinora-given-"))
            paths = {}
            for name, blob in blobs_of(video.wish, video.task).items():
                # Under names that its client knows, because messages name files.
                paths[name] = Path(folder, name)
                paths[name].symlink_to(files.enter_context(store.local(blob)))
            with _files_refused():
                job = job_of(video.task, video.wish, paths, canvas)
            yield job

    def make(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return result (names of blobs) and notes. Raises Refused, Cancelled, Superseded, or what a step died of."""
        video = self._turn.video
        if video.task in NOT_YET:
            raise Refused("not_available", NOT_YET[video.task])
        if outcome := OUTCOMES.get(video.wish.get("test", "")):
            raise Refused(*outcome)
        read = self._step("read", self._read)
        latents = self._step("fill", partial(self._fill, read["reading"]))
        result = dict(self._step("release", partial(self._release, read["reading"], latents)))
        if any(self._shop.store.size_bytes(result[name]) is None for name in BLOBS):
            # Whoever made them died, and for longer than the sweep keeps what nothing refers to.
            result = self._release(read["reading"], latents)
        self._shop.store.delete(latents)
        said = result.pop("said", "")
        return result, {**read["notes"], **({"said": said} if said else {})}

    def _step(self, stage: str, act: Callable[[], Result]) -> Result:
        """Run a recorded step. A step that waits for room waits inside, so that what is finished is not lost."""
        self.stage = stage

        def tried() -> Result:
            self._tell(0.0, at_once=True)
            while True:
                began_s = time.monotonic()
                try:
                    result = act()
                    self._shop.ledger.took(stage, time.monotonic() - began_s)
                    return result
                except (StoreFull, OSError) as error:
                    if isinstance(error, OSError) and error.errno not in FULL:
                        raise
                self._pause(ROOM_EVERY_S)

        return step(stage, tried, attempts=self._shop.config.most_attempts, should_retry=_may_pass)

    def _read(self) -> dict[str, Any]:
        with self._job() as job:
            try:
                reading = self._engine.read(job)
            except PolicyError as refusal:
                raise Refused("moderation_blocked", str(refusal)) from refusal
            except ValueError as refusal:
                raise Refused("invalid_prompt", str(refusal)) from refusal
            return {"reading": reading, "notes": self._engine.notes(job, reading)}

    def _fill(self, reading: Told) -> str:
        return self._shop.store.put(self._filled(reading))

    def _filled(self, reading: Told) -> bytes:
        with self._job() as job, _files_refused():
            return self._engine.fill(job, reading, self._solved)

    def _release(self, reading: Told, latents: str) -> dict[str, Any]:
        try:
            packed = self._shop.store.get(latents)
        except (KeyError, OSError):
            # Lost or damaged since: the same seed fills the same.
            packed = self._filled(reading)
        store = self._shop.store
        with self._job() as job, tempfile.TemporaryDirectory(prefix="kinora-work-") as folder:
            path = Path(folder) / "video.mp4"
            with _files_refused():
                self._engine.release(job, reading, packed, path)
            size_bytes, video = path.stat().st_size, store.put(path)
            self._tell(0.6)
            pictures = self._engine.pictures(job, packed, path)
            said = self._engine.said(packed)
        return {
            "video": video,
            "thumbnail": store.put(pictures.thumbnail),
            "spritesheet": store.put(pictures.spritesheet),
            "size_bytes": size_bytes,
            "said": said,
        }

    def _solved(self, done: int, total: int) -> None:
        if self._turn.video.wish.get("test") == "slow":
            self._pause(SLOW_STEP_S)
        self._tell(done / total)

    def _pause(self, seconds: float) -> None:
        self._shop.pulse.stopping.wait(seconds)
        self._tell(self._part, at_once=True)

    def _tell(self, part: float, *, at_once: bool = False) -> None:
        """Note that this much of the stage is done. Raises Superseded, Cancelled, or HandedBack when told to stop."""
        self._part = part
        self._shop.pulse.moved()
        if self._shop.pulse.stopping.is_set() and self.stage != "release":
            self._shop.ledger.hand_back(self._turn)
            raise HandedBack
        if at_once or time.monotonic() - self._told_s >= ADVANCE_EVERY_S:
            begin, end = SHARES[self.stage]
            self._shop.ledger.advance(self._turn, stage=self.stage, progress=round(begin + (end - begin) * part))
            self._told_s = time.monotonic()


@contextmanager
def _files_refused() -> Iterator[None]:
    """What the engine says of what it was given can't be used goes to the client: trying again would say the same."""
    try:
        yield
    except ValueError as refusal:
        log.warning("refused", exc_info=refusal)
        raise Refused("invalid_file", " ".join(str(refusal).split())) from refusal


def _may_pass(error: BaseException) -> bool:
    """Whether a step that died of this is worth another try."""
    log.warning("a step failed", exc_info=error)
    return not isinstance(error, ERRORS)
