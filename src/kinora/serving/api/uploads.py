"""Files that clients send become blobs once they are known to be what they should: decoded elsewhere, never by name."""

import base64
import binascii
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.serving.api.body import UNSTORABLE, storable, strict_json
from kinora.serving.api.errors import ApiError, refuse
from kinora.serving.api.multipart import Upload
from kinora.serving.config import Config
from kinora.serving.store import Store

if TYPE_CHECKING:
    from kinora.media.decode import Facts

URL_LETTERS = 20_971_520
DATA_URL = re.compile(r"data:[\w.+/-]*(;[\w=.+-]+)*?(;base64)?,", re.ASCII)
"""Its media type is not believed: what the file is, the decoder says."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file in the store, and what it holds."""

    blob: str
    facts: "Facts"


class Uploads:
    """Takes in files and pictures by address."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config, self._store = config, store

    def keep(self, upload: Upload, param: str) -> Kept:
        """The file as a blob, decoded in a child process to see what it is. ApiError 400 where it can't be used."""
        return self._keep(upload.path, param)

    def keep_url(self, url: object, param: str) -> Kept:
        """The picture in a data URL, or at an address where these are allowed. ApiError 400 where it can't be used."""
        if not isinstance(url, str) or not 1 <= len(url) <= URL_LETTERS:
            refuse(f"{param} must be an address of 1 to {URL_LETTERS:,} characters", param=param, code="invalid_type")
        with tempfile.TemporaryDirectory(prefix="url-", dir=self._config.data) as folder:
            path = Path(folder, "file")
            if url[:5].lower() == "data:":
                path.write_bytes(_decoded(url, param))
            else:
                self._fetch(url, path, param)
            return self._keep(path, param)

    def keep_sound(self, upload: Upload, param: str) -> tuple[str, float]:
        """The sound file, or video with sound, as a blob, and how many seconds are heard. ApiError as `keep`."""
        from kinora.media.decode import MediaError, sound_length  # numpy is only loaded by the first upload

        named = self._named(upload.path, param)
        try:
            num_samples, sample_rate_hz = sound_length(named)
        except MediaError as error:
            refuse(str(error), param=param, code="invalid_file")
        return self._store.put(named), num_samples / sample_rate_hz

    def _fetch(self, url: str, path: Path, param: str) -> None:
        if not self._config.fetch_urls:
            refuse(f"{param} is an address; send the file itself, or a data URL", param=param, code="url_not_allowed")
        from kinora.serving.api.fetch import fetch  # rarely needed

        try:
            fetch(url, path, self._config.upload_bytes)
        except ValueError as error:
            refuse(f"{param} {error}", param=param, code="url_not_allowed")

    def _keep(self, path: Path, param: str) -> Kept:
        from kinora.media.decode import MediaError, probe  # numpy is only loaded by the first upload

        named = self._named(path, param)
        try:
            facts = probe(named)
        except MediaError as error:
            refuse(str(error), param=param, code="invalid_file")
        return Kept(blob=self._store.put(named), facts=facts)

    def _named(self, path: Path, param: str) -> Path:
        """The file under the name of its field, because messages name files. ApiError 413 where it is too large."""
        if path.stat().st_size > self._config.upload_bytes:
            raise ApiError(413, f"{param} has more than {self._config.upload_bytes:,} bytes", param=param)
        return path.rename(path.with_name(re.sub(r"\W", "_", param)))


def _decoded(url: str, param: str) -> bytes:
    """The bytes of a base64 data URL."""
    match = DATA_URL.match(url)
    try:
        if match and match[2]:
            return base64.b64decode(url[match.end() :].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        pass
    refuse(f"{param} is not a data URL in base64; write data:image/png;base64,...", param=param, code="invalid_file")


def as_object(value: object, text_means: str, param: str) -> Mapping[str, object]:
    """A nested value however it was sent: an object, JSON in a form's text, or a bare text that means one field."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = strict_json(value)
    if not storable(value):
        refuse(f"{param} {UNSTORABLE}", param=param, code="invalid_value")
    if isinstance(value, str):
        return {text_means: value}
    if not isinstance(value, Mapping):
        refuse(f"{param} must be a file or an object", param=param, code="invalid_type")
    return value
