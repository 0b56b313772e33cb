"""What a deployment may set: flags win over DATA/config.toml, which wins over what stands here."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from kinora.engines.catalog import NATIVE
from kinora.engines.finding import find_engine
from kinora.engines.hub.licence import check_accepted

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DAY_S = 24 * 3600
MEGABYTE = 1_000_000
LEAST = {"retention_s": 1, "beat_s": 0.05, "stuck_s": 1, "most_attempts": 1, "upload_bytes": 1, "workers": 0}
KINDS: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text in quotes"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    int | None: ((int, NoneType), "a whole number"),
    float: ((int, float), "a number"),
}
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Key:
    """One client's key: only the SHA-256 of its secret is kept. None is no limit."""

    id: str
    sha256: str
    requests_per_minute: int | None = None
    most_queued: int | None = None
    seconds_per_day: int | None = None

    def __post_init__(self) -> None:
        """Refuse a key that could never match, or that would be everybody."""
        check_types(self)
        if not self.id or not _SHA256.fullmatch(self.sha256):
            raise ValueError(
                f'key "{self.id}": give sha256, the 64 hex digits that "printf %s SECRET | sha256sum" prints'
            )


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One address that is told of closed videos; `secret` is "whsec_" and base64, as Standard Webhooks has it."""

    url: str
    secret: str

    def __post_init__(self) -> None:
        """Refuse an address or a secret that no receiver could use."""
        check_types(self)
        if not self.url.startswith(("https://", "http://")):
            raise ValueError(f"webhook {self.url}: give an address that begins with https://")
        if not is_webhook_secret(self.secret):
            raise ValueError(f'webhook {self.url}: give a secret of "whsec_" and the base64 of 24 to 64 random bytes')


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything `kinora serve` and `kinora work` need to know. None is no limit.

    `requests_per_minute` and `most_queued` hold for keys that set none of their own, and without keys for everyone
    together.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path
    database: str
    store: str
    steps: str
    keys: tuple[Key, ...] = ()
    models: Mapping[str, str] = field(default_factory=lambda: {"*": NATIVE})
    webhooks: tuple[Webhook, ...] = ()
    private_webhooks: bool = False
    retention_s: int = 7 * DAY_S
    lease_s: float = 15
    beat_s: float = 1
    stuck_s: int = 600
    most_attempts: int = 3
    upload_bytes: int = 100 * MEGABYTE
    fetch_urls: bool = False
    least_free_bytes: int = 500 * MEGABYTE
    requests_per_minute: int | None = None
    most_queued: int | None = 1000
    workers: int = 1

    def __post_init__(self) -> None:
        """Refuse what can't work, with the remedy."""
        check_types(self)
        if not is_loopback(self.host) and not self.keys:
            raise ValueError(
                f"host {self.host} is open to others and there are no keys: add [keys.NAME] with sha256 to"
                f" {self.data / 'config.toml'}, or bind to 127.0.0.1"
            )
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port is {self.port}: give 0 to 65535")
        for name, least in LEAST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}: give at least {least}")
        for model, engine in self.models.items():
            try:
                check_accepted(find_engine(engine))
            except ValueError as error:
                raise ValueError(f'models."{model}": {error}') from error
        if self.lease_s < 3 * self.beat_s:
            raise ValueError(f"lease_s is {self.lease_s}: give at least three times beat_s, {3 * self.beat_s}")

    def engine_of(self, model: str) -> str:
        """Return the engine a model name stands for: itself, its own, or that of "*"."""
        return model if model in self.models.values() else self.models.get(model, self.models["*"])


def load_config(flags: Mapping[str, Any], file: Path | None = None) -> Config:
    """Return the configuration: flags that are not None, then the TOML file (DATA/config.toml), then the defaults.

    `flags` are fields of Config by name. Makes the data folder. Raises ValueError with the remedy in one line.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    data = Path(given.pop("data", "kinora-data")).absolute()
    settings = {**read_toml(file or data / "config.toml", must_exist=file is not None), **given}
    data.mkdir(parents=True, exist_ok=True)
    database = settings.get("database", f"sqlite:///{data / 'ledger.sqlite'}")
    steps = f"sqlite:///{data / 'steps.sqlite'}" if str(database).startswith("sqlite:") else database
    places = {"database": database, "store": f"file://{data / 'store'}", "steps": steps}
    return Config(data=data, **{**places, **settings})


def read_toml(file: Path, *, must_exist: bool = False) -> dict[str, Any]:
    """Return the settings of a TOML file as fields of Config. Raises ValueError with file and reason."""
    import tomllib  # read only where there is something to read

    if not must_exist and not file.is_file():
        return {}
    known = sorted({field.name for field in fields(Config)} - {"data"})
    try:
        settings = tomllib.loads(file.read_text())
        if strange := sorted(set(settings) - set(known)):
            raise ValueError(f"{strange[0]} is no setting; there are {', '.join(known)}")
        if "keys" in settings:
            settings["keys"] = tuple(Key(id=id, **key) for id, key in settings["keys"].items())
        if "webhooks" in settings:
            settings["webhooks"] = tuple(Webhook(**webhook) for webhook in settings["webhooks"])
        if "models" in settings:
            settings["models"] = {"*": NATIVE, **settings["models"]}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{file}: {error}") from error
    return settings


def check_types(config: "DataclassInstance") -> None:
    """Raise ValueError for a plain field of another type than its class says; true is no number."""
    for each in fields(config):
        value = getattr(config, each.name)
        right, words = KINDS.get(each.type, ((type(value),), ""))
        if type(value) not in right:
            raise ValueError(f"{each.name} is {value!r}: give {words}")


def is_webhook_secret(secret: str) -> bool:
    """Whether a secret is as Standard Webhooks wants it."""
    kind, _, encoded = secret.partition("_")
    try:
        return kind == "whsec" and 24 <= len(base64.b64decode(encoded, validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
