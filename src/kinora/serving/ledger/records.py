"""What the ledger keeps, as plain facts, and what it raises."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OPEN = ("queued", "in_progress")


class Unreachable(ConnectionError):
    """The database does not answer, or is locked by a process that stands still."""


class KeyReused(Exception):
    """An idempotency key came again with another body."""


class UnknownCursor(Exception):
    """The page was asked to begin after something that is no video's id."""


class Superseded(Exception):
    """This turn is over: another worker took the video up, or it was closed or removed."""


class Cancelled(Exception):
    """The client asked to stop; the worker should fail the turn with the code "cancelled"."""


def new_id(kind: str) -> str:
    """Return `kind` + "_" + 32 hex digits: microseconds since 1970, so that ids sort by age, then 76 random bits."""
    return f"{kind}_{time.time_ns() // 1000:013x}{secrets.randbits(76):019x}"


@dataclass(frozen=True, kw_only=True)
class Video:
    """One job and, in time, its result. Instants are unix seconds; `size` is "WIDTHxHEIGHT"; `progress` is 0 to 100.

    `wish`, `result` and `notes` are JSON objects; every 64-digit hex string at their top level, or in the wish's
    `sources`, names a blob.
    """

    id: str = field(default_factory=lambda: new_id("video"))
    owner: str = ""
    status: str = "queued"
    task: str = "generate"
    model: str = "sora-2"
    engine: str = "storybook"
    prompt: str
    seconds: int
    size: str
    wish: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    progress: int = 0
    stage: str = ""
    created_at: int = 0
    started_at: int | None = None
    completed_at: int | None = None
    expires_at: int | None = None
    remixed_from_video_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    result: Mapping[str, Any] | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    fence: int = 0
    attempts: int = 0
    worker: str = ""
    cancelled: bool = False
    workflow: str = ""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One attempt of one worker at one video. Whoever holds the highest fence is the only one who may close it."""

    video: Video
    fence: int
    worker: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """A video was closed and those who asked to be told are to be: `type` is "video.completed" or "video.failed"."""

    id: str = field(default_factory=lambda: new_id("evt"))
    type: str
    video_id: str
    created_at: int


@dataclass(frozen=True, kw_only=True)
class Character:
    """A named clip of someone, to appear in later videos; `blob` names the clip in the store."""

    id: str
    owner: str
    name: str
    blob: str
    created_at: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many videos there are in each state, `failed` by error code; how long the oldest queued one has waited."""

    queued: int
    in_progress: int
    completed: int
    failed: Mapping[str, int]
    oldest_queued_s: float
