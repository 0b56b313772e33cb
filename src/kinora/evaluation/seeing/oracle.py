"""The true sight and hearing of a drawn scene, and what a prompt that names all its facts asks for.

Judges learn from it, and whatever decides on sights and hearings is tested against it. T frames, H W a quarter of the
picture's size.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from kinora.evaluation.seeing.reader import LetterPlace, letter_places
from kinora.evaluation.seeing.sight import COLOUR_NAMES, KIND_NAMES, LETTER_NAMES, SHRINK, Hearing, Sight
from kinora.storybook.film import MAX_TRACKS, SIGN_MASK, Film, events_of
from kinora.storybook.motion import choreograph
from kinora.storybook.scene import Scene
from kinora.storybook.vocabulary import EFFECTS, EVENT_SOUNDS

# The part of a letter's box that is marked, as shares of its width and height: neighbours stay apart at a quarter.
CORE = (0.6, 0.8)
# What leads somewhere when it is told a direction; of all other actions the direction is where one looks.
LEADS = ("walk", "run", "jump", "bounce", "roll", "fly", "drift", "swim", "drive")


def sight_of_film(film: Film, times_s: Sequence[float]) -> Sight:
    """Return what a perfect judge sees of a film at these instants. Height and width must be multiples of 4."""
    masks_THW = np.stack([film.mask(t, shrink=SHRINK) for t in times_s]) // 4
    kind, colour = np.zeros(SIGN_MASK + 1, np.uint8), np.zeros(SIGN_MASK + 1, np.uint8)
    for label, track in enumerate(film.tracks[:MAX_TRACKS], start=1):
        if track.who.kind in KIND_NAMES:
            kind[label], colour[label] = KIND_NAMES.index(track.who.kind), COLOUR_NAMES.index(track.who.colour)
    return Sight(
        times_s=tuple(times_s),
        kind_THW=kind[masks_THW],
        colour_THW=colour[masks_THW],
        letter_THW=np.stack([_letters(film, t, mask) for t, mask in zip(times_s, masks_THW, strict=True)]),
        place=film.scene.place,
        light=film.scene.light,
        weather=film.scene.weather,
    )


def _letters(film: Film, t_s: float, labels_HW: np.ndarray) -> np.ndarray:
    """Return the cores of the sign's letters (H, W), where the sign is not hidden."""
    letter_HW = np.zeros_like(labels_HW)
    for place in letter_places(film, t_s) if film.scene.sign else ():
        letter_HW[_core(place)] = LETTER_NAMES.index(place.letter)
    return np.where(labels_HW == SIGN_MASK, letter_HW, 0)


def _core(place: LetterPlace) -> tuple[slice, slice]:
    """Return the rows and columns whose centres lie in the core of a letter's box, at least one of each."""
    sides = zip((place.y_px, place.x_px), (place.height_px, place.width_px), CORE[::-1], strict=True)
    rows, columns = (_span(middle / SHRINK, max(1.0, share * size / SHRINK)) for middle, size, share in sides)
    return rows, columns


def _span(middle: float, size: float) -> slice:
    return slice(max(0, math.ceil(middle - size / 2 - 0.5)), max(0, math.ceil(middle + size / 2 - 0.5)))


def hearing_of_scene(scene: Scene) -> Hearing:
    """Return what a perfect judge hears of a scene."""
    onsets: dict[str, list[float]] = defaultdict(list)
    for event in events_of(scene, choreograph(scene)) if scene.sound.effects else ():
        if event.kind in (*EFFECTS, *EVENT_SOUNDS) and 0 <= event.time_s < scene.duration_s:
            onsets[event.kind].append(event.time_s)
    music = scene.sound.music
    return Hearing(
        onsets={kind: tuple(times) for kind, times in onsets.items()},
        ambience=scene.sound.ambience,
        instrument=music.instrument if music else "",
        mood=music.mood if music else "",
        tempo=music.tempo if music else "",
    )


def asks_of_scene(scene: Scene) -> dict[str, Any]:
    """Return what a prompt that tells every fact of the scene asks for, in the words of the prompts of the suite."""
    first, music = scene.actors[0], scene.sound.music
    heard = hearing_of_scene(scene).onsets
    asks: dict[str, Any] = {
        "kind": first.who.kind,
        "colour": first.who.colour,
        "count": 0 if scene.relation else len(scene.actors),
        "place": scene.place,
        "light": scene.light,
        "weather": scene.weather,
        "camera": scene.camera.move,
        "framing": scene.camera.frame,
        "action": first.action,
        "direction": first.direction if first.action in LEADS else "",
        "relation": scene.relation,
        "sign": scene.sign,
        "sounds": [kind for kind in heard if kind in EFFECTS],
        "ambience": list(scene.sound.ambience),
    }
    if scene.relation:
        asks["second"] = {"kind": scene.actors[1].who.kind, "colour": scene.actors[1].who.colour}
    if music:
        asks["music"] = {"instrument": music.instrument, "mood": music.mood, "tempo": music.tempo}
    return {key: value for key, value in asks.items() if value}
