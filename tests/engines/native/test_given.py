"""What is given, as the tokens of the model in the package."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinora.engines.engine import nothing_given
from kinora.engines.native.fill import cover_of, window_state
from kinora.engines.native.given import given_parts, state_with
from kinora.flow.grid import BLOCK_S
from kinora.media.decode import read_clip
from kinora.models.holes import hint_of
from kinora.models.pixels import rgb_of
from kinora.request import Request
from kinora.tasks.generate import first_drawn, plan
from kinora.tasks.given import given_of
from kinora.tasks.jobs import animate, extend, fill
from kinora.tasks.render import finished, made

QUICK = {"steps": 1, "loose": True, "seed": 3}
PROMPT = "a red fox in the snow"


def latents_of(request, engine):
    return made(request, engine.read(request), engine, request.seed)


def known_of(request, model):
    """A request's shot, the windows it is filled in, and what is given of it as tokens."""
    (shot,) = plan(request, request.seed)
    given = given_of(request, shot)
    cover = cover_of(shot, given, model)
    return shot, cover, given_parts(shot, given, model, cover)


def test_given_latents_are_the_sources_and_the_solver_leaves_them(model, engine, film):
    """Blocks begin where made frames begin, so that those before are given whole."""
    source = film(20)
    request = extend(source, PROMPT, seconds=1, **QUICK)
    assert first_drawn(request) == 4
    latents = latents_of(request, engine)
    frames = read_clip(source.path).array()
    for block in (2,):
        start = 8 * block - 4
        video = rgb_of(torch.from_numpy(frames[start : start + 8].copy()).permute(3, 0, 1, 2)[None])
        own = model.video.encode(video).flatten(2)[0].T
        assert torch.allclose(latents["video"][36 * block : 36 * (block + 1)], own, atol=1e-5)
    _, _, parts = known_of(request, model)
    for name, part in parts.items():
        for number in np.flatnonzero(part.done):
            tokens = slice(number * part.tokens, (number + 1) * part.tokens)
            assert torch.equal(latents[name][tokens], part.x[tokens])
    assert parts["video"].done == (False, False, True, False, False)


def test_a_window_knows_what_is_given_and_what_single_frames_hint_at(model, film):
    request = fill(film(32), from_s=1.0, to_s=1.25, **QUICK)
    wide = replace(model, facts={**model.facts, "window_blocks": 6})
    shot, (window,), parts = known_of(request, wide)
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


def test_a_first_frame_hints_at_its_block_alone(model, engine, film):
    source = film(1, "still.mkv", sound=False)
    request = animate(PROMPT, first=source, seconds=1, **QUICK)
    _, _, parts = known_of(request, model)
    assert not any(parts["video"].done) and parts["video"].hinted == (True, False)
    hint = parts["video"].hint.unflatten(0, (-1, 36))
    assert hint[0, :, -8:].unique(dim=0).tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]] and not hint[1].any()
    frames = finished(latents_of(request, engine), request, engine).array()
    assert np.array_equal(frames[0], read_clip(source.path).array()[0])


def test_a_source_unlike_the_world_is_refused_with_the_figure(engine, film):
    request = replace(extend(film(20), PROMPT, seconds=1, **QUICK), loose=False)
    with pytest.raises(
        ValueError, match=r"film.mkv is drawn unlike this world \(-?\d+\.\d dB .*--engine wan2.2-5b .* --loose"
    ) as refused:
        latents_of(request, engine)
    assert "\n" not in str(refused.value)


def test_state_is_pure_noise_where_nothing_is_given(model):
    (shot,) = plan(Request(prompt=PROMPT, seconds=1, size="96x96"), 3)
    (window,) = cover_of(shot, nothing_given(shot), model)
    state = window_state(shot, window, model, {})
    assert state_with({}, window, state) is state
    assert all(stream.free.all() and not stream.hint.any() for stream in state.streams.values())
    assert state.streams["video"].positions[0, -1, 0] == pytest.approx(BLOCK_S)
