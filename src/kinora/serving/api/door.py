"""Every request passes here, in and out: its id, its key, its headers, its log line, its count, its last resort."""

import logging
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kinora.serving.api.errors import ApiError
from kinora.serving.api.logs import request_id
from kinora.serving.api.services import Services

VERSION = "2020-10-01"
OPEN_PATHS = frozenset({"/health", "/openapi.json"})
"""What may be asked without a key."""

QUIET_PATHS = frozenset({"/health", "/metrics"})
CLIENT_GONE = 499
log = logging.getLogger("kinora.api")


class Door:
    """Plain ASGI: Starlette's own middleware class would copy every body through a queue."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = Visit(send)
        token = request_id.set(visit.id)
        try:
            await self._answer(scope, receive, visit)
        finally:
            self._count(scope, visit)
            request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, visit: "Visit") -> None:
        try:
            if scope["path"] not in OPEN_PATHS:
                scope.setdefault("state", {})["owner"] = self._services.gate.owner(Headers(scope=scope))
            await self._app(scope, receive, visit.send)
        except ClientDisconnect:
            visit.status = CLIENT_GONE
        except ApiError as error:
            await error.response()(scope, receive, visit.send)
        except Exception:
            log.exception("a request failed")
            if visit.status:  # too late for another answer: breaking off tells the client
                raise
            await _unforeseen(visit.id).response()(scope, receive, visit.send)

    def _count(self, scope: Scope, visit: "Visit") -> None:
        duration_s = time.perf_counter() - visit.began_s
        route = getattr(scope.get("route"), "path", "other")
        method, status = scope["method"] if route != "other" else "other", visit.status or CLIENT_GONE
        self._services.metrics.answered(method, route, status, duration_s)
        if scope["path"] not in QUIET_PATHS:
            facts = {"method": scope["method"], "path": scope["path"], "status": status}
            owner = scope.get("state", {}).get("owner", "")
            log.info("answered", extra={**facts, "owner": owner, "duration_ms": round(duration_s * 1000, 1)})


class Visit:
    """One request's answer as it leaves: it gets the headers that every answer has."""

    def __init__(self, send: Send) -> None:
        self.id = f"req_{secrets.token_hex(16)}"
        self.began_s = time.perf_counter()
        self.status = 0
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.id
            headers["openai-version"] = VERSION
            headers["openai-processing-ms"] = str(int((time.perf_counter() - self.began_s) * 1000))
        await self._send(message)


def _unforeseen(id: str) -> ApiError:
    message = f"the server made an error; try again, and if it stays, give its operator the request id {id}"
    return ApiError(500, message, code="server_error")
