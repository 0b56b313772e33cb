"""What every open engine keeps to: seeds, lengths, sizes, cancelling, what can be asked of it, and lazy decoding."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_shots import TOLD, WINDOW_FRAMES, given_of, shot_of, shown, source_of

from kinora.engines.engine import Told, nothing_given
from kinora.request import Request


class Stopped(Exception):
    pass


def filled(engine, shot, told=TOLD):
    return engine.fill(shot, told, nothing_given(shot))


def digest(frames):
    return hashlib.sha256(np.ascontiguousarray(frames).tobytes()).hexdigest()


@pytest.mark.parametrize("kind", ["wan", "wan-vace", "wan-5b", "ltx2"])
def test_a_seed_draws_the_same_and_another_another(engine_of, kind):
    engine = engine_of(kind)
    shots = [shot_of(engine, 5, seed=seed) for seed in (1, 1, 2)]
    first, again, other = (digest(shown(engine, filled(engine, shot), shot)) for shot in shots)
    assert first == again != other


@pytest.mark.parametrize("num_frames", [1, 2, 4, 5, 6, 16, 17])
def test_any_length_comes_out_exact(engine_of, num_frames):
    engine = engine_of("wan")
    shot = shot_of(engine, num_frames)
    assert len(shown(engine, filled(engine, shot), shot)) == num_frames


@pytest.mark.parametrize("num_frames", [18, 30, 61])
def test_any_length_past_a_window_comes_out_exact(engine_of, num_frames):
    engine = engine_of("wan-5b")
    shot = shot_of(engine, num_frames)
    latents = filled(engine, shot)
    assert len(shown(engine, latents, shot)) == num_frames
    assert max(stop - start for start, stop in latents["windows"].tolist()) <= WINDOW_FRAMES


@pytest.mark.parametrize("size", [(32, 48), (64, 32), (48, 80)])
def test_any_size_on_the_grid_comes_out_exact(engine_of, size):
    engine = engine_of("wan-vace")
    shot = shot_of(engine, 5, height=size[0], width=size[1])
    latents = engine.fill(shot, TOLD, given_of(source_of(shot), {0}))
    assert shown(engine, latents, shot).shape == (5, *size, 3)


def test_steps_are_told_one_after_another(engine_of):
    engine = engine_of("wan-5b")
    shot, seen = shot_of(engine, 40), []
    engine.fill(
        shot, Told(prompt="a fox", steps=3), nothing_given(shot), lambda done, total: seen.append((done, total))
    )
    assert seen == [(step, 9) for step in range(1, 10)]


@pytest.mark.parametrize("kind", ["wan", "wan-vace", "wan-5b", "ltx2"])
@pytest.mark.parametrize("step", [1, 2])
def test_who_watches_can_stop_it_and_nothing_is_left(engine_of, kind, step):
    engine = engine_of(kind)
    shot = shot_of(engine, 5)
    expected, seen = digest(shown(engine, filled(engine, shot), shot)), []

    def stop(done, total):
        seen.append(done)
        if done == step:
            raise Stopped

    with pytest.raises(Stopped):
        engine.fill(shot, TOLD, nothing_given(shot), stop)
    assert seen == list(range(1, step + 1))
    assert digest(shown(engine, filled(engine, shot), shot)) == expected


def test_what_is_not_told_is_left_to_the_entry(engine_of):
    engine = engine_of("wan")
    brief = replace(engine, entry=replace(engine.entry, steps=3, guidance=2.5))
    shot, seen = shot_of(engine, 5), []
    latents = brief.fill(shot, Told(prompt="a fox"), nothing_given(shot), lambda done, total: seen.append(total))
    told = filled(engine, shot, Told(prompt="a fox", steps=3, guidance=2.5))
    assert seen == [3, 3, 3]
    assert digest(latents["video.0"]) == digest(told["video.0"])
    assert digest(latents["video.0"]) != digest(filled(engine, shot, Told(prompt="a fox", steps=3))["video.0"])


def test_words_of_the_prompt_matter(engine_of):
    engine = engine_of("wan-vace")
    shot = shot_of(engine, 5)
    takes = {
        digest(shown(engine, filled(engine, shot, Told(prompt=text, steps=2)), shot)) for text in ("a fox", "bears")
    }
    assert len(takes) == 2


def test_only_windows_in_which_something_is_wanted_are_decoded(engine_of):
    engine = engine_of("wan-5b")
    shot = shot_of(engine, 40)
    latents, decoded = filled(engine, shot), []
    whole = shown(engine, latents, shot)
    decoder = engine.family.pipe.vae.post_quant_conv
    hook = decoder.register_forward_hook(lambda module, args, out: decoded.append(1))
    try:
        frames = engine.frames(latents, shot, {0, 38})
        first = next(frames)
        assert len(decoded) == 1
        rest = list(frames)
        assert len(decoded) == 2
    finally:
        hook.remove()
    assert (first[0] == whole[0]).all()
    assert (rest[-1][0] == whole[38]).all()
    assert [frame is not None for frame in rest] == [number == 38 for number in range(1, 39)]


def test_sound_of_a_long_shot_is_one(engine_of):
    engine = engine_of("ltx2")
    shot = shot_of(engine, 40, sound=True)
    latents = filled(engine, shot)
    wave, rate_hz = engine.wave(latents)
    assert len(latents["windows"]) == 3
    assert wave.shape == (2, round(40 / shot.fps * rate_hz))
    assert len(shown(engine, latents, shot)) == 40


def test_what_is_known_as_a_whole_is_not_drawn(engine_of):
    engine = engine_of("wan")
    shot = shot_of(engine, 5)
    latents = engine.fill(shot, TOLD, given_of(source_of(shot), range(5)))
    assert list(engine.frames(latents, shot, range(5))) == list(engine.frames({}, shot, range(5))) == [None] * 5
    assert engine.estimate(shot, TOLD, given_of(source_of(shot), range(5))).seconds == 0


def test_frames_far_from_what_is_free_are_not_looked_at(engine_of):
    engine = engine_of("wan-vace")
    shot = shot_of(engine, 60)
    latents = engine.fill(shot, TOLD, given_of(source_of(shot), {*range(28), *range(32, 60)}))
    assert latents["windows"].tolist() == [[23, 40]]
    made = list(engine.frames(latents, shot, range(60)))
    assert [frame is not None for frame in made] == [23 <= number < 40 for number in range(60)]


@pytest.mark.parametrize(
    ("kind", "num_frames", "known", "said"),
    [
        ("wan", 18, (), r"wan, which draws 1\.06 s at once, can't go on from what is given: say --engine .*vace-1\.3b"),
        ("wan", 9, (0,), "wan can't begin with a given frame: say --engine .*wan2.2-5b"),
        ("wan-5b", 9, (8,), "end with a given frame"),
        ("wan-5b", 9, range(4), "go on from what is given"),
        ("wan-image", 9, (), "draw from words alone"),
        ("wan-image", 9, (8,), "can't end with a given frame: say --engine"),
        ("wan-pair", 9, (0,), "can't begin with a given frame: say --engine"),
        ("wan-pair", 30, (0, 29), r"which draws 1\.06 s at once"),
        ("ltx2", 9, range(4), "go on from what is given"),
    ],
)
def test_what_it_cannot_do_is_refused_before_any_work(engine_of, kind, num_frames, known, said):
    engine = engine_of(kind)
    shot, calls = shot_of(engine, num_frames), []
    hook = engine.family.pipe.text_encoder.register_forward_hook(lambda *args: calls.append(args))
    try:
        with pytest.raises(ValueError, match=said) as refused:
            engine.fill(shot, TOLD, given_of(source_of(shot), known))
    finally:
        hook.remove()
    assert "\n" not in str(refused.value)
    assert not calls


def test_references_are_refused_where_they_cannot_be_used(engine_of):
    engine = engine_of("ltx2")
    shot = shot_of(engine, 9, sound=True)
    with pytest.raises(ValueError, match="who is shown to it: say --engine vace"):
        engine.fill(shot, TOLD, replace(nothing_given(shot), references=(source_of(shot)[0],)))


def test_a_size_off_the_grid_is_refused(engine_of):
    engine = engine_of("wan")
    with pytest.raises(ValueError, match="multiples of 16"):
        filled(engine, shot_of(engine, 5, height=40))


@pytest.mark.parametrize(("num_frames", "num_windows"), [(17, 1), (33, 2), (145, 9)])
def test_windows_and_steps_are_reckoned_from_two_that_are_timed(engine_of, monkeypatch, num_frames, num_windows):
    engine, ticks = engine_of("wan-5b"), count()
    monkeypatch.setattr("kinora.engines.open.engine.time", SimpleNamespace(perf_counter=lambda: float(next(ticks))))
    shot = shot_of(engine, num_frames)
    reckoned = engine.estimate(shot, Told(prompt="a fox", steps=30), nothing_given(shot))
    # By a clock that ticks once whenever it is asked, a step takes a tick, and what is around all steps another.
    assert reckoned.seconds == num_windows * (30 + 1)
    assert reckoned.peak_bytes > 0


def test_the_prompt_is_read_word_for_word(engine_of):
    engine = engine_of("wan")
    reading = engine.read(Request(prompt="a photo of a fjord, kodachrome"))
    assert (reading.prompt, reading.replaced, reading.line) == ("a photo of a fjord, kodachrome", (), "")


def test_words_past_its_reach_are_counted(engine_of):
    engine = engine_of("wan")
    # Every letter is a token of this tokenizer, a space before each word and the end of the text are one more each.
    long = " ".join(["word"] * 110)
    assert engine.read(Request(prompt=long)).num_dropped == 110 - 511 // 5
    with pytest.raises(ValueError, match="left out the last 8 words"):
        engine.read(Request(prompt=long, strict=True))


def test_another_process_decodes_the_same_frames(engine_of, folder_of, tmp_path):
    engine = engine_of("wan-5b")
    shot = shot_of(engine, 30)
    latents = filled(engine, shot)
    save_file(dict(latents), tmp_path / "latents.safetensors")
    loaded = load_file(tmp_path / "latents.safetensors")
    assert all(torch.equal(latents[name], tensor) for name, tensor in loaded.items())
    program = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tiny_shots import CPU, Shot, entry_of, shown
from kinora.engines.open.opening import open_folder
from safetensors.torch import load_file
from test_engine import digest
engine = open_folder(Path(sys.argv[2]), entry_of("wan-5b"), CPU)
shot = Shot(prompt="", num_blocks=30, height=32, width=32, seed=5, sound=False, fps=24, block_frames=1)
print(digest(shown(engine, load_file(sys.argv[3]), shot)))
"""
    here, weights = str(__file__).rpartition("/")[0], str(folder_of("wan-5b"))
    command = [sys.executable, "-c", program, here, weights, str(tmp_path / "latents.safetensors")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert told.stdout.strip() == digest(shown(engine, latents, shot))
