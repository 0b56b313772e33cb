"""The real `openai` packages of PyPI against a real server: the oldest with videos, the oldest with edits, extensions
and characters, and the newest; the synchronous and the asynchronous client."""

import ast
import re
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("python_client.py")
VERSIONS = re.findall(r"^pypi (\S+)$", Path(__file__).with_name("versions.txt").read_text(), re.MULTILINE)
# What the oldest client has no method for.
ABSENT = {VERSIONS[0]: {"edit_a_file", "edit_by_id", "extend_a_file", "extend_by_id", "characters"}}


def steps_of(script):
    """The names of the steps that a script runs, without importing it."""
    (steps,) = (node for node in ast.parse(script.read_text()).body if getattr(node, "name", "") == "Steps")
    return [node.name for node in steps.body if hasattr(node, "name") and not node.name.startswith("_")]


# Every version in both modes takes minutes; the oldest and the newest in one mode each are asked every time.
DAILY = [(VERSIONS[0], "async"), (VERSIONS[-1], "sync")]
REST = [(version, mode) for version in VERSIONS for mode in ("sync", "async") if (version, mode) not in DAILY]


@pytest.mark.parametrize(("version", "mode"), [*DAILY, *(pytest.param(*one, marks=pytest.mark.long) for one in REST)])
def test_an_unchanged_client(client_environment, verdicts_of, version, mode):
    python = client_environment("pypi", version) / "bin" / "python"
    absent = ABSENT.get(version, set())
    verdicts = verdicts_of(python, "-I", SCRIPT, mode)
    assert verdicts == {step: "absent" if step in absent else "ok" for step in steps_of(SCRIPT)}
