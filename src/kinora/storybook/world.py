"""The drawn world's words as one plain table, which travels with shipped weights where no renderer is installed."""

from typing import Any

from kinora.storybook import vocabulary
from kinora.storybook.lexicon import SYNONYMS
from kinora.storybook.near_words import near_readings

_LISTS = {
    "places": vocabulary.PLACES,
    "lights": vocabulary.LIGHTS,
    "weathers": vocabulary.WEATHERS,
    "camera_moves": vocabulary.CAMERA_MOVES,
    "camera_frames": vocabulary.CAMERA_FRAMES,
    "relations": vocabulary.RELATIONS,
    "instruments": vocabulary.INSTRUMENTS,
    "moods": vocabulary.MOODS,
    "tempos": vocabulary.TEMPOS,
    "ambiences": vocabulary.AMBIENCES,
    "effects": vocabulary.EFFECTS,
    "accessories": vocabulary.ACCESSORIES,
    "patterns": vocabulary.PATTERNS,
}


def world() -> dict[str, Any]:
    """Return all the words the world knows, as values that survive JSON unchanged.

    `synonyms` is slot, word, other words for it; `near` is a word from outside the world, in any of its forms, and
    the [slot, word] that stands in for it.
    """
    kinds = {
        name: {"actions": list(kind.actions), "colours": list(kind.colours)} for name, kind in vocabulary.KINDS.items()
    }
    return {
        "kinds": kinds,
        **{name: list(words) for name, words in _LISTS.items()},
        "sign_letters": vocabulary.SIGN_LETTERS,
        "synonyms": {slot: {word: list(others) for word, others in words.items()} for slot, words in SYNONYMS.items()},
        "near": {form: list(reading) for form, reading in near_readings().items()},
    }
