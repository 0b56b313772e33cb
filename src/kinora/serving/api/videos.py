"""The routes of videos."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kinora.serving.api.answers import json_answer, page_fields, video_answer
from kinora.serving.api.body import Body
from kinora.serving.api.content import content_answer
from kinora.serving.api.errors import missing, refuse
from kinora.serving.api.events import events_of
from kinora.serving.api.intake import owner_of, with_body
from kinora.serving.api.services import Services
from kinora.serving.ledger.records import Video

KEY_LETTERS = 255
log = logging.getLogger("kinora.api")
Wish = Callable[[Mapping[str, Any], str], Video]


class Videos:
    """Each method is one route; those that make a video read their body themselves, as a form or as JSON."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def create(self, request: Request) -> Response:
        """Make a video from a prompt."""
        return await self._accepted(request, self._services.wishes.create)

    async def remix(self, request: Request, video_id: str) -> Response:
        """Make a finished video once more under another prompt."""
        return await self._accepted(request, partial(self._services.wishes.remix, id=video_id))

    async def edit(self, request: Request) -> Response:
        """Change a video by a prompt."""
        return await self._accepted(request, self._services.wishes.edit)

    async def extend(self, request: Request) -> Response:
        """Let a video go on, or begin earlier."""
        return await self._accepted(request, self._services.wishes.extend)

    async def fill(self, request: Request) -> Response:
        """Make a part of a video anew, damaged frames, or the frames between its own."""
        return await self._accepted(request, self._services.wishes.fill)

    async def loop(self, request: Request) -> Response:
        """Let a video flow from its end back into its beginning."""
        return await self._accepted(request, self._services.wishes.loop)

    async def join(self, request: Request) -> Response:
        """Make one video of two, with a passage between them."""
        return await self._accepted(request, self._services.wishes.join)

    async def score(self, request: Request) -> Response:
        """Make new sound for a video."""
        return await self._accepted(request, self._services.wishes.score)

    async def storyboard(self, request: Request) -> Response:
        """Make a film of several shots."""
        return await self._accepted(request, self._services.wishes.storyboard)

    async def redo(self, request: Request, video_id: str) -> Response:
        """Make one shot of a film again; all that is coded of the others stays as it is."""
        return await self._accepted(request, partial(self._services.wishes.redo, id=video_id))

    def retrieve(self, request: Request, video_id: str) -> Response:
        """How far a video is."""
        return self._answer(self._found(request, video_id))

    def page(
        self,
        request: Request,
        after: str | None = None,
        limit: Annotated[int, Query(ge=0, le=100)] = 20,
        order: Literal["asc", "desc"] = "desc",
    ) -> Response:
        """Your videos, by age."""
        ledger = self._services.ledger
        videos, has_more = ledger.page(owner_of(request), after=after, limit=limit, newest_first=order == "desc")
        return json_answer(page_fields(videos, has_more))

    def delete(self, request: Request, video_id: str) -> Response:
        """Delete a video; if it is being made, its making ends."""
        if self._services.ledger.remove(video_id, owner_of(request)) is None:
            raise missing("video with this id", param="video_id")
        return json_answer({"id": video_id, "object": "video.deleted", "deleted": True})

    def cancel(self, request: Request, video_id: str) -> Response:
        """Stop making a video; it fails with the code "cancelled". A closed one stays as it is."""
        return self._answer(self._services.ledger.cancel(video_id, owner_of(request)))

    async def retry(self, request: Request, video_id: str) -> Response:
        """Queue a failed video again; any other stays as it is."""
        return await self._services.write(self._retry, owner_of(request), video_id)

    def content(
        self,
        request: Request,
        video_id: str,
        variant: Literal["video", "thumbnail", "spritesheet"] = "video",
    ) -> Response:
        """A finished video's file, its picture or its sheet of pictures; ranges are answered."""
        return content_answer(self._services, request, self._found(request, video_id), variant)

    def events(self, request: Request, video_id: str) -> Response:
        """A video's progress as server-sent events, until it is closed."""
        look = partial(self._services.ledger.get, video_id, owner_of(request))
        return StreamingResponse(
            events_of(self._found(request, video_id), look),
            headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
            media_type="text/event-stream",
        )

    async def _accepted(self, request: Request, wish: Wish) -> Response:
        key = request.headers.get("idempotency-key", "")
        if len(key) > KEY_LETTERS:
            refuse(f"the Idempotency-Key has more than {KEY_LETTERS} characters; choose a shorter one")
        act = partial(self._accept, owner_of(request), request.url.path, key, wish)
        return await with_body(self._services, request, act)

    def _accept(self, owner: str, about: str, key: str, wish: Wish, body: Body) -> Response:
        video = wish(body.fields, owner)
        accepted = self._services.ledger.accept(video, key=key, body_sha256=body.sha256(about) if key else "")
        if accepted.id == video.id and video.error_code:
            self._services.metrics.refused(video.error_code)
        log.info("accepted", extra={"video": accepted.id, "owner": owner})
        return self._answer(accepted)

    def _retry(self, owner: str, video_id: str) -> Response:
        self._services.gate.admit(owner)
        return self._answer(self._services.ledger.retry(video_id, owner))

    def _found(self, request: Request, video_id: str) -> Video:
        video = self._services.ledger.get(video_id, owner_of(request))
        if video is None:
            raise missing("video with this id", param="video_id")
        return video

    def _answer(self, video: Video | None) -> Response:
        if video is None:
            raise missing("video with this id", param="video_id")
        return video_answer(video, self._services.queue.num_queued)
