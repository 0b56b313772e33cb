"""A video's progress as server-sent events, until it is closed."""

import json
from collections.abc import AsyncIterator, Callable

import anyio
from starlette.concurrency import run_in_threadpool

from kinora.serving.api.answers import video_fields
from kinora.serving.ledger.records import OPEN, Video

LOOK_S = 0.5
QUIET_LOOKS = 30
"""After so many looks without news a comment is sent, so that proxies keep the line open."""


async def events_of(video: Video, look: Callable[[], Video | None]) -> AsyncIterator[bytes]:
    """One event, named by its status, for the video as it is and whenever it changed; `deleted` where it is gone."""
    now: Video | None = video
    last, num_quiet = b"", 0
    while now:
        event = _event(now.status, video_fields(now))
        if event != last:
            yield event
            last, num_quiet = event, 0
        elif num_quiet := (num_quiet + 1) % QUIET_LOOKS:
            pass
        else:
            yield b": still here\n\n"
        if now.status not in OPEN:
            return
        await anyio.sleep(LOOK_S)
        now = await run_in_threadpool(look)
    yield _event("deleted", {"id": video.id, "object": "video.deleted", "deleted": True})


def _event(name: str, fields: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(fields)}\n\n".encode()
