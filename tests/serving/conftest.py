"""What tests of the server keep things in: SQLite or a real PostgreSQL, and a bucket of an independent S3 service."""

import secrets
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from postgres import free_port, fresh_database, missing_postgres, running_postgres

MOTO = shutil.which("moto_server") or shutil.which("moto_server", path=str(Path(sys.executable).parent))


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


@pytest.fixture(scope="session")
def s3_service():
    if not MOTO:
        pytest.skip("moto's server is not installed")
    port = free_port()
    with subprocess.Popen([MOTO, "-p", str(port)], stderr=subprocess.PIPE, text=True) as server:
        assert any("Running on" in line for line in server.stderr)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def bucket_url(s3_service, monkeypatch):
    bucket = f"kinora-{secrets.token_hex(4)}"
    names = {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1", "ENDPOINT_URL": s3_service}
    for name, value in names.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    # moto lets anybody make a bucket, signed or not.
    urllib.request.urlopen(urllib.request.Request(f"{s3_service}/{bucket}", method="PUT")).close()
    return f"s3://{bucket}/some/prefix"
