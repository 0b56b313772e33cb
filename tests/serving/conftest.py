"""Databases for tests of the server: a SQLite file, and a real PostgreSQL where one is installed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from postgres import fresh_database, missing_postgres, running_postgres


@pytest.fixture(scope="session")
def postgres_server():
    if missing_postgres():
        pytest.skip(missing_postgres())
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server):
    """The URL of a new PostgreSQL database, with all that a database has to itself."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The URL of an empty database, once of each kind."""
    return (
        f"sqlite:///{tmp_path}/ledger.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )
