"""What differs between SQLite and PostgreSQL; everything else about the ledger is said once for both."""

import re
import sqlite3
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import unquote

from kinora.media.files import flush

# How long one process waits for another's write before it gives up.
BUSY_S = 30
# Any number, the same in every Kinora: on PostgreSQL whoever holds this lock makes the tables.
MAKING_TABLES = 0x6B696E6F7261


class Cursor(Protocol):
    """What a statement returned; `description` is None where it has no rows."""

    description: Any

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""


class Connection(Protocol):
    """As much of a driver's connection as the ledger uses."""

    def execute(self, statement: str, values: Mapping[str, object] = ..., /) -> Cursor:
        """Run a statement."""

    def close(self) -> None:
        """Hang up."""


class Dialect(Protocol):
    """One kind of database at one address. `most_writers` is how many threads of a process may write at once."""

    begin: str
    lock_tables: str
    most_writers: int

    @property
    def unreachable(self) -> type[Exception]:
        """What the driver raises where the database does not answer."""

    def connect(self) -> Connection:
        """Return a new connection that commits every statement by itself unless told to begin."""

    def spoken(self, statement: str) -> str:
        """Return a statement in this database's own words."""

    def is_broken(self, connection: Connection) -> bool:
        """Whether a connection is of no more use."""


class Sqlite:
    """A file. Readers never wait; a writer takes the one write lock at its beginning, so that it can't fail midway."""

    begin = "BEGIN IMMEDIATE"
    lock_tables = "SELECT 1"
    most_writers = 1
    unreachable = sqlite3.OperationalError

    def __init__(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise ValueError(f"folder {path.parent} for the ledger does not exist; make it first")
        self._path = path
        self._keep_a_log()
        flush(path.parent)

    def connect(self) -> Connection:
        """Return a connection whose every commit is on disk before it returns."""
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = FULL")
        return cast(Connection, connection)

    @staticmethod
    @cache
    def spoken(statement: str) -> str:
        """Return the statement without what SQLite does anyhow: it compares bytes and locks the whole file."""
        return statement.replace(' COLLATE "C"', "").replace(" FOR UPDATE", "")

    def is_broken(self, connection: Connection) -> bool:
        """Whether a transaction is stuck open."""
        return cast(sqlite3.Connection, connection).in_transaction

    def _keep_a_log(self) -> None:
        # The change to a write-ahead log is the one statement that doesn't wait for others who make the same change.
        connection, until = self.connect(), time.monotonic() + BUSY_S
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return connection.close()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)


class Postgres:
    """A server. Writers wait for each other only where they change the same row."""

    begin = "BEGIN"
    lock_tables = f"SELECT pg_advisory_xact_lock({MAKING_TABLES})"
    most_writers = 4

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def unreachable(self) -> type[Exception]:
        """What the driver raises where the server does not answer."""
        import psycopg

        return psycopg.OperationalError

    def connect(self) -> Connection:
        """Return a connection that notices within half a minute when its server is gone."""
        import psycopg  # an eighth of a second that SQLite's users need not wait

        connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=10, tcp_user_timeout=20_000, keepalives_idle=10
        )
        # A worker that stops in the middle of a write must not keep its rows locked for ever.
        connection.execute(f"SET idle_in_transaction_session_timeout = '{BUSY_S}s'")
        # Nor may a commit answer before it is on disk, however hurried the server is set up.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        return cast(Connection, connection)

    @staticmethod
    @cache
    def spoken(statement: str) -> str:
        """Return the statement with its named values as psycopg writes them."""
        return re.sub(r":(\w+)", r"%(\1)s", statement)

    def is_broken(self, connection: Connection) -> bool:
        """Whether the server hung up, or a transaction is stuck open."""
        driver = cast(Any, connection)
        return bool(driver.closed) or driver.info.transaction_status != 0


def dialect_of(url: str) -> Dialect:
    """Return the kind of database a URL names. Raises ValueError for any other than the two."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return Sqlite(Path(unquote(rest[1:])))
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return Postgres(f"postgresql://{rest}")
    raise ValueError(
        f'database "{scheme}:..." is not known: give sqlite:////folder/ledger.sqlite or postgresql://user@host/name'
    )
