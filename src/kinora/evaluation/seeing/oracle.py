"""The true sight and hearing of a drawn scene, and what a prompt that names all its facts asks for.

Judges learn from it, and whatever decides on sights and hearings is tested against it. T frames, H W a quarter of the
picture's size.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from kinora.evaluation.seeing.sight import Hearing, Sight
from kinora.storybook.film import Film, events_of
from kinora.storybook.maps import truth_maps
from kinora.storybook.motion import choreograph
from kinora.storybook.scene import Scene
from kinora.storybook.vocabulary import EFFECTS, EVENT_SOUNDS

# What leads somewhere when it is told a direction; of all other actions the direction is where one looks.
LEADS = ("walk", "run", "jump", "bounce", "roll", "fly", "drift", "swim", "drive")


def sight_of_film(film: Film, times_s: Sequence[float]) -> Sight:
    """Return what a perfect judge sees of a film at these instants. Height and width must be multiples of 4."""
    kind_THW, colour_THW, letter_THW = np.stack([truth_maps(film, t) for t in times_s], axis=1)
    return Sight(
        times_s=tuple(times_s),
        kind_THW=kind_THW,
        colour_THW=colour_THW,
        letter_THW=letter_THW,
        place=film.scene.place,
        light=film.scene.light,
        weather=film.scene.weather,
    )


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
