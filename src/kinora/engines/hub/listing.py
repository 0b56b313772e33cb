"""What a repository holds at one commit, as the hub states it, and which of its files a pipeline needs.

Everything here comes from outside: paths, sizes and lengths are checked before they are used.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from kinora.engines.hub.wire import Wire

MOST_LISTING_BYTES = 8 << 20
MOST_PAGES = 40
MOST_FILES = 20_000
MOST_FILE_BYTES = 1 << 40
MOST_INDEX_BYTES = 1 << 20

COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")
REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
COMPONENT = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.safetensors", re.ASCII)

INDEX = "model_index.json"
PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".msgpack", ".h5"})
"""Weights in formats that may run code, or that nothing here reads."""
PLAIN = frozenset({".json", ".txt", ".model", ".jinja"})
"""Settings and words: read as data."""


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file at a commit: `sha256` where the hub keeps it as a large file, else git's own SHA-1 of it in `blob`."""

    path: str
    size_bytes: int
    sha256: str = ""
    blob: str = ""


def resolve(wire: Wire, repository: str, revision: str) -> str:
    """Return the commit that a revision names now. Raises ValueError where the hub names none, or another one."""
    if not REPOSITORY.fullmatch(repository):
        raise ValueError(f"{repository} is no name of a repository: it is OWNER/NAME")
    answer = _json(wire.read(f"/api/models/{repository}/revision/{quote(revision, safe='')}", MOST_LISTING_BYTES)[0])
    commit = answer.get("sha") if isinstance(answer, dict) else None
    if not isinstance(commit, str) or not COMMIT.fullmatch(commit):
        raise ValueError(f"the hub names no commit for {repository} at {revision}")
    if COMMIT.fullmatch(revision) and commit != revision:
        raise ValueError(
            f"the hub answers with commit {commit} of {repository} where {revision} was asked for: refused"
        )
    return commit


def listed(wire: Wire, repository: str, commit: str) -> dict[str, RemoteFile]:
    """Return the files at a commit by their paths. Raises ValueError for a path that leads anywhere else."""
    files: dict[str, RemoteFile] = {}
    path = f"/api/models/{repository}/tree/{commit}?recursive=1"
    for _ in range(MOST_PAGES):
        content, headers = wire.read(path, MOST_LISTING_BYTES)
        page = _json(content)
        if not isinstance(page, list) or len(files) + len(page) > MOST_FILES:
            raise ValueError(f"the hub's list of {repository} is not one: refused")
        files |= {file.path: file for file in map(_remote_file, _files(page))}
        path = _next_page(wire, headers.get("Link", ""))
        if not path:
            return files
    raise ValueError(f"the hub's list of {repository} has no end: refused")


def _files(page: Iterable[Any]) -> list[dict[str, Any]]:
    return [row for row in page if isinstance(row, dict) and row.get("type") == "file"]


def _remote_file(row: dict[str, Any]) -> RemoteFile:
    stated = row.get("lfs")
    large: dict[str, Any] = stated if isinstance(stated, dict) else {}
    path, size = checked_path(row.get("path")), large.get("size", row.get("size"))
    sha256, blob = str(large.get("oid", "")).removeprefix("sha256:"), str(row.get("oid", ""))
    if not isinstance(size, int) or not 0 <= size <= MOST_FILE_BYTES:
        raise ValueError(f"the hub states no size for {path}: refused")
    if not (SHA256.fullmatch(sha256) if large else COMMIT.fullmatch(blob)):
        raise ValueError(f"the hub states no hash for {path}: refused")
    return RemoteFile(path=path, size_bytes=size, sha256=sha256, blob="" if large else blob)


def checked_path(path: object) -> str:
    """Return a path that stays inside its folder. Raises ValueError for any other."""
    if not isinstance(path, str) or not path or len(path) > 400 or not path.isprintable():
        raise ValueError(f"the hub lists a file without a proper name ({str(path)[:60]!r}): refused")
    parts = path.split("/")
    hostile = "\\" in path or ":" in path or any(part in ("", ".", "..") for part in parts)
    if hostile:
        raise ValueError(f"the hub lists a file outside of its folder ({path[:60]!r}): refused")
    return path


def _next_page(wire: Wire, link: str) -> str:
    found = re.search(r'<([^<>]+)>;\s*rel="next"', link)
    if not found:
        return ""
    there, home = urlsplit(found[1]), urlsplit(wire.address)
    if there.netloc and there.netloc != home.netloc:
        raise ValueError(f"the hub continues its list on {there.netloc}: refused")
    path = there.path.removeprefix(home.path)
    # It is put behind the hub's address: anything else would make another address of both.
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"the hub continues its list on {found[1][:60]!r}: refused")
    return f"{path}?{there.query}"


def components(index: bytes) -> tuple[str, ...]:
    """Return the folders that a model_index.json names. Raises ValueError where it is none."""
    try:
        table = json.loads(index)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{INDEX} is no JSON: refused") from error
    if not isinstance(table, dict) or not isinstance(table.get("_class_name"), str):
        raise ValueError(f"{INDEX} names no pipeline: refused")
    named = [name for name, kind in table.items() if isinstance(kind, list) and len(kind) == 2 and kind[1]]
    strange = [name for name in named if not COMPONENT.fullmatch(name)]
    if strange:
        raise ValueError(f"{INDEX} names a component {strange[0][:60]!r}: refused")
    return tuple(named)


def needed(files: dict[str, RemoteFile], names: Sequence[str]) -> list[RemoteFile]:
    """Return what a pipeline of these components reads: settings, words, and weights as safetensors.

    Raises ValueError where weights exist only in a format that may run code.
    """
    chosen = [files[INDEX]]
    for name in names:
        inside = [file for file in files.values() if PurePosixPath(file.path).parent == PurePosixPath(name)]
        weights = _weights(name, [PurePosixPath(file.path).name for file in inside])
        chosen += [file for file in inside if PurePosixPath(file.path).name in weights or _is_plain(file.path)]
    return chosen


def _is_plain(path: str) -> bool:
    # Names with a dot in front are ours: what is half there, and what locks a folder.
    name = PurePosixPath(path)
    return name.suffix in PLAIN and not name.name.startswith(".")


def _weights(component: str, names: Sequence[str]) -> set[str]:
    """The one set of weights that libraries read by default: a whole file, or all its shards."""
    for stem in ("diffusion_pytorch_model", "model"):
        if f"{stem}.safetensors" in names:
            return {f"{stem}.safetensors"}
        shards = [found for name in names if (found := SHARD.fullmatch(name)) and found["stem"] == stem]
        if shards:
            return _all_shards(component, stem, shards)
    if any(PurePosixPath(name).suffix in PICKLES for name in names):
        raise ValueError(f"the weights of {component} exist only as pickles, which may run code: choose another engine")
    if "config.json" in names and "tokenizer_config.json" not in names:
        raise ValueError(f"{component} has no weights in safetensors: choose another engine")
    return set()


def _all_shards(component: str, stem: str, shards: Sequence[re.Match[str]]) -> set[str]:
    counts = {int(shard["count"]) for shard in shards}
    numbers = sorted(int(shard["number"]) for shard in shards)
    if len(counts) != 1 or numbers != list(range(1, counts.pop() + 1)):
        raise ValueError(f"the weights of {component} ({stem}) are not all there: choose another revision")
    return {shard[0] for shard in shards}


def _json(content: bytes) -> Any:  # noqa: ANN401
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("what the hub sent is no JSON; is HF_ENDPOINT right?") from error
