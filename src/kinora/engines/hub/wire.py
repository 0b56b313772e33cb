"""Reading from a hub over HTTP: a token only for its own host, tries with pauses between, one line where it fails."""

import http.client
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPMessage
from typing import IO, NoReturn
from urllib.parse import SplitResult, urlsplit

HUB = "https://huggingface.co"
TIMEOUT_S = 30
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""How long to wait before each further try; whatever comes meanwhile starts them anew."""
LONGEST_PAUSE_S = 60.0
ASK_LATER = {408, 425, 429, 500, 502, 503, 504}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Response = http.client.HTTPResponse
BROKEN = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)
"""What a broken line raises, at the beginning or in the middle, by whatever is read within `on_the_line`."""


def endpoint() -> str:
    """The hub's address: `HF_ENDPOINT` where there is a mirror. Raises ValueError where it is no address."""
    address = os.environ.get("HF_ENDPOINT", "").strip().rstrip("/") or HUB
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"HF_ENDPOINT is {address}: give an address like {HUB}")
    return address


@contextmanager
def on_the_line() -> Iterator[None]:
    """Make what else a socket raises, no route or spoilt encryption say, one of `BROKEN`: a disk's errors are not."""
    try:
        yield
    except BROKEN:
        raise
    except OSError as error:
        raise ConnectionError(error.errno, error.strerror or str(error)) from error


class Wire:
    """A way to one hub. `pause` waits some seconds; tests wait none."""

    def __init__(self, address: str, token: str = "", pause: Callable[[float], None] = time.sleep) -> None:
        home = urlsplit(address)
        if token and home.scheme != "https" and home.hostname not in LOOPBACK:
            raise ValueError(f"HF_TOKEN is not sent to {address}, which is not encrypted: unset it, or use https")
        self.address, self.pause = address, pause
        self.headers = {"User-Agent": "kinora", "Accept-Encoding": "identity"}
        self.secret = {"Authorization": f"Bearer {token}"} if token else {}
        handlers = (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(home),
        )
        self.director = urllib.request.OpenerDirector()
        for handler in handlers:
            self.director.add_handler(handler)

    @contextmanager
    def open(self, path: str, headers: Mapping[str, str] | None = None) -> Iterator[Response]:
        """Ask once for what lies at a path of the hub. Raises one of `BROKEN`, or ValueError for a plain refusal."""
        request = urllib.request.Request(self.address + path, headers={**self.headers, **(headers or {})})
        for name, value in self.secret.items():
            request.add_unredirected_header(name, value)
        try:
            with on_the_line():
                response = self.director.open(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in ASK_LATER or error.code == 416:
                raise
            _refuse(error.code, path)
        with response:
            yield response

    def read(self, path: str, most_bytes: int) -> tuple[bytes, Message]:
        """Return a whole answer and its headers, after several tries. Raises ValueError where it is longer."""
        tries = Tries(self.pause)
        while True:
            try:
                with self.open(path) as response:
                    return _whole(response, path, most_bytes), response.headers
            except BROKEN as error:
                tries.again(error, self.address, fails_at_once=_is_unreachable(error))


class Tries:
    """Counts failures in a row, and waits after each."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self.pause, self.failed = pause, 0

    def went_on(self) -> None:
        """Something came: whatever fails now fails for the first time."""
        self.failed = 0

    def again(self, error: Exception, address: str, *, fails_at_once: bool = False) -> None:
        """Wait, or raise ConnectionError in one line where it failed too often."""
        if fails_at_once or self.failed == len(PAUSES_S):
            raise ConnectionError(
                f"no way to {urlsplit(address).hostname}: {_reason(error)}; check the network (HF_ENDPOINT names a"
                " mirror) and run the same command again: what has come is kept"
            ) from error
        wait_s = PAUSES_S[self.failed]
        self.failed += 1
        self.pause(max(wait_s, _asked_to_wait_s(error)))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to other places of the web, never from an encrypted one to one that is not."""

    def __init__(self, home: SplitResult) -> None:
        self.home = home

    def redirect_request(
        self,
        request: urllib.request.Request,
        body: IO[bytes],
        code: int,
        reason: str,
        headers: HTTPMessage,
        address: str,
    ) -> urllib.request.Request | None:
        there = urlsplit(address)
        if there.scheme not in ("http", "https") or (self.home.scheme == "https" and there.scheme != "https"):
            raise ValueError(f"{self.home.hostname} sends us to {there.scheme}://{there.hostname}: not followed")
        following = super().redirect_request(request, body, code, reason, headers, address)
        if following and _place(there) == _place(self.home):
            # Headers that are not to be redirected are the token: urllib drops them, and here it is still at home.
            for name, value in request.unredirected_hdrs.items():
                if name.lower() == "authorization":
                    following.add_unredirected_header(name, value)
        return following


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _whole(response: Response, path: str, most_bytes: int) -> bytes:
    with on_the_line():
        content = response.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"{path} has more than the {most_bytes:,} bytes expected of it: refused")
    stated = response.headers.get("Content-Length")
    if stated and stated.isdigit() and len(content) < int(stated):
        raise http.client.IncompleteRead(content, int(stated) - len(content))
    return content


def _refuse(code: int, path: str) -> NoReturn:
    where = path.partition("?")[0]
    raise ValueError(
        {
            401: f"the hub wants to know who asks for {where}: accept its terms there, and set HF_TOKEN",
            403: f"the hub does not let you have {where}: accept its terms there, and set HF_TOKEN",
            404: f"the hub has no {where}: check the name and the revision",
        }.get(code, f"the hub answered {code} for {where}")
    )


def _is_unreachable(error: Exception) -> bool:
    reason = getattr(error, "reason", error)
    return isinstance(reason, socket.gaierror | ConnectionRefusedError) or getattr(reason, "errno", 0) in (101, 113)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _asked_to_wait_s(error: Exception) -> float:
    """What a busy server asks for, in seconds."""
    asked = error.headers.get("Retry-After", "") if isinstance(error, urllib.error.HTTPError) and error.headers else ""
    return min(float(asked), LONGEST_PAUSE_S) if asked.isdigit() else 0.0
