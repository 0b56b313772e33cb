"""What is given, from the file to the tokens and back: laws of every job, on a tiny model."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

import kinora
from kinora.media.decode import read_clip
from kinora.request import Condition, Request
from kinora.tasks.estimate import estimate
from kinora.tasks.jobs import Source, animate, fill
from kinora.tasks.paste import sights_of
from kinora.tasks.render import finished, made

QUICK = {"steps": 1, "loose": True, "seed": 3}
PROMPT = "a red fox in the snow"


def latents_of(request, engine):
    return made(request, engine.read(request), engine, request.seed)


@pytest.mark.parametrize("name", ["extend", "before", "fill", "mend", "smooth", "loop", "join", "score"])
def test_known_frames_come_back_bit_for_bit_and_all_others_are_made(engine, jobs, name):
    request, known = jobs[name]
    clip = finished(latents_of(request, engine), request, engine)
    frames = clip.array()
    assert len(frames) == clip.num_frames == round(request.seconds * request.fps)
    sources = {source.path: read_clip(source.path).array() for _, source, _ in known}
    for number, source, there in known:
        assert np.array_equal(frames[number], sources[source.path][there])
    free = sorted(set(range(len(frames))) - {number for number, _, _ in known})
    assert all(sight is None for number, sight in enumerate(sights_of(request)[: len(frames)]) if number in free)
    everything = np.concatenate(list(sources.values()))
    assert not any((everything == frames[number]).all(axis=(1, 2, 3)).any() for number in free)


@pytest.mark.parametrize("name", ["extend", "before", "fill", "join", "loop"])
def test_known_samples_come_back_but_for_a_moment_at_the_borders(engine, jobs, name):
    request, known = jobs[name]
    sound = finished(latents_of(request, engine), request, engine).sound
    assert sound.shape == (1, round(request.seconds * 24_000))
    waves = {source.path: read_clip(source.path).sound for _, source, _ in known}
    is_known = np.zeros(len(sound[0]) // 2000 + 2, bool)
    is_known[[number + 1 for number, _, _ in known]] = True
    # Where the file begins and ends there is nothing to fade into.
    is_known[0], is_known[-1] = is_known[1], is_known[-2]
    for number, source, there in known:
        if is_known[number] and is_known[number + 2]:
            part = slice(2000 * there, 2000 * (there + 1))
            assert np.array_equal(sound[0, 2000 * number : 2000 * (number + 1)], waves[source.path][0, part])


@pytest.mark.parametrize("name", ["mend", "smooth"])
def test_sound_that_is_not_in_question_stays_as_it_is(engine, jobs, name):
    request, known = jobs[name]
    clip = finished(latents_of(request, engine), request, engine)
    whole = read_clip(known[0][1].path)
    assert clip.sample_rate_hz == whole.sample_rate_hz and np.array_equal(clip.sound, whole.sound)


def test_what_is_not_known_is_never_looked_at(engine, film):
    """Sources that differ only where frames and samples are to be made lead to the same file."""
    frames, wave = _film(32)
    hidden_frames, hidden_wave = frames.copy(), wave.copy()
    hidden_frames[9:17] = 255 - hidden_frames[9:17]
    hidden_wave[:, 9 * 2000 : 17 * 2000] *= -0.5
    films = []
    for number, (picture, sound) in enumerate(((frames, wave), (hidden_frames, hidden_wave))):
        source = film(32, f"{number}.mkv", frames=picture, wave=sound)
        request = fill(source, PROMPT, from_s=9 / 12, to_s=17 / 12, **QUICK)
        latents = latents_of(request, engine)
        films.append((latents, finished(latents, request, engine)))
    assert all(torch.equal(films[0][0][name], films[1][0][name]) for name in ("video", "sound"))
    assert np.array_equal(films[0][1].array(), films[1][1].array())
    assert np.array_equal(films[0][1].sound, films[1][1].sound)


def _film(num_frames):
    x, t = np.meshgrid(np.arange(96), np.arange(num_frames))
    row = (128 + 90 * np.sin(x / 9 + t / 5)).astype(np.uint8)
    sound = (0.2 * np.sin(np.arange(num_frames * 2000) / 9) * 32768).round()[None] / 32768
    return np.repeat(np.repeat(row[:, None, :, None], 96, axis=1), 3, axis=3), sound.astype(np.float32)


def test_keyframes_are_shown_when_they_were_asked_for(engine, film):
    stills = [film(1, f"{n}.mkv", seed=n, sound=False) for n in range(3)]
    for fps in (8, 12, 24, 25):
        request = animate(
            PROMPT, first=stills[0], keyframes=[(0.5, stills[1])], last=stills[2], seconds=1, fps=fps, **QUICK
        )
        frames = finished(latents_of(request, engine), request, engine).array()
        at = [0, round(0.5 * fps), fps - 1]
        for number, still in zip(at, stills, strict=True):
            assert np.array_equal(frames[number], read_clip(still.path).array()[0])


def test_a_file_that_ends_too_early_is_said_to_before_anything_is_made(engine, film):
    source = film(12)
    long = Condition(kind="given", end_s=2.0, file=str(source.path))
    request = Request(prompt=PROMPT, seconds=3, size="96x96", conditions=(long,), **QUICK)
    with pytest.raises(ValueError, match=r"film.mkv lasts 1 s, and 2 s of it are to be given: end there"):
        latents_of(request, engine)


def test_sound_alone_can_be_given(engine, film):
    source = film(20)
    span = Condition(kind="given", stream="sound", end_s=1.0, file=str(source.path))
    request = Request(prompt=PROMPT, seconds=2, size="96x96", conditions=(span,), **QUICK)
    latents = latents_of(request, engine)
    clip = finished(latents, request, engine)
    assert np.array_equal(clip.sound[:, : 24_000 - 480], read_clip(source.path).sound[:, : 24_000 - 480])
    assert clip.sound[:, 24_000:].any() and clip.array().std() > 1


def callers_of(name):
    root = Path(kinora.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name:
                yield str(path.relative_to(root))


def test_there_is_one_path():
    """Training and evaluation solve to look at a model; every file anyone gets comes from one place."""
    rooms = {caller for caller in callers_of("solve") if caller.split("/")[0] not in ("training", "evaluation")}
    assert rooms == {"engines/native/fill.py"}
    assert {caller for caller in callers_of("release") if not caller.startswith("evaluation")} == {"tasks/render.py"}
    applied = {caller for caller in callers_of("apply") if not caller.startswith(("training", "evaluation"))}
    assert applied == {"engines/native/given.py", "engines/native/voice.py"}


def test_a_source_is_what_its_facts_say(film):
    source = film(20)
    assert (source.seconds, source.is_still, source.has_sound) == (pytest.approx(20 / 12), False, True)
    assert Source.of(source.path) == source


@pytest.mark.parametrize(("from_s", "to_s"), [(25 / 24, 26 / 24), (24 / 24, 25 / 24), (13 / 24, 30 / 24)])
def test_a_hole_that_is_finer_than_what_is_drawn_is_filled(engine, film, from_s, to_s):
    """A drawn frame of which one shown frame is to be made is made; all others come back."""
    source = film(48, fps=24, sound=False)
    request = fill(source, from_s=from_s, to_s=to_s, steps=1, loose=True, seed=3)
    frames, whole = (
        finished(made(request, engine.read(request), engine, 3), request, engine).array(),
        read_clip(source.path).array(),
    )
    hole = range(round(from_s * 24), round(to_s * 24))
    same = [bool((frames[number] == whole[number]).all()) for number in range(48)]
    assert same == [number not in hole for number in range(48)]
    assert estimate(request, engine).seconds > 0
