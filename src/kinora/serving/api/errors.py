"""What goes wrong, as OpenAI's clients read it: one line, the field, a code, and never an exception's text."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from starlette.responses import Response

TYPES = {429: "requests", 500: "server_error", 503: "server_error"}
"""The error's type by HTTP status; everything else is an `invalid_request_error`."""


class ApiError(Exception):
    """A request that is answered with an error: HTTP status, one line with the remedy, the field, a code, headers."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        kind = TYPES.get(self.status, "invalid_request_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> Response:
        """The answer."""
        return Response(json.dumps(self.body()), self.status, self.headers, "application/json")


def refuse(message: str, *, param: str | None = None, code: str | None = None) -> NoReturn:
    """End the request with a 400."""
    raise ApiError(400, message, param=param, code=code)


def missing(what: str, *, param: str | None = None, code: str = "not_found") -> ApiError:
    """A 404: it is not there, or it is somebody else's, which is the same to whoever asks."""
    return ApiError(404, f"there is no {what}", param=param, code=code)


def later(status: int, message: str, *, code: str, retry_after_s: int) -> ApiError:
    """A 429 or 503 that says when to come back."""
    return ApiError(status, message, code=code, headers={"retry-after": str(max(1, retry_after_s))})
