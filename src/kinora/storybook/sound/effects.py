"""The sound of every event: steps, splashes, voices, engines, bells. Each starts on its first sample."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kinora.storybook.sound.synth import (
    Wave,
    add,
    count,
    crackle,
    curve,
    cycles,
    decay,
    limit,
    loudest_rms,
    noise,
    oscillate,
    partials,
    peak_one,
    seconds,
    table,
    tone,
    voice,
    wander,
)

Rng = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What makes a sound: the kind and its size, the ground under it, how fast it goes and for how long it sounds."""

    kind: str = ""
    size_m: float = 1.0
    mass_kg: float = 30.0
    ground: str = "grass"
    speed: float = 1.0
    hold_s: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Ground:
    """How a ground answers a foot: a band of noise, grains in it, resonances, a thump, drops."""

    low_hz: float
    high_hz: float
    decay_s: float
    grains_hz: float = 0.0
    ring_hz: tuple[float, ...] = ()
    thump: float = 0.5
    drops: int = 0


GROUNDS: dict[str, Ground] = {
    "grass": Ground(low_hz=500, high_hz=2800, decay_s=0.03, thump=0.5),
    "snow": Ground(low_hz=1500, high_hz=6500, decay_s=0.07, grains_hz=700, thump=0.25),
    "wood": Ground(low_hz=600, high_hz=4000, decay_s=0.006, ring_hz=(185, 390, 640, 1010), thump=0.5),
    "stone": Ground(low_hz=1800, high_hz=8000, decay_s=0.012, ring_hz=(1250, 2100), thump=0.3),
    "sand": Ground(low_hz=250, high_hz=1400, decay_s=0.06, grains_hz=2500, thump=0.4),
    "water": Ground(low_hz=900, high_hz=6000, decay_s=0.06, thump=0.2, drops=4),
}
PLACE_GROUNDS: dict[str, str] = {
    "meadow": "grass",
    "forest": "grass",
    "beach": "water",
    "sea": "water",
    "snow": "snow",
    "desert": "sand",
    "city": "stone",
    "village": "stone",
    "mountains": "stone",
    "room": "wood",
    "stage": "wood",
    "space": "sand",
}


def drops(rng: Rng, num_samples: int, number: int) -> Wave:
    """Return bubbles: short sines that rise in pitch, at random times."""
    wave = np.zeros(num_samples, np.float32)
    for start_s in rng.uniform(0.01, 0.7, number) * num_samples / count(1.0):
        length = count(rng.uniform(0.03, 0.07))
        hz = rng.uniform(500, 1300)
        bubble = tone(curve(length, (0, hz), (0.07, 2.2 * hz))) * decay(length, 0.018)
        add(wave, bubble * np.float32(rng.uniform(0.4, 1)), count(start_s))
    return wave


def thump(num_samples: int, hz: float, decay_s: float, drop: float = 0.8) -> Wave:
    """Return a struck membrane: a sine whose pitch falls to `hz` from `1 + drop` times it."""
    pitch = np.float32(hz) * (1 + np.float32(drop) * decay(num_samples, 0.015))
    return tone(pitch) * decay(num_samples, decay_s)


def step(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return one footfall on the cause's ground; heavy feet thump lower."""
    ground = GROUNDS[cause.ground]
    length = count(0.12 + 2 * ground.decay_s)
    brush = noise(rng, length, ground.low_hz, ground.high_hz * (0.8 + 0.4 * strength)) * decay(length, ground.decay_s)
    if ground.grains_hz:
        brush *= 0.3 + crackle(rng, length, ground.grains_hz, 0.003)
    heavy = (cause.mass_kg / 30) ** 0.15
    wave = 1.3 * peak_one(brush) + heavy * ground.thump * thump(length, 95 / heavy, 0.03)
    for hz in ground.ring_hz:
        wave += 0.35 * partials(length, [hz * rng.uniform(0.95, 1.05)], [1.0], [0.035])
    return wave + 0.6 * drops(rng, length, ground.drops)


def splash(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a body meeting water: a bright burst, a falling body of noise, bubbles."""
    length = count(0.6 + 0.3 * strength)
    burst = noise(rng, length, 1500, 9000) * decay(length, 0.05)
    body = noise(rng, length, 350, 2200) * decay(length, 0.18) * (0.4 + 0.6 * wander(rng, length, 0.05))
    return 0.8 * burst + body + 0.9 * drops(rng, length, 7)


def bounce(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a rubber ball: a ringing thump, higher for smaller things."""
    length = count(0.3)
    hz = 165 * (0.7 / cause.size_m) ** 0.8
    slap = noise(rng, length, 800, 5000) * decay(length, 0.004)
    return thump(length, hz, 0.07, 0.9) + 0.35 * thump(length, 2.7 * hz, 0.03, 0.4) + 0.25 * slap


def land(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a body coming down: a deep thud and the ground's own noise."""
    ground = GROUNDS[cause.ground]
    length = count(0.35)
    hz = 62 * (30 / max(cause.mass_kg, 3)) ** 0.1
    dust = peak_one(
        noise(rng, length, ground.low_hz * 0.6, ground.high_hz) * decay(length, 0.03 + 0.4 * ground.decay_s)
    )
    return thump(length, hz, 0.09, 1.4) + (0.35 + 0.2 * strength) * dust + 0.3 * drops(rng, length, ground.drops)


def bark(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return one bark: a harsh harmonic burst that opens at once and drops in pitch."""
    length = count(0.24)
    hz = 340 * rng.uniform(0.93, 1.07) / cause.size_m**0.4
    pitch = hz * curve(length, (0, 1.0), (0.03, 1.5), (0.09, 1.25), (0.2, 0.6))
    opening = curve(length, (0, 650), (0.05, 1100), (0.2, 500))
    rough = 1 + 0.5 * noise(rng, length, 20, 160)
    throat = peak_one(
        voice(pitch, [(opening, 220, 1.0), (2 * opening, 350, 0.6), (np.full_like(pitch, 3100), 600, 0.25)]) * rough
    )
    breath = noise(rng, length, 700, 4500)
    shape = curve(length, (0, 0.5), (0.004, 1), (0.09, 0.9), (0.17, 0.2), (0.24, 0))
    return np.tanh(2.5 * throat + 0.22 * breath) * shape


def meow(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return one meow: m-i-a-o-w as a half-second glide of pitch and of two formants."""
    length = count(0.62)
    hz = 560 * rng.uniform(0.92, 1.08) / cause.size_m**0.3
    pitch = hz * curve(length, (0, 0.8), (0.18, 1.25), (0.35, 1.15), (0.62, 0.68))
    pitch *= 1 + 0.015 * np.sin(2 * np.pi * 6 * seconds(length))
    first = curve(length, (0, 350), (0.1, 600), (0.26, 1150), (0.4, 900), (0.62, 420))
    second = curve(length, (0, 2000), (0.12, 2500), (0.28, 1800), (0.62, 850))
    shape = curve(length, (0, 0.12), (0.02, 0.45), (0.12, 0.7), (0.26, 1), (0.42, 0.8), (0.62, 0))
    return voice(pitch, [(first, 180, 1.0), (second, 260, 0.7), (np.full_like(pitch, 3600), 400, 0.12)]) * shape


LONGEST_LAUNCH_S = 4.0
_CYLINDERS = table([1.0, 0.9, 0.55, 0.7, 0.4, 0.3, 0.35, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05])


def engine(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a running engine for `hold_s`: a car starts up and hums, a train puffs in fours with its speed."""
    return _chug(rng, cause) if cause.kind == "train" else _hum(rng, cause)


def _hum(rng: Rng, cause: Cause) -> Wave:
    """Return a car: cylinder harmonics that rev up, settle and wander."""
    length = count(cause.hold_s)
    cruise = 48 + 22 * cause.speed
    pitch = curve(length, (0, 0.6 * cruise), (0.35, 1.3 * cruise), (0.8, cruise))
    hum = oscillate(_CYLINDERS, cycles(pitch * (0.97 + 0.06 * wander(rng, length, 0.6))))
    exhaust: Wave = noise(rng, length, 150, 1400) * (0.6 + 0.4 * hum)
    shape = curve(length, (0, 0.4), (0.02, 1), (0.4, 1), (0.9, 0.6))
    return (hum + 0.3 * exhaust) * shape


def _chug(rng: Rng, cause: Cause) -> Wave:
    """Return a steam train: puffs of noise, the first of four the loudest."""
    length = count(cause.hold_s)
    puffs = cycles(np.full(length, 2.2 + 2.6 * cause.speed, np.float32))
    accent = np.array([1.0, 0.55, 0.75, 0.55], np.float32)[puffs.astype(np.int64) % 4]
    puff = (np.exp(-5 * (puffs % 1.0)) * accent).astype(np.float32)
    return noise(rng, length, 350, 2600) * puff + 0.5 * noise(rng, length, 50, 160) * puff


def launch(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a rocket's roar for `hold_s`: broad noise with a crackle that slowly moves away."""
    length = count(cause.hold_s)
    roar = noise(rng, length, 45, 700) + 0.35 * noise(rng, length, 700, 5000) * (0.4 + crackle(rng, length, 300, 0.004))
    return roar * curve(length, (0, 0.5), (0.03, 1), (0.6, 1), (LONGEST_LAUNCH_S, 0))


_BUZZ = table(1 / np.arange(1, 17) ** 0.6)
_REED = table(1 / np.arange(1, 25) ** 0.9)
# Boats sound one deep reed in fifths, everything on the road a bright third.
_HORNS: dict[str, tuple[Wave, tuple[float, float], float]] = {"boat": (_REED, (98, 147), 1.2)}
_ROAD_HORN = (_BUZZ, (415, 523), 0.55)


def horn(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a horn of two tones: a car's bright one, or a boat's deep one."""
    cycle, tones, hold_s = _HORNS.get(cause.kind, _ROAD_HORN)
    length = count(hold_s)
    scoop = curve(length, (0, 0.97), (0.04, 1.0))
    both = [oscillate(cycle, cycles(scoop * np.float32(hz * rng.uniform(0.99, 1.01)))) for hz in tones]
    return (both[0] + both[1]) * curve(length, (0, 0.5), (0.004, 1), (hold_s - 0.08, 0.9), (hold_s, 0))


def whistle(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a steam whistle: a breathy chord that scoops up and falls off."""
    length = count(0.9)
    scoop = curve(length, (0, 0.9), (0.08, 1.0), (0.7, 1.0), (0.9, 0.92)) * np.float32(rng.uniform(0.96, 1.04))
    chord = sum(tone(scoop * np.float32(hz)) for hz in (740, 880, 1109, 1480))
    steam = noise(rng, length, 1500, 6000)
    shape = curve(length, (0, 0.3), (0.02, 0.8), (0.1, 1), (0.7, 0.9), (0.9, 0))
    return (chord + 0.25 * steam) * shape


def thunder(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return thunder: a tearing crack, then seconds of rolling rumble."""
    length = count(2.2 + 1.2 * strength)
    crack = noise(rng, length, 250, 7000) * (decay(length, 0.02) + crackle(rng, length, 60, 0.02) * decay(length, 0.12))
    rolls = 0.25 + wander(rng, length, 0.22) ** 2
    rumble = (
        noise(rng, length, 40, 150) * rolls * curve(length, (0, 0.2), (0.15, 1), (1.0, 0.6), (length / count(1.0), 0))
    )
    return (0.4 + 0.4 * strength) * crack + rumble


def bell(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a church bell: hum, prime, minor third, fifth, octave and clangour (the classical tuning of bells)."""
    length = count(2.2)
    prime_hz = 587 * rng.uniform(0.97, 1.03)
    ratio = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 2.51, 2.66, 3.01, 4.1, 5.4])
    amplitude = np.array([0.5, 0.7, 0.55, 0.35, 1.0, 0.4, 0.4, 0.3, 0.35, 0.25])
    strike = noise(rng, length, 2000, 9000) * decay(length, 0.004)
    return partials(length, prime_hz * ratio, amplitude, 1.3 / ratio**0.9) + 0.25 * strike


def crash(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a collision: a blow, bent metal, falling bits."""
    length = count(0.7 + 0.4 * strength)
    hz = np.array([233, 417, 659, 951, 1373, 1888, 2614, 3490]) * rng.uniform(0.92, 1.08, 8)
    metal = partials(length, hz, np.ones(8), 0.32 * (233 / hz) ** 0.3)
    blow = noise(rng, length, 80, 5000) * decay(length, 0.07)
    bits = noise(rng, length, 1500, 7000) * crackle(rng, length, 45, 0.008) * decay(length, 0.3)
    return blow + 0.35 * metal + 0.7 * bits + 1.2 * thump(length, 55, 0.1)


def shatter(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return breaking glass: a sharp hit and a shower of high shards; a balloon pops instead."""
    if cause.kind == "balloon":
        length = count(0.12)
        return noise(rng, length, 200, 9000) * decay(length, 0.008) + 0.8 * thump(length, 150, 0.02, 2.0)
    length = count(0.8)
    wave = noise(rng, length, 2500, 11000) * decay(length, 0.025)
    for start_s in (0.0, 0.0, 0.0, *rng.exponential(0.14, 15)):
        shard = partials(count(0.25), rng.uniform(2200, 8500, 3), [1.0, 0.7, 0.5], rng.uniform(0.02, 0.07, 3))
        add(wave, shard * np.float32(rng.uniform(0.3, 0.9)), count(start_s))
    return wave


def bite(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a bite into something crisp: teeth in, then the tear."""
    length = count(0.24)
    crumbs = noise(rng, length, 700, 3800) * (0.15 + crackle(rng, length, 500, 0.0025))
    return peak_one(
        crumbs * curve(length, (0, 1), (0.04, 0.7), (0.07, 0.05), (0.1, 0.05), (0.11, 0.7), (0.2, 0.1), (0.24, 0))
    )


def throw(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a whoosh: air that brightens, passes and darkens."""
    length = count(0.36)
    near = curve(length, (0, 0.15), (0.1, 1), (0.36, 0))
    return (noise(rng, length, 350, 900) * np.sqrt(near) + 1.2 * noise(rng, length, 1100, 2600) * near**2) * near


def flap(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return one wing beat: a soft low puff, lower for bigger wings."""
    length = count(0.2)
    hz = 260 / cause.size_m**0.7
    return noise(rng, length, hz, 3 * hz) * curve(length, (0, 0.3), (0.02, 1), (0.07, 0.5), (0.2, 0))


def swim(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return one stroke: a soft swish under water with bubbles."""
    length = count(0.5)
    swish = noise(rng, length, 180, 800) * curve(length, (0, 0.2), (0.08, 1), (0.5, 0))
    return 0.5 * swish + drops(rng, length, 6)


def roll(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a soft rolling for `hold_s`: a low rumble that swells with every turn."""
    length = count(cause.hold_s)
    turns = cycles(np.full(length, 6 * cause.speed, np.float32) * (0.95 + 0.1 * wander(rng, length, 0.5)))
    turning = (0.55 + 0.45 * np.cos(2 * np.pi * turns)).astype(np.float32)
    return noise(rng, length, 90, 420) * turning * curve(length, (0, 0.6), (0.03, 1), (0.4, 0.7))


def catch(rng: Rng, strength: float, cause: Cause) -> Wave:
    """Return a slap of two palms round something."""
    length = count(0.14)
    return noise(rng, length, 1100, 3600) * decay(length, 0.016) + 0.6 * thump(length, 330, 0.02, 0.3)


Effect = Callable[[Rng, float, Cause], Wave]

EFFECTS: dict[str, Effect] = {
    "step": step,
    "splash": splash,
    "bounce": bounce,
    "bark": bark,
    "meow": meow,
    "engine": engine,
    "horn": horn,
    "whistle": whistle,
    "thunder": thunder,
    "bell": bell,
    "land": land,
    "crash": crash,
    "break": shatter,
    "bite": bite,
    "throw": throw,
    "flap": flap,
    "swim": swim,
    "roll": roll,
    "launch": launch,
    "catch": catch,
}
# Sudden sounds, which an onset detector must find; the others swell or go on.
HARD = frozenset(
    {"step", "splash", "bounce", "bark", "thunder", "bell", "horn", "land", "crash", "break", "bite", "catch"}
)
# RMS of the loudest 20 ms at full strength, in decibels under full scale, and how far below the softest falls.
LOUD_DB, SOFT_DB = -12.5, -3.5
PEAK = 0.6
# Against `LOUD_DB`: what swells or goes on is softer, so that sudden sounds stand out of it.
LEVELS_DB: dict[str, float] = {
    "engine": -13,
    "roll": -12,
    "flap": -9,
    "swim": -8,
    "throw": -7,
    "launch": -6,
    "whistle": -5,
    "meow": -4,
    "horn": -2,
    "bell": -1,
    "thunder": 2,
}
FADE = count(0.015)


def effect(kind: str, rng: Rng, strength: float, cause: Cause | None = None) -> Wave:
    """Return the sound of an event at its level for a strength in [0, 1]; the peak stays under `PEAK`."""
    wave = EFFECTS[kind](rng, strength, cause or Cause())
    level_db = LOUD_DB + LEVELS_DB.get(kind, 0.0) + SOFT_DB * (1 - strength)
    wave = wave * np.float32(10 ** (level_db / 20) / loudest_rms(wave))
    fade = min(FADE, len(wave) // 2)
    wave[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return limit(wave, PEAK)
