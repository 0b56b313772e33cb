"""Scene and events in, three stems out: effects at their samples, ambience, music.

Gain staging is fixed: each stem has its own ceiling, and the ceilings add up to `PEAK`; so the mix is the plain sum.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinora.storybook.places.weather import thunder_times
from kinora.storybook.scene import Event, Scene
from kinora.storybook.sound.ambience import ambience
from kinora.storybook.sound.effects import EFFECTS, LONGEST_LAUNCH_S, PLACE_GROUNDS, Cause, effect
from kinora.storybook.sound.music import play
from kinora.storybook.sound.synth import SAMPLE_RATE_HZ, Wave, add, count, limit
from kinora.storybook.vocabulary import KINDS

PEAK = 0.95
AMBIENCE_CEILING, MUSIC_CEILING = 0.11, 0.18
EFFECTS_CEILING = PEAK - AMBIENCE_CEILING - MUSIC_CEILING
# Sounds that go on until something stops them.
SUSTAINED, STOPPERS = ("engine", "launch", "roll"), ("engine", "launch", "roll", "crash", "land")
SHORTEST_HOLD_S = 0.1
EXTRA_TRACK = -1
PROP_SIZE_M, PROP_MASS_KG = 0.35, 0.3


@dataclass(frozen=True, kw_only=True)
class Stems:
    """The parts of a sound track, float32 (samples,) each; they add up to the mix, sample by sample."""

    effects: Wave
    ambience: Wave
    music: Wave
    sample_rate_hz: int = SAMPLE_RATE_HZ

    def mix(self) -> Wave:
        """Return the sum of the stems; its peak is at most `PEAK`."""
        return self.effects + self.ambience + self.music


def compose(scene: Scene, events: Sequence[Event]) -> Stems:
    """Return the stems of a scene: exactly round(duration_s * 24000) samples each.

    The scene's extra sounds are always played; whether `events` already holds them makes no difference.
    """
    num_samples = count(scene.duration_s)
    return Stems(
        effects=_effects(scene, _heard(scene, events), num_samples),
        ambience=_ambience(scene, num_samples),
        music=_music(scene, num_samples),
    )


def extra_events(scene: Scene) -> tuple[Event, ...]:
    """Return the events of sounds asked for that no actor makes: one or two of each, at seeded times, on track -1."""
    return tuple(
        Event(time_s=time_s, kind=kind, strength=0.9, track=EXTRA_TRACK)
        for kind in scene.sound.extra
        if scene.sound.effects
        for time_s in _extra_times(scene, kind)
    )


def sound_facts(scene: Scene, events: Sequence[Event]) -> tuple[str, ...]:
    """Return the words for what is audible: effects as they come in, ambience, then instrument, mood and tempo."""
    kinds = dict.fromkeys(event.kind for event in _heard(scene, events))
    music = scene.sound.music
    return (*kinds, *scene.sound.ambience, *((music.instrument, music.mood, music.tempo) if music else ()))


def _rng(scene: Scene, *path: str | int) -> np.random.Generator:
    """Return the generator of one sound, from the scene's seed and index and the sound's own name and nothing else."""
    name = "/".join(map(str, path))
    return np.random.default_rng([scene.seed, scene.index, zlib.crc32(name.encode())])


def _extra_times(scene: Scene, kind: str) -> Sequence[float]:
    """Return when an extra sound is heard: thunder with its lightning, others once or twice, well inside the scene."""
    if kind == "thunder":
        return thunder_times(scene)
    rng = _rng(scene, "extra", kind)
    number = 1 if scene.duration_s < 3 else int(rng.integers(1, 3))
    slot_s = scene.duration_s / number
    return [round(float((slot + rng.uniform(0.1, 0.6)) * slot_s), 3) for slot in range(number)]


def _heard(scene: Scene, events: Sequence[Event]) -> list[Event]:
    """Return the events that sound within the scene, in order of time, extras included, each once."""
    if not scene.sound.effects:
        return []
    every = dict.fromkeys((*events, *extra_events(scene)))
    return sorted((e for e in every if e.kind in EFFECTS and 0 <= e.time_s < scene.duration_s), key=lambda e: e.time_s)


def _hold_s(scene: Scene, events: Sequence[Event], event: Event) -> float:
    """Return how long a sustained sound goes on: to the next event that stops its track, or past the end."""
    if event.kind not in SUSTAINED:
        return 0.0
    stops = (e.time_s for e in events if e.track == event.track and e.time_s > event.time_s and e.kind in STOPPERS)
    hold_s = next(stops, scene.duration_s + 0.5) - event.time_s
    return max(SHORTEST_HOLD_S, min(hold_s, LONGEST_LAUNCH_S) if event.kind == "launch" else hold_s)


def _cause(scene: Scene, events: Sequence[Event], event: Event) -> Cause:
    """Return what makes an event's sound: an actor, a prop (a track past the actors) or something out of sight."""
    ground = PLACE_GROUNDS[scene.place]
    if event.track == EXTRA_TRACK:
        return Cause(ground=ground, kind="boat" if ground == "water" else "")
    if event.track >= len(scene.actors):
        return Cause(ground=ground, size_m=PROP_SIZE_M, mass_kg=PROP_MASS_KG)
    actor = scene.actors[event.track]
    kind = KINDS[actor.who.kind]
    return Cause(
        kind=actor.who.kind,
        size_m=kind.height_m,
        mass_kg=kind.mass_kg,
        ground=ground,
        speed=actor.speed,
        hold_s=_hold_s(scene, events, event),
    )


def _effects(scene: Scene, events: Sequence[Event], num_samples: int) -> Wave:
    canvas = np.zeros(num_samples, np.float32)
    for event in events:
        start = count(event.time_s)
        rng = _rng(scene, event.kind, start, event.track)
        wave = effect(event.kind, rng, event.strength, _cause(scene, events, event))
        add(canvas, wave, start)
    return limit(canvas, EFFECTS_CEILING)


def _ambience(scene: Scene, num_samples: int) -> Wave:
    canvas = np.zeros(num_samples, np.float32)
    share = np.float32(max(1, len(scene.sound.ambience)) ** -0.5)
    for name in scene.sound.ambience:
        canvas += share * ambience(name, _rng(scene, "ambience", name), num_samples)
    return limit(canvas, AMBIENCE_CEILING)


def _music(scene: Scene, num_samples: int) -> Wave:
    if scene.sound.music is None:
        return np.zeros(num_samples, np.float32)
    return limit(play(scene.sound.music, _rng(scene, "music"), num_samples), MUSIC_CEILING)
