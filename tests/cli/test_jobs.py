"""Every job from the command line to the file, on a small clip of the drawn world and the shipped weights."""

import os
import shlex
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from kinora.engines.opening import open_native
from kinora.media.decode import probe, read_clip
from kinora.request import Request
from kinora.tasks.render import render

FOX = "a red fox in the snow, soft piano"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a clip that Kinora made, one that has no sound, a picture of it, and a sound."""
    folder, engine = tmp_path_factory.mktemp("clips"), open_native()
    for name, request in (
        ("a.mp4", Request(prompt=FOX, seconds=3, size="96x96", seed=1)),
        ("silent.mp4", Request(prompt=FOX, seconds=2, size="112x96", seed=2, sound=False)),
    ):
        list(render(request, engine, folder / name, request.seed))
    Image.fromarray(read_clip(folder / "a.mp4").array()[0]).save(folder / "p.png")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (96, 96, 3), np.uint8)).save(folder / "noise.png")
    (folder / "empty.mp4").touch()
    return folder


@pytest.fixture
def kinora(typed, folder, monkeypatch):
    """The command in that folder."""
    monkeypatch.chdir(folder)
    return typed


@pytest.mark.parametrize(
    ("line", "name", "frames", "fps"),
    [
        (f"generate '{FOX}' --first-frame p.png --seconds 1", "a-red-fox-in-the-snow-soft-piano.mp4", 12, 12),
        (f"generate '{FOX}' --sound a.mp4 --size 96x96 -o tune.mp4", "tune.mp4", 36, 12),
        (f"extend a.mp4 '{FOX}' --seconds 1", "a-extended.mp4", 48, 12),
        (f"extend a.mp4 '{FOX}' --seconds 1 --before -o b.mp4", "b.mp4", 48, 12),
        ("fill a.mp4 --from 1 --to 2", "a-filled.mp4", 36, 12),
        ("fill a.mp4 --frames 3,7-9 -o mended.mp4", "mended.mp4", 36, 12),
        ("fill a.mp4 --fps 24 -o smooth.mp4", "smooth.mp4", 72, 24),
        ("loop a.mp4 --seconds 1", "a-looped.mp4", 48, 12),
        ("join a.mp4 silent.mp4 --seconds 1 --size 96x96", "a-silent.mp4", 72, 12),
        ("score silent.mp4 --music 'soft piano'", "silent-scored.mp4", 24, 12),
        ("score a.mp4 --effects rain --keep -o kept.mp4", "kept.mp4", 36, 12),
        ("score a.mp4 --music drums --from 1 --to 2 -o part.mp4", "part.mp4", 36, 12),
    ],
)
def test_a_job_makes_its_file_and_says_the_command_to_repeat_it(kinora, folder, line, name, frames, fps):
    status, out, err = kinora(f"{line} --steps 1 --seed 3")
    assert status == 0, err
    assert out[0] == f"wrote {name}" and shlex.split(out[1]) == [
        "kinora",
        *shlex.split(line),
        "--steps",
        "1",
        "--seed",
        "3",
    ]
    facts = probe(folder / name)
    assert (facts.num_frames, facts.fps, facts.num_channels) == (frames, fps, 1)
    (folder / name).unlink()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("fill a.mp4 --from 2 --to 9", "2 to 9 s is no part of a.mp4, which lasts 3 s: give a range inside it"),
        ("fill a.mp4 --from 2", "say what to fill: --from and --to, or --frames, or --fps"),
        ("fill a.mp4 --frames 1 --fps 24", "say what to fill"),
        ("fill a.mp4 --frames 36", "a.mp4 has frames 0 to 35"),
        ("fill a.mp4 --frames some", "argument --frames: invalid frames value: 'some'"),
        ("fill a.mp4 --fps 18", "18 is no multiple: give 24"),
        ("join a.mp4 silent.mp4", "a.mp4 is 96x96 and silent.mp4 112x96: give a size, and both are fitted to it"),
        ("generate 'a fox' --keyframe 9=p.png", "a keyframe at 9 s is outside the clip, which lasts 4 s"),
        ("generate 'a fox' --first-frame p.png --fps 0", "fps is 0: give a value from 8 to 30"),
        ("generate 'a fox' --first-frame none.png", "none.png cannot be read"),
        ("generate 'a fox' --sound silent.mp4", "silent.mp4 has no sound; give a file that has"),
        ("extend p.png 'a fox'", "p.png is a picture; give a video, or generate one that has it as its first frame"),
        ("extend empty.mp4 'a fox'", "empty.mp4 is empty; export or download it again"),
        ("extend a.mp4 'a fox' --seconds 58", "with a.mp4 it would last 61 s, and 60 is the most"),
        ("extend a.mp4 'a fox' --fps 0", "fps is 0: give a value from 8 to 30"),
        ("extend a.mp4", "the following arguments are required: prompt"),
        ("extend a.mp4 'a fox' -o b.avi", "b.avi must end in .mp4"),
        ("extend a.mp4 'a naked child'", "refused"),
        ("loop a.mp4 --seconds nan", "nan s is no time to make"),
        ("extend a.mp4 'a fox' --seconds 0", "0 s is no time to make: give some seconds, as in 2"),
        ("score silent.mp4 --from 1", "silent.mp4 has no sound to keep; leave a range away"),
        ("score a.mp4 --from 1 --to 9", "1 to 9 s is no part of a.mp4, which lasts 3 s: give a range inside it"),
        ("score a.mp4 --from 1 --keep", "in it none does: leave keep away"),
        ("score silent.mp4 --keep", "silent.mp4 has no sound to keep; leave keep away"),
    ],
)
def test_a_mistake_is_one_line_found_before_anything_is_loaded(kinora, folder, line, why):
    before = sorted(folder.iterdir())
    status, out, err = kinora(f"{line} --weights none.safetensors")
    assert (status, out, len(err)) == (2, [], 1)
    assert err[0].startswith("kinora: ") and why in err[0]
    assert sorted(folder.iterdir()) == before


def test_a_picture_unlike_the_world_stops_it_unless_it_may_be(kinora, folder):
    line = "generate 'a fox' --first-frame noise.png --seconds 1 --steps 1 -o noise.mp4"
    status, out, err = kinora(line)
    assert (status, out) == (2, []) and "noise.png is drawn unlike this world (" in err[-1] and "--loose" in err[-1]
    assert not (folder / "noise.mp4").exists()
    assert kinora(f"{line} --loose")[0] == 0


def test_an_estimate_of_a_job_makes_no_file(kinora, folder):
    before = sorted(folder.iterdir())
    status, out, _ = kinora("extend a.mp4 'a fox' --seconds 1 --estimate")
    assert status == 0 and out[0].startswith("about ") and sorted(folder.iterdir()) == before


def test_bad_arguments_are_found_before_torch_is_loaded(folder):
    show = (
        "import sys, kinora.cli.main as main\n"
        "sys.argv = ['kinora', 'fill', 'a.mp4', '--from', '2', '--to', '9']\n"
        "try:\n    main.main()\nexcept SystemExit:\n    print('torch' in sys.modules)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", show], cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == ["False"]
