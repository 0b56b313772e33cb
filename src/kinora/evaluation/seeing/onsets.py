"""When sounds set in, found from the wave alone: where many bands rise at once, then where energy rises most steeply.

L samples, F frames (one a millisecond).
"""

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import find_peaks

HOP_S = 0.001
WINDOW_S = 0.008
LAG_FRAMES = 5
# Levels below this magnitude (a sine of about -60 dB under full scale) count as silence.
FLOOR = 0.03
# How far a peak must stand out of its surroundings, in decibels averaged over all bands, and of how wide ones.
RISE_DB, AROUND_FRAMES = 2.4, 401
APART_FRAMES = 25
# The instant is where the energy of the slice after stands highest over that of the slice before.
SLICE_S, SEARCH_S = 0.003, 0.008
ENERGY_FLOOR = 1e-6


def onsets(wave_L: np.ndarray, rate_hz: int) -> np.ndarray:
    """Return the seconds at which sounds set in, ascending, at least 25 ms apart before refinement."""
    rise_F = band_rise(wave_L, rate_hz)
    usual_F = median_filter(rise_F, AROUND_FRAMES, mode="nearest")
    peaks, _ = find_peaks(rise_F - usual_F, height=RISE_DB, distance=APART_FRAMES)
    return np.array([_steepest(wave_L, round(peak * HOP_S * rate_hz), rate_hz) for peak in peaks]) / rate_hz


def band_rise(wave_L: np.ndarray, rate_hz: int) -> np.ndarray:
    """Return by how many decibels bands rise around each millisecond, falls counting nothing, mean over bands (F,)."""
    hop, window = round(HOP_S * rate_hz), round(WINDOW_S * rate_hz)
    padded = np.pad(wave_L.astype(np.float32), window // 2 + LAG_FRAMES * hop)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop] * np.hanning(window).astype(np.float32)
    level = 20 * np.log10(np.abs(np.fft.rfft(frames)) + FLOOR)
    return np.maximum(0, level[2 * LAG_FRAMES :] - level[: -2 * LAG_FRAMES]).mean(axis=1)


def _steepest(wave_L: np.ndarray, near: int, rate_hz: int) -> int:
    """Return the sample near another at which energy rises most."""
    length, reach = round(SLICE_S * rate_hz), round(SEARCH_S * rate_hz)
    energy = np.square(np.pad(wave_L, length + reach)[near : near + 2 * (length + reach)].astype(np.float64))
    # What comes first counts most, so that a click sets in where it is and not a slice before.
    fading = np.exp(-4 * np.arange(length) / length)
    after = np.correlate(energy[length:], fading / fading.sum(), "valid")
    before = np.correlate(energy[:-length], np.full(length, 1 / length), "valid")
    return near - reach + int(((after + ENERGY_FLOOR) / (before + ENERGY_FLOOR)).argmax())
