"""One way to read and to write SQLite and PostgreSQL: the statements are the same, named values stand as `:name`.

Plain drivers, no SQLAlchemy: the ledger has some forty short statements that both databases read as they stand, and the
API must be ready a second after its start, of which importing SQLAlchemy alone takes a quarter.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from typing import Any, Protocol

from kinora.serving.ledger.dialects import Connection, dialect_of
from kinora.serving.ledger.records import Unreachable
from kinora.serving.ledger.tables import TABLES, VERSION

Rows = list[tuple[Any, ...]]
# Connections of a process. Fewer may write, so that writers in line never keep readers out.
MOST_CONNECTIONS = 8


class Run(Protocol):
    """Runs one statement of a transaction."""

    def __call__(self, statement: str, **values: object) -> Rows:
        """Return the rows of the statement, none where it has none."""


class Database:
    """A few connections, used by any thread. One that breaks is dropped, the next is new."""

    def __init__(self, url: str) -> None:
        self._dialect = dialect_of(url)
        self._idle: deque[Connection] = deque()
        self._places = BoundedSemaphore(MOST_CONNECTIONS)
        self._writers = BoundedSemaphore(self._dialect.most_writers)
        self._make_tables()

    def read(self, statement: str, **values: object) -> Rows:
        """Return the rows of one statement that changes nothing; no writer waits for it, and it waits for none."""
        with self._begun(statement, values) as (_, rows):
            return rows

    @contextmanager
    def write(self) -> Iterator[Run]:
        """Yield what runs statements in one transaction: on disk when the block ends, undone when it raises."""
        with self._writers, self._begun(self._dialect.begin, {}) as (connection, _):
            try:
                yield lambda statement, **values: self._run(connection, statement, values)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(Exception):
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every idle connection."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _begun(self, statement: str, values: dict[str, object]) -> Iterator[tuple[Connection, Rows]]:
        """Yield a connection on which a first statement was run, and its rows."""
        with self._told(), self._places:
            connection, rows = self._first(statement, values)
            try:
                yield connection, rows
            finally:
                self._give_back(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._dialect.unreachable as error:
            said = str(error).partition("\n")[0]
            raise Unreachable(f"the database does not answer ({said}); check that it runs") from error

    def _first(self, statement: str, values: dict[str, object]) -> tuple[Connection, Rows]:
        # A server that was restarted has hung up on idle connections. Whatever began nothing may be begun again.
        while True:
            try:
                connection, is_new = self._idle.pop(), False
            except IndexError:
                connection, is_new = self._dialect.connect(), True
            try:
                return connection, self._run(connection, statement, values)
            except BaseException as error:
                if not self._give_back(connection) or is_new or not isinstance(error, Exception):
                    raise

    def _give_back(self, connection: Connection) -> bool:
        """Whether the connection broke: it is closed then, else it is idle again."""
        broke = self._dialect.is_broken(connection)
        connection.close() if broke else self._idle.append(connection)
        return broke

    def _run(self, connection: Connection, statement: str, values: dict[str, object]) -> Rows:
        cursor = connection.execute(self._dialect.spoken(statement), {k: storable(v) for k, v in values.items()})
        return cursor.fetchall() if cursor.description else []

    def _make_tables(self) -> None:
        with self.write() as run:
            run(self._dialect.lock_tables)
            for table in TABLES:
                run(table)
            if not run("SELECT version FROM about"):
                run("INSERT INTO about (version) VALUES (:version)", version=VERSION)
            ((version,),) = run("SELECT version FROM about")
        if version != VERSION:
            raise ValueError(
                f"the ledger's tables are of version {version} and this Kinora reads version {VERSION}: "
                "use the Kinora that made them, or begin a new ledger"
            )


def storable(value: object) -> object:
    """Return a value as both databases can hold it: in text, lone surrogates become "?" and NUL becomes U+FFFD."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
