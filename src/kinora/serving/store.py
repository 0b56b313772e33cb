"""Blobs named by the SHA-256 of their content, in a folder or an S3-compatible bucket. What has a name is whole."""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

from kinora.media.files import flush

CHUNK_BYTES = 1 << 20
ORPHAN_S = 24 * 3600
"""A blob that nothing refers to may still be on its way to a row; after so long it is not."""

_NAME = re.compile(r"[0-9a-f]{64}")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoreFull(Exception):
    """There is no room for a blob; nothing of it was kept."""


class Store(ABC):
    """Where blobs are kept. Any thread and any process may call; OSError means that the store can't be reached."""

    @staticmethod
    def open(url: str, *, patience_s: float = 60) -> "Store":
        """Return the store at file:///folder (made where missing) or s3://bucket/prefix. Raises ValueError for others.

        An S3 store's endpoint, region and keys come from the usual AWS_ variables; a service that fails is asked again
        for `patience_s`.
        """
        scheme, _, rest = url.partition("://")
        if scheme == "file" and rest.startswith("/"):
            return FolderStore(Path(unquote(rest)))
        if scheme == "s3" and rest:
            return BucketStore(url, patience_s)
        raise ValueError(f'store "{scheme}:..." is not known: give file:///folder or s3://bucket/prefix')

    def put(self, content: bytes | Path) -> str:
        """Return the name of a content, or a file's content, once it is kept; what is there is not written again, but
        counts as new.

        Raises StoreFull, and OSError where the file can't be read or changes meanwhile.
        """
        name = sha256_of(content)
        if not self._renew(name):
            try:
                self._write(name, content)
            except OSError as error:
                if error.errno in _FULL:
                    raise StoreFull(f"no room in the store for {name}") from error
                raise
        return name

    def get(self, name: str) -> bytes:
        """Return a blob. Raises KeyError where it isn't there, OSError where its content is not what it was."""
        size_bytes = self.size_bytes(name)
        if size_bytes is None:
            raise KeyError(name)
        content = b"".join(self.stream(name, 0, size_bytes))
        if sha256_of(content) != name:
            raise OSError(errno.EIO, f"blob {name} is damaged: restore it from a backup")
        return content

    @abstractmethod
    def local(self, name: str) -> AbstractContextManager[Path]:
        """Yield a path that holds a blob while the block runs, to be read only. Raises KeyError."""

    @abstractmethod
    def size_bytes(self, name: str) -> int | None:
        """Return a blob's size, None where it isn't there or the name is none."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a blob, if it is there."""

    @abstractmethod
    def old(self) -> Iterator[str]:
        """Yield blobs that nobody has put for a day."""

    @abstractmethod
    def delete_old(self, name: str) -> None:
        """Remove a blob unless somebody has put it since `old` named it."""

    @abstractmethod
    def stream(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes from `start` up to, not including, `end`, in pieces. Raises KeyError at once."""

    @abstractmethod
    def free_bytes(self) -> int | None:
        """Return how much room there is, None where nobody knows."""

    @abstractmethod
    def _renew(self, name: str) -> bool:
        """Whether a blob is there, and new again."""

    @abstractmethod
    def _write(self, name: str, content: bytes | Path) -> None:
        """Keep a content that is not there yet; under its name only when it is all there."""


class FolderStore(Store):
    """A folder, of this machine or shared. obstore's own never waits for the disk, so files are written here."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._sweep()

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Yield the blob's own path."""
        if self.size_bytes(name) is None:
            raise KeyError(name)
        yield self._folder / place(name)

    def size_bytes(self, name: str) -> int | None:
        """Return a blob's size, None where it isn't there or the name is none."""
        try:
            return (self._folder / place(name)).stat().st_size
        except (FileNotFoundError, KeyError):
            return None

    def delete(self, name: str) -> None:
        """Remove a blob, if it is there; who is reading it can go on."""
        with suppress(FileNotFoundError, KeyError):
            (self._folder / place(name)).unlink()

    def old(self) -> Iterator[str]:
        """Yield blobs that nobody has put for a day."""
        for path in self._folder.glob("??/??/*"):
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(path.name) and age_s(path) > ORPHAN_S:
                    yield path.name

    def delete_old(self, name: str) -> None:
        """Remove a blob unless somebody has put it since `old` named it."""
        path = self._folder / place(name)
        doomed = path.with_name(f"{name}.doomed")
        # Out of the way first: who puts it from here on writes it, and who put it just before made it new.
        with suppress(FileNotFoundError):
            path.rename(doomed)
            if age_s(doomed) > ORPHAN_S:
                doomed.unlink()
            else:
                doomed.rename(path)

    def stream(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes from `start` up to, not including, `end`, in pieces. Raises KeyError at once."""
        try:
            return pieces((self._folder / place(name)).open("rb"), start, end)
        except FileNotFoundError:
            raise KeyError(name) from None

    def free_bytes(self) -> int | None:
        """Return how much room the disk has for an ordinary user."""
        return shutil.disk_usage(self._folder).free

    def _renew(self, name: str) -> bool:
        try:
            os.utime(self._folder / place(name))
        except FileNotFoundError:
            return False
        return True

    def _write(self, name: str, content: bytes | Path) -> None:
        path = self._folder / place(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._temporary() as file:
            copy(content, file, name)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        for folder in (path.parent, path.parent.parent, self._folder):
            flush(folder)

    @contextmanager
    def _temporary(self) -> Iterator[BinaryIO]:
        with self._locked_temporary() as file:
            try:
                yield file
            finally:
                with suppress(FileNotFoundError):
                    Path(file.name).unlink()

    def _locked_temporary(self) -> BinaryIO:
        """Return a new file. Its lock ends with its process, however that ends: the file can be swept then."""
        while True:
            file = tempfile.NamedTemporaryFile(prefix=".", suffix=".part", dir=self._folder, delete=False)  # noqa: SIM115
            fcntl.flock(file, fcntl.LOCK_EX)
            # Somebody may have swept it just before it was locked.
            if os.fstat(file.fileno()).st_nlink:
                return cast(BinaryIO, file)
            file.close()

    def _sweep(self) -> None:
        """Remove what processes that were killed left half-written, and undo what they left half-deleted."""
        for doomed in self._folder.glob("??/??/*.doomed"):
            with suppress(FileNotFoundError):
                doomed.rename(doomed.with_suffix(""))
        for part in self._folder.glob(".*.part"):
            with suppress(OSError), part.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()


class BucketStore(Store):
    """A bucket of an S3-compatible service, under a prefix: one PUT makes a blob appear whole."""

    def __init__(self, url: str, patience_s: float) -> None:
        import obstore
        from obstore.store import S3Store

        parts = urlsplit(url)
        self._api = obstore
        self._bucket = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": True},
            retry_config={"retry_timeout": timedelta(seconds=patience_s)},
        )

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Yield a copy that goes with the block."""
        with tempfile.NamedTemporaryFile(prefix="kinora-") as file:
            file.write(self.get(name))
            file.flush()
            yield Path(file.name)

    def size_bytes(self, name: str) -> int | None:
        """Return a blob's size, None where it isn't there or the name is none."""
        try:
            with answered():
                return int(self._api.head(self._bucket, place(name))["size"])
        except (FileNotFoundError, KeyError):
            return None

    def delete(self, name: str) -> None:
        """Remove a blob, if it is there."""
        with suppress(FileNotFoundError, KeyError), answered():
            self._api.delete(self._bucket, place(name))

    def old(self) -> Iterator[str]:
        """Yield blobs that nobody has put for a day."""
        with answered():
            found = [one for page in self._api.list(self._bucket) for one in page]
        for one in found:
            name = one["path"].rpartition("/")[2]
            if _NAME.fullmatch(name) and since_s(one["last_modified"]) > ORPHAN_S:
                yield name

    def delete_old(self, name: str) -> None:
        """Remove a blob unless somebody has put it since `old` named it; buckets leave a moment between the two."""
        with suppress(FileNotFoundError), answered():
            if since_s(self._api.head(self._bucket, place(name))["last_modified"]) > ORPHAN_S:
                self.delete(name)

    def stream(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes from `start` up to, not including, `end`, in pieces. Raises KeyError at once."""
        size_bytes = self.size_bytes(name)
        if size_bytes is None:
            raise KeyError(name)
        return self._pieces(name, start, min(end, size_bytes))

    def free_bytes(self) -> int | None:
        """Return None: buckets do not say."""
        return None

    def _pieces(self, name: str, start: int, end: int) -> Iterator[bytes]:
        if start < end:
            with answered():
                found = self._api.get(self._bucket, place(name), options={"range": (start, end)})
                yield from (bytes(piece) for piece in found.stream(min_chunk_size=CHUNK_BYTES))

    def _renew(self, name: str) -> bool:
        # A bucket makes a blob new only by writing it again, which is spared while it is not half as old as an orphan.
        try:
            with answered():
                return since_s(self._api.head(self._bucket, place(name))["last_modified"]) < ORPHAN_S / 2
        except FileNotFoundError:
            return False

    def _write(self, name: str, content: bytes | Path) -> None:
        with answered():
            self._api.put(self._bucket, place(name), content)


@contextmanager
def answered() -> Iterator[None]:
    """Raise OSError for whatever a service or the way to it does wrong; FileNotFoundError is left as it is."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise OSError(errno.EIO, f"the store does not answer as it should: {type(error).__name__}") from error


def age_s(path: Path) -> float:
    """Return the seconds since a file was written or touched."""
    return time.time() - path.stat().st_mtime


def since_s(instant: datetime) -> float:
    """Return the seconds since an instant."""
    return (datetime.now(UTC) - instant).total_seconds()


def sha256_of(content: bytes | Path) -> str:
    """Return the name of a content; of a path, that of its file's content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(name: str) -> str:
    """Return where a blob lies: two folders keep each small. Raises KeyError for what is no SHA-256."""
    if not _NAME.fullmatch(name):
        raise KeyError(name)
    return f"{name[:2]}/{name[2:4]}/{name}"


def copy(content: bytes | Path, file: BinaryIO, name: str) -> None:
    """Write a content that has this name. Raises OSError where a file is not what it was when it was named."""
    if isinstance(content, bytes):
        file.write(content)
        return
    digest = hashlib.sha256()
    with content.open("rb") as source:
        while piece := source.read(CHUNK_BYTES):
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != name:
        raise OSError(errno.EIO, f"{content} changed while it was stored")


def pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Yield a file's bytes from `start` up to, not including, `end`, and close it."""
    with file:
        file.seek(start)
        while start < end and (piece := file.read(min(CHUNK_BYTES, end - start))):
            start += len(piece)
            yield piece
