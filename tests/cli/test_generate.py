"""`kinora generate` from the command line to the file, with a tiny weights file of real classes."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from kinora.cli import main as command
from kinora.cli.generate import keyframe
from kinora.cli.making import out_path, repeat_command, seed_of, slug
from kinora.media.decode import read_clip
from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.models.weights import save_weights
from kinora.provenance.credentials import read
from kinora.request import MAX_SEED, Request

VOCABULARY = {"known": ["a", "fox", "in", "red", "snow", "the"], "near": {"wolf": ["kind", "fox"]}}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    video = VideoAutoencoderConfig(latent_channels=8, encoder_widths=(8, 8, 16), decoder_widths=(8, 8, 16))
    sound = SoundAutoencoderConfig(latent_channels=4, width=16, encoder_depth=1, decoder_depth=1, num_mels=16)
    slots = {"kind": ["", "fox"]}
    text = TextConfig(slots=slots, num_buckets=64, ngram_width=8, width=16, depth=1, num_heads=2)
    channels = {"video": 8, "sound": 4}
    transformer = TransformerConfig(width=32, depth=1, num_heads=2, hidden=48, text_width=16, channels=channels)
    modules = {
        "transformer": Transformer(transformer),
        "video": VideoAutoencoder(video),
        "sound": SoundAutoencoder(sound),
        "text": TextEncoder(text),
    }
    torch.nn.init.normal_(modules["transformer"].leave["video"].weight)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(path, modules, VOCABULARY, {"name": "tiny", "version": "0.0.1", "window_blocks": 6})
    return path


def test_a_sentence_becomes_a_file_and_the_command_to_repeat_it(kinora, weights, tmp_path):
    quick = f"--seconds 1 --steps 1 --size 96x96 --weights {shlex.quote(str(weights))}"
    status, out, err = kinora(f"generate 'a red wolf in the snow' {quick} --preview")
    assert status == 0
    assert any('the drawn world read "wolf" as "fox"' in line for line in err)
    assert out[:2] == ["wrote a-red-wolf-in-the-snow.mp4", "wrote a-red-wolf-in-the-snow.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [line.split()[1] for line in out[:2]]
    # Said again, it makes the same file under a free name.
    again = [line.replace("snow.", "snow-2.") for line in out]
    assert kinora(out[2].removeprefix("kinora "))[1] == again
    first, second = (read_clip(tmp_path / f"a-red-wolf-in-the-snow{end}.mp4") for end in ("", "-2"))
    assert np.array_equal(first.array(), second.array()) and np.array_equal(first.sound, second.sound)


def test_a_clip_that_is_scaled_says_so_in_one_line(kinora, weights, tmp_path):
    quick = f"--seconds 1 --steps 1 --no-sound --weights {shlex.quote(str(weights))}"
    status, out, err = kinora(f"generate 'a fox' --size 180x320 --fps 24 -o a.mp4 {quick}")
    assert status == 0 and "drawn at 144x256, scaled to 180x320" in err
    assert "--size 180x320 --fps 24" in out[-1]
    clip = read_clip(tmp_path / "a.mp4")
    assert (clip.num_frames, clip.height, clip.width, clip.fps) == (24, 320, 180, 24)
    assert not any("scaled" in line for line in kinora(f"generate 'a fox' --size 96x96 -o b.mp4 {quick}")[2])


def test_a_prompt_of_which_nothing_is_known_is_drawn_and_that_is_said(kinora, weights):
    quick = f"--seconds 1 --steps 1 --size 96x96 --no-sound --weights {shlex.quote(str(weights))}"
    status, out, err = kinora(f"generate 'quantum' -o a.mp4 {quick}")
    assert status == 0 and out[0] == "wrote a.mp4"
    assert any('left out "quantum"; knows nothing else of it and drew "a red fox in the snow"' in line for line in err)
    status, out, err = kinora(f"generate 'quantum' --strict -o b.mp4 {quick}")
    assert status == 2 and "leave strict away" in err[-1]


def test_variations_have_seeds_and_names_of_their_own(kinora, weights):
    quick = f"--seconds 1 --steps 1 --size 96x96 --no-sound --weights {shlex.quote(str(weights))}"
    status, out, _ = kinora(f"generate 'a fox' --seed 3 --variations 2 -o b.mp4 {quick}")
    assert status == 0 and out[:2] == ["wrote b-1.mp4", "wrote b-2.mp4"]
    assert kinora(f"generate 'a fox' --seed 4 -o single.mp4 {quick}")[0] == 0
    first, second, single = (read_clip(Path(name)).array() for name in ("b-1.mp4", "b-2.mp4", "single.mp4"))
    assert np.array_equal(second, single) and not np.array_equal(first, second)


def test_seeds_of_variations_begin_again_after_the_last(kinora, weights):
    assert [seed_of(MAX_SEED - 1, number) for number in range(3)] == [MAX_SEED - 1, MAX_SEED, 0]
    quick = f"--seconds 1 --steps 1 --size 96x96 --no-sound --weights {shlex.quote(str(weights))}"
    assert kinora(f"generate 'a fox' --seed {MAX_SEED} --variations 2 -o c.mp4 {quick}")[0] == 0
    seeds = [read(Path(name)).record.seed for name in ("c-1.mp4", "c-2.mp4")]
    assert seeds == [MAX_SEED, 0]


def test_a_preview_overwrites_no_picture(kinora, weights, tmp_path):
    (tmp_path / "d.png").write_text("mine")
    quick = f"--seconds 1 --steps 1 --size 96x96 --no-sound --weights {shlex.quote(str(weights))}"
    status, out, _ = kinora(f"generate 'a fox' -o d.mp4 --preview {quick}")
    assert status == 0 and out[:2] == ["wrote d.mp4", "wrote d-2.png"]
    assert (tmp_path / "d.png").read_text() == "mine"


def test_without_the_renderer_it_generates_all_the_same(weights, tmp_path):
    """skia and cv2 belong to the drawn world: a clip, a preview and a story need neither."""
    code = (
        "import sys; sys.modules['skia'] = sys.modules['cv2'] = None; sys.argv[0] = 'kinora';"
        "from kinora.cli.main import main; main()"
    )
    quick = ["--steps", "1", "--size", "96x96", "--preview", "--weights", str(weights)]
    for seconds, name in (("1", "a"), ("9", "b")):
        line = ["generate", "a fox in the snow", "--seconds", seconds, "-o", f"{name}.mp4", *quick]
        done = subprocess.run(
            [sys.executable, "-c", code, *line],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "KINORA_HOME": str(tmp_path / "home")},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert all((tmp_path / f"{name}.{end}").stat().st_size for end in ("mp4", "png"))


def test_an_estimate_makes_no_file(kinora, weights, tmp_path):
    status, out, _ = kinora(f"generate 'a fox' --steps 1 --size 96x96 --estimate --weights {weights}")
    assert status == 0 and out[0].startswith("about ") and "GB of memory" in out[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("'a fox' -o a.avi", "a.avi must end in .mp4"),
        ("'a fox' -o none/a.mp4", "folder none does not exist; make it first"),
        ("'a fox' --size 100x100", "size 100x100 can't be made"),
        ("'a fox' --size 1280x721", "the nearest is 1280x720 or 1280x722"),
        ("'a fox' --fps 60", "fps is 60: give a value from 8 to 30"),
        ("'a fox' --size wide", "neither WIDTHxHEIGHT nor one of"),
        ("'a fox' --seconds 61", "seconds is 61: give a value from 1 to 60"),
        ("'a fox' --seconds nan", "seconds is nan: give a value from 1 to 60"),
        ("'a fox' --seconds soon", "argument --seconds: invalid float value: 'soon'; see `kinora generate --help`"),
        ("'a fox' --variations 0", "variations is 0"),
        ("'a fox' --seed -1", "seed is -1"),
        ("'a fox' --weights none.safetensors", "there are no weights at none.safetensors"),
        ("'a fox' --wings", "unrecognized arguments: --wings"),
        ("''", "the prompt is empty"),
        ("'a naked child'", "refused"),
        ("", "the following arguments are required: prompt"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(kinora, tmp_path, rest, why):
    status, out, err = kinora(f"generate {rest}")
    assert (status, out, len(err)) == (2, [], 1)
    assert err[0].startswith("kinora: ") and why in err[0]
    assert list(tmp_path.iterdir()) == []


def test_words_outside_the_world_are_refused_when_strict(kinora, weights):
    status, _, err = kinora(f"generate 'a quantum fox' --strict --weights {weights}")
    assert status == 2 and 'left out "quantum"' in err[-1]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A red fox, soft piano!", "a-red-fox-soft-piano"),
        ("狐", "kinora"),
        ("../../etc/passwd", "etc-passwd"),
        ("fox " * 40, "fox-" * 14 + "fox"),
    ],
)
def test_a_prompt_as_a_file_name(prompt, name):
    assert slug(prompt) == name and len(name) <= 60


def test_a_name_nobody_asked_for_never_overwrites(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = Request(prompt="a fox", variations=2)
    Path("a-fox-1.mp4").touch()
    named = Path("a-fox.mp4")
    assert [out_path(None, named, request, n).name for n in (0, 1)] == ["a-fox-1-2.mp4", "a-fox-2.mp4"]
    assert out_path(Path("b/c.mp4"), named, request, 1) == Path("b/c-2.mp4")


@pytest.mark.parametrize(
    "line",
    [
        ["generate", "a fox", "--steps", "3"],
        ["generate", 'a sign that says "HI"; it\'s $HOME', "--seconds", "2.1234567", "-o", "my fox.mp4"],
        ["fill", "my fox.mp4", "--from", "1", "--to", "2", "--weights", "w 1.safetensors", "--no-sound"],
        ["generate", "--", "--a fox"],
    ],
)
def test_the_command_to_repeat_is_what_was_said_and_the_seed_that_was_drawn(line):
    again = shlex.split(repeat_command(line, 9))
    first, second = (command.build_parser().parse_args(words) for words in (line, again[1:]))
    assert vars(second) == {**vars(first), "seed": 9}
    assert shlex.split(repeat_command(line, None))[1:] == line


def test_a_keyframe_is_a_second_and_a_picture():
    assert keyframe("2.5=a=b.png") == (2.5, Path("a=b.png"))
    for wrong in ("p.png", "2.5=", "soon=p.png"):
        with pytest.raises(ValueError):
            keyframe(wrong)
