"""A file from the web, only where the configuration allows it, and never from an address that isn't public.

Every address a name resolves to is checked, and the connection goes to a checked address, not to the name once more:
a name that changes its mind in between leads nowhere. Redirects are not followed.
"""

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

CHUNK_BYTES = 1 << 16
WALL_S = 60
SOCKET_S = 10

Resolve = Callable[[str, int], list[str]]
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, and no other address is wrapped in it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if wrapped or ip in NAT64 or ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolved(host: str, port: int) -> list[str]:
    """The IP addresses of a host. OSError where it has none."""
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def fetch(
    url: str,
    target: Path,
    most_bytes: int,
    *,
    permitted: Callable[[str], bool] = is_public,
    resolve: Resolve = resolved,
) -> None:
    """Write what lies at `url` to `target`. ValueError with the remedy where it is refused, fails or is too large."""
    parts, port = _checked(url)
    host = parts.hostname or ""
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        raise ValueError("names a host that can't be found; check the address") from None
    if not addresses or not all(permitted(each) for each in addresses):
        raise ValueError("leads to a private address; upload the file instead")
    try:
        connection = _Pinned(host, port, addresses[0], secure=parts.scheme == "https")
        with target.open("wb") as file:
            for piece in _pieces(connection, parts, most_bytes):
                file.write(piece)
    except (OSError, HTTPException):
        raise ValueError("can't be fetched; upload the file instead") from None


def _checked(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not port or not parts.hostname or parts.username or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("is not a plain http or https address; upload the file instead")
    return parts, port


class _Pinned(HTTPConnection):
    """A connection to one address, under the host's name in the request and in its certificate."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=SOCKET_S)
        self._address, self._secure = address, secure

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.create_connection((self._address, self.port), SOCKET_S)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def hang_up(self) -> None:
        """End whatever is under way."""
        with contextlib.suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _pieces(connection: _Pinned, parts: SplitResult, most_bytes: int) -> Iterator[bytes]:
    # Closing the socket from outside also ends a server that drips its headers.
    watch = threading.Timer(WALL_S, connection.hang_up)
    watch.start()
    try:
        connection.request("GET", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        response: HTTPResponse = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"answers with status {response.status}; upload the file instead")
        num_bytes = 0
        while piece := response.read1(CHUNK_BYTES):
            num_bytes += len(piece)
            if num_bytes > most_bytes:
                raise ValueError(f"has more than {most_bytes:,} bytes; use a smaller file")
            yield piece
        if watch.finished.is_set():
            raise ValueError("takes too long to arrive; upload the file instead")
    finally:
        watch.cancel()
        connection.close()
