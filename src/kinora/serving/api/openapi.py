"""The OpenAPI document's parts: bodies come from the tables by which they are read, answers stand here."""

from collections.abc import Mapping, Sequence
from typing import Any

from kinora.request import MAX_SECONDS
from kinora.serving.api.calls import CALLS, Call, Kind
from kinora.serving.api.content import VARIANTS
from kinora.serving.api.fields import NAME, Field, Schema
from kinora.serving.api.sources import MAX_KEYFRAMES

FILE: Schema = {"type": "string", "format": "binary"}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer"}
NO_TEXT: Schema = {"type": ["string", "null"]}
NO_COUNT: Schema = {"type": ["integer", "null"]}

ID: Schema = {"type": "object", "properties": {"id": TEXT}, "required": ["id"]}
IMAGE: Schema = {
    "oneOf": [
        {"type": "object", "properties": {name: TEXT}, "required": [name], "additionalProperties": False}
        for name in ("image_url", "file_id")
    ],
    "description": "A data URL, the address of a picture where the server allows these, or the id of a finished video.",
}
CHARACTERS: Schema = {"type": "array", "maxItems": 2, "items": ID}
KEYFRAMES: Schema = {
    "type": "array",
    "maxItems": MAX_KEYFRAMES,
    "items": {
        "type": "object",
        "properties": {"seconds": {"type": "number", "minimum": 0, "maximum": MAX_SECONDS}, "picture": IMAGE},
        "required": ["seconds", "picture"],
    },
    "description": "Pictures that the video shows at some seconds.",
}
BESIDE: dict[str, Schema] = {"characters": CHARACTERS, "keyframes": KEYFRAMES}
BESIDE_IN_FORM: dict[str, Schema] = {
    **{"characters[][id]": TEXT, "keyframes[][seconds]": TEXT, "keyframes[][picture]": FILE},
}
IN_JSON: dict[Kind, Schema] = {"picture": IMAGE, "video": ID, "sound": ID}
"""What stands in JSON where a form may have a file."""

IN_BRACKETS: dict[Kind, tuple[str, ...]] = {"picture": ("image_url", "file_id"), "video": ("id",), "sound": ("id",)}
"""What a form says in its place."""


def closed(**properties: Schema) -> Schema:
    """An object that has exactly these fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def taken(table: Mapping[str, Field], required: Sequence[str], **more: Schema) -> Schema:
    """An object that may have these fields, and others, which are ignored."""
    return {
        "type": "object",
        "properties": {**{name: each.schema for name, each in table.items()}, **more},
        "required": list(required),
    }


def in_json(call: Call) -> Schema:
    """What a call takes as JSON; files are named, or come as data URLs."""
    files = {name: IN_JSON[kind] for name, kind in call.files.items()}
    needed = [name for name, kind in call.files.items() if kind == "video"]
    return taken(call.fields, (*call.required, *needed), **files, **(BESIDE if call is CALLS["create"] else {}))


def in_form(call: Call) -> Schema:
    """What a call takes as a form; a file lies in it, or is named in brackets."""
    files = {
        **dict.fromkeys(call.files, FILE),
        **{f"{name}[{inner}]": TEXT for name, kind in call.files.items() for inner in IN_BRACKETS[kind]},
    }
    return taken(call.fields, call.required, **files, **(BESIDE_IN_FORM if call is CALLS["create"] else {}))


VIDEO = closed(
    id={"type": "string", "pattern": "^video_[0-9a-f]{32}$"},
    object={"const": "video"},
    model=TEXT,
    status={"enum": ["queued", "in_progress", "completed", "failed"]},
    progress={"type": "integer", "minimum": 0, "maximum": 100},
    created_at=COUNT,
    completed_at=NO_COUNT,
    expires_at=NO_COUNT,
    prompt=NO_TEXT,
    size={"type": "string", "pattern": r"^\d+x\d+$"},
    seconds={"type": "string", "pattern": r"^\d+$"},
    remixed_from_video_id=NO_TEXT,
    error={"anyOf": [closed(code=TEXT, message=TEXT), {"type": "null"}]},
    kinora={
        "type": "object",
        "description": "What OpenAI's object has no field for: engine, seed, ignored fields, replaced words, stage.",
        "required": ["stage", "attempts", "priority"],
    },
)
MODEL = closed(id=TEXT, object={"const": "model"}, created=COUNT, owned_by=TEXT)
ERROR = closed(message=TEXT, type=TEXT, param=NO_TEXT, code=NO_TEXT)


def named(schema: str) -> Schema:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{schema}"}


SCHEMAS: dict[str, Schema] = {
    "Video": VIDEO,
    "Page": closed(
        object={"const": "list"},
        data={"type": "array", "items": named("Video")},
        first_id=NO_TEXT,
        last_id=NO_TEXT,
        has_more={"type": "boolean"},
    ),
    "Deleted": closed(id=TEXT, object={"const": "video.deleted"}, deleted={"const": True}),
    "Character": closed(id=TEXT, name=TEXT, created_at=COUNT),
    "Models": closed(object={"const": "list"}, data={"type": "array", "items": MODEL}),
    "Health": closed(status={"const": "ok"}),
    "Error": closed(error=ERROR),
    **{name.capitalize(): in_json(call) for name, call in CALLS.items()},
    **{f"{name.capitalize()}Form": in_form(call) for name, call in CALLS.items()},
    "CharacterForm": taken({"name": NAME}, ("name", "video"), video=FILE),
}

JSON = "application/json"
FORM = "multipart/form-data"
BODIES: dict[str, Mapping[str, str]] = {
    **{name: {JSON: name.capitalize(), FORM: f"{name.capitalize()}Form"} for name in CALLS},
    "character": {FORM: "CharacterForm"},
}
"""Content types and schemas of each kind of body."""

ANSWERS: dict[str, Mapping[str, Schema]] = {
    **{name: {JSON: named(name)} for name in ("Video", "Page", "Deleted", "Character", "Models", "Health")},
    "content": {media_type: FILE for media_type, _ in VARIANTS.values()},
    "events": {"text/event-stream": {"type": "object", "properties": {"event": TEXT, "data": TEXT}}},
    "metrics": {"text/plain": TEXT},
}
"""Content types and schemas of each kind of answer."""

KEY: Schema = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}}
BEARER = {"type": "http", "scheme": "bearer"}


def operation(body: str, answer: str) -> dict[str, Any]:
    """What the document says of a route beyond its parameters, as FastAPI takes it."""
    error = {"content": {JSON: {"schema": named("Error")}}}
    good = {"description": "Done", "content": {kind: {"schema": schema} for kind, schema in ANSWERS[answer].items()}}
    partial = (
        {206: {**good, "description": "A range"}, 304: {"description": "Unchanged"}} if answer == "content" else {}
    )
    errors = {each: {"description": "Refused or failed", **error} for each in ("4XX", "5XX")}
    extra: dict[str, Any] = {}
    if body:
        content = {kind: {"schema": named(schema)} for kind, schema in BODIES[body].items()}
        extra = {"requestBody": {"required": True, "content": content}}
    if body and answer == "Video":
        extra["parameters"] = [KEY]
    return {"responses": {200: good, **partial, **errors}, "openapi_extra": extra}
