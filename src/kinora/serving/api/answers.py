"""What clients read of a video: OpenAI's thirteen fields, and one of ours, `kinora`."""

import json
from typing import Any

from starlette.responses import Response

from kinora.serving.ledger.records import OPEN, Video

POLL_MS = 500
MOST_POLL_MS = 10_000
QUEUED_A_POLL = 5
"""With more than this many queued videos, clients are asked to poll as much more slowly."""


def video_fields(video: Video) -> dict[str, Any]:
    """A video as its JSON object."""
    error = {"code": video.error_code, "message": video.error_message or ""} if video.error_code else None
    return {
        "id": video.id,
        "object": "video",
        "model": video.model,
        "status": video.status,
        "progress": video.progress,
        "created_at": video.created_at,
        "completed_at": video.completed_at,
        "expires_at": video.expires_at,
        "prompt": video.prompt,
        "size": video.size,
        "seconds": str(video.seconds),
        "remixed_from_video_id": video.remixed_from_video_id,
        "error": error,
        "kinora": {**video.notes, "stage": video.stage, "attempts": video.attempts, "priority": video.priority},
    }


def json_answer(fields: object, headers: dict[str, str] | None = None) -> Response:
    """A 200 with a JSON body."""
    return Response(json.dumps(fields, separators=(",", ":")), 200, headers, "application/json")


def video_answer(video: Video, num_queued: int) -> Response:
    """A video; an unfinished one says when to ask again."""
    headers = {"openai-poll-after-ms": str(poll_after_ms(num_queued))} if video.status in OPEN else None
    return json_answer(video_fields(video), headers)


def poll_after_ms(num_queued: int) -> int:
    """When to ask again: half a second, and more the longer the queue is, so that polls never outgrow the machine."""
    return min(POLL_MS * (1 + num_queued // QUEUED_A_POLL), MOST_POLL_MS)


def page_fields(videos: list[Video], has_more: bool) -> dict[str, Any]:
    """A page of videos, as OpenAI's lists are."""
    ends = {"first_id": videos[0].id, "last_id": videos[-1].id} if videos else {"first_id": None, "last_id": None}
    return {"object": "list", "data": [video_fields(each) for each in videos], **ends, "has_more": has_more}
