"""Videos to rows and back, and the few statements every change of a video is made of."""

import json
import re
from dataclasses import fields, replace
from typing import Any

from kinora.serving.ledger.database import Run
from kinora.serving.ledger.records import Event, Video

NAMES = tuple(field.name for field in fields(Video))
COLUMNS = ", ".join(NAMES)
_PLACES = ", ".join(f":{name}" for name in NAMES)
_JSON = frozenset({"wish", "result", "notes"})
_BLOB = re.compile(r"[0-9a-f]{64}")
# What a closed video's event is called.
_EVENTS = {"completed": "video.completed", "failed": "video.failed"}


def video_of(row: tuple[Any, ...]) -> Video:
    """Return the video of a row that was selected as `COLUMNS`."""
    values = dict(zip(NAMES, row, strict=True))
    for name in _JSON:
        values[name] = values[name] and json.loads(values[name])
    values["cancelled"] = bool(values["cancelled"])
    return Video(**values)


def insert(run: Run, video: Video) -> None:
    """Add a video's row."""
    values = {name: stored(name, getattr(video, name)) for name in NAMES}
    run(f"INSERT INTO videos ({COLUMNS}) VALUES ({_PLACES})", **values)
    hold(run, video.id, blobs_of(video))


def held(run: Run, id: str, owner: str | None = None) -> Video | None:
    """Return a video that nobody else can change until this transaction ends, None where it is not (this owner's)."""
    whose = "" if owner is None else " AND owner = :owner"
    rows = run(f"SELECT {COLUMNS} FROM videos WHERE id = :id{whose} FOR UPDATE", id=id, owner=owner)
    return video_of(rows[0]) if rows else None


def change(run: Run, video: Video, **changes: Any) -> Video:  # noqa: ANN401  fields of Video
    """Return a held video with some fields changed, in the ledger too."""
    places = ", ".join(f"{name} = :{name}" for name in changes)
    run(f"UPDATE videos SET {places} WHERE id = :id", id=video.id, **{k: stored(k, v) for k, v in changes.items()})
    changed = replace(video, **changes)
    if "result" in changes:
        hold(run, video.id, blobs_of(changed))
    return changed


def close(run: Run, video: Video, status: str, *, now: int, **changes: Any) -> Video:  # noqa: ANN401  fields of Video
    """Return a held video completed or failed, and write down in the same transaction that this is to be told."""
    tell(run, video, status, now)
    return change(run, video, status=status, stage="", completed_at=now, **changes)


def tell(run: Run, video: Video, status: str, now: int) -> None:
    """Write down that a video came to a status of which those who asked are to be told, if it is one."""
    if status in _EVENTS:
        event = Event(type=_EVENTS[status], video_id=video.id, created_at=now)
        run(
            "INSERT INTO events (id, type, video_id, created_at, workflow, closed, delivered)"
            " VALUES (:id, :type, :video_id, :created_at, '', 0, 0)",
            **vars(event),
        )


def hold(run: Run, holder: str, blobs: set[str]) -> None:
    """Make these the blobs that are kept for a video or a character."""
    run("DELETE FROM holds WHERE holder = :holder", holder=holder)
    for blob in sorted(blobs):
        run("INSERT INTO holds (blob, holder) VALUES (:blob, :holder)", blob=blob, holder=holder)


def blobs_of(video: Video) -> set[str]:
    """Return the names of all blobs a video was asked with or resulted in."""
    values = [*video.wish.values(), *video.wish.get("sources", {}).values(), *(video.result or {}).values()]
    return {value for value in values if isinstance(value, str) and _BLOB.fullmatch(value)}


def stored(name: str, value: object) -> object:
    """Return a field's value as its column holds it."""
    if name in _JSON:
        return None if value is None else json.dumps(value)
    return int(value) if isinstance(value, bool) else value
