"""The routes of characters: a named clip of someone, kept to appear in later videos."""

import time
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from kinora.serving.api.answers import json_answer
from kinora.serving.api.body import Body
from kinora.serving.api.errors import missing, refuse
from kinora.serving.api.fields import NAME, read_fields
from kinora.serving.api.intake import owner_of, with_body
from kinora.serving.api.multipart import Upload
from kinora.serving.api.services import Services
from kinora.serving.ledger.records import Character, new_id


class Characters:
    """Each method is one route."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def create(self, request: Request) -> Response:
        """Keep a clip under a name."""
        return await with_body(self._services, request, partial(self._create, owner_of(request)))

    def retrieve(self, request: Request, character_id: str) -> Response:
        """A character by its id."""
        character = self._services.ledger.get_character(character_id, owner_of(request))
        if character is None:
            raise missing("character with this id", param="character_id")
        return json_answer(_fields(character))

    def _create(self, owner: str, body: Body) -> Response:
        name = read_fields(body.fields, {"name": NAME}).get("name")
        if name is None:
            refuse("name is missing; say what the character is called", param="name", code="missing")
        video = body.fields.get("video")
        if not isinstance(video, Upload):
            refuse("video is missing; send it as a file of a multipart form", param="video", code="missing")
        blob = self._services.uploads.keep(video, "video").blob
        character = self._services.ledger.add_character(new_id("char"), owner, name, blob, int(time.time()))
        return json_answer(_fields(character))


def _fields(character: Character) -> dict[str, object]:
    return {"id": character.id, "name": character.name, "created_at": character.created_at}
