"""A drawn scene that shows what a prompt asks for: the control against which everything a model makes is held.

What is asked is taken as it is, what is left open is drawn from (seed, index) as in any scene.
"""

from dataclasses import replace
from typing import Any, cast

import numpy as np

from kinora.evaluation.seeing.oracle import LEADS
from kinora.evaluation.trials.suite import Asks
from kinora.storybook.casting import (
    KINDS_AT,
    PLACES_OF,
    SEEN_COLOURS,
    SEEN_HOMES,
    SIDES,
    actions_at,
    clear_m,
    draw_action,
    draw_individual,
    draw_proportions,
    draw_way,
)
from kinora.storybook.dice import between, pick
from kinora.storybook.motion import choreograph
from kinora.storybook.pairs import stage
from kinora.storybook.sample import CLIMATE, SIGN_LEFT_M, WEATHER, draw_camera, draw_music, fitting_ambience
from kinora.storybook.scene import Actor, Camera, Direction, Individual, Music, Scene, SoundPlan
from kinora.storybook.vocabulary import KINDS, LIGHTS, PLACES

CLIP_S = 4.0
SIGN_ROOM_M = 0.7
CAMERA_WAYS: dict[str, tuple[Direction, ...]] = {"pan": ("left", "right"), "tilt": ("up", "down")}


def scene_for(asks: Asks, seed: int, index: int, *, duration_s: float = CLIP_S) -> Scene:
    """Return a scene that shows and sounds as asked.

    Raises ValueError where the drawn world has none: a kind that never does this, a relation that it cannot stand in.
    """
    rng = np.random.default_rng([seed, index])
    kind, place = _lead(rng, asks)
    actors = _actors(rng, asks, kind, place)
    light = asks.get("light") or pick(rng, LIGHTS)
    weather = asks.get("weather") or WEATHER[CLIMATE[place]](rng)
    scene = Scene(
        seed=seed,
        index=index,
        duration_s=duration_s,
        place=place,
        light=light,
        weather=weather,
        actors=_beside_sign(actors) if asks.get("sign") else actors,
        relation=asks.get("relation", ""),
        sign=asks.get("sign", ""),
        camera=_camera(rng, asks, actors),
        sound=SoundPlan(ambience=_ambience(rng, asks, place, light, weather), music=_music(rng, asks)),
    )
    return _with_sounds(scene, asks.get("sounds", ()))


def _lead(rng: np.random.Generator, asks: Asks) -> tuple[str, str]:
    """Return a kind and a place for it in which it can do what is asked."""
    places = [asks["place"]] if "place" in asks else [p for p in PLACES if _has_weather(p, asks.get("weather"))]
    kinds = [asks["kind"]] if "kind" in asks else list(KINDS)
    able = [(k, p) for k in kinds for p in places if _can(k, p, asks)]
    usual = [(k, p) for k, p in able if p in SEEN_HOMES[k] and ("kind" in asks or k in KINDS_AT[p])]
    if not able:
        raise ValueError(f"the drawn world has no scene for this: {dict(asks)}")
    return pick(rng, usual or able)


def _has_weather(place: str, weather: str | None) -> bool:
    return weather is None or weather in WEATHER[CLIMATE[place]].options


def _can(kind: str, place: str, asks: Asks) -> bool:
    able = actions_at(kind, place) if place in PLACES_OF[kind] else KINDS[kind].actions
    if "action" in asks:
        return asks["action"] in able
    return bool(able) if not _must_travel(asks) else any(action in LEADS for action in able)


def _must_travel(asks: Asks) -> bool:
    return "direction" in asks or asks.get("camera") == "track"


def _actors(rng: np.random.Generator, asks: Asks, kind: str, place: str) -> tuple[Actor, ...]:
    who = draw_individual(rng, kind, asks.get("colour") or pick(rng, SEEN_COLOURS[kind]))
    if asks.get("physics") == "collide" or asks.get("action") == "collide":
        return _colliding(rng, asks, who)
    if "relation" in asks:
        return _related(rng, asks, who, place)
    actor = _one(rng, asks, who, place)
    if asks.get("physics") == "occlusion":
        return _hidden_halfway(rng, asks, actor)
    return _in_file(rng, actor, asks["count"]) if asks.get("count", 1) > 1 else (actor,)


def _one(rng: np.random.Generator, asks: Asks, who: Individual, place: str) -> Actor:
    able = actions_at(who.kind, place) or KINDS[who.kind].actions
    travels = [action for action in able if action in LEADS and action != "bounce"] if _must_travel(asks) else []
    drawn = pick(rng, travels) if travels else draw_action(rng, who.kind, place) if place in PLACES_OF[who.kind] else ""
    action = asks.get("action") or drawn or able[0]
    way = asks.get("direction") or (pick(rng, SIDES) if _must_travel(asks) else draw_way(rng, who.kind, action))
    return Actor(
        who=who,
        action=action,
        direction=cast(Direction, way),
        x_m=between(rng, -0.8, 0.8),
        depth=between(rng, 0.1, 0.5),
        speed=between(rng, 0.9, 1.1),
    )


def _in_file(rng: np.random.Generator, first: Actor, count: int) -> tuple[Actor, ...]:
    """Return so many of the same side by side, each with proportions of its own, all at one speed."""
    step_m = clear_m(first.who.kind, first.who.kind)
    return tuple(
        replace(first, who=replace(first.who, **draw_proportions(rng)), x_m=round((n - (count - 1) / 2) * step_m, 3))
        for n in range(count)
    )


def _second(rng: np.random.Generator, asks: Asks, kinds: list[str]) -> Individual:
    said: dict[str, Any] = asks.get("second", {})
    kind = said.get("kind") or pick(rng, kinds)
    return draw_individual(rng, kind, said.get("colour") or pick(rng, SEEN_COLOURS[kind]))


def _related(rng: np.random.Generator, asks: Asks, who: Individual, place: str) -> tuple[Actor, ...]:
    """Return two in the relation asked for; where both can do what the first is asked to, they do it in step.

    More than one of the first stand in a row that leads away from the other.
    """
    other = _second(rng, asks, [kind for kind in KINDS_AT[place] if kind != who.kind])
    try:
        first, second = stage(rng, (who, other), place, asks["relation"])
    except IndexError as error:
        raise ValueError(f"the drawn world has no {who.kind} {asks['relation']} a {other.kind}") from error
    if "action" in asks:
        way = cast(Direction, asks.get("direction") or first.direction)
        first = replace(first, action=asks["action"], direction=way)
        if asks["action"] in LEADS and asks["action"] in KINDS[other.kind].actions:
            second = replace(second, action=first.action, direction=way, speed=first.speed)
    if asks.get("physics") == "bounce" and asks.get("action") != "bounce" and "bounce" in KINDS[other.kind].actions:
        second = replace(second, action="bounce", direction="")
    step_m = clear_m(who.kind, who.kind) * (1 if first.x_m >= second.x_m else -1)
    more = range(1, asks.get("count", 1))
    row = (replace(first, who=replace(who, **draw_proportions(rng)), x_m=first.x_m + n * step_m) for n in more)
    return first, second, *row


def _colliding(rng: np.random.Generator, asks: Asks, who: Individual) -> tuple[Actor, ...]:
    """Return two that run into each other, the first the way asked for, else to the right."""
    able = [kind for kind, table in KINDS.items() if "collide" in table.actions]
    other = _second(rng, asks, able) if "second" in asks else replace(who, **draw_proportions(rng))
    if not {who.kind, other.kind} <= set(able):
        raise ValueError(f"in the drawn world no {who.kind} runs into a {other.kind}")
    way: Direction = "left" if asks.get("direction") == "left" else "right"
    ways: tuple[Direction, Direction] = (way, "left" if way == "right" else "right")
    half_m, depth = (clear_m(who.kind, other.kind) + between(rng, 0.8, 1.4)) / 2, between(rng, 0.1, 0.5)
    return tuple(
        Actor(
            who=one,
            action="collide",
            direction=ways[n],
            x_m=half_m if ways[n] == "left" else -half_m,
            depth=depth,
            partner=1 - n,
        )
        for n, one in enumerate((who, other))
    )


def _hidden_halfway(rng: np.random.Generator, asks: Asks, actor: Actor) -> tuple[Actor, ...]:
    """Return one that passes behind another in the middle of the picture and of the clip."""
    other = Actor(who=_second(rng, asks, ["tree"]), action="stand", direction="left", depth=0.12)
    return replace(actor, x_m=0.0, depth=0.5, start_s=0.0), other


def _beside_sign(actors: tuple[Actor, ...]) -> tuple[Actor, ...]:
    """Move a single actor to the left, and several away from the first one's sign, so that it can be read."""
    first = actors[0]
    if len(actors) > 1:
        away_m = SIGN_ROOM_M if first.x_m > 0 else -SIGN_ROOM_M
        return tuple(replace(actor, x_m=actor.x_m + away_m) for actor in actors)
    left_m = min(-abs(first.x_m), round(SIGN_LEFT_M - KINDS[first.who.kind].width_m / 2, 3))
    return (replace(first, x_m=left_m),)


def _camera(rng: np.random.Generator, asks: Asks, actors: tuple[Actor, ...]) -> Camera:
    """Return the camera asked for; one at rest where only the frame is, or something is to be followed or read."""
    if not {"camera", "framing"} & set(asks):
        still = bool({"sign", "direction", "physics"} & set(asks)) or len(actors) > 1
        return Camera() if still else draw_camera(rng, actors)
    move = asks.get("camera", "static")
    ways = CAMERA_WAYS.get(move, ("",))
    return Camera(move=move, direction=pick(rng, ways), frame=asks.get("framing", "medium"), amount=0.7)


def _ambience(rng: np.random.Generator, asks: Asks, place: str, light: str, weather: str) -> tuple[str, ...]:
    return tuple(asks["ambience"]) if "ambience" in asks else fitting_ambience(rng, place, light, weather)


def _music(rng: np.random.Generator, asks: Asks) -> Music | None:
    return replace(draw_music(rng), **asks["music"]) if asks.get("music") else None


def _with_sounds(scene: Scene, asked: list[str] | tuple[str, ...]) -> Scene:
    """Return the scene with every sound asked for: those that no actor makes come from outside the picture."""
    made = {event.kind for track in choreograph(scene) for event in track.events}
    extra = tuple(sound for sound in asked if sound not in made)
    return replace(scene, sound=replace(scene.sound, extra=extra))
