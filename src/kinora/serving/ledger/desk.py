"""What every part of the ledger stands on."""

from collections.abc import Callable

from kinora.serving.ledger.database import Database


class Desk:
    """A database and a clock (unix seconds)."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.database = database
        self._clock = clock

    def now(self) -> int:
        """Return the clock's unix seconds."""
        return int(self._clock())
