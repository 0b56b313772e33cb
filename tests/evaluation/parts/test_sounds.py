"""Sound: onsets of known instants are found, distances of known gains are their decibels."""

import numpy as np
import pytest

from kinora.evaluation.parts.sounds import (
    NEAR_S,
    SAMPLE_RATE_HZ,
    band_distance,
    band_levels,
    found,
    heard_scenes,
    measure,
)
from kinora.evaluation.seeing.onsets import onsets

RATE = SAMPLE_RATE_HZ


def noise(*path):
    return np.random.default_rng([3, *path]).standard_normal(2 * RATE).astype(np.float32)


def click(length):
    wave = np.zeros(length)
    wave[0] = 0.5
    return wave


def burst(length):
    return 0.3 * np.random.default_rng(5).standard_normal(length) * np.exp(-np.arange(length) / 600)


def tone(length):
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(length) / RATE)


@pytest.mark.parametrize("make", [click, burst, tone])
@pytest.mark.parametrize("background", [0.0, 0.003])
def test_a_sudden_sound_is_found_within_two_milliseconds(make, background):
    for at_s in (0.3, 0.71234, 1.2):
        wave, start = background * noise(), round(at_s * RATE)
        wave[start : start + 4800] += make(4800)
        assert np.abs(onsets(wave, RATE) - at_s).min() <= 0.002


def test_two_clicks_are_two_onsets_and_nothing_else():
    wave = np.zeros(RATE, np.float32)
    wave[[6000, 12_000]] = 0.5
    assert onsets(wave, RATE) == pytest.approx([0.25, 0.5], abs=0.002)


@pytest.mark.parametrize("wave", [np.zeros(RATE, np.float32), 0.05 * noise(1)], ids=["silence", "noise"])
def test_where_nothing_sets_in_hardly_anything_is_found(wave):
    assert len(onsets(wave, RATE)) <= 1


def test_near_means_ten_milliseconds():
    times = np.array([0.5 - NEAR_S * 1.01, 0.5 - NEAR_S * 0.99, 0.5, 0.52])
    assert found(np.array([0.5]), times).tolist() == [False, True, True, False]
    assert found(np.array([]), times).tolist() == [False] * 4


def test_sudden_events_of_the_drawn_world_are_found():
    figures = {figure.name: figure for figure in measure(8, lambda wave: wave)}
    assert figures["sudden events, control"].value >= 95
    assert figures["sudden events kept in time"].value == 100
    assert figures["moments without event, control"].value < 30


def test_delay_and_silence_lose_every_event():
    late = {figure.name: figure for figure in measure(5, lambda wave: np.roll(wave, round(0.03 * RATE)))}
    assert late["sudden events kept in time"].value < 40
    silent = {figure.name: figure for figure in measure(3, np.zeros_like)}
    assert silent["sudden events kept in time"].value == 0


def test_no_event_is_near_a_moment_without_one():
    for one in heard_scenes(10, lambda wave: wave):
        times = np.array([event.time_s for event in one.events])
        assert all(np.abs(times - t).min() > 0.05 for t in one.elsewhere_s)


def test_half_the_level_is_six_decibels_in_every_band():
    wave = 0.2 * noise(2)
    assert band_distance(wave, 0.5 * wave) == pytest.approx(20 * np.log10(2), abs=0.01)
    assert band_distance(wave, wave) == pytest.approx(0)


def test_a_full_scale_sine_is_zero_decibels_in_its_band():
    levels = band_levels(np.sin(2 * np.pi * 1500 * np.arange(RATE) / RATE).astype(np.float32))
    assert levels[3, 10] == pytest.approx(0, abs=0.1)
    assert levels[[0, 6], 10].max() < -60


def test_a_band_that_is_never_heard_has_no_distance():
    assert np.isnan(band_distance(np.zeros(RATE), np.zeros(RATE))).all()
