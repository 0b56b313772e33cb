"""One file of a repository: fetched in pieces, taken up again at any byte, kept only with the hash it should have."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

from kinora.engines.hub.listing import RemoteFile
from kinora.engines.hub.wire import BROKEN, Response, Tries, Wire, on_the_line
from kinora.media.files import flush

CHUNK_BYTES = 1 << 20
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")

Advance = Callable[[int], None]
"""Called with bytes that came, or with fewer than none where they are fetched again."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A repository at a commit."""

    wire: Wire
    repository: str
    commit: str

    def path_of(self, file: RemoteFile) -> str:
        """The path at which the hub serves a file of this very commit."""
        return f"/{self.repository}/resolve/{self.commit}/{quote(file.path)}"


class NotAsStated(ValueError):
    """What came is not what the hub states, and is not kept."""


class Digest:
    """A file's SHA-256, and the SHA-1 by which git knows it, of bytes as they come."""

    def __init__(self, size_bytes: int) -> None:
        self.sha256, self.num_bytes = hashlib.sha256(), 0
        self.blob = hashlib.sha1(f"blob {size_bytes}\0".encode(), usedforsecurity=False)

    def add(self, piece: bytes) -> None:
        """Take in some bytes."""
        self.sha256.update(piece)
        self.blob.update(piece)
        self.num_bytes += len(piece)

    def is_of(self, file: RemoteFile) -> bool:
        """Whether what came is what the hub states."""
        found = self.sha256.hexdigest() == file.sha256 if file.sha256 else self.blob.hexdigest() == file.blob
        return found and self.num_bytes == file.size_bytes


def digest_of(path: Path, size_bytes: int, advance: Advance = lambda _: None) -> Digest:
    """Return the hashes of a file on disk."""
    digest = Digest(size_bytes)
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            digest.add(piece)
            advance(len(piece))
    return digest


class Part:
    """What has come of a file, and its hashes. Its name says which content it belongs to: no other goes on it."""

    def __init__(self, folder: Path, file: RemoteFile, advance: Advance) -> None:
        self.path, self.file, self.advance = part_path(folder, file), file, advance
        self.was_begun = self.path.exists()
        self.digest = Digest(file.size_bytes)
        if self.was_begun:
            self.digest = digest_of(self.path, file.size_bytes, advance)
        self.target = self.path.open("ab", buffering=0)

    @property
    def num_bytes(self) -> int:
        """How many bytes are there."""
        return self.digest.num_bytes

    def add(self, piece: bytes) -> None:
        """Write some bytes, then count them. Raises NotAsStated where it would get longer than the hub states."""
        if self.num_bytes + len(piece) > self.file.size_bytes:
            raise NotAsStated(f"{self.file.path} is longer than the hub states: nothing of it was kept")
        rest = memoryview(piece)
        while rest:
            rest = rest[self.target.write(rest) :]
        self.digest.add(piece)
        self.advance(len(piece))

    def restart(self) -> None:
        """Begin at the first byte again."""
        self.advance(-self.num_bytes)
        self.target.truncate(0)
        self.digest, self.was_begun = Digest(self.file.size_bytes), False

    def publish(self, path: Path) -> str:
        """Put the whole file under its name, and return its SHA-256."""
        flush(self.path)
        self.path.replace(path)
        return self.digest.sha256.hexdigest()


def part_path(folder: Path, file: RemoteFile) -> Path:
    """Where what has come of a file is kept."""
    path = folder / file.path
    return path.with_name(f".{path.name}.{(file.sha256 or file.blob)[:16]}.part")


def missing_bytes(folder: Path, file: RemoteFile) -> int:
    """Bytes still to come."""
    for path in (folder / file.path, part_path(folder, file)):
        if path.is_file():
            return max(0, file.size_bytes - path.stat().st_size)
    return file.size_bytes


def fetch(source: Source, file: RemoteFile, folder: Path, advance: Advance = lambda _: None) -> str:
    """Put a file where it belongs, and return its SHA-256. What is there already is kept if its hash is right.

    Raises ValueError where the hub sends something else than it states, ConnectionError where the way is broken.
    """
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size == file.size_bytes:
        digest = digest_of(path, file.size_bytes, advance)
        if digest.is_of(file):
            return digest.sha256.hexdigest()
        advance(-file.size_bytes)
    part = Part(folder, file, advance)
    try:
        return _whole(source, part).publish(path)
    except NotAsStated:
        part.path.unlink(missing_ok=True)
        raise
    finally:
        part.target.close()


def _whole(source: Source, part: Part) -> Part:
    """Fetch what is missing. Raises NotAsStated where the hash is wrong."""
    _complete(source, part)
    if not part.digest.is_of(part.file) and part.was_begun:
        # What was there of it may have been spoilt, by a loss of power say: once more, from its first byte.
        part.restart()
        _complete(source, part)
    if not part.digest.is_of(part.file):
        raise NotAsStated(
            f"{part.file.path} of {source.repository} is not what the hub states (wrong hash): nothing of it was kept;"
            " try again later, or without HF_ENDPOINT if that names a mirror"
        )
    return part


def _complete(source: Source, part: Part) -> None:
    """Fetch a file to its last byte, after as many breaks as it takes."""
    if part.num_bytes > part.file.size_bytes:
        part.restart()
    tries, furthest = Tries(source.wire.pause), part.num_bytes
    while part.num_bytes < part.file.size_bytes:
        try:
            _go_on(source, part)
        except BROKEN as error:
            # A byte that never came before: whoever only sends the same ones again gets nowhere.
            if part.num_bytes > furthest:
                tries.went_on()
            furthest = max(furthest, part.num_bytes)
            tries.again(error, source.wire.address)


def _go_on(source: Source, part: Part) -> None:
    """Ask once for the rest of a file, or for all of it where the server has another one or can't begin in the middle.

    Raises one of `BROKEN` where less comes than was asked for.
    """
    start = part.num_bytes
    try:
        with source.wire.open(source.path_of(part.file), {"Range": f"bytes={start}-"} if start else {}) as response:
            if response.status == 206 and not _continues(response, part):
                part.restart()
                raise ConnectionError("the server went on with another file")
            if response.status != 206 and start:
                part.restart()
            while piece := _next_piece(response):
                part.add(piece)
    except HTTPError as error:
        if error.code == 416:
            part.restart()
        raise
    if part.num_bytes < part.file.size_bytes:
        raise ConnectionError("the server stopped in the middle")


def _next_piece(response: Response) -> bytes:
    with on_the_line():
        return response.read1(CHUNK_BYTES)


def _continues(response: Response, part: Part) -> bool:
    """Whether an answer is the rest of the file that we know, from this byte on."""
    found = RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return found is not None and (int(found[1]), int(found[2])) == (part.num_bytes, part.file.size_bytes)
