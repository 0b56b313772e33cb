"""Piano, strings, music box and drums: (MIDI number, held samples) to the wave of one note.

Notes are cached: a tune uses few pitches, so most notes cost one addition.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from kinora.storybook.sound.synth import (
    SAMPLE_RATE_HZ,
    Wave,
    count,
    decay,
    noise,
    oscillate,
    partials,
    peak_one,
    seconds,
    table,
    tone,
)

Instrument = Callable[[int, int], Wave]

HIGHEST_HZ = 0.42 * SAMPLE_RATE_HZ
RELEASE = count(0.12)
MUSIC_BOX_SHIFT = 12


def hertz(midi: int) -> float:
    """Return the frequency of a MIDI number in equal temperament, A4 = 69 = 440 Hz."""
    return 440.0 * 2 ** ((midi - 69) / 12)


def _released(wave: Wave, num_samples: int) -> Wave:
    """Return the wave held for that long and then let go."""
    held = wave[: num_samples + RELEASE].copy()
    tail = held[num_samples:]
    tail *= np.linspace(1, 0, len(tail), dtype=np.float32)
    return held


@lru_cache(maxsize=64)
def _piano_string(midi: int) -> Wave:
    """Return a key held for 3 s: stretched partials of two strings a hair apart, and the hammer's knock."""
    length = count(3.0)
    hz = hertz(midi)
    number = np.arange(1, min(18, int(HIGHEST_HZ / hz)) + 1)
    stretched = hz * number * np.sqrt(1 + 0.0004 * number**2)
    amplitude = np.abs(np.sin(np.pi * number / 7.3)) / number**1.25 * np.exp(-stretched / 4500)
    decay_s = 1.5 * (262 / hz) ** 0.5 / (1 + 0.3 * (number - 1))
    pair = np.concatenate([stretched, stretched * 1.0007])
    wave = partials(length, pair, np.tile(amplitude, 2), np.concatenate([decay_s, 1.6 * decay_s]))
    hammer = noise(np.random.default_rng(midi), length, 300, 2500) * decay(length, 0.006)
    return peak_one(wave) + 0.12 * hammer


def piano(midi: int, num_samples: int) -> Wave:
    """Return a struck and then damped piano note."""
    return _released(_piano_string(midi), num_samples)


@lru_cache(maxsize=64)
def _music_box_tine(midi: int) -> Wave:
    """Return a plucked tine: a pure tone, its octave and the inharmonic modes of a clamped bar."""
    ratio = np.array([1.0, 2.0, 3.01, 6.27, 9.1])
    hz = hertz(midi + MUSIC_BOX_SHIFT) * ratio
    amplitude = np.array([1.0, 0.25, 0.12, 0.3, 0.08]) * (hz < HIGHEST_HZ)
    return peak_one(partials(count(1.8), hz, amplitude, [0.55, 0.4, 0.2, 0.06, 0.03]))


def music_box(midi: int, num_samples: int) -> Wave:
    """Return a music box note: it rings on, however short the note."""
    return _music_box_tine(midi)


_BOW = table(1 / np.arange(1, 25) ** 1.15 * (1 + 0.5 * np.cos(np.arange(1, 25) * 0.9)))
# (detuning, vibrato rate in hertz, start phase) of the players.
_PLAYERS = ((0.9965, 5.1, 0.0), (1.0, 5.6, 0.37), (1.004, 6.0, 0.71))


@lru_cache(maxsize=256)
def strings(midi: int, num_samples: int) -> Wave:
    """Return three bowed strings with vibrato: a slow attack, quicker in short notes."""
    attack = min(count(0.09), num_samples // 3)
    length = num_samples + RELEASE
    time = seconds(length).astype(np.float64)
    wave = np.zeros(length, np.float32)
    for detune, rate_hz, start in _PLAYERS:
        turn = 2 * np.pi * rate_hz
        bent = time - 0.005 * (np.cos(turn * time + 6 * start) - np.cos(6 * start)) / turn
        wave += oscillate(_BOW, hertz(midi) * detune * bent + start)
    bow = np.interp(np.arange(length), [0, attack, 3 * attack, num_samples, length], [0, 1, 0.75, 0.65, 0])
    return wave * (bow / len(_PLAYERS)).astype(np.float32)


KICK, RIM, SNARE, HAT, TOM, SHAKER = 36, 37, 38, 42, 45, 70


def _falling(length: int, hz: float, drop: float, decay_s: float) -> Wave:
    return tone(np.float32(hz) * (1 + np.float32(drop) * decay(length, 0.02))) * decay(length, decay_s)


def _kick(rng: np.random.Generator, length: int) -> Wave:
    return _falling(length, 52, 2.8, 0.11) + 0.15 * noise(rng, length, 1000, 5000) * decay(length, 0.003)


def _rim(rng: np.random.Generator, length: int) -> Wave:
    return 0.6 * partials(length, [540, 1720], [0.6, 1.0], 0.012)


def _snare(rng: np.random.Generator, length: int) -> Wave:
    return 0.32 * noise(rng, length, 900, 8000) * decay(length, 0.07) + 0.5 * _falling(length, 185, 0.5, 0.05)


def _hat(rng: np.random.Generator, length: int) -> Wave:
    return 0.16 * noise(rng, length, 7000, 11500) * decay(length, 0.022)


def _tom(rng: np.random.Generator, length: int) -> Wave:
    return 0.9 * _falling(length, 98, 0.8, 0.14) + 0.08 * noise(rng, length, 300, 2000) * decay(length, 0.02)


def _shaker(rng: np.random.Generator, length: int) -> Wave:
    return 0.11 * noise(rng, length, 3500, 9500) * np.minimum(1, seconds(length) / 0.02) * decay(length, 0.035)


_KIT = {KICK: _kick, RIM: _rim, SNARE: _snare, HAT: _hat, TOM: _tom, SHAKER: _shaker}


@lru_cache(maxsize=16)
def _drum(midi: int) -> Wave:
    return _KIT[midi](np.random.default_rng(midi), count(0.5))


def drums(midi: int, num_samples: int) -> Wave:
    """Return a drum of the kit by its General MIDI number."""
    return _drum(midi)


INSTRUMENTS: dict[str, Instrument] = {"piano": piano, "strings": strings, "music box": music_box, "drums": drums}
# Peak of one loud note.
LEVELS: dict[str, float] = {"piano": 0.085, "strings": 0.085, "music box": 0.08, "drums": 0.14}
