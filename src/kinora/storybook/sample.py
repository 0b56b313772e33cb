"""Random scenes, deterministic from (seed, index): what training, tests and evaluation are made of.

72 % show one actor, 18 % two in a relation that their positions satisfy, 10 % two to five of the same. Training never
sees a held-out combination of kind, colour and place; the held-out split shows at least one in every scene.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, cast

import numpy as np

from kinora.storybook.casting import (
    HOVER,
    SIDES,
    SPLITS,
    STILL,
    TRAVEL,
    Split,
    actions_at,
    clear_m,
    draw_action,
    draw_individual,
    draw_lead,
    draw_proportions,
    draw_way,
)
from kinora.storybook.dice import Weighted, between, chance, pick
from kinora.storybook.pairs import Cast, draw_pair
from kinora.storybook.scene import Actor, Camera, Direction, Music, Scene, SoundPlan
from kinora.storybook.vocabulary import INDOORS, INSTRUMENTS, KINDS, LIGHTS, MOODS, PLACES, SIGN_LETTERS, TEMPOS

VIEW_WIDTH_M = 7.1
LONGEST_MARCH_M = 5.0
TALLEST_CLOSE_M = 1.8
# A sign stands on the right; nobody may stand before it.
SIGN_LEFT_M = 0.9
SIGN_WORDS = (
    *(
        "OPEN",
        "CAFE",
        "TAXI",
        "HELLO",
        "STOP",
        "SHOP",
        "HOTEL",
        "MILK",
        "BOOKS",
        "SALE",
        "EXIT",
        "PARK",
        "ZOO",
        "BUS",
        "FISH",
    ),
    *(
        "CAKE",
        "TEA",
        "TOYS",
        "LOVE",
        "GO",
        "WOW",
        "YES",
        "NO",
        "FUN",
        "JAZZ",
        "PIZZA",
        "MUSIC",
        "SCHOOL",
        "WELCOME",
        "HAPPY",
    ),
    *("BAKERY", "CINEMA", "MUSEUM", "STATION", "GARDEN", "BEACH", "DANGER", "MOON", "CIRCUS"),
)

CAST = Weighted({"one": 0.72, "two": 0.18, "many": 0.10})
# Tracking shots and close-ups are drawn twice as often as wanted, as half of the scenes don't suit them.
CAMERA_MOVE = Weighted({"static": 46, "pan": 11, "tilt": 8, "zoom in": 8, "zoom out": 8, "track": 17, "shake": 5})
CAMERA_FRAME = Weighted({"medium": 55, "wide": 14, "close-up": 21, "low": 10})
COUNT = Weighted({2: 30, 3: 30, 4: 22, 5: 18})
SIGN_LENGTH = Weighted({1: 4, 2: 8, 3: 14, 4: 20, 5: 18, 6: 14, 7: 12, 8: 10})
# Signs are drawn a little too often, as some find no room.
SIGN_SHARE, AMBIENCE_SHARE, EXTRA_SHARE, MUSIC_SHARE, SILENT_SHARE = 0.165, 0.75, 0.12, 0.55, 0.04
_CAMERA_WAYS: dict[str, tuple[Direction, ...]] = {"pan": ("left", "right"), "tilt": ("up", "down")}

WEATHER = {
    "dry": Weighted({"clear": 1}),
    "warm": Weighted({"clear": 58, "rain": 24, "fog": 18}),
    "temperate": Weighted({"clear": 53, "rain": 18, "snow": 13, "fog": 16}),
    "cold": Weighted({"clear": 50, "snow": 35, "fog": 15}),
}
CLIMATE = {place: "temperate" for place in PLACES} | {
    **{place: "dry" for place in (*INDOORS, "space")},
    **{place: "warm" for place in ("beach", "sea", "desert")},
    "snow": "cold",
}
AMBIENCE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # place: (by day, by night)
    **{place: (("birds",), ("crickets",)) for place in ("meadow", "forest", "village")},
    **{place: (("wind",), ("wind",)) for place in ("snow", "mountains")},
    "beach": (("waves",), ("waves",)),
    "sea": (("sea", "waves"), ("sea", "waves")),
    "desert": (("wind",), ("wind", "crickets")),
    "city": (("city",), ("city",)),
    **{place: ((), ()) for place in (*INDOORS, "space")},
}
OFFSTAGE: dict[str, tuple[str, ...]] = {
    # Sounds that may come from outside the picture.
    **{place: ("thunder", "bell", "bark") for place in ("meadow", "forest", "mountains", "snow")},
    **{place: ("splash", "horn", "thunder") for place in ("beach", "sea")},
    "desert": ("thunder", "whistle"),
    "village": ("bell", "bark", "meow", "thunder", "whistle"),
    "city": ("horn", "engine", "bell", "whistle", "bark"),
    "room": ("bell", "meow", "step", "whistle"),
    "stage": ("bell", "whistle", "bounce"),
    "space": ("engine", "bell"),
}


def draw_scene(seed: int, index: int, *, duration_s: float = 4.0, split: Split = "train") -> Scene:
    """Return scene number `index` of the world `seed`; the same arguments give the same scene. Duration in seconds."""
    rng = np.random.default_rng([seed, index, SPLITS.index(split)])
    place, actors, relation = _DRAW_CAST[CAST(rng)](rng, split)
    sign = draw_sign(rng) if chance(rng, SIGN_SHARE) else ""
    actors = _beside_sign(actors) if sign else actors
    sign = sign if _sign_is_free(actors) else ""
    light = pick(rng, LIGHTS)
    weather = WEATHER[CLIMATE[place]](rng)
    return Scene(
        seed=seed,
        index=index,
        duration_s=duration_s,
        place=place,
        light=light,
        weather=weather,
        actors=tuple(replace(actor, start_s=round(actor.start_s * duration_s, 3)) for actor in actors),
        relation=relation,
        sign=sign,
        camera=draw_camera(rng, actors, sign=bool(sign)),
        sound=_draw_sound(rng, place, light, weather),
    )


def draw_sign(rng: np.random.Generator) -> str:
    """Return 1 to 8 capitals and digits: half plain words, half random."""
    if chance(rng, 0.5):
        return pick(rng, SIGN_WORDS)
    return "".join(pick(rng, SIGN_LETTERS) for _ in range(SIGN_LENGTH(rng)))


def draw_music(rng: np.random.Generator) -> Music:
    """Return music of any instrument, mood and tempo."""
    return Music(
        instrument=cast(Literal["piano"], pick(rng, INSTRUMENTS)),
        mood=cast(Literal["calm"], pick(rng, MOODS)),
        tempo=cast(Literal["slow"], pick(rng, TEMPOS)),
    )


def _draw_one(rng: np.random.Generator, split: Split) -> Cast:
    kind, colour, place = draw_lead(rng, split, tuple(KINDS))
    action = draw_action(rng, kind, place)
    actor = Actor(
        who=draw_individual(rng, kind, colour),
        action=action,
        direction=draw_way(rng, kind, action),
        x_m=between(rng, -1.3, 1.3),
        depth=between(rng, 0.1, 0.6),
        start_s=between(rng, 0.0, 0.15),
        speed=between(rng, 0.8, 1.25),
    )
    return place, (actor,), ""


def _draw_many(rng: np.random.Generator, split: Split) -> Cast:
    """Two to five of the same in single file; those that travel keep step."""
    count = COUNT(rng)
    kind, colour, place = draw_lead(rng, split, _KINDS_IN_FILE[count])
    step_m = clear_m(kind, kind)
    # A long file has no room to go anywhere.
    allowed = (*STILL, *(HOVER if count * step_m > LONGEST_MARCH_M else TRAVEL))
    able = [action for action in actions_at(kind, place) if action in allowed]
    action = pick(rng, able or ["drift"])
    direction = "" if action in HOVER and TRAVEL[0] not in allowed else draw_way(rng, kind, action)
    speed, depth, one = between(rng, 0.8, 1.2), between(rng, 0.1, 0.6), draw_individual(rng, kind, colour)
    actors = tuple(
        Actor(
            who=replace(one, **draw_proportions(rng)),
            action=action,
            direction=direction,
            x_m=round((number - (count - 1) / 2) * step_m, 3),
            depth=depth,
            start_s=0.0 if action in TRAVEL and direction else between(rng, 0, 0.1),
            speed=speed,
        )
        for number in range(count)
    )
    return place, actors, ""


_DRAW_CAST: dict[str, Callable[[np.random.Generator, Split], Cast]] = {
    "one": _draw_one,
    "two": draw_pair,
    "many": _draw_many,
}
_KINDS_IN_FILE = {
    count: tuple(kind for kind in KINDS if kind != "train" and count * clear_m(kind, kind) < VIEW_WIDTH_M - 0.2)
    for count in COUNT.options
}


def _beside_sign(actors: tuple[Actor, ...]) -> tuple[Actor, ...]:
    """Move a single actor to the left, so that the sign can be read."""
    if len(actors) > 1:
        return actors
    half_m = KINDS[actors[0].who.kind].width_m / 2
    return (replace(actors[0], x_m=min(-abs(actors[0].x_m), round(SIGN_LEFT_M - half_m, 3))),)


def _sign_is_free(actors: tuple[Actor, ...]) -> bool:
    return all(actor.x_m + KINDS[actor.who.kind].width_m / 2 <= SIGN_LEFT_M for actor in actors)


def draw_camera(rng: np.random.Generator, actors: tuple[Actor, ...], *, sign: bool = False) -> Camera:
    """Return a camera that suits the actors: near only what stays near, tracking what travels, never off a sign."""
    move, frame = CAMERA_MOVE(rng), CAMERA_FRAME(rng)
    travels = actors[0].action in TRAVEL and actors[0].direction in SIDES
    if sign or (move == "track" and not travels):
        move = move if move in ("zoom in", "zoom out", "shake") else "static"
    if frame == "close-up" and (sign or not _stays_near(actors, tracked=move == "track")):
        frame = "medium"
    return Camera(
        move=cast(Literal["static"], move),
        direction=pick(rng, _CAMERA_WAYS.get(move, ("",))),
        frame=cast(Literal["medium"], frame),
        amount=between(rng, 0.3, 0.8),
    )


def _stays_near(actors: tuple[Actor, ...], *, tracked: bool) -> bool:
    first = actors[0]
    fits = KINDS[first.who.kind].height_m <= TALLEST_CLOSE_M and first.action not in ("fly", "drift", "fall", "bounce")
    return len(actors) == 1 and fits and (tracked or first.action not in TRAVEL or not first.direction)


def _draw_sound(rng: np.random.Generator, place: str, light: str, weather: str) -> SoundPlan:
    if chance(rng, SILENT_SHARE):
        return SoundPlan(effects=False)
    return SoundPlan(
        ambience=fitting_ambience(rng, place, light, weather) if chance(rng, AMBIENCE_SHARE) else (),
        extra=(pick(rng, OFFSTAGE[place]),) if chance(rng, EXTRA_SHARE) else (),
        music=draw_music(rng) if chance(rng, MUSIC_SHARE) else None,
    )


def fitting_ambience(rng: np.random.Generator, place: str, light: str, weather: str) -> tuple[str, ...]:
    """Return what is heard all along in the place, at this hour and in this weather."""
    if weather == "rain":
        return ("rain",)
    if weather == "snow":
        return ("wind",)
    sounds = AMBIENCE[place][light == "night"]
    return (pick(rng, sounds),) if sounds else ()


SWAPPED: dict[Direction, Direction] = {"left": "right", "right": "left", "": "", "up": "up", "down": "down"}
SWAPPED_RELATION = {"left of": "right of", "right of": "left of"}


def can_mirror(scene: Scene) -> bool:
    """Return whether the mirror image is a scene too: letters have none."""
    return not scene.sign


def mirror(scene: Scene) -> Scene:
    """Return the scene with left and right exchanged. Raises ValueError if it shows a sign: letters have none."""
    if not can_mirror(scene):
        raise ValueError("a scene with a sign has no mirror image: take its sign away first")
    actors = (replace(a, x_m=0.0 - a.x_m, direction=SWAPPED[a.direction]) for a in scene.actors)
    return replace(
        scene,
        actors=tuple(actors),
        camera=replace(scene.camera, direction=SWAPPED[scene.camera.direction]),
        relation=SWAPPED_RELATION.get(scene.relation, scene.relation),
        mirrored=not scene.mirrored,
    )
