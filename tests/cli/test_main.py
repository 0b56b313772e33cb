"""Mistakes, as a user meets them: a process of its own, one line on stderr, exit status 2, no traceback."""

import errno
import os
import subprocess
import sys

import av
import pytest

from kinora.cli import main as command

# Whatever runs the tests in the background may have Ctrl-C ignored.
INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Interrupt:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
"""
RUN = "import sys; sys.argv[0] = 'kinora'; import kinora.cli.main as m; m.main()"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["train", "stils"], "there is no recipe 'stils': did you mean 'stills'?"),
        (["train", "text", "--freeze"], "holds no checkpoint: run `kinora train text` first"),
        (["train", "clips", "--ship", "a.safetensors"], "says which version it is: give one, as in --name 1.0.0"),
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


LIMITED = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (4096, 4096)); " + RUN


def test_a_file_that_may_not_be_written_is_one_line_and_leaves_nothing(tmp_path):
    """With a limit on the size of files, as `ulimit -f` sets it; the signer's files are smaller."""
    (tmp_path / "out").mkdir()
    line = ["generate", "a fox in the snow", "--seconds", "1", "--steps", "1", "--preview"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *line],
        capture_output=True,
        text=True,
        cwd=tmp_path / "out",
        env={**os.environ, "KINORA_HOME": str(tmp_path / "home")},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    said = done.stderr.splitlines()[-1].partition("kinora: ")[2]
    assert said == (
        f"{tmp_path / 'out'}: the file would be larger than is allowed here: raise `ulimit -f`, "
        "or ask for something shorter"
    )
    assert "Traceback" not in done.stderr and list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "/films: the disk is full: free some space, or write to another one"),
        (errno.EROFS, "/films: the disk is read-only: write to another one"),
        (errno.EACCES, "/films: reading or writing here is not permitted"),
        (errno.ELOOP, "[Errno 40] Too many levels of symbolic links: '/films/.kinora-x/.signed.mp4.ab.part'"),
    ],
)
@pytest.mark.parametrize("kind", [OSError, av.error.OSError])
def test_what_the_system_refuses_has_a_remedy(kind, number, why, monkeypatch, capsys):
    error = kind(number, os.strerror(number), "/films/.kinora-x/.signed.mp4.ab.part")

    def fail(arguments):
        raise error

    parser = command.build_parser()
    monkeypatch.setattr(command, "build_parser", lambda: parser)
    monkeypatch.setattr(command, "import_module", lambda name: type("Module", (), {"run": staticmethod(fail)}))
    monkeypatch.setattr(sys, "argv", ["kinora", "describe"])
    with pytest.raises(SystemExit) as end:
        command.main()
    shown = capsys.readouterr().err
    assert end.value.code == 2 and shown.count("\n") == 1 and shown.startswith(f"kinora: {why}")


@pytest.mark.parametrize("module", ["kinora.cli.train", "numpy.ma", "torch._C", "kinora.engines.opening"])
def test_ctrl_c_while_modules_are_imported_is_one_line(module, tmp_path):
    """As the interpreter meets it: inside whichever import is going on."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(module=module) + RUN, "generate", "a fox"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "kinora: stopped; nothing half-written was left behind\n"
    assert list(tmp_path.iterdir()) == []


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
