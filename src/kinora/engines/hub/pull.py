"""Fetching an engine's weights: one commit, checked file by file, complete or nothing.

The first pull of a repository without a pinned commit takes the one that the hub names, and says it; all later ones
hold to it. What the hub states of a commit is believed once; from then on `kinora.json` is.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from kinora.engines.catalog import Entry
from kinora.engines.hub.download import Source, fetch, missing_bytes
from kinora.engines.hub.licence import accept, is_accepted
from kinora.engines.hub.listing import COMMIT, INDEX, MOST_INDEX_BYTES, RemoteFile, components, listed, needed, resolve
from kinora.engines.hub.shelf import (
    PULLING,
    RECORD,
    Record,
    check_folder,
    check_kinds,
    folder_of,
    is_complete,
    read_record,
    write_record,
)
from kinora.engines.hub.wire import Wire, endpoint
from kinora.media.files import flush, whole_file

SPARE_BYTES = 256 << 20
"""What has to stay free on the disk."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A disk that is full, a user's share of it, or a file longer than it can hold."""

Say = Callable[[str], None]


def pull(
    entry: Entry, revision: str = "", *, accepts_licence: bool = False, wire: Wire | None = None, say: Say = print
) -> Path:
    """Fetch an engine's weights, or what is missing of them, and return their folder.

    Raises ValueError for what can't or may not be pulled, ConnectionError offline; what has come is kept.
    """
    check_terms(entry, accepts_licence)
    if not entry.repository:
        raise ValueError(f"{entry.name} needs no pull: it is in the package")
    if revision and not COMMIT.fullmatch(revision):
        raise ValueError(f"{revision} is no commit: give all 40 hexadecimal digits")
    folder = folder_of(entry.name)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        held = revision or _held(folder, entry) or entry.revision
        if _is_whole(folder, held, say):
            say(f"{entry.name} is complete in {folder}, commit {held}, every hash checked")
            return folder
        wire = wire or Wire(endpoint(), os.environ.get("HF_TOKEN", ""))
        commit = resolve(wire, entry.repository, held or "main")
        say(f"pulling {entry.repository} at commit {commit} into {folder}")
        _pull(entry, Source(wire=wire, repository=entry.repository, commit=commit), folder, say)
    return folder


def check_terms(entry: Entry, accepts_licence: bool) -> None:
    """Raise ValueError with the limits of a licence that is not free, until it is accepted here or was before."""
    if entry.terms and accepts_licence:
        accept(entry)
    if not is_accepted(entry):
        limits = "\n".join(f"  {line}" for line in entry.terms)
        raise ValueError(f"{entry.name} is not free software; accept its licence with --accept-licence:\n{limits}")


def _is_whole(folder: Path, commit: str, say: Say) -> bool:
    """Whether everything of a commit is there and right; says what is not."""
    try:
        if not is_complete(folder) or read_record(folder).revision != commit:
            return False
        check_folder(folder)
    except ValueError as error:
        say(str(error).partition(";")[0])
        return False
    return True


def _held(folder: Path, entry: Entry) -> str:
    """The commit that an earlier pull decided for."""
    try:
        if is_complete(folder):
            return read_record(folder).revision
        table = json.loads((folder / PULLING).read_text())
        begun = table["revision"] if table["repository"] == entry.repository else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return begun if COMMIT.fullmatch(begun) else ""


def _pull(entry: Entry, source: Source, folder: Path, say: Say) -> None:
    stated = listed(source.wire, source.repository, source.commit)
    if INDEX not in stated or stated[INDEX].size_bytes > MOST_INDEX_BYTES:
        raise ValueError(f"{source.repository} has no {INDEX}: it is not in the layout that is read here")
    # From here on the folder is not complete, whatever it was before.
    (folder / RECORD).unlink(missing_ok=True)
    with whole_file(folder / PULLING) as temporary:
        temporary.write_text(json.dumps({"repository": source.repository, "revision": source.commit}))
    fetch(source, stated[INDEX], folder)
    files = needed(stated, components((folder / INDEX).read_bytes()))
    _check_disk(folder, files, say)
    sha256s = _fetch_all(source, files, folder)
    _clear(folder, files)
    check_kinds(folder)
    for place in sorted({(folder / file.path).parent for file in files}):
        flush(place)
    record = {file.path: (file.size_bytes, sha256) for file, sha256 in zip(files, sha256s, strict=True)}
    write_record(folder, Record(name=entry.name, repository=source.repository, revision=source.commit, files=record))
    (folder / PULLING).unlink()
    say(f"{entry.name} is complete in {folder}, commit {source.commit}, every hash checked")


def _check_disk(folder: Path, files: Sequence[RemoteFile], say: Say) -> None:
    whole, to_come = sum(file.size_bytes for file in files), sum(missing_bytes(folder, file) for file in files)
    say(f"{len(files)} files, {whole / 1e9:.1f} GB, {to_come / 1e9:.1f} GB of them to come")
    lacking = to_come + SPARE_BYTES - shutil.disk_usage(folder).free
    if lacking > 0:
        raise ValueError(
            f"the disk of {folder} lacks {lacking / 1e9:.1f} GB: free them, or set KINORA_ENGINES elsewhere"
        )


def _fetch_all(source: Source, files: Sequence[RemoteFile], folder: Path) -> list[str]:
    """Fetch all files, with a bar on stderr, and return their hashes."""
    total = sum(file.size_bytes for file in files)
    try:
        with tqdm(total=total, unit="B", unit_scale=True, dynamic_ncols=True) as bar:
            return [fetch(source, file, folder, bar.update) for file in files]
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise ValueError(
            f"the disk of {folder} takes no more ({error.strerror}): free some, or set KINORA_ENGINES elsewhere, and"
            " run it again; what has come is kept"
        ) from error


def _clear(folder: Path, files: Sequence[RemoteFile]) -> None:
    """Remove what belongs to other commits."""
    kept = {file.path for file in files} | {LOCK, PULLING}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in kept:
            path.unlink()


LOCK = ".lock"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder; a process that dies lets it go. Raises ValueError where another one holds it."""
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ValueError(f"{folder.name} is being pulled by another process: wait for it") from error
        yield


def remove(name: str) -> int:
    """Remove an engine's folder, and return how many bytes that freed. Raises ValueError where there is none."""
    folder = folder_of(name)
    if not folder.is_dir():
        raise ValueError(f"{name} is not on disk: there is nothing in {folder}")
    with _alone(folder):
        freed = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        # First of all it is no longer complete: a removal that is interrupted leaves no half of it to be used.
        (folder / RECORD).unlink(missing_ok=True)
        shutil.rmtree(folder)
    return freed
