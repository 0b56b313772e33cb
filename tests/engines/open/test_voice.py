"""Sounds laid one after another: none is lost, and none begins with a step."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.engine import Told
from kinora.engines.open.voice import FADE_S, TrackVoice, joined
from kinora.request import Shot

RATE_HZ = 1000


def constant(seconds, value, channels=2):
    return np.full((channels, round(seconds * RATE_HZ)), value, np.float32)


@given(st.integers(1, 4), st.floats(-1, 1, width=32))
def test_equal_sounds_join_to_one(num_windows, value):
    spans = [(number * 20, number * 20 + 30) for number in range(num_windows)]
    wave = joined(spans, [constant(3, value)] * num_windows, RATE_HZ, 10)
    assert wave.shape == (2, spans[-1][1] * RATE_HZ // 10)
    np.testing.assert_allclose(wave, value, atol=1e-6)


def test_one_sound_gives_way_to_the_next_without_a_step():
    wave = joined([(0, 30), (20, 50)], [constant(3, 1.0), constant(3, -1.0)], RATE_HZ, 10)[0]
    fade = round(FADE_S * RATE_HZ)
    assert (wave[: 3000 - fade] == 1).all()
    assert (wave[3000:] == -1).all()
    assert np.abs(np.diff(wave)).max() <= 2 / (fade - 1) + 1e-6


def test_between_windows_it_is_silent():
    wave = joined([(0, 10), (20, 30)], [constant(1, 1.0), constant(1, 1.0)], RATE_HZ, 10)[0]
    assert wave.tolist() == [1.0] * 1000 + [0.0] * 1000 + [1.0] * 1000


def voice():
    return TrackVoice(heard=lambda latents: (latents["sound"].numpy(), RATE_HZ), sample_rate_hz=RATE_HZ)


SHOT = Shot(prompt="", num_blocks=24, height=32, width=32, seed=1, sound=True)
TOLD = Told(prompt="a fox")


def test_shots_are_laid_on_one_track_where_they_stand():
    track = voice().silent(36)
    assert voice().wave(track).shape == (1, 3000)
    for span, value in (((0, 12), 0.5), ((12, 36), -0.5)):
        made = {"sound": torch.from_numpy(constant((span[1] - span[0]) / 12, value))}
        track = voice().scored(track, span, SHOT, made, TOLD)
    assert track["done"].all()
    heard = voice().wave(track)[0]
    np.testing.assert_allclose(heard[[10, 500, 989, 1010, 2000, 2989]], [0.5, 0.5, 0.5, -0.5, -0.5, -0.5])
    assert np.abs(np.diff(heard)).max() < 0.051
    assert heard[[0, 999, 1000, 2999]].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("hole", [(0, 12), (12, 24), (24, 36)])
def test_a_hole_in_a_track_is_filled_and_the_rest_stays(hole):
    wave = np.linspace(-1, 1, 3000, dtype=np.float32)[None]
    track = voice().around(wave, 36, hole)
    start, stop = (frame * RATE_HZ // 12 for frame in hole)
    assert track["done"].sum() == 2000
    assert not track["done"][start:stop].any()
    made = {"sound": torch.from_numpy(constant(1, 0.25))}
    filled = voice().wave(voice().scored(track, hole, SHOT, made, TOLD))
    assert (np.delete(filled[0], range(start, stop)) == np.delete(wave[0], range(start, stop))).all()
    assert filled[0, (start + stop) // 2] == np.float32(0.25)
