"""What reaches the networks of what is given: pictures where they belong, and masks the right way round."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch
from tiny_shots import TOLD, given_of, shot_of, shown, source_of

from kinora.engines.open.engine import generator_of
from kinora.engines.open.family import Part

Z = 16
"""Channels of a tiny Wan's latents."""


@contextmanager
def watched(engine):
    """Every set of arguments the transformer is called with."""
    calls = []

    def remember(module, args, kwargs):
        calls.append({name: value.clone() if torch.is_tensor(value) else value for name, value in kwargs.items()})

    hook = engine.family.pipe.transformer.register_forward_pre_hook(remember, with_kwargs=True)
    try:
        yield calls
    finally:
        hook.remove()


def encoded(engine, frames_THW3):
    """What the autoencoder makes of frames in [-1, 1], as the transformer of a Wan sees it (Z, t, h, w)."""
    vae, config = engine.family.pipe.vae, engine.family.pipe.vae.config
    video = torch.as_tensor(frames_THW3, dtype=torch.float32).permute(3, 0, 1, 2)[None]
    with torch.no_grad():
        latents = vae.encode(video).latent_dist.mode()
    mean, std = (torch.tensor(of).view(1, -1, 1, 1, 1) for of in (config.latents_mean, config.latents_std))
    return ((latents - mean) / std)[0]


def coloured(frames_THW3):
    return np.asarray(frames_THW3, np.float32) / 255 * 2 - 1


def drawn_from(engine, known, source):
    """The first call of the transformer for a window of which these frames are known."""
    num_frames, height, width = source.shape[:3]
    part = Part(
        prompt="a fox",
        num_frames=num_frames,
        height=height,
        width=width,
        fps=16,
        steps=1,
        guidance=1.0,
        generator=generator_of(1, 0),
        known={number: source[number] for number in known},
    )
    with watched(engine) as calls, torch.no_grad():
        engine.family.draw(part)
    return calls[0]


@pytest.mark.parametrize("known", [(), range(9), range(5), (0, 8), range(5, 9)], ids=str)
def test_vace_keeps_what_is_known_and_makes_what_is_grey(engine_of, known):
    engine = engine_of("wan-vace")
    source = source_of(shot_of(engine, 9))
    control = drawn_from(engine, known, source)["control_hidden_states"][0]
    kept, grey = np.zeros((9, 32, 32, 3), np.float32), np.zeros((9, 32, 32, 3), np.float32)
    kept[list(known)] = coloured(source[list(known)])
    torch.testing.assert_close(control[:Z], encoded(engine, kept), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(control[Z : 2 * Z], encoded(engine, grey), atol=1e-4, rtol=1e-4)
    # Steps of the latents hold frames 0, 1 to 4, 5 to 8: all of one are known or none, but for the two at the ends.
    made = {(): [1, 1, 1], range(9): [0, 0, 0], range(5): [0, 0, 1], range(5, 9): [1, 1, 0]}.get(known)
    mask = control[2 * Z :]
    assert mask.shape[0] == 64
    if made:
        assert mask.amin(dim=(0, 2, 3)).tolist() == mask.amax(dim=(0, 2, 3)).tolist() == made


def test_vace_is_shown_references_before_the_film(engine_of):
    engine = engine_of("wan-vace")
    shot = shot_of(engine, 9)
    fox = source_of(shot)[0]
    with watched(engine) as calls:
        latents = engine.fill(shot, TOLD, given_of(source_of(shot), (), references=(fox,)))
    control = calls[0]["control_hidden_states"][0]
    assert control.shape[1] == 4
    torch.testing.assert_close(control[:Z, :1], encoded(engine, coloured(fox[None])), atol=1e-4, rtol=1e-4)
    assert control[Z:, 0].abs().max() == 0
    assert latents["video.0"].shape[2] == 3


@pytest.mark.parametrize("kind", ["wan-image", "wan-pair"])
def test_first_and_last_frames_stand_at_both_ends(engine_of, kind):
    engine = engine_of(kind)
    source = source_of(shot_of(engine, 9))
    seen = drawn_from(engine, (0, 8), source)["hidden_states"][0, Z:]
    ends = np.zeros((9, 32, 32, 3), np.float32)
    ends[[0, 8]] = coloured(source[[0, 8]])
    torch.testing.assert_close(seen[4:], encoded(engine, ends), atol=1e-4, rtol=1e-4)
    # The first step of the latents has frame 0 four times over; the last has frames 5, 6, 7, 8.
    assert seen[:4].amax(dim=(2, 3)).tolist() == [[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 1]]


def test_a_first_frame_by_tokens_stays_as_it_was_encoded(engine_of):
    engine = engine_of("wan-5b")
    shot = shot_of(engine, 9)
    source = source_of(shot)
    latents = engine.fill(shot, TOLD, given_of(source, {0}))["video.0"][0]
    torch.testing.assert_close(latents[:, :1], encoded(engine, coloured(source[:1])), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("frame", [0, 1, 5, 9, 16])
def test_ltx2_places_a_picture_at_its_very_frame(engine_of, frame):
    engine = engine_of("ltx2")
    shot = shot_of(engine, 17)
    with watched(engine) as calls:
        engine.fill(shot, TOLD, given_of(source_of(shot), {frame}))
    seconds = calls[0]["video_coords"][0, 0]
    num_tokens = 3 * 2 * 2
    if frame == 0:
        assert seconds.shape[0] == num_tokens
        assert calls[0]["timestep"][0, :4].tolist() == [0.0] * 4
    else:
        (span,) = {tuple(pair) for pair in (seconds[num_tokens:] * shot.fps).round(decimals=3).tolist()}
        assert span == (frame, frame + 1)


def test_ltx2_is_given_a_run_whole(engine_of):
    engine = engine_of("ltx2")
    known = {*range(11), *range(13, 17)}
    source = source_of(shot_of(engine, 17))
    part = Part(
        prompt="",
        num_frames=17,
        height=64,
        width=64,
        fps=24,
        steps=1,
        guidance=1.0,
        generator=generator_of(1, 0),
        known={number: source[number] for number in known},
    )
    told = [(condition.index, condition.frames) for condition in engine.family.conditions(part)]
    assert [(place, len(frames)) for place, frames in told] == [(0, 9), (2.125, 1), (2.5, 1), (2.875, 1)]
    assert [frames[0].tobytes() for _, frames in told] == [source[number].tobytes() for number in (0, 10, 13, 16)]


def test_a_long_shot_goes_on_from_its_own_frames(engine_of):
    engine = engine_of("wan-vace")
    shot = shot_of(engine, 41)
    source = source_of(shot)
    with watched(engine) as calls:
        latents = engine.fill(shot, TOLD, given_of(source, {0, 40}))
    spans = latents["windows"].tolist()
    film = shown(engine, latents, shot)
    per_window = len(calls) // len(spans)
    assert len(spans) >= 3
    assert len(film) == 41
    for number, (start, stop) in enumerate(spans):
        before = spans[number - 1][1] if number else 0
        known = {place: film[place] for place in range(start, before)} | {place: source[place] for place in (0, 40)}
        size = latents[f"video.{number}"].shape[2] * 4 - 3
        kept = np.zeros((size, 32, 32, 3), np.float32)
        for place, frame in known.items():
            if start <= place < stop:
                kept[place - start] = coloured(frame)
        assert number == 0 or before - start >= 5
        control = calls[number * per_window]["control_hidden_states"][0]
        torch.testing.assert_close(control[:Z], encoded(engine, kept), atol=1e-4, rtol=1e-4)


def test_a_long_shot_from_a_picture_goes_on_from_its_last_frame(engine_of):
    engine = engine_of("wan-image")
    shot = shot_of(engine, 41)
    source = source_of(shot)
    with watched(engine) as calls:
        latents = engine.fill(shot, TOLD, given_of(source, {0, 40}))
    spans = latents["windows"].tolist()
    film = shown(engine, latents, shot)
    per_window = len(calls) // len(spans)
    assert [start for start, _ in spans[1:]] == [stop - 1 for _, stop in spans[:-1]]
    assert max(stop - start for start, stop in spans) - min(stop - start for start, stop in spans) <= 2
    for number, (start, _) in enumerate(spans):
        first = source[0] if number == 0 else film[start]
        seen = calls[number * per_window]["hidden_states"][0, Z:]
        torch.testing.assert_close(seen[4:, :1], encoded(engine, coloured(first[None])), atol=1e-4, rtol=1e-4)
        # Only the last window goes to a last frame.
        assert seen[3, -1].max() == (number == len(spans) - 1)
