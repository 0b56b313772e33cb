"""Stories of several shots about the same individuals, and how they are told: one line for all, one for each shot."""

from dataclasses import dataclass

import numpy as np

from kinora.storybook import telling
from kinora.storybook.captions import Caption, caption
from kinora.storybook.casting import SEEN_COLOURS, SEEN_HOMES, draw_action, draw_individual, draw_way
from kinora.storybook.dice import Weighted, between, chance, pick
from kinora.storybook.facts import Facts, Teller, join
from kinora.storybook.pairs import WIDEST_PAIR_M, stage
from kinora.storybook.sample import CLIMATE, WEATHER, draw_camera, draw_music, fitting_ambience
from kinora.storybook.scene import Actor, Individual, Scene, SoundPlan
from kinora.storybook.vocabulary import KINDS, LIGHTS

MAX_SHOTS = 16
SAME_PLACE_SHARE, SAME_LIGHT_SHARE, SAME_WEATHER_SHARE, TOGETHER_SHARE, MUSIC_SHARE = 0.5, 0.6, 0.7, 0.5, 0.7
NUM_HEROES = Weighted({1: 65, 2: 35})
HEROES = (*(kind for kind, table in KINDS.items() if table.dressed), "bird", "dragon", "robot", "car")
LINES = (
    *(
        "a story about {}",
        "a short film about {}",
        "this is the story of {}",
        "a day in the life of {}",
        "{} in a little film",
    ),
    *("several shots of {}", "the adventures of {}", "a film in {num} shots about {}"),
)


@dataclass(frozen=True, kw_only=True)
class ScriptText:
    """A script in words: what holds for all shots, with the facts it states, and one caption for each shot."""

    line: str
    facts: Facts
    shots: tuple[Caption, ...]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where and when a shot is. `number` counts the places of a story: the same number looks the same."""

    place: str
    light: str
    weather: str
    number: int


def draw_script(seed: int, index: int, num_shots: int, *, shot_s: float = 4.0) -> tuple[Scene, ...]:
    """Return shots of `shot_s` seconds each in which the same one or two individuals appear, under the same music."""
    if not 1 <= num_shots <= MAX_SHOTS:
        raise ValueError(f"a script has 1 to {MAX_SHOTS} shots, not {num_shots}")
    rng = np.random.default_rng([seed, index, 2])
    heroes, places = _draw_heroes(rng)
    music = draw_music(rng) if chance(rng, MUSIC_SHARE) else None
    place = pick(rng, places)
    setting = Setting(place=place, light=pick(rng, LIGHTS), weather=WEATHER[CLIMATE[place]](rng), number=0)
    shots = []
    for number in range(num_shots):
        setting = _next_setting(rng, setting, places) if number else setting
        actors, relation = _draw_cast(rng, heroes, setting.place)
        ambience = fitting_ambience(rng, setting.place, setting.light, setting.weather)
        shots.append(
            Scene(
                seed=seed,
                index=index * MAX_SHOTS + setting.number,
                duration_s=shot_s,
                place=setting.place,
                light=setting.light,
                weather=setting.weather,
                actors=actors,
                relation=relation,
                camera=draw_camera(rng, actors),
                sound=SoundPlan(ambience=ambience, music=music),
            )
        )
    return tuple(shots)


def tell_script(shots: tuple[Scene, ...], rng: np.random.Generator) -> ScriptText:
    """Return the words of a script: who it is about and what plays, then a line for each shot."""
    heroes = tuple(dict.fromkeys(actor.who for shot in shots for actor in shot.actors))
    actors = tuple(Actor(who=hero, action="stand") for hero in heroes)
    teller = Teller(scene=shots[0], rng=rng, actors=actors, relation="", num_first=1)
    who = join(*(telling.who(teller, number, looks=0.8) for number in range(1, len(heroes) + 1)), by=" and ")
    line = pick(rng, LINES).format(who.text, num=len(shots))
    music = telling.music(teller)
    if music.text:
        line = f"{line}, with {music.text}"
    return ScriptText(
        line=line, facts=who.facts | music.facts, shots=tuple(caption(shot, "short", rng) for shot in shots)
    )


def _draw_heroes(rng: np.random.Generator) -> tuple[tuple[Individual, ...], tuple[str, ...]]:
    """Return one or two individuals of different kinds, and the places where all of them are at home."""
    kinds = [pick(rng, HEROES)]
    if NUM_HEROES(rng) == 2:
        room_m = WIDEST_PAIR_M - KINDS[kinds[0]].width_m
        others = [kind for kind in HEROES if KINDS[kind].width_m <= room_m and _common_places([*kinds, kind])]
        kinds.append(pick(rng, [kind for kind in others if kind not in kinds]))
    heroes = tuple(draw_individual(rng, kind, pick(rng, SEEN_COLOURS[kind])) for kind in kinds)
    return heroes, _common_places(kinds)


def _common_places(kinds: list[str]) -> tuple[str, ...]:
    return tuple(place for place in SEEN_HOMES[kinds[0]] if all(place in SEEN_HOMES[kind] for kind in kinds))


def _next_setting(rng: np.random.Generator, last: Setting, places: tuple[str, ...]) -> Setting:
    """The same place with its weather, or another one; time only moves forwards."""
    later = LIGHTS[(LIGHTS.index(last.light) + 1) % len(LIGHTS)]
    light = last.light if chance(rng, SAME_LIGHT_SHARE) else later
    place = last.place if chance(rng, SAME_PLACE_SHARE) else pick(rng, places)
    possible = WEATHER[CLIMATE[place]]
    keeps = last.weather in possible.options and chance(rng, SAME_WEATHER_SHARE)
    weather = last.weather if keeps else possible(rng)
    return Setting(place=place, light=light, weather=weather, number=last.number + (place != last.place))


def _draw_cast(rng: np.random.Generator, heroes: tuple[Individual, ...], place: str) -> tuple[tuple[Actor, ...], str]:
    if len(heroes) == 2 and chance(rng, TOGETHER_SHARE):
        relation = pick(rng, ("left of", "right of"))
        return stage(rng, (heroes[0], heroes[1]), place, relation), relation
    hero = pick(rng, heroes)
    action = draw_action(rng, hero.kind, place)
    actor = Actor(
        who=hero,
        action=action,
        direction=draw_way(rng, hero.kind, action),
        x_m=between(rng, -0.9, 0.9),
        depth=between(rng, 0.1, 0.5),
        speed=between(rng, 0.8, 1.2),
    )
    return (actor,), ""
