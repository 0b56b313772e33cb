"""Every example runs as it stands, against a real server."""

import os
import subprocess
import sys
from pathlib import Path

import openai
import pytest

PYTHON = Path(__file__).parents[3] / "examples" / "python"
TIMEOUT_S = 300


@pytest.fixture(scope="module")
def run(kinora_server, tmp_path_factory):
    """Run a command in an empty folder, with the variables that a client reads; return the folder and what was said."""
    environment = {**os.environ, **kinora_server.environment}

    def in_a_folder(*command):
        folder = tmp_path_factory.mktemp("example")
        ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)
        assert ended.returncode == 0, ended.stderr + ended.stdout
        return folder, ended.stdout

    return in_a_folder


def is_video(path):
    return path.read_bytes()[4:8] == b"ftyp"


def test_first_video(run):
    folder, said = run(sys.executable, PYTHON / "first_video.py", "a red ball bounces on the beach")
    assert is_video(folder / "video.mp4") and (folder / "thumbnail.webp").read_bytes()[8:12] == b"WEBP"
    assert said.startswith("video_")


def test_poll(run):
    _, said = run(sys.executable, PYTHON / "poll.py", "a boat sails", "a bear dances")
    ended = [line for line in said.splitlines() if line.endswith("completed 100 %")]
    assert len(ended) == 2


def test_remix(run):
    folder, said = run(sys.executable, PYTHON / "remix.py")
    assert is_video(folder / "day.mp4") and is_video(folder / "night.mp4")
    assert said.count("remixed from video_") == 1


def test_list_and_delete(run, kinora_server):
    videos = openai.OpenAI(base_url=kinora_server.base_url, api_key=kinora_server.api_key).videos
    bad = videos.create_and_poll(prompt="kinora:test/fail", poll_interval_ms=50)
    _, said = run(sys.executable, PYTHON / "list_and_delete.py")
    assert bad.id in said
    assert all(video.status != "failed" for video in videos.list())


def test_tests_with_the_fixture(run):
    """As in a project of its own: with none of this one's configuration."""
    _, said = run(sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "kinora.testing", PYTHON / "test_my_app.py")
    assert "4 passed" in said


def test_first_video_in_typescript(run, javascript):
    folder, _ = run("node", javascript / "first_video.js", "a red ball bounces on the beach")
    assert is_video(folder / "video.mp4")


def test_remix_and_list_in_typescript(run, javascript, kinora_server):
    videos = openai.OpenAI(base_url=kinora_server.base_url, api_key=kinora_server.api_key).videos
    video = videos.create_and_poll(prompt="a red ball", seconds="1", size="160x160", poll_interval_ms=50)
    _, said = run("node", javascript / "remix.js", video.id, "a blue ball")
    assert said.strip().endswith(f"remixed from {video.id}")
    _, said = run("node", javascript / "list_and_delete.js")
    assert video.id in said
