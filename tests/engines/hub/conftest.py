"""A small hub for each test, and the environment that points at it."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kinora.engines.catalog import CATALOG
from kinora.engines.hub.wire import Wire

sys.path.insert(0, str(Path(__file__).parent))

from small_hub import REPOSITORY, Hub, serve


@pytest.fixture
def server(monkeypatch, tmp_path):
    """The hub's server; the environment points at it, and at an empty folder for engines."""
    server = serve(Hub())
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("KINORA_ENGINES", str(tmp_path / "engines"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hub(server):
    return server.hub


@pytest.fixture
def wire(server):
    """A way to the hub that waits for nothing."""
    return Wire(server.address, pause=lambda _: None)


@pytest.fixture
def entry(monkeypatch):
    """An engine of which these are the weights, in the catalog."""
    tiny = replace(CATALOG["wan2.1-1.3b"], name="tiny", repository=REPOSITORY, revision="")
    monkeypatch.setitem(CATALOG, "tiny", tiny)
    return tiny
