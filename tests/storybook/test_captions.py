"""Captions say only what is true, in very many ways."""

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from kinora.storybook import frames
from kinora.storybook.captions import DENSE_WORDS, SHORT_WORDS, STYLES, caption
from kinora.storybook.facts import FACT_SLOTS, INVERSE
from kinora.storybook.lexicon import IDIOMS, SYNONYMS, article, conjugate, plural, verbs
from kinora.storybook.near_words import NEAR, near_readings
from kinora.storybook.phrases import DAY_ADJECTIVES, SUNNY, WEATHER, WHERE
from kinora.storybook.sample import can_mirror, draw_scene, mirror
from kinora.storybook.vocabulary import KINDS

SCENES = [draw_scene(11, index) for index in range(2500)]
TOLD = [
    (scene, style, caption(scene, style, np.random.default_rng([scene.index, number])))
    for scene in SCENES
    for number, style in enumerate(STYLES)
]


def truth(scene, cast):
    """Return the true value of every slot that a caption of these actors may state."""
    music, sound, camera = scene.sound.music, scene.sound, scene.camera
    facts = {
        "place": scene.place,
        "light": scene.light,
        "weather": scene.weather,
        "camera": camera.move,
        "camera_direction": camera.direction,
        "frame": camera.frame,
        "sign": scene.sign,
        "instrument": music and music.instrument,
        "mood": music and music.mood,
        "tempo": music and music.tempo,
        "ambience": "".join(sound.ambience),
        "effect": "".join(sound.extra),
        "relation": {(0, 1): scene.relation, (1, 0): INVERSE.get(scene.relation)}.get(cast),
        "count": "" if scene.relation else str(len(scene.actors)),
    }
    silent = not (sound.effects or sound.ambience or sound.extra)
    facts["silence"] = None if music else "no sound" if silent else "no music"
    for number, actor in enumerate((scene.actors[n] for n in cast), 1):
        who = actor.who
        own = {"kind": who.kind, "colour": who.colour, "pattern": who.pattern, "accessory": who.accessory}
        own |= {"action": actor.action, "direction": actor.direction}
        facts |= {f"{slot}_{number}": value for slot, value in own.items()}
    return facts


def test_every_stated_fact_is_true_of_the_scene():
    for scene, style, told in TOLD:
        true = truth(scene, told.cast)
        wrong = {slot: value for slot, value in told.facts.items() if not value or true.get(slot) != value}
        assert not wrong, (scene.index, style, told)


def test_facts_are_words_of_the_slots():
    for _, _, told in TOLD:
        for slot, value in told.facts.items():
            assert slot == "sign" or value in FACT_SLOTS[slot]


def test_every_value_of_every_slot_is_said_by_somebody():
    said = Counter(fact for _, _, told in TOLD for fact in told.facts.items())
    # Second actors are rare; their slots are the first's, so their values come with them.
    values = {(slot, value) for slot, values in FACT_SLOTS.items() for value in values[1:] if not slot.endswith("_2")}
    assert values - set(said) == set()


def readable(slot, value, kind):
    """Return the words any of which a text must contain to state a fact."""
    if slot == "kind":
        return [form for noun in SYNONYMS["kind"][value] for form in (noun, plural(noun))]
    if slot == "action":
        return [
            conjugate(verb, form) for verb in verbs(kind, value) for form in ("base", "third", "participle", "past")
        ]
    if slot == "place":
        return [*SYNONYMS["place"][value], *WHERE[value]]
    return SYNONYMS[slot][value]


def test_what_is_stated_can_be_read_in_the_text():
    """Typing errors aside, and collisions, which have sentences of their own."""
    for _, style, told in TOLD:
        if style == "alt" or "collide" in told.facts.values():
            continue
        text = told.text.lower()
        for slot in ("kind", "colour", "action"):
            for number in (1, 2):
                value = told.facts.get(f"{slot}_{number}")
                if value:
                    kind = told.facts[f"kind_{number}"]
                    assert any(word in text for word in readable(slot, value, kind)), (slot, value, text)
        if "place" in told.facts:
            assert any(word in text for word in readable("place", told.facts["place"], "")), text


def test_signs_are_quoted_letter_by_letter_in_every_style():
    for scene, _, told in TOLD:
        quoted = re.findall('"(.*?)"', told.text)
        assert quoted == ([scene.sign] if "sign" in told.facts else [])


def test_lengths():
    for _, style, told in TOLD:
        words = len(told.text.split())
        if style == "dense":
            assert DENSE_WORDS[0] <= words <= DENSE_WORDS[1], told.text
        if style == "short":
            assert SHORT_WORDS[0] <= words <= SHORT_WORDS[1], told.text
        assert "{" not in told.text and "  " not in told.text and told.text == told.text.strip()


def test_the_same_generator_tells_the_same():
    for scene, style, told in TOLD[:300]:
        assert caption(scene, style, np.random.default_rng([scene.index, STYLES.index(style)])) == told


def test_captions_are_many():
    texts = {style: [told.text for _, one, told in TOLD if one == style] for style in STYLES}
    assert len(set(texts["dense"])) == len(SCENES)
    assert len(set(texts["short"])) > 0.99 * len(SCENES)
    rng = np.random.default_rng(5)
    assert len({caption(SCENES[0], "dense", rng).text for _ in range(500)}) > 495
    assert len({caption(SCENES[0], "short", rng).text for _ in range(500)}) > 450


def test_dense_captions_tell_most_of_the_truth():
    told = [len(told.facts) for _, style, told in TOLD if style == "dense"]
    assert np.mean(told) > 9


OTHER_SIDE = {"left": "right", "right": "left", "leftwards": "rightwards", "rightwards": "leftwards"}
OTHER_SIDE |= {"leftward": "rightward", "rightward": "leftward"}


def mirrored_words(text):
    swapped = OTHER_SIDE | {a.capitalize(): b.capitalize() for a, b in OTHER_SIDE.items()}
    return re.sub(r"\w+", lambda word: swapped.get(word[0], word[0]), text)


@pytest.mark.parametrize("style", ["dense", "short"])
def test_the_mirror_image_is_told_in_the_same_words_with_left_and_right_exchanged(style):
    for scene in SCENES[:1500]:
        if can_mirror(scene):
            here = caption(scene, style, np.random.default_rng(scene.index))
            there = caption(mirror(scene), style, np.random.default_rng(scene.index))
            assert there.text == mirrored_words(here.text)
            sides = {"left": "right", "right": "left", "left of": "right of", "right of": "left of"}
            assert there.facts == {slot: sides.get(value, value) for slot, value in here.facts.items()}


def test_who_is_mentioned_first_is_number_one():
    """Told from either side, the relation turns round with the numbers."""
    pair = next(s for s in SCENES if s.relation == "behind" and s.actors[0].who.kind != s.actors[1].who.kind)
    told = [caption(pair, "short", np.random.default_rng(n)) for n in range(300)]
    relations = {(one.cast, one.facts["relation"]) for one in told if "relation" in one.facts}
    assert relations == {((0, 1), "behind"), ((1, 0), "in front of")}
    assert all(one.facts["kind_1"] == pair.actors[one.cast[0]].who.kind for one in told)


def test_silence_is_told_only_of_the_silent():
    loud = replace(
        SCENES[0], sound=replace(SCENES[0].sound, music=next(s.sound.music for s in SCENES if s.sound.music))
    )
    assert all("silence" not in caption(loud, "dense", np.random.default_rng(n)).facts for n in range(100))


# The tables


def test_no_word_of_a_slot_means_two_things():
    for slot in SYNONYMS.keys() - {"action"}:
        words = Counter(word for words in SYNONYMS[slot].values() for word in set(words))
        assert max(words.values()) == 1, (slot, words.most_common(1))


def test_no_verb_of_a_kind_means_two_things():
    for kind, table in KINDS.items():
        words = Counter(verb for action in table.actions for verb in verbs(kind, action))
        assert max(words.values()) == 1, (kind, words.most_common(1))


def test_synonyms_cover_the_world_and_lead_with_a_word_of_it():
    for slot, values in SYNONYMS.items():
        own = FACT_SLOTS.get(slot) or FACT_SLOTS[f"{slot}_1"]
        assert set(values) == set(own[1:]), slot
        assert all(words for words in values.values())
    assert all(set(actions) <= set(KINDS[kind].actions) for kind, actions in IDIOMS.items())


def test_tables_survive_json():
    for table in (SYNONYMS, NEAR, IDIOMS):
        assert json.loads(json.dumps(table)).keys() == table.keys()


def test_near_words_lead_into_the_world_and_are_not_in_it():
    inside = {word for values in SYNONYMS.values() for words in values.values() for word in words}
    near = near_readings()
    assert len({word for values in NEAR.values() for words in values.values() for word in words}) > 300
    assert not {word for values in NEAR.values() for words in values.values() for word in words} & inside
    assert all(value in SYNONYMS[slot] for slot, value in near.values())
    assert near["lions"] == ("kind", "cat") and near["exploded"] == ("action", "break")


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("walk", ("walks", "walking", "walked")),
        ("go for a walk", ("goes for a walk", "going for a walk", "went for a walk")),
        ("rush", ("rushes", "rushing", "rushed")),
        ("hurry", ("hurries", "hurrying", "hurried")),
        ("stay put", ("stays put", "staying put", "stayed put")),
        ("dance", ("dances", "dancing", "danced")),
        ("be seated", ("is seated", "being seated", "was seated")),
        ("hop", ("hops", "hopping", "hopped")),
    ],
)
def test_verb_forms(phrase, forms):
    assert tuple(conjugate(phrase, form) for form in ("third", "participle", "past")) == forms


@pytest.mark.parametrize(
    ("noun", "many"),
    [("fox", "foxes"), ("little boy", "little boys"), ("bunny", "bunnies"), ("fish", "fish"), ("woman", "women")],
)
def test_plurals(noun, many):
    assert plural(noun) == many


def test_articles():
    assert [article(word) for word in ("orange cat", "unicorn", "red fox", "umbrella")] == ["an", "a", "a", "an"]


def test_days_and_weathers_have_words():
    assert DAY_ADJECTIVES.keys() == WEATHER.keys() and SUNNY
    assert all("{a}" in frame and "{v}" in frame for frame, _ in (*frames.STATEMENTS, *frames.REQUESTS))
