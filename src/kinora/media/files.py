"""Files appear whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it is flushed to disk and renamed over `path`, or on failure removed.

    Any exception counts as failure, KeyboardInterrupt included. Raises ValueError where the folder does not exist.
    """
    if not path.parent.is_dir():
        raise ValueError(f"folder {path.parent} does not exist; make it first")
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        yield temporary
        flush(temporary)
        temporary.replace(path)
        flush(path.parent)
    finally:
        # After the rename there is nothing left under the temporary name.
        with suppress(FileNotFoundError):
            temporary.unlink()


def flush(path: Path) -> None:
    """Wait until a file's contents, or a folder's names, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
