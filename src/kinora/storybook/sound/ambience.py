"""The sound of a place, stationary and without repeats: drawn afresh for whatever length is asked, never looped."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kinora.storybook.sound.synth import (
    SAMPLE_RATE_HZ,
    Wave,
    add,
    control_seconds,
    count,
    crackle,
    curve,
    cycles,
    noise,
    oscillate,
    seconds,
    smooth,
    table,
    tone,
    wander,
)

Rng = np.random.Generator


def _swell(num_samples: int, period_s: float, start: float) -> Wave:
    """Return a breaking wave's strength over time: rises slowly, falls fast, once per period."""
    phase = (control_seconds(num_samples) / period_s + start) % 1.0
    return smooth(np.sin(np.pi * phase**1.7) ** 2, num_samples)


def _times(rng: Rng, num_samples: int, every_s: float) -> NDArray[np.int64]:
    """Return random start samples, one in each slot of `every_s`, the first already under way."""
    slots = np.arange(-1, int(num_samples / SAMPLE_RATE_HZ / every_s) + 1)
    return ((slots + rng.random(len(slots))) * every_s * SAMPLE_RATE_HZ).astype(np.int64)


def waves(rng: Rng, num_samples: int) -> Wave:
    """Return surf: two swells out of step, each with a hiss on its crest, over a low roar."""
    wave = 0.12 * noise(rng, num_samples, 60, 400)
    for period_s in (rng.uniform(3.4, 4.2), rng.uniform(4.8, 5.8)):
        swell = _swell(num_samples, period_s, rng.random())
        wave += 0.4 * swell * noise(rng, num_samples, 250, 1300) + 0.35 * swell * swell * swell * noise(
            rng, num_samples, 1800, 6500
        )
    return wave


_GULL = table([1.0, 0.8, 0.5, 0.25])


def sea(rng: Rng, num_samples: int) -> Wave:
    """Return open water: a deep slow roll, lapping against a hull, now and then a gull."""
    wave = noise(rng, num_samples, 60, 260) * (0.25 + 0.6 * wander(rng, num_samples, 1.6))
    wave += 0.9 * crackle(rng, num_samples, 6, 0.04) * noise(rng, num_samples, 600, 1900)
    wave += 0.12 * noise(rng, num_samples, 900, 3500) * wander(rng, num_samples, 1.1)
    for start in _times(rng, num_samples, 2.5):
        for cry in range(rng.integers(2, 4)):
            length = count(0.3)
            pitch = curve(length, (0, 1000), (0.08, 1650), (0.3, 1050)) * np.float32(rng.uniform(0.95, 1.05))
            gull = oscillate(_GULL, cycles(pitch)) * curve(length, (0, 0), (0.04, 1), (0.2, 0.7), (0.3, 0))
            add(wave, 0.5 * gull, start + cry * count(0.36))
    return wave


def rain(rng: Rng, num_samples: int) -> Wave:
    """Return steady rain: a bright hiss and drops near by."""
    hiss = noise(rng, num_samples, 2200, 9000)
    return 0.22 * hiss + 0.55 * crackle(rng, num_samples, 140, 0.0025) * noise(rng, num_samples, 1200, 5000)


def wind(rng: Rng, num_samples: int) -> Wave:
    """Return wind: a low rush and two howls, gusting."""
    gust = 0.35 + 0.65 * wander(rng, num_samples, 1.3)
    howl = noise(rng, num_samples, 640, 690) * wander(rng, num_samples, 0.9)
    howl += noise(rng, num_samples, 980, 1050) * wander(rng, num_samples, 0.7)
    return gust * (0.1 * noise(rng, num_samples, 120, 380) + 0.5 * gust * howl)


def _phrase(rng: Rng) -> Wave:
    """Return one bird's phrase: the same chirp a few times over."""
    low_hz, width_hz = rng.uniform(2300, 4200), rng.uniform(500, 1900)
    chirp_s, gap_s = rng.uniform(0.05, 0.14), rng.uniform(0.03, 0.09)
    length = count(chirp_s)
    middle = rng.uniform(0.2, 0.8) * chirp_s
    ends = rng.random(3)
    pitch = curve(
        length,
        (0, low_hz + width_hz * ends[0]),
        (middle, low_hz + width_hz * ends[1]),
        (chirp_s, low_hz + width_hz * ends[2]),
    )
    chirp = tone(pitch) * np.sin(np.pi * np.arange(length) / length).astype(np.float32) ** 0.7
    repeats = int(rng.integers(2, 6))
    every = count(chirp_s + gap_s)
    wave = np.zeros(every * repeats, np.float32)
    for number in range(repeats):
        add(wave, chirp, number * every)
    return wave


def birds(rng: Rng, num_samples: int) -> Wave:
    """Return birdsong: phrases of chirps, near and far, over a faint rustle."""
    wave = 0.03 * noise(rng, num_samples, 400, 2500)
    for start in _times(rng, num_samples, 0.55):
        add(wave, _phrase(rng) * np.float32(rng.uniform(0.2, 0.6)), start)
    return wave


def crickets(rng: Rng, num_samples: int) -> Wave:
    """Return crickets: three of them, each with its own pitch and its own pulse of short trills."""
    wave = 0.02 * noise(rng, num_samples, 300, 1500)
    time = seconds(num_samples)
    for loud in (0.4, 0.25, 0.15):
        hz, rate_hz = rng.uniform(4000, 5200), rng.uniform(1.6, 2.4)
        beat = time * np.float32(rate_hz) + np.float32(rng.random())
        pulses = np.maximum(0, np.sin(2 * np.pi * time * np.float32(rng.uniform(26, 32)))) ** 2
        chirping = np.clip(4 * np.sin(2 * np.pi * beat), 0, 1)
        wave += np.float32(loud) * tone(np.full(num_samples, hz, np.float32)) * pulses * chirping
    return wave


_FAR_HORN = table([1.0, 0.5, 0.35, 0.15, 0.1])


def city(rng: Rng, num_samples: int) -> Wave:
    """Return a town: a low rumble, cars passing, a horn far away."""
    wave = 0.5 * noise(rng, num_samples, 45, 110) + 0.06 * noise(rng, num_samples, 300, 1200)
    for start in _times(rng, num_samples, 2.2):
        length = count(2.4)
        near = np.sin(np.pi * np.arange(length) / length).astype(np.float32) ** 3
        add(wave, 0.35 * near * noise(rng, length, 250, 1100), start)
    for start in _times(rng, num_samples, 3.2):
        length = count(rng.uniform(0.25, 0.5))
        pitch = np.full(length, rng.uniform(340, 480), np.float32)
        both = oscillate(_FAR_HORN, cycles(pitch)) + oscillate(_FAR_HORN, cycles(1.26 * pitch))
        add(
            wave,
            0.14
            * both
            * curve(length, (0, 0), (0.03, 1), (length / SAMPLE_RATE_HZ - 0.06, 1), (length / SAMPLE_RATE_HZ, 0)),
            start,
        )
    return wave


AMBIENCES: dict[str, Callable[[Rng, int], Wave]] = {
    "waves": waves,
    "rain": rain,
    "wind": wind,
    "birds": birds,
    "crickets": crickets,
    "city": city,
    "sea": sea,
}
# Against each other as they are heard, loud low rumbles being less so.
LEVELS: dict[str, float] = {
    "waves": 0.052,
    "rain": 0.06,
    "wind": 0.1,
    "birds": 0.085,
    "crickets": 0.14,
    "city": 0.052,
    "sea": 0.042,
}


def ambience(name: str, rng: Rng, num_samples: int) -> Wave:
    """Return that many samples of an ambience at its level."""
    return np.float32(LEVELS[name]) * AMBIENCES[name](rng, num_samples)
