"""A real PostgreSQL server of our own, for as long as a test run needs one."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

FOLDERS = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/bin"), Path("/usr/local/bin"))
START_S = 60
# Small, and in no hurry to the disk: tests kill clients, nobody pulls the plug of this server.
SETTINGS = {"fsync": "off", "listen_addresses": "127.0.0.1", "shared_buffers": "16MB", "max_connections": "100"}


def missing_postgres() -> str:
    """Return why no server can be started here, "" where one can."""
    if _folder() is None:
        return "PostgreSQL's initdb is not installed"
    if os.geteuid() == 0 and not (shutil.which("setpriv") and _user()):
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the URL of the maintenance database of a fresh server on a loopback port; it ends with the block."""
    binaries = _folder()
    assert binaries, missing_postgres()
    with tempfile.TemporaryDirectory(prefix="kinora-postgres-") as folder:
        data = Path(folder) / "data"
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        run = {"check": True, "stdout": subprocess.DEVNULL, "timeout": START_S}
        subprocess.run(
            [*_as_user(), binaries / "initdb", "-D", data, "-U", "kinora", "-A", "trust", "--no-sync", "-E", "UTF8"],
            **run,
        )
        port = free_port()
        settings = {**SETTINGS, "port": str(port), "unix_socket_directories": folder}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (Path(folder) / "log").open("wb") as log:
            server = subprocess.Popen([*_as_user(), binaries / "postgres", "-D", data, *options], stderr=log)
            try:
                _wait([binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], server, Path(folder) / "log")
                yield f"postgresql://kinora@127.0.0.1:{port}/postgres"
            finally:
                # Fast shutdown: sessions are ended, nothing is waited for.
                server.send_signal(subprocess.signal.SIGINT)
                server.wait(START_S)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Yield the URL of a new, empty database of a running server; it is dropped with the block."""
    import psycopg

    name = f"kinora_{secrets.token_hex(6)}"
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def fresh_schema(server: str) -> Iterator[str]:
    """Yield a URL under which a running server looks empty, ten times as fast as with a new database."""
    import psycopg

    name = f"kinora_{secrets.token_hex(6)}"
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        yield f"{server}?options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE")


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(ask: list[object], server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(START_S * 20):
        if subprocess.run(ask, check=False).returncode == 0:
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.05)
    raise TimeoutError(log.read_text())


def _folder() -> Path | None:
    return next((folder for folder in FOLDERS if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _as_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"]


def _user() -> bool:
    import pwd

    return any(user.pw_name == "postgres" for user in pwd.getpwall())
