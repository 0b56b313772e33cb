"""What was seen and heard in a clip: the facts a judge reads off pictures and sound, whoever the judge is.

T frames looked at, H W a quarter of the picture's size. Light on purpose: no renderer, no network.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SHRINK = 4
LOOK_EVERY = 3


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen in a clip: maps at a quarter of the picture's size, and the whole scene. T frames looked at."""

    times_s: tuple[float, ...]
    kind_THW: np.ndarray  # uint8, 0 nothing, else 1 + index in vocabulary.KINDS (order of the dict)
    colour_THW: np.ndarray  # uint8, 0 nothing, else 1 + index in vocabulary.COLOURS
    letter_THW: np.ndarray  # uint8, 0 nothing, else 1 + index in vocabulary.SIGN_LETTERS
    place: str  # "" where nothing is recognisable
    light: str
    weather: str


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """What was heard in a clip."""

    onsets: Mapping[str, tuple[float, ...]]  # effect (EFFECTS + EVENT_SOUNDS) -> seconds at which it sets in
    ambience: tuple[str, ...]
    instrument: str  # "" where there is no music
    mood: str
    tempo: str
