"""Who may come in, how often, and whether there is room: keys, rates, quotas, the disk."""

import hashlib
import hmac
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kinora.serving.api.errors import ApiError, later
from kinora.serving.config import DAY_S, Config, Key, is_loopback
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.store import Store

if TYPE_CHECKING:
    from kinora.serving.api.rates import Rates

FULL_RETRY_S = 60
QUEUED_RETRY_S = 10
FOREIGN = "without keys this server answers only as localhost; add keys to its configuration to use another name"
DAY_RETRY_S = 3600


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one owner may use; None is no limit."""

    requests_per_minute: int | None
    most_queued: int | None
    seconds_per_day: int | None


class Gate:
    """Every refusal that has nothing to do with what is asked."""

    def __init__(self, config: Config, ledger: Ledger, store: Store) -> None:
        self._config, self._ledger, self._store = config, ledger, store
        self._keys = config.keys
        self._limits = {key.id: _limits(key, config) for key in config.keys} or {"": _limits(None, config)}

    def owner(self, headers: Mapping[str, str]) -> str:
        """The id of the key in a bearer header, "" where no keys are set. ApiError 401 for any other.

        Without keys whoever sits at this machine may ask, but no page that its browser shows, under whatever name that
        page reached us (DNS rebinding): ApiError 403.

        Every key is compared, in constant time, whichever fits: how long it takes tells nothing.
        """
        if not self._keys:
            if not all(is_loopback(name_in(headers[header])) for header in ("host", "origin") if header in headers):
                raise ApiError(403, FOREIGN, code="foreign_page")
            return ""
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise ApiError(401, "no API key was given; send it in the header Authorization: Bearer KEY")
        asked = hashlib.sha256(secret.strip().encode("latin-1", "replace")).hexdigest()
        fits = [key.id for key in self._keys if hmac.compare_digest(asked, key.sha256)]
        if not fits:
            raise ApiError(401, "this API key is not known; check it", code="invalid_api_key")
        return fits[0]

    def admit(self, owner: str) -> None:
        """Let a request in that makes something. ApiError 429 or 503, each with Retry-After."""
        limits = self._limits[owner]
        if limits.requests_per_minute is not None:
            self._rates.count(owner, limits.requests_per_minute)
        if limits.most_queued is not None and self._ledger.waiting(owner) >= limits.most_queued:
            raise _over(f"{limits.most_queued} of your videos are waiting; come back later", QUEUED_RETRY_S)
        if limits.seconds_per_day is not None:
            _, seconds = self._ledger.usage(owner, self._ledger.now() - DAY_S)
            if seconds >= limits.seconds_per_day:
                raise _over(f"your {limits.seconds_per_day} seconds of video a day are used up", DAY_RETRY_S)
        self._check_room()

    @cached_property
    def _rates(self) -> "Rates":
        from kinora.serving.api.rates import Rates  # only where there is a rate

        return Rates()

    def _check_room(self) -> None:
        free = (self._store.free_bytes(), shutil.disk_usage(self._config.data).free)
        if any(each is not None and each < self._config.least_free_bytes for each in free):
            raise full()


def name_in(address: str) -> str:
    """The host's name in a Host or Origin header, "" where there is none."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def full() -> ApiError:
    """A 503: there is no room for another file."""
    message = "the server's disk is full; try again later"
    return later(503, message, code="server_is_overloaded", retry_after_s=FULL_RETRY_S)


def _over(message: str, retry_after_s: int) -> ApiError:
    return later(429, message, code="rate_limit_exceeded", retry_after_s=retry_after_s)


def _limits(key: Key | None, config: Config) -> Limits:
    """A key's own limits, and those of everyone where it has none; without a key, those of everyone."""
    own = {name: getattr(key, name, None) for name in ("requests_per_minute", "most_queued", "seconds_per_day")}
    return Limits(**{name: getattr(config, name, None) if limit is None else limit for name, limit in own.items()})
