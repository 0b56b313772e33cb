"""The few signal generators every sound is made of: shaped noise, decaying partials, table oscillators, envelopes.

All waves are mono float32 at `SAMPLE_RATE_HZ`. Nothing fades in by itself, so a sound starts on its first sample.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, signal

SAMPLE_RATE_HZ = 24_000
TABLE_SIZE = 4096
CONTROL_STEP = 64

Wave = NDArray[np.float32]


def count(duration_s: float) -> int:
    """Return the number of samples in a duration in seconds."""
    return round(duration_s * SAMPLE_RATE_HZ)


def seconds(num_samples: int) -> Wave:
    """Return the time of each sample in seconds."""
    return np.arange(num_samples, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)


def decay(num_samples: int, time_s: float) -> Wave:
    """Return exp(-t / time_s)."""
    return np.exp(seconds(num_samples) / np.float32(-time_s))


def curve(num_samples: int, *points: tuple[float, float]) -> Wave:
    """Return straight lines through (time_s, value) points, held before the first and after the last."""
    times, values = zip(*points, strict=True)
    return np.interp(seconds(num_samples), times, values).astype(np.float32)


def noise(rng: np.random.Generator, num_samples: int, low_hz: float, high_hz: float) -> Wave:
    """Return stationary Gaussian noise of unit RMS between two corners with slopes of 12 dB an octave.

    Drawn in the frequency domain: no filter to design and no transient at the start.
    """
    padded = fft.next_fast_len(num_samples, real=True)
    gain = _band(padded, low_hz, high_hz)
    spectrum = rng.standard_normal((len(gain), 2), dtype=np.float32).view(np.complex64)[:, 0] * gain
    wave = fft.irfft(spectrum, padded)[:num_samples]
    return wave / np.sqrt(np.mean(wave**2))


@lru_cache(maxsize=64)
def _band(padded: int, low_hz: float, high_hz: float) -> Wave:
    hz = fft.rfftfreq(padded, 1 / SAMPLE_RATE_HZ).astype(np.float32)
    hz[0] = 1.0
    below, above = np.square(np.square(low_hz / hz)), np.square(np.square(hz / high_hz))
    return 1 / np.sqrt((1 + below) * (1 + above))


def partials(num_samples: int, hz: ArrayLike, amplitude: ArrayLike, decay_s: ArrayLike) -> Wave:
    """Return a sum of decaying sines that start at phase zero.

    A decaying sine is a geometric series, so samples factor into coarse times fine steps: one matrix product in all.
    """
    side = int(np.ceil(np.sqrt(num_samples)))
    rate = (2j * np.pi * np.asarray(hz, np.float64) - 1 / np.asarray(decay_s, np.float64)) / SAMPLE_RATE_HZ
    steps = np.multiply.outer(np.atleast_1d(rate), np.arange(side))
    fine = np.exp(steps).astype(np.complex64)
    coarse = (np.asarray(amplitude)[..., None] * np.exp(steps * side)).astype(np.complex64)
    wave = coarse.real.T @ fine.imag + coarse.imag.T @ fine.real
    return wave.ravel()[:num_samples]


def cycles(pitch_hz: Wave) -> NDArray[np.float64]:
    """Return the running phase of a pitch curve in cycles, zero at the first sample."""
    phase = np.cumsum(pitch_hz, dtype=np.float64) / SAMPLE_RATE_HZ
    return phase - phase[0]


def tone(pitch_hz: Wave) -> Wave:
    """Return a sine that follows a pitch curve."""
    return np.sin(_turns(cycles(pitch_hz)))


def _turns(phase: NDArray[np.float64]) -> Wave:
    """Return a phase in cycles as float32 radians within one turn."""
    return ((phase - np.floor(phase)) * (2 * np.pi)).astype(np.float32)


def table(amplitude: ArrayLike) -> Wave:
    """Return one cycle of a harmonic tone from the amplitudes of its harmonics, peak 1."""
    amplitude = np.asarray(amplitude, np.float32)
    phase = 2 * np.pi * np.arange(TABLE_SIZE) / TABLE_SIZE
    wave = amplitude @ np.sin(np.multiply.outer(np.arange(1, len(amplitude) + 1), phase))
    return (wave / np.abs(wave).max()).astype(np.float32)


def oscillate(cycle: Wave, phase: NDArray[np.float64]) -> Wave:
    """Return a table played along a phase in cycles."""
    return cycle[(phase * TABLE_SIZE).astype(np.int64) % TABLE_SIZE]


def voice(pitch_hz: Wave, formants: Sequence[tuple[Wave, float, float]]) -> Wave:
    """Return a throat: the harmonics of a pitch curve weighted by moving formants of (centre_hz, width_hz, gain)."""
    number = np.arange(1, 1 + int(0.45 * SAMPLE_RATE_HZ / pitch_hz.max()), dtype=np.float32)[:, None]
    hz = number * pitch_hz
    gain = sum(loud / (1 + ((hz - centre) / width) ** 2) for centre, width, loud in formants)
    return np.einsum("kn,kn->n", gain, np.sin(number * _turns(cycles(pitch_hz))))


def crackle(rng: np.random.Generator, num_samples: int, rate_hz: float, grain_s: float) -> Wave:
    """Return an envelope of random grains: decaying spikes at random times, `rate_hz` a second."""
    spikes = rng.random(num_samples, dtype=np.float32) < rate_hz / SAMPLE_RATE_HZ
    heights = spikes * rng.random(num_samples, dtype=np.float32)
    return signal.lfilter([1.0], [1.0, -np.exp(-1 / (grain_s * SAMPLE_RATE_HZ))], heights).astype(np.float32)


def wander(rng: np.random.Generator, num_samples: int, period_s: float) -> Wave:
    """Return a smooth random curve in [0, 1] that turns about once per period."""
    position = control_seconds(num_samples) / period_s + rng.random()
    whole = position.astype(np.int64)
    part = position - whole
    values = rng.random(whole[-1] + 2)
    return smooth(values[whole] + (values[whole + 1] - values[whole]) * part**2 * (3 - 2 * part), num_samples)


def control_seconds(num_samples: int) -> NDArray[np.float64]:
    """Return the times in seconds of a slow curve's control values, one each `CONTROL_STEP` samples, for `smooth`."""
    return np.arange(num_samples // CONTROL_STEP + 2, dtype=np.float64) * (CONTROL_STEP / SAMPLE_RATE_HZ)


def smooth(control: NDArray[np.float64], num_samples: int) -> Wave:
    """Return straight lines between control values: slow curves are cheap, since they change little in a step."""
    ramp = np.arange(CONTROL_STEP, dtype=np.float32) / np.float32(CONTROL_STEP)
    values = control.astype(np.float32)
    lines: Wave = values[:-1, None] + np.diff(values)[:, None] * ramp
    return lines.ravel()[:num_samples]


def add(canvas: Wave, wave: Wave, start: int) -> None:
    """Add a wave to a canvas from a sample on; what falls outside is cut."""
    first = max(0, -start)
    length = min(len(wave), len(canvas) - start)
    if length > first:
        canvas[start + first : start + length] += wave[first:length]


def peak_one(wave: Wave) -> Wave:
    """Return the wave scaled to a peak of 1."""
    return wave / np.abs(wave).max()


def loudest_rms(wave: Wave, window_s: float = 0.02) -> float:
    """Return the RMS of the loudest window of a wave."""
    window = count(window_s)
    blocks = np.pad(wave, (0, -len(wave) % window)).reshape(-1, window)
    return float(np.sqrt(np.mean(blocks**2, axis=1).max()))


def limit(wave: Wave, ceiling: float) -> Wave:
    """Return the wave bent under a ceiling: untouched below three quarters of it, smooth above."""
    knee = 0.75 * ceiling
    size = np.abs(wave)
    if size.max(initial=0.0) <= knee:
        return wave
    bent = knee + (ceiling - knee) * np.tanh((size - knee) / (ceiling - knee))
    return np.where(size > knee, np.copysign(bent, wave), wave).astype(np.float32)
