"""One set of statements, two databases; what can't be opened says why in one line."""

import sqlite3

import pytest
from postgres import free_port

from kinora.serving.ledger.database import Database
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Unreachable


def test_tables_of_another_version_are_refused_and_left_alone(database_url):
    database = Database(database_url)
    with database.write() as run:
        run("UPDATE about SET version = 99")
    with pytest.raises(ValueError, match="version 99"):
        Ledger.open(database_url)
    assert database.read("SELECT version FROM about") == [(99,)]
    database.close()


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "ledger.sqlite", "sqlite:///", "sqlite:////no/such/folder/ledger.sqlite", ""]
)
def test_what_is_no_database_is_one_line(url):
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        Ledger.open(url)


def test_a_password_in_a_url_is_not_repeated():
    with pytest.raises(ValueError) as refused:
        Ledger.open("mysql://user:hunter2@host/name")
    assert "hunter2" not in str(refused.value)


def test_a_transaction_that_fails_leaves_nothing(database_url):
    database = Database(database_url)
    insert = "INSERT INTO workers (id, beat, facts, arrived_at) VALUES (:id, 0, '', 0)"
    with pytest.raises(KeyError), database.write() as run:
        run(insert, id="w1")
        raise KeyError
    assert database.read("SELECT id FROM workers") == []
    with database.write() as run:
        run(insert, id="w2")
    assert database.read("SELECT id FROM workers") == [("w2",)]
    database.close()


def test_sqlite_commits_are_on_disk_before_they_answer(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    assert database.read("PRAGMA synchronous") == [(2,)]
    assert sqlite3.connect(tmp_path / "ledger.sqlite").execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    database.close()


def test_postgresql_commits_are_on_disk_however_the_server_is_set_up(postgres_url):
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit TO off")
    database = Database(postgres_url)
    assert database.read("SHOW synchronous_commit") == [("on",)]
    database.close()


def test_connections_that_a_server_hung_up_on_are_replaced(postgres_url):
    """As after a restart of the server: the next calls work, reads and writes."""
    import psycopg

    ledger = Ledger.open(postgres_url)
    ledger.arrive("w1", {})
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
        connection.execute(ended, [connection.info.dbname])
        assert ledger.beats() == {"w1": 0}
        connection.execute(ended, [connection.info.dbname])
        assert ledger.beat("w1")
    ledger.close()


def test_a_database_that_does_not_answer_is_one_line(postgres_server):
    with pytest.raises(Unreachable, match=r"\Athe database does not answer \([^\n]+\); check that it runs\Z"):
        Ledger.open(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")


def test_a_locked_database_is_said_to_be_out_of_reach(tmp_path, monkeypatch):
    monkeypatch.setattr("kinora.serving.ledger.dialects.BUSY_S", 0.05)
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(f"sqlite:///{path}")
    frozen = sqlite3.connect(path, isolation_level=None)
    frozen.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unreachable, match="locked"):
        ledger.arrive("worker", {})
    frozen.execute("COMMIT")
    ledger.arrive("worker", {})
    assert ledger.beats() == {"worker": 0}
