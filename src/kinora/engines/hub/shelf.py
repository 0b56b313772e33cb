"""Where weights lie on disk, and whether a folder of them can be trusted.

A folder that was pulled has `kinora.json`, written last: the commit, and every file's size and SHA-256. Without it a
folder is not complete, or it is one of the user's own.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kinora.engines.hub.download import Advance, digest_of
from kinora.engines.hub.headers import header_of
from kinora.engines.hub.listing import INDEX, MOST_INDEX_BYTES, PICKLES, checked_path, components
from kinora.engines.hub.settings import check_settings
from kinora.media.files import whole_file

RECORD = "kinora.json"
MOST_RECORD_BYTES = 8 << 20
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
CODE = frozenset({".py", ".pyc", ".so", ".dll", ".dylib", ".sh"})


@dataclass(frozen=True, kw_only=True)
class Record:
    """What was pulled: `files` holds size in bytes and SHA-256 by path."""

    name: str
    repository: str
    revision: str
    files: Mapping[str, tuple[int, str]]


def shelf() -> Path:
    """The folder of all engines: `KINORA_ENGINES`, else one in the user's cache."""
    chosen = os.environ.get("KINORA_ENGINES")
    return Path(chosen) if chosen else Path.home() / ".cache" / "kinora" / "engines"


def folder_of(name: str) -> Path:
    """The folder of an engine's weights, there or not. Raises ValueError for a name that is none."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an engine: see `kinora engines`")
    return shelf() / name


def is_complete(folder: Path) -> bool:
    """Whether everything in a folder was pulled and checked."""
    return (folder / RECORD).is_file()


def write_record(folder: Path, record: Record) -> None:
    """Say that a folder is complete: whole, or not at all."""
    with whole_file(folder / RECORD) as temporary:
        temporary.write_text(json.dumps(asdict(record), indent=1, sort_keys=True) + "\n")


def read_record(folder: Path) -> Record:
    """Return what was pulled. Raises ValueError where the file says nothing that can be used."""
    try:
        with (folder / RECORD).open("rb") as file:
            table = json.loads(file.read(MOST_RECORD_BYTES))
        files = {checked_path(path): (int(size), str(sha256)) for path, (size, sha256) in table["files"].items()}
        return Record(**{key: str(table[key]) for key in ("name", "repository", "revision")}, files=files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder / RECORD} can't be read; {_remedy(folder)}") from error


def check_folder(folder: Path, *, hashes: bool = True, advance: Advance = lambda _: None) -> None:
    """Raise ValueError, one line with the remedy, where a folder of weights is not what it should be.

    Whatever it is: a pickle, code or settings that ask for it, a link that leads out. Pulled: a file that is missing,
    of another size, or (with `hashes`, which reads everything) of other content. The user's own: a component without
    weights, a file cut off.
    """
    if not folder.is_dir():
        raise ValueError(f"there are no weights in {folder}; {_remedy(folder)}")
    check_kinds(folder)
    if is_complete(folder):
        _check_record(folder, read_record(folder), hashes, advance)
    elif _is_half_pulled(folder):
        raise ValueError(f"{folder} was not pulled to its end; {_remedy(folder)}")
    else:
        _check_own(folder)


def weights_of(folder: Path, component: str) -> list[Path]:
    """The safetensors files of a component, by name."""
    return sorted((folder / component).glob("*.safetensors"))


def check_kinds(folder: Path) -> None:
    """Raise ValueError for a pickle, for code or settings that ask for it, and for a link that leads out."""
    home = folder.resolve()
    for path in _everything(folder):
        where = path.relative_to(folder)
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            raise ValueError(f"{where} is a link out of {folder}; copy what it points to (cp -rL) and name the copy")
        if path.suffix.lower() in PICKLES:
            raise ValueError(f"{where} in {folder} is a pickle, which may run code; keep the safetensors files only")
        if path.suffix.lower() in CODE:
            raise ValueError(f"{where} in {folder} is code, and no code of a model is run here; remove it")
        if path.suffix.lower() == ".json" and path.is_file():
            check_settings(path)


def _everything(folder: Path) -> Iterator[Path]:
    """Files and links, those of folders too; links are not followed."""
    for place, folders, names in os.walk(folder):
        yield from (Path(place, name) for name in (*folders, *names) if name in names or Path(place, name).is_symlink())


def _check_record(folder: Path, record: Record, hashes: bool, advance: Advance) -> None:
    for name, (size_bytes, sha256) in record.files.items():
        path = folder / name
        if not path.is_file():
            raise ValueError(f"{name} is missing in {folder}; {_remedy(folder)}")
        if path.stat().st_size != size_bytes:
            has = path.stat().st_size
            raise ValueError(f"{name} in {folder} has {has:,} bytes instead of {size_bytes:,}; {_remedy(folder)}")
        if hashes and digest_of(path, size_bytes, advance).sha256.hexdigest() != sha256:
            raise ValueError(f"{name} in {folder} is not what was pulled (wrong hash); {_remedy(folder)}")


def _check_own(folder: Path) -> None:
    index = folder / INDEX
    if not index.is_file() or index.stat().st_size > MOST_INDEX_BYTES:
        raise ValueError(f"{folder} has no {INDEX}: name a folder in the layout of diffusers, or a name")
    for component in components(index.read_bytes()):
        if not (folder / component).is_dir():
            raise ValueError(f"{folder} has no {component}, which its {INDEX} names; copy it whole")
        _check_component(folder, component)


def _check_component(folder: Path, component: str) -> None:
    for path in (folder / component).glob("*.safetensors.index.json"):
        missing = sorted(shard for shard in _shards(path) if not (path.parent / shard).is_file())
        if missing:
            raise ValueError(f"{component}/{missing[0]} is missing in {folder}; copy it whole")
    for path in weights_of(folder, component):
        try:
            header_of(path)
        except ValueError as error:
            raise ValueError(f"{component}/{error} ({folder}); copy it again") from error


def _shards(index: Path) -> set[str]:
    try:
        table: Any = json.loads(index.read_bytes())
        return {checked_path(name) for name in table["weight_map"].values()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{index} can't be read; copy it again") from error


def _is_half_pulled(folder: Path) -> bool:
    return (folder / PULLING).is_file()


def _remedy(folder: Path) -> str:
    is_named = folder.parent == shelf()
    return f"run `kinora engines pull {folder.name}`" if is_named else "copy it again"


PULLING = ".pulling.json"
"""Which commit is being pulled, while it is."""
