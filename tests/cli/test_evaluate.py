"""`kinora evaluate`: mistakes are one line that says what is right, before anything is made."""

import shlex
import subprocess
import sys

import pytest

from kinora.cli import main as command


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("--prompts 0", "--prompts must be at least 1; it is 0"),
        ("--workers 0", "--workers must be at least 1; it is 0"),
        ("--steps 0", "steps is 0"),
        ("--guidance -1", "guidance is -1"),
        ("--out none/here", "none does not exist; make it first"),
        ("--weights none.safetensors", "there are no weights at none.safetensors"),
        ("--suite tasks --count 0", "--count must be at least 1; it is 0"),
        ("--suite tasks --jobs edit", "there is no job 'edit': give some of extend, fill"),
        ("--suite tasks --prompts 4", "--prompts is for --suite prompts"),
        ("--count 4", "--count is for --suite tasks"),
        ("--best-of 4", "unrecognized arguments: --best-of 4"),
    ],
)
def test_a_mistake_is_one_line_and_makes_nothing(flags, why, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["kinora", "evaluate", *shlex.split(flags)])
    with pytest.raises(SystemExit) as end:
        command.main()
    said = capsys.readouterr().err
    assert end.value.code == 2 and said.count("\n") == 1 and why in said
    assert list(tmp_path.iterdir()) == []


def test_without_skia_the_remedy_is_told(tmp_path):
    code = (
        "import sys; sys.modules['skia'] = None; sys.argv = ['kinora', 'evaluate'];"
        "from kinora.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "pip install -e '.[storybook]'" in done.stderr and "libEGL and libGL" in done.stderr
