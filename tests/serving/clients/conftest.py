"""One server for every client, and the environments that `./check` made for them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kinora.serving.tasks import NOT_YET
from kinora.testing import kinora_server

__all__ = ["kinora_server"]

ENVIRONMENTS = Path(os.environ.get("KINORA_CLIENTS", Path(sys.prefix) / "clients"))
TYPESCRIPT = Path(__file__).parents[3] / "examples" / "typescript"
TIMEOUT_S = 900


@pytest.fixture(scope="session")
def client_environment():
    """Return a client's folder by registry and version: a Python environment, or a folder with node_modules."""

    def find(registry, version):
        folder = ENVIRONMENTS / f"{registry}-{version}"
        if not (folder / "installed").exists():
            pytest.skip(f"{folder} is not there: ./check makes it (KINORA_CLIENTS names another place for it)")
        return folder

    return find


@pytest.fixture(scope="session")
def verdicts_of(kinora_server):
    """Return what a client's script said of each of its steps."""

    def run(*command):
        environment = {**os.environ, **kinora_server.environment}
        ended = subprocess.run(
            [*command, ",".join(NOT_YET)], env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return run


@pytest.fixture(scope="session")
def javascript(tmp_path_factory):
    """The TypeScript examples as JavaScript; compiling them checks their types against the client's."""
    modules = TYPESCRIPT / "node_modules"
    if shutil.which("node") is None or not modules.is_dir():
        pytest.skip(f"node or {modules} is not there: ./check installs both")
    folder = tmp_path_factory.mktemp("javascript")
    (folder / "node_modules").symlink_to(modules)
    (folder / "package.json").write_text((TYPESCRIPT / "package.json").read_text())
    command = [modules / ".bin" / "tsc", "--project", TYPESCRIPT, "--noEmit", "false", "--outDir", folder]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout
    return folder
