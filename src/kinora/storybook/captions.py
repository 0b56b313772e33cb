"""Captions: what a scene shows and sounds like, told in many ways, and exactly which facts each telling states."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kinora.storybook import frames, telling
from kinora.storybook.dice import Weighted, chance, pick
from kinora.storybook.facts import INVERSE, Facts, Said, Teller, join
from kinora.storybook.lexicon import SYNONYMS
from kinora.storybook.scene import Scene

Style = Literal["dense", "short", "alt"]
STYLES: tuple[Style, ...] = ("dense", "short", "alt")
DENSE_WORDS = (25, 70)
SHORT_WORDS = (3, 14)


@dataclass(frozen=True, kw_only=True)
class Caption:
    """A text, the facts it states, and which of the scene's actors it calls 1 and 2."""

    text: str
    facts: Facts
    cast: tuple[int, ...] = (0,)


def caption(scene: Scene, style: Style, rng: np.random.Generator) -> Caption:
    """Return one of the many captions of a scene: dense (25 to 70 words), short (3 to 14) or noisy alt-text."""
    swap = len(scene.actors) == 2 and bool(scene.relation) and chance(rng, 0.5)
    teller = _teller(scene, rng, swap=swap)
    said = _TELL[style](teller)
    return Caption(text=said.text, facts=said.facts, cast=(1, 0) if swap else tuple(range(_told(scene))))


def _told(scene: Scene) -> int:
    return min(2, len(scene.actors)) if scene.relation else 1


def _teller(scene: Scene, rng: np.random.Generator, *, swap: bool) -> Teller:
    """Two actors that stand in a relation are told one by one, all others as a group."""
    actors = scene.actors[: _told(scene)]
    return Teller(
        scene=scene,
        rng=rng,
        actors=actors[::-1] if swap else actors,
        relation=INVERSE[scene.relation] if swap else scene.relation,
        num_first=1 if scene.relation else len(scene.actors),
    )


# The main clause


def _main(teller: Teller, options: tuple[frames.Frame, ...], *, looks: float) -> Said:
    if len(teller.actors) == 2:
        return _pair(teller, looks=looks)
    frame, form = pick(teller.rng, options)
    a, v = telling.who(teller, 1, looks=looks), telling.does(teller, 1, form)
    return Said(frame.format(a=a.text, v=v.text, be=_be(teller)), a.facts | v.facts)


def _sight(teller: Teller, *, looks: float) -> Said:
    """Who is there, without what is done."""
    a = telling.who(teller, 1, looks=looks)
    return Said(teller.word(frames.SIGHTS).format(a=a.text, be=_be(teller)), a.facts)


def _be(teller: Teller) -> str:
    return "are" if teller.num_first > 1 else "is"


def _pair(teller: Teller, *, looks: float) -> Said:
    frame = _pair_frame(teller)
    a, b = (telling.who(teller, number, looks=looks) for number in (1, 2))
    fields = {"a": a, "b": _another(teller, a, b)}
    for field, (number, form) in _PAIR_VERBS.items():
        if f"{{{field}}}" in frame:
            fields[field] = telling.does(teller, number, form, way=0.0 if "{r}" in frame else 0.25)
    if frame in frames.COLLISIONS:
        fields["collide"] = Said("", {"action_1": "collide", "action_2": "collide"})
    texts = {field: said.text for field, said in fields.items()} | _relation_words(teller)
    facts = {slot: value for said in fields.values() for slot, value in said.facts.items()}
    if any(mark in frame for mark in ("{r}", "{s}", "{side_a}")):
        facts["relation"] = teller.relation
    return Said(frame.format_map(texts), facts)


_PAIR_VERBS = {
    "does_a": (1, "third"),
    "doing_a": (1, "participle"),
    "do_a": (1, "base"),
    "does_b": (2, "third"),
    "doing_b": (2, "participle"),
}


def _pair_frame(teller: Teller) -> str:
    if teller.actors[0].action == "collide":
        return pick(teller.rng, frames.COLLISIONS)
    if teller.relation in _SIDE_WORDS and teller.chance(0.3):
        return pick(teller.rng, frames.PAIR_SIDES)
    if teller.chance(0.4):
        return pick(teller.rng, frames.PAIR_SIGHTS)
    clause = pick(teller.rng, frames.PAIR_CLAUSES)
    return f"{pick(teller.rng, frames.PAIR_PREFIXES)} {clause}" if teller.chance(0.15) else clause


_SIDE_WORDS = {"left of": ("left", "right"), "right of": ("right", "left")}


def _relation_words(teller: Teller) -> dict[str, str]:
    side_a, side_b = _SIDE_WORDS.get(teller.relation, ("", ""))
    return {
        "r": teller.word(SYNONYMS["relation"][teller.relation]),
        "s": teller.word(SYNONYMS["relation"][INVERSE[teller.relation]]),
        "it": telling.pronoun(teller, 1).object,
        "side_a": side_a,
        "side_b": side_b,
    }


def _another(teller: Teller, a: Said, b: Said) -> Said:
    """Say "another red dog" for the second of two that are told alike."""
    alike = all(a.facts.get(f"{slot}_1") == b.facts.get(f"{slot}_2") for slot in ("kind", "colour"))
    if not alike or teller.chance(0.3):
        return b
    return Said("another " + b.text.partition(" ")[2], b.facts)


# Dense captions


def _dense(teller: Teller) -> Said:
    """One main sentence, then the rest of the truth in any order."""
    first = _opening(teller)
    sentences, facts = [first.text], dict(first.facts)
    words = _num_words(first.text)
    # More about somebody follows at once, while "it" is clear.
    rest = [*_CLOSE_TOPICS, *(_TOPICS[i] for i in teller.rng.permutation(len(_TOPICS)))]
    skipped = [topic for topic in rest if teller.chance(0.25)]
    for topic in (*(topic for topic in rest if topic not in skipped), *skipped, *_FILLERS):
        if topic in skipped and words >= DENSE_WORDS[0]:
            break
        said = topic(teller)
        length = _num_words(said.text)
        # Nothing is said twice.
        stale = bool(said.facts) and said.facts.keys() <= facts.keys()
        if not said.text or stale or words + length > DENSE_WORDS[1]:
            continue
        sentences.append(said.text)
        facts |= said.facts
        words += length
    return Said(" ".join(f"{_capital(sentence)}." for sentence in sentences), facts)


def _opening(teller: Teller) -> Said:
    main = _main(teller, frames.STATEMENTS, looks=0.65)
    setting = _setting(teller, (0.65, 0.45, 0.3))
    if setting and teller.chance(0.2):
        main = join(setting.pop(), main, by=", ")
    main = join(main, *setting)
    if teller.chance(0.12):
        return join(telling.frame_tag(teller), main, by=": ")
    return main


def _setting(teller: Teller, shares: tuple[float, float, float]) -> list[Said]:
    """Return some of where, when and in which weather, each with its own probability, in any order."""
    parts: list[Said] = []
    for tell, share in zip((telling.where, telling.when, telling.weather), shares, strict=True):
        if teller.chance(share):
            said = tell(teller)
            if said.text and not any(part.facts.keys() & said.facts.keys() for part in parts):
                parts.append(said)
    if teller.chance(0.5):
        parts.reverse()
    return parts


_TOPICS: tuple[Callable[[Teller], Said], ...] = (
    telling.place_sentence,
    telling.light_sentence,
    telling.weather_sentence,
    telling.camera_sentence,
    telling.frame_sentence,
    telling.music_sentence,
    telling.sound_sentence,
    telling.silence_sentence,
    telling.sign_sentence,
)
_CLOSE_TOPICS: tuple[Callable[[Teller], Said], ...] = (telling.look_sentence, telling.way_sentence)
_FILLERS: tuple[Callable[[Teller], Said], ...] = (telling.style_sentence, telling.style_sentence)


def _num_words(text: str) -> int:
    return len(text.split())


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


# Short captions


def _short(teller: Teller) -> Said:
    """Like a user's prompt: who and what, and a few wishes as long as there is room."""
    said = _short_start(teller)
    while _num_words(said.text) > SHORT_WORDS[1]:
        said = _short_start(teller)
    for part in _setting(teller, (0.5, 0.25, 0.15)):
        said = _appended(said, part, " ")
    for tell, share in _WISHES:
        if teller.chance(share):
            said = _appended(said, tell(teller), pick(teller.rng, (", ", ", ", "; ", ". ")))
    return _finished(teller, said)


def _short_start(teller: Teller) -> Said:
    said = _pair(teller, looks=0.2) if len(teller.actors) == 2 else _SHORT_START(teller.rng)(teller)
    return _fronted(teller, said) if teller.chance(0.15) else said


def _scenery(teller: Teller) -> Said:
    return telling.where(teller)


def _asked(teller: Teller) -> Said:
    return _main(teller, frames.REQUESTS, looks=0.3)


def _seen(teller: Teller) -> Said:
    return _sight(teller, looks=0.35)


def _fronted(teller: Teller, said: Said) -> Said:
    front = pick(teller.rng, (telling.where, telling.when, telling.weather))(teller)
    return join(front, said, by=", ") if front.text and not front.facts.keys() & said.facts.keys() else said


def _appended(said: Said, part: Said, by: str) -> Said:
    """Add a part unless it repeats a fact or makes the caption too long."""
    if not part.text or part.facts.keys() & said.facts.keys():
        return said
    if _num_words(said.text) + _num_words(part.text) > SHORT_WORDS[1]:
        return said
    return join(said, part, by=by)


def _finished(teller: Teller, said: Said) -> Said:
    while _num_words(said.text) < SHORT_WORDS[0]:
        said = join(said, telling.style_tag(teller), by=", ")
    text = _capital(said.text) if teller.chance(0.45) else said.text
    return Said(text + pick(teller.rng, ("", "", ".")) if text[-1] not in "?!" else text, said.facts)


_SHORT_START = Weighted[Callable[[Teller], Said]]({_asked: 80, _seen: 17, _scenery: 3})
_WISHES: tuple[tuple[Callable[[Teller], Said], float], ...] = (
    (telling.sign_tag, 0.8),
    (telling.music, 0.3),
    (telling.ambience, 0.15),
    (telling.effect, 0.4),
    (telling.camera_tag, 0.15),
    (telling.frame_tag, 0.1),
    (telling.silence_tag, 0.2),
    (telling.style_tag, 0.05),
)


# Alt-text


def _alt(teller: Teller) -> Said:
    """What web pages say of their pictures: keywords, no articles, now and then a slip of the finger."""
    said = _tags(teller) if teller.chance(0.5) else _without_articles(_short(teller))
    return Said(_with_typo(teller, said.text), said.facts) if teller.chance(0.12) else said


def _tags(teller: Teller) -> Said:
    who = [telling.who(teller, number, looks=0.25, bare=True) for number in range(1, len(teller.actors) + 1)]
    who = [join(one, telling.deed(teller, number)) if teller.chance(0.6) else one for number, one in enumerate(who, 1)]
    rest = [tell(teller) for tell, share in _TAGS if teller.chance(share)]
    parts = [part for part in (rest[i] for i in teller.rng.permutation(len(rest))) if part.text]
    return join(*who, *parts, by=pick(teller.rng, (", ", ", ", " ", " | ", " - ")))


_TAGS: tuple[tuple[Callable[[Teller], Said], float], ...] = (
    (telling.place_tag, 0.7),
    (telling.light_tag, 0.45),
    (telling.weather_tag, 0.35),
    (telling.music, 0.25),
    (telling.ambience, 0.15),
    (telling.effect, 0.3),
    (telling.sign_tag, 0.8),
    (telling.camera_tag, 0.15),
    (telling.frame_tag, 0.15),
    (telling.silence_tag, 0.1),
    (telling.style_tag, 0.3),
)
_ARTICLES = frozenset({"a", "an", "the"})


def _without_articles(said: Said) -> Said:
    words = [word for word in said.text.split() if word.lower() not in _ARTICLES]
    return Said(" ".join(word if word.startswith('"') else word.lower() for word in words), said.facts)


def _with_typo(teller: Teller, text: str) -> str:
    """Swap two neighbouring letters inside one long word, never within quotes."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha() and word.islower()]
    if not long:
        return text
    i = pick(teller.rng, long)
    at = 1 + int(teller.rng.random() * (len(words[i]) - 2))
    words[i] = words[i][:at] + words[i][at + 1] + words[i][at] + words[i][at + 2 :]
    return " ".join(words)


_TELL: dict[Style, Callable[[Teller], Said]] = {"dense": _dense, "short": _short, "alt": _alt}
