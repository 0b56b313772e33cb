"""Edit instructions: one thing of a scene changes, all others stay exactly as they were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from kinora.storybook.captions import Caption, caption
from kinora.storybook.casting import actions_at
from kinora.storybook.dice import chance, pick
from kinora.storybook.facts import FACED, GOING, LOOKING, SIDES, Facts
from kinora.storybook.lexicon import SYNONYMS, article, plural
from kinora.storybook.phrases import GARMENTS, WHERE
from kinora.storybook.sample import CLIMATE, SWAPPED, WEATHER, draw_music, draw_sign
from kinora.storybook.scene import Music, Scene
from kinora.storybook.vocabulary import ACCESSORIES, INSTRUMENTS, KINDS, LIGHTS, MOODS, PLACES, TEMPOS, held_out

Requests = dict[str, tuple[str, ...]]
REQUESTS: Requests = {
    "colour": (
        "make {the} {new}",
        "paint {the} {new}",
        "turn {the} {new}",
        "change the colour of {the} to {new}",
        "{the} should be {new}",
    ),
    "dress": (
        "dress {the} in {new}",
        "make the clothes of {the} {new}",
        "put {the} in {new} clothes",
        "{the} should wear {new}",
    ),
    "kind": (
        "turn {the} into {new}",
        "replace {the} with {new}",
        "make {the} {new}",
        "swap {the} for {new}",
        "instead of {the}, show {new}",
    ),
    "place": (
        "move it {new}",
        "let it happen {new}",
        "set the scene {new}",
        "put everything {new}",
        "change the place: {new}",
    ),
    "light": (
        "make it {new}",
        "change the time to {new}",
        "set it at {new}",
        "let it be {new}",
        "turn the light to {new}",
    ),
    "clear": ("make the weather clear", "clear the sky", "let the weather be fine", "take the bad weather away"),
    "rain": ("make it rain", "add rain", "let it rain", "let rain fall", "add a rain shower"),
    "snow": ("make it snow", "add falling snow", "let it snow", "let snowflakes fall", "add snowfall"),
    "fog": ("make it foggy", "add fog", "let fog roll in", "wrap it in mist", "add mist"),
    "put on": (
        "give {the} {new}",
        "add {new} to {the}",
        "put {new} on {the}",
        "let {the} wear {new}",
        "{the} should wear {new}",
    ),
    "take off": (
        "take the {old} off {the}",
        "remove the {old} from {the}",
        "take away the {old} of {the}",
        "remove the {old}",
    ),
    "direction": (
        "let {the} {verb} {new} instead",
        "turn {the} round to the {new}",
        "make {the} {verb} {new}",
        "{the} should {verb} {new}",
    ),
    "new sign": (
        'add a sign that says "{}"',
        'put up a sign reading "{}"',
        'add the word "{}" on a sign',
        'write "{}" on a sign',
    ),
    "sign": (
        'change the sign to "{}"',
        'let the sign say "{}"',
        'write "{}" on the sign instead',
        'the sign should read "{}"',
    ),
    "no sign": ("remove the sign", "take the sign away", "delete the sign", "there should be no sign"),
    "new music": ("add {} music", "play {} music", "let there be {} music", "put {} music under it"),
    "instrument": ("play it on {} instead", "change the instrument to {}", "use {} for the music", "make the music {}"),
    "quality": ("make the music {}", "the music should be {}", "change the music to {}", "let the music be {}"),
    "no music": ("remove the music", "turn the music off", "take away the music", "play no music"),
}
PREFIXES = ("", "", "", "", "please ", "now ", "can you ", "i want you to ")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What is asked, the field it names, the facts it states of the scene afterwards, and that scene."""

    instruction: str
    changed: str
    facts: Facts
    after: Scene
    caption_after: Caption


class Draft(NamedTuple):
    """An edit before it is captioned."""

    request: str
    facts: Facts
    after: Scene


def draw_edit(scene: Scene, rng: np.random.Generator) -> Edit:
    """Return a change that the scene allows, told in one of many ways, never into a held-out combination."""
    names = list(CHANGES)
    for number in rng.permutation(len(names)):
        draft = CHANGES[names[number]](scene, rng)
        if draft is not None:
            break
    assert draft is not None, "the light of any scene can change"
    asks = not draft.request.startswith(("the ", "there ", "instead "))
    return Edit(
        instruction=(pick(rng, PREFIXES) if asks else "") + draft.request,
        changed=names[number],
        facts=draft.facts,
        after=draft.after,
        caption_after=caption(draft.after, pick(rng, ("dense", "short")), rng),
    )


# Who is changed


class Subject(NamedTuple):
    """Whom an edit is about: the actors of these numbers, who are all alike, and what to call them."""

    numbers: tuple[int, ...]
    kind: str
    colour: str
    called: str

    @property
    def many(self) -> bool:
        """Return whether a whole group is meant."""
        return len(self.numbers) > 1


def _subject(scene: Scene, rng: np.random.Generator) -> Subject | None:
    """Return one of a pair, or everybody in a scene without relations; None for one of two who look the same."""
    numbers = (int(rng.random() * 2),) if scene.relation else tuple(range(len(scene.actors)))
    who = scene.actors[numbers[0]].who
    noun = plural(who.kind) if len(numbers) > 1 else who.kind
    others = [actor.who for number, actor in enumerate(scene.actors) if number not in numbers]
    if any((other.kind, other.colour) == (who.kind, who.colour) for other in others):
        return None
    same_kind = any(other.kind == who.kind for other in others)
    called = f"the {who.colour} {noun}" if same_kind or chance(rng, 0.2) else f"the {noun}"
    return Subject(numbers, who.kind, who.colour, called)


def _change_actors(scene: Scene, subject: Subject, **changes: Any) -> Scene:  # noqa: ANN401  fields of Actor
    actors = list(scene.actors)
    for number in subject.numbers:
        actors[number] = replace(actors[number], **changes)
    return replace(scene, actors=tuple(actors))


def _change_who(scene: Scene, subject: Subject, **changes: Any) -> Scene:  # noqa: ANN401  fields of Individual
    actors = list(scene.actors)
    for number in subject.numbers:
        actors[number] = replace(actors[number], who=replace(actors[number].who, **changes))
    return replace(scene, actors=tuple(actors))


def _word(rng: np.random.Generator, slot: str, value: str) -> str:
    options = SYNONYMS[slot][value]
    return options[int(rng.random() ** 2 * len(options))]


def _option(rng: np.random.Generator, options: Sequence[str]) -> str | None:
    return pick(rng, options) if options else None


# The changes


def _colour(scene: Scene, rng: np.random.Generator) -> Draft | None:
    subject = _subject(scene, rng)
    if subject is None:
        return None
    taken = {scene.actors[number].who.trim for number in subject.numbers} | {subject.colour}
    own = [c for c in KINDS[subject.kind].colours if c not in taken and not held_out(subject.kind, c, scene.place)]
    new = _option(rng, own)
    if new is None:
        return None
    form = pick(rng, REQUESTS["dress" if subject.kind in GARMENTS else "colour"])
    request = form.format(the=subject.called, new=_word(rng, "colour", new))
    return Draft(request, {"kind_1": subject.kind, "colour_1": new}, _change_who(scene, subject, colour=new))


def _kind(scene: Scene, rng: np.random.Generator) -> Draft | None:
    subject = _subject(scene, rng)
    new = _option(rng, [kind for kind in KINDS if _fits(scene, subject, kind)]) if subject else None
    if subject is None or new is None:
        return None
    noun = _word(rng, "kind", new)
    named = plural(noun) if subject.many else f"{article(noun)} {noun}"
    request = pick(rng, REQUESTS["kind"]).format(the=subject.called, new=named)
    return Draft(request, {"kind_1": new}, _change_who(scene, subject, kind=new))


def _fits(scene: Scene, subject: Subject, kind: str) -> bool:
    """Return whether the kind can stand in: act, be coloured and be dressed the same, and take no more room."""
    actor, table, old = scene.actors[subject.numbers[0]], KINDS[kind], KINDS[subject.kind]
    able = kind != subject.kind and actor.action in actions_at(kind, scene.place) and subject.colour in table.colours
    worn = (table.dressed or not actor.who.accessory) and (table.patterned or actor.who.pattern == "plain")
    small = len(scene.actors) == 1 or (table.width_m <= old.width_m and table.height_m <= old.height_m)
    return able and worn and small and not held_out(kind, subject.colour, scene.place)


def _place(scene: Scene, rng: np.random.Generator) -> Draft | None:
    new = _option(rng, [place for place in PLACES if place != scene.place and _lets(place, scene)])
    if new is None:
        return None
    request = pick(rng, REQUESTS["place"]).format(pick(rng, WHERE[new]), new=pick(rng, WHERE[new]))
    return Draft(request, {"place": new}, replace(scene, place=new))


def _lets(place: str, scene: Scene) -> bool:
    """Return whether everything else of the scene can be the same in that place."""
    for actor in scene.actors:
        who = actor.who
        if actor.action not in actions_at(who.kind, place) or held_out(who.kind, who.colour, place):
            return False
        if who.kind in ("fish", "boat") and place not in KINDS[who.kind].homes:
            return False
    return scene.weather in WEATHER[CLIMATE[place]].options


def _light(scene: Scene, rng: np.random.Generator) -> Draft | None:
    new = pick(rng, [light for light in LIGHTS if light != scene.light])
    request = pick(rng, REQUESTS["light"]).format(new=_word(rng, "light", new))
    return Draft(request, {"light": new}, replace(scene, light=new))


def _weather(scene: Scene, rng: np.random.Generator) -> Draft | None:
    new = _option(rng, [weather for weather in WEATHER[CLIMATE[scene.place]].options if weather != scene.weather])
    if new is None:
        return None
    return Draft(pick(rng, REQUESTS[new]), {"weather": new}, replace(scene, weather=new))


def _accessory(scene: Scene, rng: np.random.Generator) -> Draft | None:
    subject = _subject(scene, rng)
    if subject is None or not KINDS[subject.kind].dressed:
        return None
    old = scene.actors[subject.numbers[0]].who.accessory
    if old and chance(rng, 0.5):
        request = pick(rng, REQUESTS["take off"][: 3 if len(scene.actors) > 1 else 4])
        worn = plural(old) if subject.many and old != "glasses" else old
        return Draft(request.format(old=worn, the=subject.called), {}, _change_who(scene, subject, accessory=""))
    new = pick(rng, [accessory for accessory in ACCESSORIES if accessory != old])
    thing = _word(rng, "accessory", new)
    if new != "glasses":
        thing = plural(thing) if subject.many else f"{article(thing)} {thing}"
    facts = {"kind_1": subject.kind, "accessory_1": new}
    request = pick(rng, REQUESTS["put on"]).format(new=thing, the=subject.called)
    return Draft(request, facts, _change_who(scene, subject, accessory=new))


def _direction(scene: Scene, rng: np.random.Generator) -> Draft | None:
    """Turn somebody round; not one of a pair, whose relation hangs on where they go."""
    actor, subject = scene.actors[0], _subject(scene, rng)
    shows = actor.action in GOING or (actor.action in LOOKING and actor.who.kind in FACED)
    if scene.relation or subject is None or actor.direction not in SIDES or not shows:
        return None
    new = SWAPPED[actor.direction]
    verb = "go" if actor.action in GOING else "look"
    request = pick(rng, REQUESTS["direction"]).format(the=subject.called, verb=verb, new=new)
    return Draft(request, {"kind_1": subject.kind, "direction_1": new}, _change_actors(scene, subject, direction=new))


def _sign(scene: Scene, rng: np.random.Generator) -> Draft | None:
    if scene.sign and chance(rng, 0.3):
        return Draft(pick(rng, REQUESTS["no sign"]), {}, replace(scene, sign=""))
    new = draw_sign(rng)
    if new == scene.sign:
        return None
    request = pick(rng, REQUESTS["sign" if scene.sign else "new sign"]).format(new)
    return Draft(request, {"sign": new}, replace(scene, sign=new))


def _music(scene: Scene, rng: np.random.Generator) -> Draft | None:
    """Add music, take it away, or change one of its qualities."""
    music = scene.sound.music
    if music is None:
        return _with_music(scene, draw_music(rng), rng)
    slot = pick(rng, ("instrument", "mood", "tempo", "none"))
    if slot == "none":
        after = replace(scene, sound=replace(scene.sound, music=None))
        return Draft(pick(rng, REQUESTS["no music"]), {"silence": "no music"}, after)
    values = {"instrument": INSTRUMENTS, "mood": MOODS, "tempo": TEMPOS}[slot]
    new = pick(rng, [value for value in values if value != getattr(music, slot)])
    request = pick(rng, REQUESTS["instrument" if slot == "instrument" else "quality"]).format(_word(rng, slot, new))
    changes: dict[str, Any] = {slot: new}
    after = replace(scene, sound=replace(scene.sound, music=replace(music, **changes)))
    return Draft(request, {slot: new}, after)


def _with_music(scene: Scene, music: Music, rng: np.random.Generator) -> Draft:
    # All three qualities are named, so that the instruction has one answer.
    named = f"{_word(rng, 'tempo', music.tempo)} {_word(rng, 'mood', music.mood)} {music.instrument}"
    facts: Facts = {"instrument": music.instrument, "mood": music.mood, "tempo": music.tempo}
    return Draft(
        pick(rng, REQUESTS["new music"]).format(named), facts, replace(scene, sound=replace(scene.sound, music=music))
    )


CHANGES: dict[str, Callable[[Scene, np.random.Generator], Draft | None]] = {
    "colour": _colour,
    "kind": _kind,
    "place": _place,
    "light": _light,
    "weather": _weather,
    "accessory": _accessory,
    "direction": _direction,
    "sign": _sign,
    "music": _music,
}
