"""The facts of a drawn clip: everything the renderer, the sound, the captions and the truth files are made from.

World frame: metres, x to the right, y up, the ground nearest the viewer at y = 0. `depth` runs from 0 (near) to 1
(far): a far actor stands higher in the picture (`GROUND_RISE_M`) and is drawn smaller (`FAR_SCALE`). Storybook
proportions, not real ones: a person is 1.6 m tall, a fox 1 m, a car 1.3 m. Gravity is real.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

GRAVITY_M_S2 = 9.81
GROUND_RISE_M = 0.55
FAR_SCALE = 0.72

Direction = Literal["", "left", "right", "up", "down"]


@dataclass(frozen=True, kw_only=True)
class Individual:
    """One member of a kind, with a continuous identity. Proportions are in [-1, 1] around the kind's own."""

    kind: str
    colour: str
    pattern: str = "plain"
    accessory: str = ""
    tall: float = 0.0
    wide: float = 0.0
    head: float = 0.0
    eyes: float = 0.0
    tint: float = 0.0
    trim: str = "brown"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does what, where and when. `partner` is the index of the actor it acts on, or None."""

    who: Individual
    action: str
    direction: Direction = ""
    x_m: float = 0.0
    depth: float = 0.3
    start_s: float = 0.0
    speed: float = 1.0
    partner: int | None = None


@dataclass(frozen=True, kw_only=True)
class Camera:
    """How the viewer looks. `amount` in [0, 1] scales the move; `frame` is how wide it looks."""

    move: Literal["static", "pan", "tilt", "zoom in", "zoom out", "track", "shake"] = "static"
    direction: Direction = ""
    frame: Literal["medium", "wide", "close-up", "low"] = "medium"
    amount: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Music:
    """Non-diegetic music."""

    instrument: Literal["piano", "strings", "music box", "drums"]
    mood: Literal["happy", "sad", "calm", "exciting"]
    tempo: Literal["slow", "medium", "fast"]


@dataclass(frozen=True, kw_only=True)
class SoundPlan:
    """What is heard. `ambience` and `extra` name sounds of the vocabulary; effects of the actors follow from their
    events."""

    effects: bool = True
    ambience: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    music: Music | None = None


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One shot, whole: the single source of pictures, sound, captions and truth."""

    seed: int
    index: int
    duration_s: float
    place: str
    light: str
    weather: str
    actors: tuple[Actor, ...]
    relation: str = ""
    sign: str = ""
    camera: Camera = field(default_factory=Camera)
    sound: SoundPlan = field(default_factory=SoundPlan)
    mirrored: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the scene as plain values for a truth file."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Pose:
    """How an actor is drawn at one instant. Angles in radians, phases in cycles, the rest in [0, 1] unless noted.

    `gait` is the phase of the step cycle and `stride_m` its length (0 when standing), so feet can be planted: at
    phase p a foot on the ground moves backwards under the body exactly as fast as the body moves forwards.
    `squash` is positive when flattened and negative when stretched, in [-0.4, 0.4], area kept. `bites` counts
    bites taken out of food.
    """

    gait: float = 0.0
    stride_m: float = 0.0
    squash: float = 0.0
    lean: float = 0.0
    spin: float = 0.0
    flap: float = 0.0
    sway: float = 0.0
    reach: float = 0.0
    crouch: float = 0.0
    sit: float = 0.0
    sleep: float = 0.0
    airborne: float = 0.0
    mouth: float = 0.0
    blink: float = 0.0
    bites: int = 0


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where an actor is at one instant: its base (feet, wheels, lowest point) at (x_m, y_m) above the ground of
    its depth."""

    x_m: float
    y_m: float = 0.0
    depth: float = 0.3
    facing: Literal[-1, 1] = 1
    visible: bool = True
    pose: Pose = field(default_factory=Pose)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens at an instant and may be heard. `strength` in [0, 1]; `track` is the index of the
    track it belongs to."""

    time_s: float
    kind: str
    strength: float
    track: int
