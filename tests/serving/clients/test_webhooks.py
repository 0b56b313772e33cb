"""The receivers of the examples, with OpenAI's own check of signatures, are told of a closed video by a real server."""

import base64
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import openai
import pytest

from kinora.testing import serving

PYTHON = (sys.executable, "-u", str(Path(__file__).parents[3] / "examples" / "python" / "webhook_receiver.py"))
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 characters").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret than that").decode()
FAIL = "kinora:test/fail"
TIMEOUT_S, LOOK_S = 60, 0.1


@contextmanager
def receiving(command, secret, told):
    """A running receiver that writes what it is told to the file `told`; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "OPENAI_API_KEY": "any", "OPENAI_WEBHOOK_SECRET": secret}
    with told.open("wb") as output:
        process = subprocess.Popen([*command, str(port)], env=environment, stdout=output, stderr=output)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def configured(data, url):
    """A new data folder whose server tells this address."""
    data.mkdir()
    (data / "config.toml").write_text(f'[[webhooks]]\nurl = "{url}"\nsecret = "{SECRET}"\n')
    return data


def awaited(told, what):
    """What a receiver was told, once it has these words in it or a minute is over."""
    end = time.monotonic() + TIMEOUT_S
    while what not in told.read_text() and time.monotonic() < end:
        time.sleep(LOOK_S)
    return told.read_text()


@pytest.fixture
def receiver(request):
    """The command of an example, without its port."""
    if request.param == "python":
        return PYTHON
    return ("node", str(request.getfixturevalue("javascript") / "webhook_receiver.js"))


@pytest.mark.parametrize("receiver", ["python", "typescript"], indirect=True)
def test_who_knows_the_secret_is_told_of_a_closed_video(receiver, tmp_path):
    told, data = tmp_path / "told", tmp_path / "data"
    with receiving(receiver, SECRET, told) as url, serving(configured(data, url)) as server:
        video = openai.OpenAI(base_url=server.base_url, api_key=server.api_key).videos.create(prompt=FAIL)
        assert f"video.failed {video.id}" in awaited(told, video.id)


def test_who_knows_another_secret_believes_nothing(tmp_path):
    told, data = tmp_path / "told", tmp_path / "data"
    with receiving(PYTHON, OTHER, told) as url, serving(configured(data, url)) as server:
        video = openai.OpenAI(base_url=server.base_url, api_key=server.api_key).videos.create(prompt=FAIL)
        assert '" 401 ' in awaited(told, '" 401 ')
    assert video.id not in told.read_text()
