"""Loudness and true peak against FFmpeg's own meter (ebur128), which shares no code with ours."""

import re
from fractions import Fraction

import av
import av.filter
import av.logging
import numpy as np
import pytest

from kinora.media import sound
from kinora.media.sound import _k_weighting, loudness_lufs, master, true_peak_dbtp

RATES = [24_000, 44_100, 48_000]


def ffmpeg_meter(wave, rate_hz):
    """Integrated loudness (LUFS) and true peak (dBTP) as FFmpeg measures them."""
    layout = "mono" if len(wave) == 1 else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="fltp", sample_rate=rate_hz, layout=layout, time_base=Fraction(1, rate_hz))
    meter, sink = graph.add("ebur128", "peak=true:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    av.logging.set_level(av.logging.INFO)
    try:
        with av.logging.Capture(local=False) as lines:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave), format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, 0
            graph.push(frame)
            graph.push(None)
            while True:
                try:
                    graph.pull()
                except (av.error.EOFError, av.error.BlockingIOError):
                    break
            del source, meter, sink, graph, frame
    finally:
        av.logging.set_level(None)
    text = "".join(line for _, _, line in lines)
    return float(re.findall(r"I:\s+(\S+) LUFS", text)[-1]), float(re.findall(r"Peak:\s+(\S+) dBFS", text)[-1])


def sounds(rate_hz):
    """Waves of different character, three seconds each."""
    draw = np.random.default_rng(1)
    time_s = np.arange(3 * rate_hz) / rate_hz
    tone = 0.3 * np.sin(2 * np.pi * 440 * time_s)
    return {
        "tone": np.stack([tone]),
        "stereo noise": 0.05 * draw.standard_normal((2, time_s.size)),
        "bursts": draw.standard_normal((1, time_s.size)) * np.exp(-8 * (time_s % 0.7)) * 0.2,
        "loud, then quiet": np.stack([np.where(time_s < 1, tone * 3, tone / 300)] * 2),
        "clipped": np.clip(np.stack([tone * 8]), -1, 1),
    }


CASES = [(name, rate_hz) for rate_hz in RATES for name in sounds(RATES[0])]


def test_k_weighting_is_the_standards_table_at_48_khz():
    shelf, high_pass = _k_weighting(48_000)
    table = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585]
    np.testing.assert_allclose(shelf, table, atol=1e-8)
    np.testing.assert_allclose(high_pass, [1, -2, 1, 1, -1.99004745483398, 0.99007225036621], atol=1e-8)


@pytest.mark.parametrize("rate_hz", RATES)
def test_a_full_scale_sine_at_997_hz_reads_minus_3_01(rate_hz):
    sine = np.sin(2 * np.pi * 997 * np.arange(rate_hz * 2) / rate_hz).astype(np.float32)[None]
    assert loudness_lufs(sine, rate_hz) == pytest.approx(-3.01, abs=0.04)
    assert loudness_lufs(np.concatenate([sine, sine]), rate_hz) == pytest.approx(0, abs=0.04)


def test_true_peak_sees_between_the_samples():
    # At a quarter of the rate and 45 degrees, every sample misses the crest by 3 dB.
    sine = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4).astype(np.float32)[None] * np.hanning(4800).astype(
        np.float32
    )
    assert 20 * np.log10(np.abs(sine).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(sine, 48_000) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(("name", "rate_hz"), CASES)
def test_both_meters_agree(name, rate_hz):
    wave = np.clip(sounds(rate_hz)[name], -1, 1).astype(np.float32)
    loudness, peak = ffmpeg_meter(wave, rate_hz)
    assert loudness_lufs(wave, rate_hz) == pytest.approx(loudness, abs=0.1)
    assert true_peak_dbtp(wave, rate_hz) == pytest.approx(peak, abs=0.3)


@pytest.mark.parametrize(("name", "rate_hz"), CASES)
def test_what_leaves_is_at_16_lufs_below_the_ceiling_by_the_other_meter(name, rate_hz):
    wave = np.clip(sounds(rate_hz)[name], -1, 1).astype(np.float32)
    mastered = master(wave, rate_hz)
    assert mastered.dtype == np.float32 and mastered.shape == wave.shape
    loudness, peak = ffmpeg_meter(mastered, rate_hz)
    assert loudness == pytest.approx(-16, abs=0.2)
    assert peak <= -1


def test_mastering_again_changes_nothing_that_is_heard():
    once = master(sounds(24_000)["bursts"].clip(-1, 1).astype(np.float32), 24_000)
    assert np.abs(master(once, 24_000) - once).max() < 5e-3


def test_below_the_ceiling_mastering_is_one_gain():
    wave = sounds(24_000)["tone"].astype(np.float32)
    ratio = master(wave, 24_000)[0, 1:100] / wave[0, 1:100]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-5)


def test_the_stereo_image_does_not_move():
    left = sounds(24_000)["bursts"][0].clip(-1, 1).astype(np.float32)
    mastered = master(np.stack([left, left / 2]), 24_000)
    np.testing.assert_allclose(mastered[0], 2 * mastered[1], atol=1e-6)


@pytest.mark.parametrize("num_samples", [0, 1, 100, 24_000])
def test_silence_stays_silence(num_samples):
    silence = np.zeros((1, num_samples), np.float32)
    assert loudness_lufs(silence, 24_000) == true_peak_dbtp(silence, 24_000) == -np.inf
    np.testing.assert_array_equal(master(silence, 24_000), silence)


def test_a_noise_floor_is_not_raised_to_hiss():
    hiss = (1e-3 * np.random.default_rng(0).standard_normal((1, 48_000))).astype(np.float32)
    np.testing.assert_array_equal(master(hiss, 24_000), hiss)


def test_lone_clicks_stay_below_the_ceiling_rather_than_be_crushed():
    clicks = np.zeros((1, 48_000), np.float32)
    clicks[:, ::12_000] = 0.5
    mastered = master(clicks, 24_000)
    assert true_peak_dbtp(mastered, 24_000) <= -1
    assert loudness_lufs(mastered, 24_000) < -16


@pytest.mark.parametrize("num_channels", [1, 2])
def test_looked_at_in_pieces_a_wave_is_mastered_the_same(monkeypatch, num_channels):
    """In memory that does not grow with its length."""
    wave = np.random.default_rng(0).standard_normal((num_channels, 60_000)).clip(-1, 1).astype(np.float32)
    whole = master(wave, 24_000)
    monkeypatch.setattr(sound, "PIECE_SAMPLES", 7_001)
    np.testing.assert_allclose(master(wave, 24_000), whole, atol=1e-6)
