"""What is given, from the file to the tokens and back: laws of every job, on a tiny model."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import kinora
from kinora.flow.grid import BLOCK_S
from kinora.media.decode import read_clip
from kinora.models.holes import hint_of
from kinora.models.pixels import rgb_of
from kinora.request import Condition, Request
from kinora.tasks.generate import first_drawn, plan
from kinora.tasks.given import given_parts, state_with
from kinora.tasks.jobs import Source, animate, extend, fill, join, loop, mend, score, smooth
from kinora.tasks.paste import sights_of
from kinora.tasks.render import cover_of, finished, window_state
from kinora.tasks.render import fill as filled

QUICK = {"steps": 1, "loose": True, "seed": 3}
PROMPT = "a red fox in the snow"


def latents_of(request, model):
    (shot,) = plan(request, request.seed)
    return filled(shot, request.prompt, request, model)


def jobs_of(film):
    """Every job on small films, with the frames of its file that are known: pairs of number there and in which film."""
    long, short = film(20), film(13, "short.mkv", seed=1)
    return {
        "extend": (extend(long, PROMPT, seconds=1, **QUICK), [(n, long, n) for n in range(20)]),
        "before": (extend(short, PROMPT, seconds=1, before=True, **QUICK), [(12 + n, short, n) for n in range(13)]),
        "fill": (fill(long, from_s=0.5, to_s=1.0, **QUICK), [(n, long, n) for n in range(20) if not 6 <= n < 12]),
        "mend": (mend(long, frames=[3, 9], **QUICK), [(n, long, n) for n in range(20) if n not in (3, 9)]),
        "smooth": (smooth(short, fps=24, **QUICK), [(2 * n, short, n) for n in range(13)]),
        "loop": (loop(short, PROMPT, seconds=1, **QUICK), [(n, short, n) for n in range(13)]),
        "join": (
            join(long, short, PROMPT, seconds=0.5, **QUICK),
            [(n, long, n) for n in range(20)] + [(26 + n, short, n) for n in range(13)],
        ),
        "score": (score(long, music="drums", **QUICK), [(n, long, n) for n in range(20)]),
    }


JOBS = ("extend", "before", "fill", "mend", "smooth", "loop", "join", "score")


@pytest.mark.parametrize("name", JOBS)
def test_known_frames_come_back_bit_for_bit_and_all_others_are_made(model, film, name):
    request, known = jobs_of(film)[name]
    clip = finished(latents_of(request, model), request, model)
    frames = clip.array()
    assert len(frames) == clip.num_frames == round(request.seconds * request.fps)
    sources = {source.path: read_clip(source.path).array() for _, source, _ in known}
    for number, source, there in known:
        assert np.array_equal(frames[number], sources[source.path][there])
    made = sorted(set(range(len(frames))) - {number for number, _, _ in known})
    assert all(sight is None for number, sight in enumerate(sights_of(request)[: len(frames)]) if number in made)
    everything = np.concatenate(list(sources.values()))
    assert not any((everything == frames[number]).all(axis=(1, 2, 3)).any() for number in made)


@pytest.mark.parametrize("name", ["extend", "before", "fill", "join", "loop"])
def test_known_samples_come_back_but_for_a_moment_at_the_borders(model, film, name):
    request, known = jobs_of(film)[name]
    sound = finished(latents_of(request, model), request, model).sound
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
def test_sound_that_is_not_in_question_stays_as_it_is(model, film, name):
    request, known = jobs_of(film)[name]
    clip = finished(latents_of(request, model), request, model)
    whole = read_clip(known[0][1].path)
    assert clip.sample_rate_hz == whole.sample_rate_hz and np.array_equal(clip.sound, whole.sound)


def test_given_latents_are_the_sources_and_the_solver_leaves_them(model, film):
    """Blocks begin where made frames begin, so that those before are given whole."""
    source = film(20)
    request = extend(source, PROMPT, seconds=1, **QUICK)
    assert first_drawn(request) == 4
    latents = latents_of(request, model)
    frames = read_clip(source.path).array()
    for block in (2,):
        start = 8 * block - 4
        video = rgb_of(torch.from_numpy(frames[start : start + 8].copy()).permute(3, 0, 1, 2)[None])
        own = model.video.encode(video).flatten(2)[0].T
        assert torch.allclose(latents["video"][36 * block : 36 * (block + 1)], own, atol=1e-5)
    (shot,) = plan(request, 3)
    cover = cover_of(request, shot, model)
    parts = given_parts(request, shot, model, cover)
    for name, part in parts.items():
        for number in np.flatnonzero(part.done):
            tokens = slice(number * part.tokens, (number + 1) * part.tokens)
            assert torch.equal(latents[name][tokens], part.x[tokens])
    assert parts["video"].done == (False, False, True, False, False)


def test_a_window_knows_what_is_given_and_what_single_frames_hint_at(model, film):
    request = fill(film(32), from_s=1.0, to_s=1.25, **QUICK)
    (shot,) = plan(request, 3)
    wide = replace(model, facts={**model.facts, "window_blocks": 6})
    (window,) = cover_of(request, shot, wide)
    parts = given_parts(request, shot, wide, [window])
    state = window_state(shot, window, wide, parts)
    video = state.streams["video"]
    free = video.free[0].reshape(-1, 36)
    begin = first_drawn(request)
    border = (begin + 12) // 8
    assert free.sum(dim=1).tolist() == [0.0 if block != border else 36.0 for block in range(len(free))]
    known = np.array([not 0 <= frame < 3 for frame in range(8)])
    frames = read_clip(Path(request.conditions[0].file)).array()[12:20].copy()
    frames[~known] = 0
    assert torch.allclose(video.hint[0].unflatten(0, (-1, 36))[border], hint_of(wide.video, frames, known), atol=1e-5)
    others = [block for block in range(len(free)) if block != border]
    assert not video.hint[0].unflatten(0, (-1, 36))[others].any()


def test_what_is_not_known_is_never_looked_at(model, film):
    """Sources that differ only where frames and samples are to be made lead to the same file."""
    frames, wave = _film(32)
    hidden_frames, hidden_wave = frames.copy(), wave.copy()
    hidden_frames[9:17] = 255 - hidden_frames[9:17]
    hidden_wave[:, 9 * 2000 : 17 * 2000] *= -0.5
    made = []
    for number, (picture, sound) in enumerate(((frames, wave), (hidden_frames, hidden_wave))):
        source = film(32, f"{number}.mkv", frames=picture, wave=sound)
        request = fill(source, PROMPT, from_s=9 / 12, to_s=17 / 12, **QUICK)
        latents = latents_of(request, model)
        made.append((latents, finished(latents, request, model)))
    assert all(torch.equal(made[0][0][name], made[1][0][name]) for name in ("video", "sound"))
    assert np.array_equal(made[0][1].array(), made[1][1].array())
    assert np.array_equal(made[0][1].sound, made[1][1].sound)


def _film(num_frames):
    x, t = np.meshgrid(np.arange(96), np.arange(num_frames))
    row = (128 + 90 * np.sin(x / 9 + t / 5)).astype(np.uint8)
    sound = (0.2 * np.sin(np.arange(num_frames * 2000) / 9) * 32768).round()[None] / 32768
    return np.repeat(np.repeat(row[:, None, :, None], 96, axis=1), 3, axis=3), sound.astype(np.float32)


def test_a_first_frame_hints_at_its_block_alone(model, tmp_path, film):
    source = film(1, "still.mkv", sound=False)
    request = animate(PROMPT, first=source, seconds=1, **QUICK)
    (shot,) = plan(request, 3)
    parts = given_parts(request, shot, model, cover_of(request, shot, model))
    assert not any(parts["video"].done) and parts["video"].hinted == (True, False)
    hint = parts["video"].hint.unflatten(0, (-1, 36))
    assert hint[0, :, -8:].unique(dim=0).tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]] and not hint[1].any()
    frames = finished(latents_of(request, model), request, model).array()
    assert np.array_equal(frames[0], read_clip(source.path).array()[0])


def test_keyframes_are_shown_when_they_were_asked_for(model, film):
    stills = [film(1, f"{n}.mkv", seed=n, sound=False) for n in range(3)]
    for fps in (8, 12, 24, 25):
        request = animate(
            PROMPT, first=stills[0], keyframes=[(0.5, stills[1])], last=stills[2], seconds=1, fps=fps, **QUICK
        )
        frames = finished(latents_of(request, model), request, model).array()
        at = [0, round(0.5 * fps), fps - 1]
        for number, still in zip(at, stills, strict=True):
            assert np.array_equal(frames[number], read_clip(still.path).array()[0])


def test_a_source_unlike_the_world_is_refused_with_the_figure(model, film):
    request = replace(extend(film(20), PROMPT, seconds=1, **QUICK), loose=False)
    with pytest.raises(ValueError, match=r"film.mkv is drawn unlike this world \(-?\d+\.\d dB .* --loose") as refused:
        latents_of(request, model)
    assert "\n" not in str(refused.value)


def test_a_file_that_ends_too_early_is_said_to_before_anything_is_made(model, film):
    source = film(12)
    long = Condition(kind="given", end_s=2.0, file=str(source.path))
    request = Request(prompt=PROMPT, seconds=3, size="96x96", conditions=(long,), **QUICK)
    with pytest.raises(ValueError, match=r"film.mkv lasts 1 s, and 2 s of it are to be given: end there"):
        latents_of(request, model)


def test_sound_alone_can_be_given(model, film):
    source = film(20)
    span = Condition(kind="given", stream="sound", end_s=1.0, file=str(source.path))
    request = Request(prompt=PROMPT, seconds=2, size="96x96", conditions=(span,), **QUICK)
    latents = latents_of(request, model)
    clip = finished(latents, request, model)
    assert np.array_equal(clip.sound[:, : 24_000 - 480], read_clip(source.path).sound[:, : 24_000 - 480])
    assert clip.sound[:, 24_000:].any() and clip.array().std() > 1


def test_state_is_pure_noise_where_nothing_is_given(model):
    (shot,) = plan(Request(prompt=PROMPT, seconds=1, size="96x96"), 3)
    (window,) = cover_of(Request(prompt=PROMPT, seconds=1, size="96x96"), shot, model)
    state = window_state(shot, window, model, {})
    assert state_with({}, window, state) is state
    assert all(stream.free.all() and not stream.hint.any() for stream in state.streams.values())
    assert state.streams["video"].positions[0, -1, 0] == pytest.approx(BLOCK_S)


def callers_of(name):
    root = Path(kinora.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name:
                yield str(path.relative_to(root))


def test_there_is_one_path():
    """Training and evaluation solve to look at a model; every file anyone gets comes from one place."""
    rooms = {caller for caller in callers_of("solve") if caller.split("/")[0] not in ("training", "evaluation")}
    assert rooms == {"tasks/render.py"}
    assert {caller for caller in callers_of("release") if not caller.startswith("evaluation")} == {"tasks/render.py"}
    applied = {caller for caller in callers_of("apply") if not caller.startswith(("training", "evaluation"))}
    assert applied == {"tasks/given.py", "tasks/soundtrack.py"}


def test_a_source_is_what_its_facts_say(film):
    source = film(20)
    assert (source.seconds, source.is_still, source.has_sound) == (pytest.approx(20 / 12), False, True)
    assert Source.of(source.path) == source
