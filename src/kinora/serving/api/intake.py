"""How a route gets its body: all of it received first, then read in a thread, and gone when the route is done."""

from collections.abc import Callable
from functools import partial
from typing import IO, TypeVar

from starlette.requests import Request

from kinora.serving.api.body import TEXT_BYTES, Body, opened, received
from kinora.serving.api.services import Services

FORM_ROOM_BYTES = 1 << 20
"""What a form may have beside one file or text of the greatest size."""

Result = TypeVar("Result")


def owner_of(request: Request) -> str:
    """The id of the key a request came with; the door has put it there."""
    return str(request.state.owner)


async def with_body(services: Services, request: Request, act: Callable[[Body], Result]) -> Result:
    """What `act` makes of the body, in a thread for writers. ApiError where the body, or now, is no good."""
    most_bytes = max(services.config.upload_bytes, TEXT_BYTES) + FORM_ROOM_BYTES
    spool = await received(request.stream(), most_bytes, services.write)
    return await services.write(partial(_read, services, request, spool, act))


def _read(services: Services, request: Request, spool: IO[bytes], act: Callable[[Body], Result]) -> Result:
    with spool:
        services.gate.admit(owner_of(request))
        with opened(spool, request.headers.get("content-type", ""), services.config.data) as body:
            return act(body)
