"""The command as a user types it, without starting Python anew each time."""

import shlex
import sys

import pytest

from kinora.cli import main as command


@pytest.fixture
def typed(monkeypatch, capsys):
    """A function from a command line to (exit status, lines on stdout, lines on stderr)."""

    def run(line):
        monkeypatch.setattr(sys, "argv", ["kinora", *shlex.split(line)])
        status = 0
        try:
            command.main()
        except SystemExit as end:
            status = end.code
        shown = capsys.readouterr()
        return status, shown.out.splitlines(), shown.err.splitlines()

    return run


@pytest.fixture
def kinora(typed, tmp_path, tmp_path_factory, monkeypatch):
    """The same in an empty folder, with one signer for all tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINORA_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    return typed
