"""Result files over HTTP: whole or a range, named by their content, so that a cache never has to guess."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kinora.serving.api.errors import ApiError, missing
from kinora.serving.api.services import Services
from kinora.serving.ledger.records import Video

VARIANTS: Mapping[str, tuple[str, str]] = {
    "video": ("video/mp4", "mp4"),
    "thumbnail": ("image/webp", "webp"),
    "spritesheet": ("image/jpeg", "jpg"),
}
"""Media type and file ending by variant."""

ABSENT = {
    "completed": (" any more; make it again", "video_expired"),
    "failed": (": it failed; read its error", "video_failed"),
    "queued": (" yet; ask for its status first", "video_not_ready"),
}
"""Why a video of a status has no file, and the code for it; one in progress is as one that is queued."""

RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int


def span_of(header: str, size_bytes: int) -> Span | None:
    """The range a Range header asks for, cut to the file; None where the whole file is to be sent (RFC 9110, 14.2).

    What isn't one range of bytes is ignored, as the standard allows. ApiError 416 where none of it lies in the file.
    """
    match = RANGE.fullmatch(header)
    if not match or not (match[1] or match[2]):
        return None
    if match[1]:
        start = int(match[1])
        last = int(match[2]) if match[2] else max(start, size_bytes)
        if last < start:
            return None
    else:
        start, last = max(0, size_bytes - int(match[2])), size_bytes
    if start >= size_bytes:
        message = f"the range lies outside the file of {size_bytes} bytes; ask for one inside"
        raise ApiError(416, message, code="range_not_satisfiable", headers={"content-range": f"bytes */{size_bytes}"})
    return Span(start=start, end=min(last + 1, size_bytes))


def content_answer(services: Services, request: Request, video: Video, variant: str) -> Response:
    """A file of a completed video. ApiError 404 where there is none (any more)."""
    blob = _blob(video, variant)
    size_bytes = services.store.size_bytes(blob)
    if size_bytes is None:
        raise missing(f"file of this video{ABSENT['completed'][0]}", param="video_id", code=ABSENT["completed"][1])
    media_type, ending = VARIANTS[variant]
    etag = f'"{blob}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=3600",
        "content-disposition": f'inline; filename="{video.id}.{ending}"',
    }
    if etag in [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    span = span_of(_range_asked(request.headers, etag), size_bytes)
    if span:
        headers["content-range"] = f"bytes {span.start}-{span.end - 1}/{size_bytes}"
    start, end = (span.start, span.end) if span else (0, size_bytes)
    headers["content-length"] = str(end - start)
    status = 206 if span else 200
    if request.method == "HEAD":
        return Response(None, status, headers, media_type)
    return StreamingResponse(services.store.stream(blob, start, end), status, headers, media_type)


def _range_asked(headers: Headers, etag: str) -> str:
    """The Range header, unless If-Range says that it was meant for another file."""
    return headers.get("range", "") if headers.get("if-range", etag) == etag else ""


def _blob(video: Video, variant: str) -> str:
    if video.result:
        return str(video.result[variant])
    why, code = ABSENT.get(video.status, ABSENT["queued"])
    raise missing(f"file of this video{why}", param="video_id", code=code)
