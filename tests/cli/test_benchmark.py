"""`kinora benchmark` from the command line: mistakes are one line, a section alone is printed and written."""

import json
import shlex
import sys

import pytest

from kinora.cli import main as command
from kinora.models.weights import SHIPPED


def run(line, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["kinora", *shlex.split(line)])
    command.main()


def test_a_section_alone_is_printed_and_written(tmp_path, monkeypatch, capsys):
    out = tmp_path / "figures.json"
    run(f"benchmark --quick --runs 2 --only gpu --out {shlex.quote(str(out))}", monkeypatch)
    report = json.loads(out.read_text())
    assert report["command"].startswith("kinora benchmark --quick --runs 2")
    assert list(report["sections"]) == ["gpu"] and list(report["sha256"]) == [SHIPPED.name]
    assert report["effort"]["runs"] == 2
    assert "## On a GPU" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("--only taste", "there is no section taste: choose from stages"),
        ("--runs 0", "--runs must be at least 1"),
        ("--prompts -1", "--prompts must be at least 1"),
        ("--out none/figures.json", "folder none does not exist"),
        ("--weights none.safetensors --only gpu", "no weights at none.safetensors"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(rest, why, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        run(f"benchmark {rest}", monkeypatch)
    shown = capsys.readouterr()
    assert end.value.code == 2 and shown.out == ""
    assert shown.err.startswith("kinora: ") and why in shown.err and shown.err.count("\n") == 1
