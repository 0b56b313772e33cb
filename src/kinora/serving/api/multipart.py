"""A multipart form as pairs of name and value: text stays in memory, files go to disk as they are read."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from kinora.serving.api.errors import ApiError, refuse

CHUNK_BYTES = 1 << 16
MAX_PARTS = 100


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file out of a form, lying on disk for as long as the request lasts."""

    path: Path
    size_bytes: int
    sha256: str


def pairs_of(body: IO[bytes], content_type: str, folder: Path, most_text_bytes: int) -> list[tuple[str, Any]]:
    """The form's fields in order, files as `Upload` in `folder`. ApiError 400 where it is malformed, 413 for long text.

    Stricter than most: a form must end with its last boundary, and text must be UTF-8.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        refuse("the multipart form names no boundary; let your client set the content type", code="invalid_form")
    parts = _Parts(folder, most_text_bytes)
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        while chunk := body.read(CHUNK_BYTES):
            parser.write(chunk)
        parser.finalize()
    except (FormParserError, UnicodeDecodeError):
        refuse("the multipart form is malformed; check its boundary, headers and UTF-8", code="invalid_form")
    finally:
        parts.close()
    if not parts.complete:
        refuse("the multipart form breaks off before its last boundary; send it whole", code="invalid_form")
    return parts.pairs


class _Parts:
    """What the parser calls while it walks through the form."""

    def __init__(self, folder: Path, most_text_bytes: int) -> None:
        self.pairs: list[tuple[str, Any]] = []
        self.complete = False
        self._folder, self._left_bytes = folder, most_text_bytes
        self._file: IO[bytes] | None = None

    def callbacks(self) -> Any:  # noqa: ANN401 - the parser's own type exists for type checkers only
        """By the names that the parser knows."""
        names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data")
        return {f"on_{name}": getattr(self, f"_{name}") for name in (*names, "part_end", "end")}

    def close(self) -> None:
        """Let go of a file that was never finished."""
        if self._file:
            self._file.close()

    def _part_begin(self) -> None:
        if len(self.pairs) >= MAX_PARTS:
            refuse(f"the form has more than {MAX_PARTS} fields; send fewer", code="invalid_form")
        self._headers: dict[bytes, bytes] = {}
        self._key, self._value, self._text = b"", b"", bytearray()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._key += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._key.lower()] = self._value
        self._key, self._value = b"", b""

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            refuse("a part of the form has no name; name each field", code="invalid_form")
        self._name = options[b"name"].decode()
        if b"filename" in options:
            self._hash, self._num_bytes = hashlib.sha256(), 0
            # The name on disk is ours alone: what a client calls its file is never looked at.
            self._file = tempfile.NamedTemporaryFile(dir=self._folder, delete=False)  # noqa: SIM115 - closed by close()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._file:
            self._file.write(piece)
            self._hash.update(piece)
            self._num_bytes += len(piece)
            return
        self._left_bytes -= len(piece)
        if self._left_bytes < 0:
            raise ApiError(413, "the form holds too much text; send pictures and videos as files", code="too_large")
        self._text += piece

    def _part_end(self) -> None:
        if self._file is None:
            self.pairs.append((self._name, self._text.decode()))
            return
        self._file.close()
        path = Path(self._file.name)
        self._file = None
        self.pairs.append((self._name, Upload(path=path, size_bytes=self._num_bytes, sha256=self._hash.hexdigest())))

    def _end(self) -> None:
        self.complete = True
