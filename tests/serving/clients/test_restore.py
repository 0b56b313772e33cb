"""What docs/DEPLOY.md says of backup and restore: the ledger copied first, then the store, while the server runs."""

import shutil
import sqlite3

import openai

from kinora.testing import serving

SHORT = {"seconds": "1", "size": "160x160"}


def client_of(server):
    return openai.OpenAI(base_url=server.base_url, api_key=server.api_key).videos


def test_a_server_goes_on_from_its_backup(tmp_path):
    live, backup = tmp_path / "live", tmp_path / "backup"
    live.mkdir()
    backup.mkdir()
    with serving(live) as server:
        videos = client_of(server)
        done = videos.create_and_poll(prompt="a red ball bounces", **SHORT, poll_interval_ms=100)
        content = videos.download_content(done.id).content
        waiting = videos.create(prompt="kinora:test/slow", **SHORT)
        sqlite3.connect(live / "ledger.sqlite").backup(sqlite3.connect(backup / "ledger.sqlite"))
        shutil.copytree(live / "store", backup / "store", ignore=shutil.ignore_patterns("*.part"))
        later = videos.create(prompt="kinora:test/fail", **SHORT)
    with serving(backup) as server:
        videos = client_of(server)
        assert videos.retrieve(done.id).to_dict() == done.to_dict()
        assert videos.download_content(done.id).content == content
        # What was in the making begins again; what came after the copy was never there.
        assert videos.poll(waiting.id, poll_interval_ms=100).status == "completed"
        assert later.id not in [video.id for video in videos.list()]
