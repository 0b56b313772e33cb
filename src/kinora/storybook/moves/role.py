"""An actor's part in a scene, ready to be choreographed: its clock, its way, its size and its small signs of life."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from kinora.storybook.scene import FAR_SCALE, Actor, Individual, Placement, Pose, Scene
from kinora.storybook.sound.music import BEATS_PER_MINUTE
from kinora.storybook.vocabulary import KINDS, Kind

ALIVE = frozenset(name for name, kind in KINDS.items() if {"walk", "jump", "swim"} & set(kind.actions))
SWINGING_ARMS = ("girl", "boy", "woman", "man", "robot")  # a whole cycle of `sway` is a dance step to these
EYELESS = ("lamp",)  # a lamp that blinks goes out
VOICES = {"car": "horn"}  # where a kind's voice is not what it calls with
QUIET = ("sleep", "eat")  # what animals do without raising their voices
BUSY = ("drive", "drift")  # what vehicles do when they sound their horns
BEATS_PER_MINUTE_UNHEARD = 120  # of a dance without music


class Cue(NamedTuple):
    """An event to be, before it has a track. `strength` in [0, 1]."""

    time_s: float
    kind: str
    strength: float


@dataclass(frozen=True, kw_only=True)
class Act:
    """What one figure, an actor or a prop, does all clip long."""

    who: Individual
    placement: Callable[[float], Placement]
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Role:
    """An actor with everything its choreography needs. `phase` in [0, 1) keeps equal actors out of step."""

    number: int
    actor: Actor
    partner: Actor | None
    kind: Kind
    sign: Literal[-1, 1]
    scale: float
    duration_s: float
    beat_hz: float
    high: bool
    phase: float
    calls: tuple[Cue, ...]
    rng: np.random.Generator

    @property
    def height_m(self) -> float:
        """Return how tall it is drawn, in metres of the world."""
        return self.kind.height_m * self.scale

    @property
    def alive(self) -> bool:
        """Return whether it breathes, as people, animals and robots do here."""
        return self.actor.who.kind in ALIVE

    def since_start(self, t: float) -> float:
        """Return the seconds since its action began; 0 before."""
        return max(0.0, t - self.actor.start_s)

    def way(self, t: float, speed_m_s: float) -> float:
        """Return the metres gone since the action began at this constant speed."""
        return speed_m_s * self.since_start(t)

    def x_m(self, t: float, speed_m_s: float) -> float:
        """Return x at constant speed the way it faces; it passes `actor.x_m` in the middle of the clip."""
        middle_s = self.since_start(self.duration_s / 2)
        return self.actor.x_m + self.sign * speed_m_s * (self.since_start(t) - middle_s)

    def wave(self, t: float, period_s: float) -> float:
        """Return a slow sine in [-1, 1] with this actor's phase."""
        return math.sin(math.tau * (t / period_s + self.phase))

    def pose(self, t: float, **changes: Any) -> Pose:  # noqa: ANN401  the fields of Pose
        """Return the pose of one that just lives (breathing, blinking, swaying, calling), with these fields instead."""
        life: dict[str, Any] = {"sway": 0.25 * t + self.phase}
        if self.alive:
            life["squash"] = 0.014 * self.wave(t, 3.1)
        if self.actor.who.kind in SWINGING_ARMS:
            life["sway"] = 0.016 * self.wave(t, 4.0)
        if self.actor.who.kind not in EYELESS:
            life["blink"] = blink(t, self.phase)
        if self.calls:
            life["mouth"] = max(bump(t - call.time_s - 0.12, 0.22) for call in self.calls)
        return Pose(**(life | changes))

    def place(self, x_m: float, y_m: float, pose: Pose, *, visible: bool = True) -> Placement:
        """Return a placement on this actor's depth, facing its way."""
        return Placement(x_m=x_m, y_m=y_m, depth=self.actor.depth, facing=self.sign, visible=visible, pose=pose)

    def act(self, placement: Callable[[float], Placement], *cues: Cue) -> Act:
        """Return the actor's own act; its calls are added to the cues."""
        return Act(who=self.actor.who, placement=placement, cues=(*cues, *self.calls))


Choreography = Callable[[Role], tuple[Act, ...]]


def cast_role(scene: Scene, number: int) -> Role:
    """Return the role of the scene's actor of this number."""
    actor = scene.actors[number]
    rng = np.random.default_rng([scene.seed, scene.index, number])
    partner = None if actor.partner is None else scene.actors[actor.partner]
    music = scene.sound.music
    coin: Literal[-1, 1] = 1 if rng.random() < 0.5 else -1
    return Role(
        number=number,
        actor=actor,
        partner=partner,
        kind=KINDS[actor.who.kind],
        sign=_facing(actor, partner, coin),
        scale=drawn_scale(actor.depth),
        duration_s=scene.duration_s,
        beat_hz=(BEATS_PER_MINUTE[music.tempo] if music else BEATS_PER_MINUTE_UNHEARD) / 60,
        high=scene.relation in ("above", "below"),
        phase=rng.random(),
        calls=_calls(actor, scene, rng),
        rng=rng,
    )


def drawn_scale(depth: float) -> float:
    """Return how large a figure is drawn at this depth, 1 for the nearest."""
    return 1.0 + (FAR_SCALE - 1.0) * depth


def bump(offset_s: float, half_width_s: float) -> float:
    """Return a smooth hill: 1 at offset 0, 0 from `half_width_s` on."""
    return 0.5 + 0.5 * math.cos(math.pi * offset_s / half_width_s) if abs(offset_s) < half_width_s else 0.0


def ease(share: float) -> float:
    """Return a smooth step from 0 to 1 as `share` goes from 0 to 1."""
    share = min(1.0, max(0.0, share))
    return share * share * (3.0 - 2.0 * share)


def blink(t: float, phase: float) -> float:
    """Return how closed the eyes are: one blink every three seconds or so, at irregular instants."""
    slot = math.floor(t / 3.0)
    instant_s = 3.0 * (slot + 0.5 + 0.33 * math.sin(2.4 * slot + math.tau * phase))
    return bump(t - instant_s, 0.17)


def _facing(actor: Actor, partner: Actor | None, coin: Literal[-1, 1]) -> Literal[-1, 1]:
    """Return the way it faces: as told, else towards its partner, else by the coin."""
    if actor.direction in ("left", "right"):
        return -1 if actor.direction == "left" else 1
    if partner and partner.x_m != actor.x_m:
        return 1 if partner.x_m > actor.x_m else -1
    return coin


def _calls(actor: Actor, scene: Scene, rng: np.random.Generator) -> tuple[Cue, ...]:
    """Return when it raises its voice or sounds its horn: once, animals twice in a long clip; never without effects."""
    animal = actor.who.kind in ALIVE
    voice = VOICES.get(actor.who.kind, KINDS[actor.who.kind].voice)
    willing = actor.action not in QUIET if animal else actor.action in BUSY
    if not (voice and willing and scene.sound.effects):
        return ()
    shares = (rng.uniform(0.15, 0.4), rng.uniform(0.55, 0.85))
    number = 2 if animal and scene.duration_s >= 3 else 1
    return tuple(Cue(share * scene.duration_s, voice, 0.8) for share in shares[:number])
