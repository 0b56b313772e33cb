"""The yard in which servers are killed, once a database of each kind."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from yard import Nursery, Yard


@pytest.fixture(scope="session")
def nursery():
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def yard(nursery, database_url, tmp_path):
    with Yard(nursery, database_url, tmp_path) as yard:
        yield yard


@pytest.fixture
def small_yard(nursery, tmp_path):
    """On SQLite alone, for what doesn't depend on the database."""
    with Yard(nursery, f"sqlite:///{tmp_path}/ledger.sqlite", tmp_path) as yard:
        yield yard
