"""The real `openai` packages of npm against a real server: the oldest with videos and the newest."""

import re
import shutil
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("node_client.mjs")
VERSIONS = re.findall(r"^npm (\S+)$", Path(__file__).with_name("versions.txt").read_text(), re.MULTILINE)
STEPS = re.findall(r"^  async (\w+)\(\) {$", SCRIPT.read_text(), re.MULTILINE)
# What the oldest client has no method for.
ABSENT = {VERSIONS[0]: {"editAFile", "editById", "extendAFile", "extendById", "characters"}}


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: ./check installs it")
@pytest.mark.parametrize("version", VERSIONS)
def test_an_unchanged_client(client_environment, verdicts_of, version):
    absent = ABSENT.get(version, set())
    verdicts = verdicts_of("node", SCRIPT, client_environment("npm", version))
    assert verdicts == {step: "absent" if step in absent else "ok" for step in STEPS}
