"""A request's body, JSON or form, as one tree of fields; files lie in a folder that goes away with the request."""

import hashlib
import json
import math
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn
from urllib.parse import parse_qsl

from kinora.serving.api.errors import ApiError, refuse
from kinora.serving.api.form import tree
from kinora.serving.api.multipart import pairs_of
from kinora.serving.config import DAY_S

TEXT_BYTES = 22 << 20
"""The most a body without files may have: a data URL of 20 MiB is the longest value of the contract."""
SPOOL_BYTES = 1 << 20
MAX_FIELDS = 100
UNSTORABLE = "holds NUL or broken characters, or is nested too deeply; take them out"
InThread = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a client sent: its fields as a tree, files in it as `Upload`."""

    fields: dict[str, Any] = field(default_factory=dict)

    def sha256(self, about: str) -> str:
        """A name of what is asked, the same for the same fields and files however they are framed on the wire."""
        told = json.dumps([about, self.fields], sort_keys=True, default=lambda upload: f"file:{upload.sha256}")
        return hashlib.sha256(told.encode()).hexdigest()


async def received(chunks: AsyncIterator[bytes], most_bytes: int, in_thread: InThread) -> IO[bytes]:
    """The whole body, in memory while it is small and else in an unnamed file. ApiError 413 past `most_bytes`.

    As much again is read and thrown away, so that a client that is still sending gets to read its answer.
    """
    spool = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 - the caller closes it
    num_bytes = 0
    try:
        async for chunk in chunks:
            num_bytes += len(chunk)
            if num_bytes > 2 * most_bytes:
                break
            if num_bytes > SPOOL_BYTES and num_bytes <= most_bytes:
                await in_thread(spool.write, chunk)
            elif num_bytes <= most_bytes:
                spool.write(chunk)
        if num_bytes > most_bytes:
            raise too_large(most_bytes)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


def too_large(most_bytes: int) -> ApiError:
    """A 413."""
    return ApiError(413, f"the request has more than {most_bytes:,} bytes; send a smaller file", code="too_large")


def sweep(folder: Path) -> None:
    """Remove the files of requests whose process was killed, a day after it."""
    for left in (*folder.glob("upload-*"), *folder.glob("url-*")):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > DAY_S:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def opened(body: IO[bytes], content_type: str, folder: Path) -> Iterator[Body]:
    """The body's fields; its files, which lie under `folder`, are gone when the block is left.

    ApiError 400 for anything malformed, 413 for more text than `TEXT_BYTES`.
    """
    kind = content_type.partition(";")[0].strip().lower()
    with tempfile.TemporaryDirectory(prefix="upload-", dir=folder) as uploads:
        read = READERS.get(kind)
        if read is None:
            refuse("the content type is neither application/json nor multipart/form-data; send one of these")
        fields = read(body, content_type, Path(uploads))
        _check(fields)
        yield Body(fields=fields)


def _multipart(body: IO[bytes], content_type: str, folder: Path) -> dict[str, Any]:
    return tree(pairs_of(body, content_type, folder, TEXT_BYTES))


def _urlencoded(body: IO[bytes], *_: object) -> dict[str, Any]:
    try:
        return tree(parse_qsl(_text(body), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict"))
    except ValueError:
        refuse(f"the form is malformed or has more than {MAX_FIELDS} fields", code="invalid_form")


def _json(body: IO[bytes], *_: object) -> dict[str, Any]:
    text = _text(body)
    fields = strict_json(text) if text.strip() else {}
    if not isinstance(fields, dict):
        refuse("the body is not a JSON object; send one with the fields by name", code="invalid_json")
    return fields


READERS: dict[str, Callable[[IO[bytes], str, Path], dict[str, Any]]] = {
    "multipart/form-data": _multipart,
    "application/x-www-form-urlencoded": _urlencoded,
    "application/json": _json,
    "": _json,
}


def _text(body: IO[bytes]) -> str:
    content = body.read(TEXT_BYTES + 1)
    if len(content) > TEXT_BYTES:
        raise too_large(TEXT_BYTES)
    try:
        return content.decode()
    except UnicodeDecodeError:
        refuse("the body is not UTF-8; encode it as UTF-8", code="invalid_encoding")


def strict_json(text: str) -> object:
    """JSON without its loopholes: ApiError 400 for NaN, numbers past a double, doubled names, and nesting too deep."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_once)
    except RecursionError:
        refuse("the JSON is nested too deeply; flatten it", code="invalid_json")
    except ValueError:
        refuse("the body is not valid JSON; check its quotes, commas and numbers", code="invalid_json")


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        refuse("a field of the JSON is given twice; give it once", code="invalid_json")
    return found


def _check(fields: dict[str, Any]) -> None:
    """Refuse what no database keeps: too many fields, NUL characters, halves of UTF-16 pairs."""
    if len(fields) > MAX_FIELDS:
        refuse(f"the body has more than {MAX_FIELDS} fields; send fewer")
    for name, value in fields.items():
        if not (storable(name) and len(name) <= 64):
            refuse("a field's name is longer than 64 characters or holds control characters; leave the field out")
        if not storable(value):
            refuse(f"{name} {UNSTORABLE}", param=name)


def storable(value: object, depth: int = 8) -> bool:
    """Whether a database keeps it: without NUL characters and halves of UTF-16 pairs, and not nested too deeply."""
    if isinstance(value, str):
        return "\0" not in value and _is_unicode(value)
    if isinstance(value, dict | list):
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        return depth > 0 and all(storable(each, depth - 1) for each in inner)
    return True


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
