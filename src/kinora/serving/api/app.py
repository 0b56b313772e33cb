"""The API process: an ASGI application over a ledger and a store. It makes no video itself and never loads a model."""

import errno
import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kinora.serving.api.body import sweep
from kinora.serving.api.characters import Characters
from kinora.serving.api.door import Door
from kinora.serving.api.errors import ApiError, later, missing
from kinora.serving.api.gate import full
from kinora.serving.api.openapi import BEARER, SCHEMAS, operation
from kinora.serving.api.operating import Operating
from kinora.serving.api.services import Services
from kinora.serving.api.videos import Videos
from kinora.serving.config import Config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import KeyReused, UnknownCursor, Unreachable
from kinora.serving.store import Store, StoreFull

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})
VIDEO = "/v1/videos/{video_id}"
AWAY_RETRY_S = 5
log = logging.getLogger("kinora.api")


def create_app(config: Config, ledger: Ledger, store: Store) -> FastAPI:
    """The API. Whoever opened the ledger and the store closes them."""
    services = Services(config, ledger, store)
    sweep(config.data)
    app = FastAPI(title="Kinora", summary="A prompt becomes a video with sound.", docs_url=None, redoc_url=None)
    for method, path, act, body, answer in routes(services):
        app.add_api_route(path, act, methods=[method], response_class=Response, **operation(body, answer))
    app.add_api_route(f"{VIDEO}/content", Videos(services).content, methods=["HEAD"], include_in_schema=False)
    app.add_middleware(Door, services=services)
    for error, said in SAID.items():
        app.add_exception_handler(error, _answer(services, said))
    _complete(app)
    return app


def routes(services: Services) -> tuple[tuple[str, str, Callable[..., Any], str, str], ...]:
    """Method, path, what is done, and which body and answer the document gives it."""
    videos, characters, operating = Videos(services), Characters(services), Operating(services)
    return (
        ("POST", "/v1/videos", videos.create, "create", "Video"),
        ("GET", "/v1/videos", videos.page, "", "Page"),
        ("POST", "/v1/videos/edits", videos.edit, "edit", "Video"),
        ("POST", "/v1/videos/extensions", videos.extend, "extend", "Video"),
        ("POST", "/v1/videos/fill", videos.fill, "fill", "Video"),
        ("POST", "/v1/videos/loop", videos.loop, "loop", "Video"),
        ("POST", "/v1/videos/join", videos.join, "join", "Video"),
        ("POST", "/v1/videos/score", videos.score, "score", "Video"),
        ("POST", "/v1/videos/storyboard", videos.storyboard, "storyboard", "Video"),
        ("POST", "/v1/videos/characters", characters.create, "character", "Character"),
        ("GET", "/v1/videos/characters/{character_id}", characters.retrieve, "", "Character"),
        ("GET", VIDEO, videos.retrieve, "", "Video"),
        ("DELETE", VIDEO, videos.delete, "", "Deleted"),
        ("POST", f"{VIDEO}/remix", videos.remix, "remix", "Video"),
        ("POST", f"{VIDEO}/redo", videos.redo, "redo", "Video"),
        ("POST", f"{VIDEO}/cancel", videos.cancel, "", "Video"),
        ("POST", f"{VIDEO}/retry", videos.retry, "", "Video"),
        ("GET", f"{VIDEO}/content", videos.content, "", "content"),
        ("GET", f"{VIDEO}/events", videos.events, "", "events"),
        ("GET", "/v1/models", operating.models, "", "Models"),
        ("GET", "/health", operating.health, "", "Health"),
        ("GET", "/metrics", operating.metrics, "", "metrics"),
    )


def _wrong_parameter(error: RequestValidationError) -> ApiError:
    wrong = error.errors()[0]
    param = str(wrong["loc"][-1])
    return ApiError(400, f"{param} is not right: {wrong['msg'].lower()}", param=param, code="invalid_value")


def _no_route(error: HTTPException) -> ApiError:
    if error.status_code == 404:
        return missing("such path; /openapi.json has them all")
    return ApiError(error.status_code, str(error.detail), headers=error.headers)


def _unreachable(error: Unreachable) -> ApiError:
    """A database that is away or locked comes back; what is said of it stays in the log."""
    log.error("the ledger is out of reach", exc_info=error)
    message = "the server's database does not answer; try again"
    return later(503, message, code="server_is_overloaded", retry_after_s=AWAY_RETRY_S)


def _os_error(error: OSError) -> ApiError:
    """A full disk has an answer of its own; every other trouble with files is unforeseen."""
    if error.errno not in FULL_DISK:
        raise error
    return full()


SAID: dict[type[Exception], Callable[[Any], ApiError]] = {
    ApiError: lambda error: error,
    RequestValidationError: _wrong_parameter,
    HTTPException: _no_route,
    UnknownCursor: lambda _: ApiError(400, "after is no video's id; give last_id of the page before", param="after"),
    KeyReused: lambda _: ApiError(
        409, "this Idempotency-Key came with another request before; choose a new one", code="idempotency_key_reused"
    ),
    StoreFull: lambda _: full(),
    Unreachable: _unreachable,
    OSError: _os_error,
}
"""What is answered for what may be raised. Everything else is the door's, which says no more than a request id."""


def _answer(services: Services, said: Callable[[Any], ApiError]) -> Callable[[Request, Exception], Response]:
    async def handle(_: Request, error: Exception) -> Response:
        refusal = said(error)
        services.metrics.refused(refusal.code or str(refusal.status))
        return refusal.response()

    return handle  # type: ignore[return-value]


def _complete(app: FastAPI) -> None:
    """Add to FastAPI's own document what it can't know."""
    written = app.openapi

    def openapi() -> dict[str, Any]:
        document = written()
        document["components"] = {"schemas": SCHEMAS, "securitySchemes": {"bearer": BEARER}}
        document["security"] = [{"bearer": []}, {}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
