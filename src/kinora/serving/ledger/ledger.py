"""The truth about every video, in one database that the API and all workers share."""

import time
from collections.abc import Callable

from kinora.serving.ledger.clients import Clients
from kinora.serving.ledger.database import Database
from kinora.serving.ledger.jobs import Jobs
from kinora.serving.ledger.operating import Events, Keeping, Workers


class Ledger(Clients, Jobs, Workers, Events, Keeping):
    """Every call is one transaction, on disk when it returns; any thread may call."""

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], float] = time.time) -> "Ledger":
        """Return the ledger at sqlite:////folder/file or postgresql://..., its tables made where missing.

        Raises ValueError for other URLs, a missing folder, and tables of another version.
        """
        return cls(Database(url), clock)

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()
