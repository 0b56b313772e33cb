"""The facts a caption can state, and pieces of text that know which facts they state.

Who is mentioned first is number 1, so that numbers can be read off the text alone. A fact that is not stated is absent.
"""

from typing import NamedTuple

import numpy as np

from kinora.storybook.dice import chance
from kinora.storybook.scene import Actor, Scene
from kinora.storybook.vocabulary import (
    ACCESSORIES,
    ACTIONS,
    AMBIENCES,
    CAMERA_FRAMES,
    CAMERA_MOVES,
    COLOURS,
    EFFECTS,
    INSTRUMENTS,
    KINDS,
    LIGHTS,
    MOODS,
    PATTERNS,
    PLACES,
    RELATIONS,
    TEMPOS,
    WEATHERS,
)

Facts = dict[str, str]

_OF_ACTOR = {
    "kind": tuple(KINDS),
    "colour": tuple(COLOURS),
    "action": ACTIONS,
    "direction": ("left", "right", "up", "down"),
    "accessory": ACCESSORIES,
    "pattern": PATTERNS,
}
_OF_SCENE = {
    "place": PLACES,
    "light": LIGHTS,
    "weather": WEATHERS,
    "camera": CAMERA_MOVES,
    "camera_direction": ("left", "right", "up", "down"),
    "frame": CAMERA_FRAMES,
    "relation": RELATIONS,
    "count": ("1", "2", "3", "4", "5"),
    "instrument": INSTRUMENTS,
    "mood": MOODS,
    "tempo": TEMPOS,
    "ambience": AMBIENCES,
    "effect": EFFECTS,
    "silence": ("no music", "no sound"),
}
# Every fact a caption can state and its values, "" for "not stated". A sign's text, `sign`, is free and not listed.
FACT_SLOTS: dict[str, tuple[str, ...]] = {
    **{slot: ("", *values) for slot, values in _OF_SCENE.items()},
    **{f"{slot}_{number}": ("", *values) for number in (1, 2) for slot, values in _OF_ACTOR.items()},
}
INVERSE = {
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
}
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five")
SIDES = ("left", "right")
LOOKING = ("stand", "sit")
GOING = ("walk", "run", "jump", "roll", "fly", "drift", "swim", "drive", "bounce", "throw")
# Who looks somewhere when at rest; the others have no face to turn.
FACED = frozenset(kind for kind, table in KINDS.items() if table.dressed) | {"bird", "dragon", "robot", "car", "train"}


class Said(NamedTuple):
    """A piece of text and the facts it states."""

    text: str
    facts: Facts


NOTHING = Said("", {})


class Teller(NamedTuple):
    """One telling of a scene: actors in the order of mention, how many of the first there are, who picks the words."""

    scene: Scene
    rng: np.random.Generator
    actors: tuple[Actor, ...]
    relation: str
    num_first: int

    def word(self, options: tuple[str, ...]) -> str:
        """Return one of the options, the first ones likelier."""
        return options[int(self.rng.random() ** 2 * len(options))]

    def chance(self, share: float) -> bool:
        """Return True with probability `share`."""
        return chance(self.rng, share)


def join(*parts: Said, by: str = " ") -> Said:
    """Return the pieces one after the other, without the empty ones."""
    facts: Facts = {}
    for part in parts:
        facts |= part.facts
    return Said(by.join(part.text for part in parts if part.text), facts)
