"""Every word the drawn world knows, and which of them go together.

Tables only. Synonyms live in `lexicon`, near words in `near_words`, drawings in `cast` and `places`, sounds in `sound`.
"""

import zlib
from dataclasses import dataclass

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (219, 58, 52),
    "orange": (240, 138, 44),
    "yellow": (247, 205, 70),
    "green": (74, 160, 82),
    "blue": (58, 110, 200),
    "purple": (134, 82, 176),
    "pink": (240, 142, 172),
    "brown": (134, 88, 54),
    "white": (244, 242, 236),
    "grey": (140, 146, 154),
    "black": (46, 46, 54),
}
PATTERNS = ("plain", "spotted", "striped")
ACCESSORIES = ("hat", "scarf", "glasses")

PLACES = (
    "meadow",
    "forest",
    "beach",
    "sea",
    "snow",
    "desert",
    "city",
    "village",
    "mountains",
    "room",
    "stage",
    "space",
)
INDOORS = ("room", "stage")
LIGHTS = ("dawn", "noon", "sunset", "night")
WEATHERS = ("clear", "rain", "snow", "fog")

CAMERA_MOVES = ("static", "pan", "tilt", "zoom in", "zoom out", "track", "shake")
CAMERA_FRAMES = ("medium", "wide", "close-up", "low")
RELATIONS = ("left of", "right of", "above", "below", "in front of", "behind")

INSTRUMENTS = ("piano", "strings", "music box", "drums")
MOODS = ("happy", "sad", "calm", "exciting")
TEMPOS = ("slow", "medium", "fast")
AMBIENCES = ("waves", "rain", "wind", "birds", "crickets", "city", "sea")
EFFECTS = ("step", "splash", "bounce", "bark", "meow", "engine", "horn", "whistle", "thunder", "bell")
# Heard at events without being asked for by name.
EVENT_SOUNDS = ("land", "crash", "break", "bite", "throw", "flap", "swim", "roll", "launch", "catch")

SIGN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a kind is like: nominal size, what it does, where it is at home, what it is heard as."""

    height_m: float
    width_m: float
    actions: tuple[str, ...]
    colours: tuple[str, ...] = tuple(COLOURS)
    homes: tuple[str, ...] = tuple(p for p in PLACES if p not in ("sea", "space"))
    voice: str = ""
    mass_kg: float = 30.0
    patterned: bool = False
    dressed: bool = False


_PERSON = ("stand", "sit", "walk", "run", "jump", "dance", "spin", "sleep", "eat", "throw", "fall")
_BEAST = ("stand", "sit", "walk", "run", "jump", "sleep", "eat")
_THING = ("stand", "fall", "drift", "spin", "bounce")
_FUR = ("brown", "white", "grey", "black", "orange", "yellow", "red", "blue", "pink", "purple", "green")
_OUTDOORS = tuple(p for p in PLACES if p not in ("room", "sea", "space"))

KINDS: dict[str, Kind] = {
    "girl": Kind(height_m=1.35, width_m=0.7, actions=_PERSON, dressed=True),
    "boy": Kind(height_m=1.35, width_m=0.7, actions=_PERSON, dressed=True),
    "woman": Kind(height_m=1.65, width_m=0.75, actions=_PERSON, dressed=True, mass_kg=60),
    "man": Kind(height_m=1.7, width_m=0.8, actions=_PERSON, dressed=True, mass_kg=75),
    "dog": Kind(height_m=1.0, width_m=1.3, actions=_BEAST, colours=_FUR, voice="bark", patterned=True, dressed=True),
    "cat": Kind(height_m=0.95, width_m=1.2, actions=_BEAST, colours=_FUR, voice="meow", patterned=True, dressed=True),
    "fox": Kind(height_m=1.0, width_m=1.45, actions=_BEAST, colours=_FUR, dressed=True),
    "bear": Kind(height_m=1.45, width_m=1.7, actions=_BEAST, colours=_FUR, mass_kg=200, dressed=True),
    "rabbit": Kind(height_m=1.0, width_m=0.85, actions=_BEAST, colours=_FUR, patterned=True, dressed=True),
    "bird": Kind(
        height_m=0.85, width_m=1.0, actions=("stand", "fly", "jump", "eat", "sleep"), patterned=True, mass_kg=1
    ),
    "fish": Kind(
        height_m=0.75,
        width_m=1.15,
        actions=("swim", "jump", "drift"),
        homes=("sea",),
        patterned=True,
        mass_kg=2,
    ),
    "horse": Kind(height_m=1.65, width_m=1.9, actions=_BEAST, colours=_FUR, patterned=True, mass_kg=400),
    "dragon": Kind(
        height_m=1.5, width_m=2.0, actions=("stand", "walk", "fly", "sit", "sleep"), homes=PLACES, mass_kg=300
    ),
    "robot": Kind(
        height_m=1.5,
        width_m=0.95,
        actions=("stand", "walk", "run", "jump", "dance", "spin", "fall", "throw"),
        homes=PLACES,
    ),
    "car": Kind(
        height_m=1.15, width_m=2.2, actions=("stand", "drive", "collide"), homes=_OUTDOORS, voice="engine", mass_kg=900
    ),
    "boat": Kind(height_m=1.9, width_m=2.1, actions=("drift",), homes=("sea", "beach"), voice="horn", mass_kg=500),
    "train": Kind(
        height_m=1.4, width_m=3.0, actions=("stand", "drive"), homes=_OUTDOORS, voice="whistle", mass_kg=3000
    ),
    "rocket": Kind(
        height_m=2.1, width_m=0.95, actions=("stand", "fly", "fall"), homes=(*_OUTDOORS, "space"), mass_kg=500
    ),
    "ball": Kind(
        height_m=0.7,
        width_m=0.7,
        actions=("stand", "bounce", "roll", "fall", "spin", "collide"),
        patterned=True,
        mass_kg=1,
    ),
    "balloon": Kind(height_m=1.3, width_m=0.75, actions=("drift", "fly", "break"), homes=PLACES, mass_kg=0.1),
    "kite": Kind(
        height_m=1.5, width_m=0.95, actions=("fly", "drift", "fall"), homes=_OUTDOORS, patterned=True, mass_kg=0.3
    ),
    "tree": Kind(
        height_m=2.4, width_m=1.5, actions=("stand",), colours=("green", "orange", "red", "pink", "yellow", "white")
    ),
    "lamp": Kind(height_m=1.5, width_m=0.7, actions=("stand", "break", "fall"), mass_kg=5),
    "umbrella": Kind(
        height_m=1.25, width_m=1.25, actions=("stand", "drift", "spin", "fall"), patterned=True, mass_kg=1
    ),
}
# What a map says by number: 0 is nothing.
KIND_NAMES = ("", *KINDS)
COLOUR_NAMES = ("", *COLOURS)
LETTER_NAMES = ("", *SIGN_LETTERS)
ACTIONS = tuple(dict.fromkeys(action for kind in KINDS.values() for action in kind.actions))
MOVING = ("walk", "run", "jump", "roll", "fly", "drift", "swim", "drive", "bounce", "throw")


# Chosen so that everyday sights (a dog in the snow, a brown horse, a fish in the sea) stay in training.
_SALT = 15326


def held_out(kind: str, colour: str, place: str) -> bool:
    """Return whether training never sees this combination: a fixed eighth of (kind, colour) and of (kind, place)
    pairs."""
    pair = zlib.crc32(f"{_SALT}:{kind}/{colour}".encode()) % 8 == 0
    home = zlib.crc32(f"{_SALT}:{kind}@{place}".encode()) % 8 == 0
    return pair or home
