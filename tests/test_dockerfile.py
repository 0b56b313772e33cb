"""What of the image can be checked without Docker: its lines, what they copy, and the commands they run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import openai
import pytest

from kinora.cli.main import build_parser
from kinora.serving.config import load_config
from kinora.testing import serving

ROOT = Path(__file__).parents[1]
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def instructions():
    """(instruction, arguments) of each line of the Dockerfile, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def arguments_of(name):
    return [arguments for instruction, arguments in instructions() if instruction == name]


def copied():
    """What is copied from the checkout, not from another stage."""
    lines = [line.split() for line in arguments_of("COPY") if not line.startswith("--from")]
    return [source for *sources, _ in lines for source in sources]


def test_what_is_copied_is_there_and_nothing_else_is_sent_to_the_builder():
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignore[1] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied())
    assert [source for source in copied() if not (ROOT / source).exists()] == []


def test_the_package_finds_in_the_image_what_it_is_built_from():
    """pyproject.toml names a readme and licences: the wheel is not built without them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [project["readme"], *project["license-files"]]
    assert set(named) <= set(copied())


def test_the_container_is_nobodys_root_and_keeps_its_data_in_a_volume():
    assert arguments_of("USER") and arguments_of("USER")[-1] not in ("root", "0")
    (command,) = map(json.loads, arguments_of("CMD"))
    assert command[command.index("--data") + 1] in arguments_of("VOLUME")
    home = re.search(r"KINORA_HOME=(\S+)", " ".join(arguments_of("ENV")))[1]
    assert home.startswith(arguments_of("VOLUME")[0] + "/")


def test_the_containers_command_is_one_and_does_not_start_without_keys(tmp_path):
    (command,), (entry,) = map(json.loads, arguments_of("CMD")), map(json.loads, arguments_of("ENTRYPOINT"))
    arguments = build_parser().parse_args(command)
    assert entry == ["kinora"] and arguments.command == "serve"
    assert str(arguments.port) in arguments_of("EXPOSE")
    with pytest.raises(ValueError, match="no keys"):
        load_config({"data": tmp_path, "host": arguments.host, "port": arguments.port})


def test_the_health_check_tells_a_server_from_none(tmp_path):
    (line,) = arguments_of("HEALTHCHECK")
    _, program, script = json.loads(line[line.index("[") :])
    assert program == "-c"
    with serving(tmp_path) as server:
        here = script.replace("http://127.0.0.1:8000", server.base_url.removesuffix("/v1"))
        subprocess.run([sys.executable, "-c", here], check=True)
    gone = subprocess.run([sys.executable, "-c", here], capture_output=True)
    assert gone.returncode != 0 and here != script


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed: it comes with kinora[dev]")
def test_the_linter_finds_nothing():
    found = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.long
def test_what_the_build_makes_serves_and_draws(tmp_path, monkeypatch):
    """Every command of the first stage, run in a copy of what the builder is sent."""
    for source in copied():
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, tmp_path / source)
    build = instructions()[: [name for name, _ in instructions()].index("FROM", 1)]
    for line in [arguments for name, arguments in build if name == "RUN"]:
        here = line.replace("/opt/kinora", str(tmp_path / "venv"))
        subprocess.run(["/bin/sh", "-c", here], cwd=tmp_path, check=True)
    # What stands on this environment's path is not in the image.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr("kinora.testing.COMMAND", (str(tmp_path / "venv" / "bin" / "kinora"),))
    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data") as server:
        videos = openai.OpenAI(base_url=server.base_url, api_key=server.api_key).videos
        assert videos.create_and_poll(prompt="a red ball", seconds="1", size="160x160").status == "completed"
