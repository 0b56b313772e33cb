"""Licences with limits: which of them were accepted on this machine. What is not accepted is neither pulled nor opened.

`accepted.json` on the shelf holds, by the licence, the SHA-256 of the lines that were printed: where those change, they
are to be accepted anew.
"""

import hashlib
import json
from pathlib import Path

from kinora.engines.catalog import CATALOG, Entry
from kinora.engines.hub.shelf import shelf
from kinora.media.files import whole_file

ACCEPTED = "accepted.json"
MOST_ACCEPTED_BYTES = 1 << 20


def check_accepted(entry: Entry) -> None:
    """Raise ValueError, one line with the command, where the limits of an engine's licence were not accepted."""
    if not is_accepted(entry):
        # A folder of one's own is bound by what binds the engine it is like.
        name = next((other.name for other in CATALOG.values() if other.terms == entry.terms), entry.name)
        raise ValueError(
            f"{entry.name} is not free software ({entry.licence}): `kinora engines accept {name}` prints the limits of"
            " its licence and accepts them"
        )


def is_accepted(entry: Entry) -> bool:
    """Whether an engine's licence has no limits, or they were accepted as they are now."""
    return not entry.terms or _accepted().get(entry.licence) == _digest(entry)


def accept(entry: Entry) -> Path:
    """Record that the limits of an engine's licence are accepted, and return the file that says so. Raises ValueError
    where there are none."""
    if not entry.terms:
        raise ValueError(f"{entry.name} has no limits to accept: its licence is {entry.licence}")
    path = shelf() / ACCEPTED
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps({**_accepted(), entry.licence: _digest(entry)}, indent=1) + "\n")
    return path


def _accepted() -> dict[str, str]:
    """What was accepted; nothing where the file is not there, or says nothing that can be used."""
    try:
        with (shelf() / ACCEPTED).open("rb") as file:
            table = json.loads(file.read(MOST_ACCEPTED_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _digest(entry: Entry) -> str:
    return hashlib.sha256("\n".join(entry.terms).encode()).hexdigest()
