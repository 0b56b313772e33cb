"""Mistakes, as a user meets them: a process of its own, one line on stderr, exit status 2, no traceback."""

import subprocess
import sys

import pytest

from kinora.cli import main as command

RUN = "import sys; sys.argv[0] = 'kinora'; import kinora.cli.main as m; m.main()"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["train", "stils"], "there is no recipe 'stils': did you mean 'stills'?"),
        (["train", "text", "--freeze"], "holds no checkpoint: run `kinora train text` first"),
        (["inspect", "none.mp4"], "none.mp4"),
        (["inspect", "."], "is not a file"),
        (["generate", "a fox", "-o", "a.gif"], "a.gif must end in .mp4"),
        (["jump"], "invalid choice: 'jump'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, line, why):
    done = subprocess.run([sys.executable, "-c", RUN, *line], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    assert done.stderr.startswith("kinora: ") and why in done.stderr


def test_a_file_that_is_no_video_is_one_line(tmp_path):
    (tmp_path / "a.mp4").write_text("not a video")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "inspect", "a.mp4"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr


def test_stopping_is_no_mistake(monkeypatch, capsys):
    def stop():
        raise KeyboardInterrupt

    parser = command.build_parser()
    monkeypatch.setattr(command, "build_parser", lambda: parser)
    monkeypatch.setattr(command, "import_module", lambda name: type("Module", (), {"run": lambda arguments: stop()}))
    monkeypatch.setattr(sys, "argv", ["kinora", "describe"])
    with pytest.raises(SystemExit) as end:
        command.main()
    assert end.value.code == 130
    assert capsys.readouterr().err == "kinora: stopped; nothing half-written was left behind\n"
