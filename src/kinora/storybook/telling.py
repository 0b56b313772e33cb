"""Pieces of English about a scene: who, doing what, where, when, seen how, heard how. Each says only what is true."""

from functools import cache
from typing import NamedTuple

from kinora.storybook import frames, phrases
from kinora.storybook.dice import pick
from kinora.storybook.facts import FACED, GOING, LOOKING, NOTHING, NUMBER_WORDS, SIDES, Facts, Said, Teller, join
from kinora.storybook.lexicon import FORMS, SYNONYMS, article, conjugate, plural, verbs
from kinora.storybook.scene import Individual
from kinora.storybook.vocabulary import INDOORS, KINDS


@cache
def verb_forms(kind: str, action: str, form: str) -> tuple[str, ...]:
    """Return how this action of this kind can be called, in one of FORMS."""
    assert form in FORMS
    return tuple(conjugate(verb, form) for verb in verbs(kind, action))


def who(teller: Teller, number: int, *, looks: float = 0.5, bare: bool = False) -> Said:
    """Return the noun phrase of actor 1 or 2. `looks` is how likely a trait is told; `bare` leaves out the article."""
    one = teller.actors[number - 1].who
    many = teller.num_first if number == 1 else 1
    facts: Facts = {f"kind_{number}": one.kind}
    noun = teller.word(SYNONYMS["kind"][one.kind])
    noun = plural(noun) if many > 1 else noun
    if one.pattern != "plain" and teller.chance(looks):
        facts[f"pattern_{number}"] = one.pattern
        noun = _patterned(teller, one.pattern, noun)
    if teller.chance(0.5 + looks):
        facts[f"colour_{number}"] = one.colour
        noun = _coloured(teller, one, noun, many)
    if teller.chance(0.12):
        noun = f"{teller.word(phrases.CHARM)} {noun}"
    if one.accessory and teller.chance(looks):
        facts[f"accessory_{number}"] = one.accessory
        noun = f"{noun} {teller.word(phrases.WEARING).format(_thing(teller, one.accessory, many))}"
    return _numbered(teller, Said(noun, facts), many, bare=bare)


def _numbered(teller: Teller, noun: Said, many: int, *, bare: bool) -> Said:
    """Put the number or the article before a noun. One actor alone is now and then counted too."""
    if many > 1 or (len(teller.actors) == 1 and teller.chance(0.04)):
        number = NUMBER_WORDS[many] if teller.chance(0.6) else teller.word(SYNONYMS["count"][str(many)])
        return Said(f"{number} {noun.text}", {**noun.facts, "count": str(many)})
    return noun if bare else Said(f"{article(noun.text)} {noun.text}", noun.facts)


def _patterned(teller: Teller, pattern: str, noun: str) -> str:
    if teller.chance(0.2):
        return f"{noun} {teller.word(phrases.PATTERN_AFTER[pattern])}"
    return f"{teller.word(SYNONYMS['pattern'][pattern])} {noun}"


def _coloured(teller: Teller, one: Individual, noun: str, many: int) -> str:
    colour = teller.word(SYNONYMS["colour"][one.colour])
    garments = phrases.GARMENTS.get(one.kind)
    if garments and many > 1:
        return f"{noun} in {colour}"
    if garments:
        garment = teller.word(garments)
        return teller.word(phrases.DRESSED).format(noun=noun, a=article(colour), colour=colour, garment=garment)
    if one.kind in phrases.COLOURED_PARTS and teller.chance(0.08):
        return f"{noun} with {colour} {teller.word(phrases.COLOURED_PARTS[one.kind])}"
    return f"{colour} {noun}"


def _thing(teller: Teller, accessory: str, many: int) -> str:
    thing = teller.word(SYNONYMS["accessory"][accessory])
    if accessory == "glasses":
        return thing
    return plural(thing) if many > 1 else f"{article(thing)} {thing}"


def does(teller: Teller, number: int, form: str, *, way: float = 0.4) -> Said:
    """Return what actor 1 or 2 does, the verb in `form`; `way` is how likely its direction is told, if it has one."""
    actor = teller.actors[number - 1]
    many = teller.num_first > 1 and number == 1
    verb = teller.word(verb_forms(actor.who.kind, actor.action, "base" if many and form == "third" else form))
    said = Said(verb, {f"action_{number}": actor.action})
    return join(said, direction(teller, number)) if teller.chance(way) else said


def direction(teller: Teller, number: int) -> Said:
    """Return where actor 1 or 2 goes or looks, if its picture shows that."""
    actor = teller.actors[number - 1]
    facts = {f"direction_{number}": str(actor.direction)}
    if actor.action in GOING and actor.direction:
        return Said(teller.word(phrases.TOWARDS[actor.direction]), facts)
    if actor.action in LOOKING and actor.direction in SIDES and actor.who.kind in FACED:
        return Said(teller.word(phrases.FACING[actor.direction]), facts)
    return NOTHING


def where(teller: Teller) -> Said:
    """Return the place as an adverbial."""
    place = teller.scene.place
    return Said(teller.word(phrases.WHERE[place]), {"place": place})


def when(teller: Teller) -> Said:
    """Return the hour, or hour and weather, as an adverbial."""
    light, weather = teller.scene.light, teller.scene.weather
    if _outdoors(teller) and teller.chance(0.25):
        facts = {"light": light, "weather": weather}
        if (light, weather) == ("noon", "clear"):
            return Said(teller.word(phrases.SUNNY), facts)
        adjective = teller.word(phrases.DAY_ADJECTIVES[weather])
        return Said(f"on a {adjective} {teller.word(phrases.DAY_NOUNS[light])}", facts)
    return Said(teller.word(phrases.WHEN[light]), {"light": light})


def weather(teller: Teller) -> Said:
    """Return the weather as an adverbial; nothing where there is none."""
    if not _outdoors(teller):
        return NOTHING
    return Said(teller.word(phrases.WEATHER[teller.scene.weather]), {"weather": teller.scene.weather})


def _outdoors(teller: Teller) -> bool:
    return teller.scene.place not in (*INDOORS, "space")


def place_sentence(teller: Teller) -> Said:
    """Return a sentence about the place."""
    inside = where(teller)
    return Said(teller.word(frames.PLACE_SENTENCES).format(inside.text), inside.facts)


def light_sentence(teller: Teller) -> Said:
    """Return a sentence about the hour."""
    return Said(teller.word(frames.LIGHT_SENTENCES[teller.scene.light]), {"light": teller.scene.light})


def weather_sentence(teller: Teller) -> Said:
    """Return a sentence about the weather; nothing where there is none."""
    if not _outdoors(teller):
        return NOTHING
    return Said(teller.word(frames.WEATHER_SENTENCES[teller.scene.weather]), {"weather": teller.scene.weather})


def _camera(teller: Teller, table: phrases.Phrases) -> Said:
    camera = teller.scene.camera
    facts = {"camera": str(camera.move)}
    text = teller.word(table[camera.move])
    if "{}" in text:
        facts["camera_direction"] = str(camera.direction)
        text = text.format(teller.word(phrases.PAN[camera.direction]))
    return Said(text, facts)


def camera_sentence(teller: Teller) -> Said:
    """Return a sentence about the camera's move."""
    return _camera(teller, frames.CAMERA_SENTENCES)


def camera_tag(teller: Teller) -> Said:
    """Return the camera's move in two or three words."""
    return _camera(teller, phrases.CAMERA_TAGS)


def frame_sentence(teller: Teller) -> Said:
    """Return a sentence about how near the viewer is."""
    frame = teller.scene.camera.frame
    text = teller.word(frames.FRAME_SENTENCES).format(teller.word(phrases.FRAME_OF[frame]))
    return Said(text, {"frame": str(frame)})


def frame_tag(teller: Teller) -> Said:
    """Return how near the viewer is in two or three words."""
    frame = teller.scene.camera.frame
    return Said(teller.word(phrases.FRAME_TAGS[frame]), {"frame": str(frame)})


def music(teller: Teller) -> Said:
    """Return the music as a noun phrase, some of its qualities left out; nothing without music."""
    music = teller.scene.sound.music
    if music is None:
        return NOTHING
    facts: Facts = {}
    words = []
    for slot, value in (("tempo", music.tempo), ("mood", music.mood)):
        if teller.chance(0.55):
            facts[slot] = value
            words.append(teller.word(SYNONYMS[slot][value]))
    if words and teller.chance(0.15):
        return Said(" ".join((*words, "music")), facts)
    words.append(teller.word(phrases.INSTRUMENTS[music.instrument]))
    return Said(" ".join(words), {**facts, "instrument": music.instrument})


def music_sentence(teller: Teller) -> Said:
    """Return a sentence about the music; nothing without music."""
    said = music(teller)
    ending = "" if said.text.endswith("s") else "s"
    return (
        Said(teller.word(frames.MUSIC_SENTENCES).format(music=said.text, s=ending), said.facts)
        if said.text
        else NOTHING
    )


def ambience(teller: Teller) -> Said:
    """Return what is heard all along; nothing if nothing is."""
    sounds = teller.scene.sound.ambience
    return Said(teller.word(SYNONYMS["ambience"][sounds[0]]), {"ambience": sounds[0]}) if sounds else NOTHING


def effect(teller: Teller) -> Said:
    """Return the extra sound; nothing if there is none."""
    sounds = teller.scene.sound.extra
    return Said(teller.word(SYNONYMS["effect"][sounds[0]]), {"effect": sounds[0]}) if sounds else NOTHING


def sound_sentence(teller: Teller) -> Said:
    """Return a sentence about ambience and extra sound; nothing if there are none."""
    said = join(ambience(teller), effect(teller), by=" and ")
    return Said(teller.word(frames.SOUND_SENTENCES).format(said.text), said.facts) if said.text else NOTHING


def silence_sentence(teller: Teller) -> Said:
    """Return that there is no music or no sound at all; nothing if there is."""
    silence = silence_of(teller)
    return Said(teller.word(frames.SILENCE_SENTENCES[silence]), {"silence": silence}) if silence else NOTHING


def silence_tag(teller: Teller) -> Said:
    """Return the same in two words."""
    silence = silence_of(teller)
    return Said(teller.word(SYNONYMS["silence"][silence]), {"silence": silence}) if silence else NOTHING


def silence_of(teller: Teller) -> str:
    """Return "no sound", "no music" or ""."""
    sound = teller.scene.sound
    if sound.music is not None:
        return ""
    return "no music" if sound.effects or sound.ambience or sound.extra else "no sound"


def sign_sentence(teller: Teller) -> Said:
    """Return a sentence that quotes the sign; nothing without one."""
    return _sign(teller, frames.SIGN_SENTENCES)


def sign_tag(teller: Teller) -> Said:
    """Return the quoted sign in a few words; nothing without one."""
    return _sign(teller, phrases.SIGN_TAGS)


def _sign(teller: Teller, table: tuple[str, ...]) -> Said:
    sign = teller.scene.sign
    return Said(teller.word(table).format(sign), {"sign": sign}) if sign else NOTHING


# More about somebody who was mentioned


class Pronoun(NamedTuple):
    """How somebody is called after the first mention."""

    subject: str
    object: str
    possessive: str


_PRONOUNS = {
    **{kind: Pronoun("she", "her", "her") for kind in ("girl", "woman")},
    **{kind: Pronoun("he", "him", "his") for kind in ("boy", "man")},
}
_IT, _THEY = Pronoun("it", "it", "its"), Pronoun("they", "them", "their")


def pronoun(teller: Teller, number: int) -> Pronoun:
    """Return the pronoun of actor 1 or 2."""
    return _THEY if teller.num_first > 1 else _PRONOUNS.get(teller.actors[number - 1].who.kind, _IT)


def _told_more(teller: Teller, number: int, topic: str, what: str) -> str:
    """Fill in a sentence about an actor named by its pronoun, or by its kind where a pronoun would be ambiguous."""
    it, many = pronoun(teller, number), teller.num_first > 1
    kind = teller.actors[number - 1].who.kind
    subject, possessive = it.subject, it.possessive
    if len(teller.actors) == 2:
        subject, possessive = f"the {kind}", f"the {kind}'s"
    words = {verb: conjugate(verb, "base" if many else "third") for verb in ("have", "wear", "move", "go")}
    be = "are" if many else "is"
    return teller.word(frames.LOOK_SENTENCES[topic]).format(what, it=subject, its=possessive, be=be, **words)


def _subject_number(teller: Teller) -> int:
    """Return which actor to say more about; 0 where "the dog" would be either of two dogs."""
    if len(teller.actors) == 1:
        return 1
    same = teller.actors[0].who.kind == teller.actors[1].who.kind
    return 0 if same else pick(teller.rng, (1, 2))


def look_sentence(teller: Teller) -> Said:
    """Return a sentence about one trait of somebody: what is worn, else the pattern."""
    number = _subject_number(teller)
    if not number:
        return NOTHING
    who = teller.actors[number - 1].who
    if who.accessory:
        thing = _thing(teller, who.accessory, teller.num_first)
        return Said(_told_more(teller, number, "accessory", thing), _named(teller, number, "accessory", who.accessory))
    if KINDS[who.kind].patterned:
        text = _told_more(teller, number, "pattern", teller.word(SYNONYMS["pattern"][who.pattern]))
        return Said(text, _named(teller, number, "pattern", who.pattern))
    return NOTHING


def way_sentence(teller: Teller) -> Said:
    """Return a sentence about where somebody goes or looks."""
    number = _subject_number(teller)
    said = direction(teller, number) if number else NOTHING
    if not said.text:
        return NOTHING
    actor = teller.actors[number - 1]
    if actor.action == "throw":
        return NOTHING
    topic = "facing" if actor.action in LOOKING else "direction"
    return Said(_told_more(teller, number, topic, said.text), _named(teller, number, "direction", actor.direction))


def _named(teller: Teller, number: int, slot: str, value: str) -> Facts:
    """Return one fact about an actor, and its kind where the sentence says it."""
    kind = {f"kind_{number}": teller.actors[number - 1].who.kind} if len(teller.actors) == 2 else {}
    return {f"{slot}_{number}": value, **kind}


# Keywords


def deed(teller: Teller, number: int) -> Said:
    """Return the action of an actor as a keyword."""
    return does(teller, number, pick(teller.rng, ("participle", "participle", "base")), way=0.2)


def place_tag(teller: Teller) -> Said:
    """Return the place as a keyword."""
    return _tag(teller, "place", teller.scene.place)


def light_tag(teller: Teller) -> Said:
    """Return the hour as a keyword."""
    return _tag(teller, "light", teller.scene.light)


def weather_tag(teller: Teller) -> Said:
    """Return the weather as a keyword; nothing where there is none."""
    if not _outdoors(teller):
        return NOTHING
    return Said(teller.word(phrases.WEATHER_TAGS[teller.scene.weather]), {"weather": teller.scene.weather})


def _tag(teller: Teller, slot: str, value: str) -> Said:
    return Said(teller.word(SYNONYMS[slot][value]), {slot: value})


def style_sentence(teller: Teller) -> Said:
    """Return a sentence about how all these scenes are drawn: true, and no fact of this one."""
    return Said(teller.word(frames.STYLE_SENTENCES), {})


def style_tag(teller: Teller) -> Said:
    """Return a keyword that users add and that states no fact."""
    return Said(teller.word(phrases.STYLE_TAGS), {})
