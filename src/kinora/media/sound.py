"""Loudness, true peak and the last gain stage before a file (ITU-R BS.1770-4).

Axes: C channels, L samples.
"""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from scipy.signal import fftconvolve, oaconvolve, sosfilt

from kinora.media.clip import Wave, check_wave

TARGET_LUFS = -16.0
CEILING_DBTP = -1.0

SILENCE_LUFS = -55.0
"""Below this there is only a noise floor: raising it to the target would turn silence into hiss."""

CODEC_MARGIN_DB = 0.5
"""Kept below the ceiling, because AAC hands peaks back slightly higher than it was given them."""

MOST_LIMITING_DB = 12.0
"""Beyond this a limiter is heard; sound that is nearly all peaks stays quieter than the target instead."""

LOOK_AHEAD_S = 0.005

PIECE_SAMPLES = 240_000
"""How much is looked at at once, so that memory does not grow with the length."""

TAPS = 24
"""Samples to either side from which the curve between two is found."""

Samples = NDArray[np.float64]


def loudness_lufs(wave: Wave, sample_rate_hz: int) -> float:
    """Integrated loudness of `wave` (C, L) in LUFS, gated as in BS.1770-4 annex 1; -inf for silence.

    A wave shorter than one 400 ms block is measured as one block of its own length.
    """
    if wave.shape[1] == 0:
        return -math.inf
    energy_CL = sosfilt(_k_weighting(sample_rate_hz), wave.astype(np.float64), axis=1)
    np.square(energy_CL, out=energy_CL)
    power = _block_powers(energy_CL.sum(axis=0), sample_rate_hz)
    loud = power[power > _power(-70.0)]
    if loud.size == 0:
        return -math.inf
    gated = loud[loud > loud.mean() * 10 ** (-10 / 10)]
    return _lufs(float(gated.mean()))


def true_peak_dbtp(wave: Wave, sample_rate_hz: int) -> float:
    """The highest point of the band-limited curve through `wave` (C, L), in dB full scale (BS.1770-4 annex 2)."""
    peak = float(_curve_peaks(wave, sample_rate_hz).max(initial=0))
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def master(wave: Wave, sample_rate_hz: int) -> Wave:
    """Bring `wave` (C, L) to -16 LUFS with a true peak of at most -1 dBTP; silence stays silence.

    Sound so spiky that the target would need more than 12 dB of limiting leaves quieter than -16 LUFS.
    """
    check_wave(wave)
    measured = loudness_lufs(wave, sample_rate_hz)
    if measured < SILENCE_LUFS:
        return wave
    most_db = CEILING_DBTP + MOST_LIMITING_DB - true_peak_dbtp(wave, sample_rate_hz)
    gain_db, mastered = 0.0, wave
    # Limiting takes a little loudness away, so the gain is found by a few corrections.
    for _ in range(6):
        correction_db = TARGET_LUFS - measured
        wanted_db = min(gain_db + correction_db, most_db)
        if abs(wanted_db - gain_db) < 0.02:
            break
        gain_db = wanted_db
        mastered = limit(wave * np.float32(10 ** (gain_db / 20)), sample_rate_hz)
        measured = loudness_lufs(mastered, sample_rate_hz)
    return limit(mastered, sample_rate_hz)


def limit(wave: Wave, sample_rate_hz: int) -> Wave:
    """Turn `wave` (C, L) down around its peaks, without delay, until its true peak is under the ceiling.

    The gain is the needed reduction held for 5 ms either side and smoothed over as much, one curve for all channels, so
    it is never above what a peak needs and the stereo image does not move.
    """
    ceiling = 10 ** ((CEILING_DBTP - CODEC_MARGIN_DB) / 20)
    reach = max(1, round(LOOK_AHEAD_S * sample_rate_hz))
    window = np.hanning(2 * reach + 3)[1:-1]
    window /= window.sum()
    # The product with a moving gain can rise a hair between samples, so look again; one or two rounds are enough.
    for _ in range(4):
        peaks_L = _curve_peaks(wave, sample_rate_hz)
        if peaks_L.max(initial=0) <= ceiling * 1.0001:
            break
        gain_L = _in_pieces(partial(_gain, ceiling, window), peaks_L, 2 * reach)
        wave = (wave * gain_L).astype(np.float32)
    return wave


def _gain(ceiling: float, window: Samples, peaks_L: Samples) -> Samples:
    """The needed reduction, held and smoothed over a window."""
    needed_L = np.minimum(1, ceiling / np.maximum(peaks_L, ceiling))
    held_L = minimum_filter1d(needed_L, len(window), mode="nearest")
    return fftconvolve(np.pad(held_L, len(window) // 2, mode="edge"), window, mode="valid")


def _in_pieces(look: Callable[[Any], Samples], signal: Samples | Wave, reach: int) -> Samples:
    """What `look` gives for a signal (..., L): one of it (L,) depends on `reach` samples to either side."""
    found_L = np.empty(signal.shape[-1])
    for start in range(0, len(found_L), PIECE_SAMPLES):
        begin = max(0, start - reach)
        seen_L = look(signal[..., begin : start + PIECE_SAMPLES + reach])
        found_L[start : start + PIECE_SAMPLES] = seen_L[start - begin :][:PIECE_SAMPLES]
    return found_L


def _block_powers(energy_L: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """Mean energy of 400 ms blocks, one every 100 ms."""
    size = min(round(0.4 * sample_rate_hz), energy_L.size)
    starts = np.arange(0, energy_L.size - size + 1, max(1, round(0.1 * sample_rate_hz)))
    total = np.zeros(energy_L.size + 1)
    np.cumsum(energy_L, out=total[1:])
    return (total[starts + size] - total[starts]) / size


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power)


def _power(lufs: float) -> float:
    return 10 ** ((lufs + 0.691) / 10)


def _k_weighting(sample_rate_hz: int) -> NDArray[np.float64]:
    """BS.1770's two filters as second-order sections for any rate.

    The standard tabulates 48 kHz only. These are the analogue prototypes behind its table (a shelf of 4 dB above 1.7
    kHz and a high pass at 38 Hz) put through the bilinear transform, which gives the table back at 48 kHz.
    """
    return np.array([_shelf(sample_rate_hz), _high_pass(sample_rate_hz)])


def _shelf(sample_rate_hz: int) -> list[float]:
    k, q = math.tan(math.pi * 1681.974450955533 / sample_rate_hz), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    numerator = [(high + band * k / q + k * k) / a0, 2 * (k * k - high) / a0, (high - band * k / q + k * k) / a0]
    return [*numerator, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]


def _high_pass(sample_rate_hz: int) -> list[float]:
    k, q = math.tan(math.pi * 38.13547087602444 / sample_rate_hz), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return [1, -2, 1, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]


def _curve_peaks(wave: Wave, sample_rate_hz: int) -> NDArray[np.float64]:
    """Per sample, the largest magnitude over all channels of the curve from that sample to the next, shape (L,)."""
    return _in_pieces(partial(_peaks, sample_rate_hz), wave, TAPS)


def _peaks(sample_rate_hz: int, wave: Wave) -> Samples:
    peaks_L = np.abs(wave).max(axis=0, initial=0).astype(np.float64)
    if wave.shape[1] == 0:
        return peaks_L
    for taps in _between_samples(sample_rate_hz):
        curve_CL = oaconvolve(wave, taps[None], mode="same", axes=1)
        np.maximum(peaks_L, np.abs(curve_CL).max(axis=0), out=peaks_L)
    return peaks_L


@lru_cache(maxsize=8)
def _between_samples(sample_rate_hz: int) -> tuple[NDArray[np.float64], ...]:
    """Windowed-sinc filters for the points between samples, on a grid of at least 192 kHz (4x at 48 kHz)."""
    factor = max(1, -(-192_000 // sample_rate_hz))
    window = np.kaiser(2 * TAPS + 1, 6.0)
    taps = (np.sinc(np.arange(-TAPS, TAPS + 1) + step / factor) * window for step in range(1, factor))
    return tuple(filter_ / filter_.sum() for filter_ in taps)
