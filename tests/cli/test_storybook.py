import argparse
import subprocess
import sys

import pytest

from kinora.cli.storybook import add_arguments, run


def call(*flags):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    run(parser.parse_args(flags))


def test_clips_are_written_counted_and_resumed(tmp_path, capsys):
    flags = ("--seed", "7", "--count", "2", "--seconds", "0.25", "--size", "96x96", "--out", str(tmp_path))
    call(*flags)
    shown = capsys.readouterr()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["train-7-000000", "train-7-000001"]
    assert "2 clips" in shown.out and "frames/s a core" in shown.out
    assert "2/2 clips" in shown.err and "clips/s" in shown.err
    call(*flags)
    assert "all there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--count", "0"), "--count must be at least 1"),
        (("--fps", "0"), "--fps must be at least 1"),
        (("--seed", "-1"), "seed is a whole number"),
        (("--size", "100x100"), "the nearest is 96x96"),
        (("--seconds", "1.3"), "1.25 or 1.3333"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_is_right(flags, message, tmp_path):
    with pytest.raises(ValueError, match=message) as caught:
        call(*flags, "--out", str(tmp_path / "none"))
    assert "\n" not in str(caught.value) and not (tmp_path / "none").exists()


def test_without_skia_the_remedy_is_told():
    code = (
        "import sys; sys.modules['skia'] = None; sys.argv = ['kinora', 'storybook'];"
        "from kinora.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "pip install -e '.[storybook]'" in done.stderr and "libEGL and libGL" in done.stderr
