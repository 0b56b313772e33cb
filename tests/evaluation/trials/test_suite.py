"""The suite as shipped: every prompt can be read, matched pairs differ in a colour alone, strangers are others."""

import json
import re
from dataclasses import replace

import pytest

from kinora.evaluation.trials.staging import scene_for
from kinora.evaluation.trials.suite import (
    AGAIN,
    LONG_SUITE,
    MATE,
    counts,
    is_held_out,
    is_other,
    load_long,
    load_suite,
    recoloured,
    strangers,
)
from kinora.storybook import vocabulary
from kinora.storybook.facts import INVERSE
from kinora.storybook.vocabulary import ACTIONS, COLOURS, EFFECTS, KINDS, SIGN_LETTERS, held_out

WORDS = {
    "kind": tuple(KINDS),
    "colour": tuple(COLOURS),
    "count": (1, 2, 3, 4, 5),
    "place": vocabulary.PLACES,
    "light": vocabulary.LIGHTS,
    "weather": vocabulary.WEATHERS,
    "camera": vocabulary.CAMERA_MOVES,
    "framing": vocabulary.CAMERA_FRAMES,
    "action": ACTIONS,
    "direction": ("left", "right", "up", "down"),
    "relation": tuple(INVERSE),
    "physics": ("fall", "bounce", "collide", "occlusion"),
}
LISTS = {"sounds": EFFECTS, "ambience": vocabulary.AMBIENCES}
MUSIC = {"instrument": vocabulary.INSTRUMENTS, "mood": vocabulary.MOODS, "tempo": vocabulary.TEMPOS}
SUITE, LONG = load_suite(), load_long()


def told(asks):
    """Every (value, values it may have) of what a prompt asks for."""
    for thing, value in asks.items():
        if thing in WORDS:
            yield value, WORDS[thing]
        elif thing in LISTS:
            yield from ((one, LISTS[thing]) for one in value)
        elif thing == "music":
            yield from ((one, MUSIC[trait]) for trait, one in value.items())
        elif thing == "second":
            yield from told(value)
        else:
            assert thing == "sign" and 1 <= len(value) <= 8 and set(value) <= set(SIGN_LETTERS)


@pytest.mark.parametrize("prompts", [SUITE, LONG], ids=["suite", "long"])
def test_every_value_asked_for_is_in_the_vocabulary(prompts):
    assert [(one.id, value) for one in prompts for value, values in told(one.asks) if value not in values] == []


def test_there_are_enough_and_each_has_an_id_of_its_own():
    assert counts(SUITE)["written"] >= 200 and len(SUITE) >= 400 and counts(SUITE)["pairs"] >= 100
    assert len({one.id for one in SUITE}) == len(SUITE)
    assert len(LONG) >= 10


def test_half_a_pair_is_seen_and_half_held_out():
    by_id = {one.id: one for one in SUITE}
    pairs = [(one, by_id[one.mate]) for one in SUITE if one.mate is not None and one.id < MATE]
    for one, mate in pairs:
        assert (one.id + MATE, one.seed, one.written) == (mate.id, mate.seed, mate.written)
        assert one.held_out is not mate.held_out
        kind, place = one.asks["kind"], one.asks["place"]
        assert {held_out(kind, half.asks["colour"], place) for half in (one, mate)} == {True, False}
        assert mate.asks["colour"] in KINDS[kind].colours


def test_mates_differ_in_the_colour_alone():
    by_id = {one.id: one for one in SUITE}
    for one in SUITE:
        if one.mate is not None and one.id < MATE:
            mate = by_id[one.mate]
            assert {thing for thing in one.asks if one.asks[thing] != mate.asks[thing]} == {"colour"}
            here, there = re.findall(r"[\w-]+|[^\w]", one.text), re.findall(r"[\w-]+|[^\w]", mate.text)
            changed = {b.lower() for a, b in zip(here, there, strict=False) if a != b}
            if len(here) == len(there):
                assert changed <= {mate.asks["colour"], "a", "an"}
            assert mate.asks["colour"] in mate.text.lower()


def test_what_has_no_mate_is_asked_from_a_second_seed():
    by_id = {one.id: one for one in SUITE}
    for one in (one for one in SUITE if one.mate is None and one.id < MATE):
        again = by_id[one.id + AGAIN]
        assert (again.text, again.asks, again.held_out) == (one.text, one.asks, one.held_out)
        assert again.seed != one.seed


@pytest.mark.parametrize(
    ("text", "asks", "mate"),
    [
        ("A black fox runs.", {"kind": "fox", "colour": "black"}, r"An? \w+ fox runs\."),
        ("a red fox and a red car", {"kind": "fox", "colour": "red"}, None),
        ("a green tree", {"kind": "tree", "colour": "green"}, None),
        ("a fox", {"kind": "fox"}, None),
    ],
)
def test_another_colour_takes_the_place_of_one_word(text, asks, mate):
    other = recoloured(1, text, asks)
    assert (other is None) == (mate is None)
    if mate:
        assert re.fullmatch(mate, other[0]) and is_held_out(other[1]) is not is_held_out(asks)


def test_a_stranger_asks_for_something_else():
    others = strangers(SUITE)
    assert set(others) == {one.id for one in SUITE}
    assert others == strangers(SUITE)
    for one in SUITE:
        asked = {thing: value for thing, value in one.asks.items() if thing in others[one.id]}
        assert set(asked) == set(others[one.id])
        assert len(asked) >= 3 and all(is_other(value, others[one.id][thing]) for thing, value in asked.items())
        assert all(not set(one.asks.get(name, ())) & set(others[one.id].get(name, ())) for name in LISTS)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("walk", "run", False),
        ("walk", "sit", True),
        ("red", "red", False),
        (1, 2, True),
        (["bark", "bell"], ["bell"], False),
        (["bark"], ["bell"], True),
        ({"mood": "sad", "tempo": "slow"}, {"mood": "calm", "tempo": "slow"}, False),
        ({"mood": "sad"}, {"mood": "calm"}, True),
    ],
)
def test_what_is_marked_alike_is_not_told_apart(one, other, apart):
    assert is_other(one, other) is is_other(other, one) is apart


def test_what_all_ask_alike_has_no_stranger():
    alike = [replace(one, asks={**one.asks, "light": "noon"}) for one in SUITE[:20]]
    assert all("light" not in asks and "kind" in asks for asks in strangers(alike).values())


def test_the_first_part_of_the_suite_is_a_fair_sample():
    assert len({one.asks["kind"] for one in SUITE[:80]}) > 15
    assert [one.id for one in SUITE] == [one.id for one in load_suite()]


def test_a_line_that_is_no_prompt_is_named(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(LONG_SUITE.read_text().splitlines()[0] + "\n" + json.dumps({"id": 2}) + "\n")
    with pytest.raises(ValueError, match=r"bad.jsonl, line 2"):
        load_suite(path)
    path.write_text(2 * (LONG_SUITE.read_text().splitlines()[0] + "\n"))
    with pytest.raises(ValueError, match="id of its own"):
        load_suite(path)


def test_the_drawn_world_has_a_scene_for_nearly_every_prompt():
    """What is asked is what is drawn; the few that can't be drawn are said, not faked."""
    missing = 0
    for one in SUITE:
        try:
            scene = scene_for(one.asks, 5, one.id)
        except ValueError as error:
            missing += 1
            assert "the drawn world" in str(error)
            continue
        first, asks = scene.actors[0], one.asks
        assert (first.who.kind, first.who.colour, scene.place) == (asks["kind"], asks["colour"], asks["place"])
        assert scene.light == asks.get("light", scene.light) and scene.weather == asks.get("weather", scene.weather)
        assert scene.sign == asks.get("sign", "") and scene.relation == asks.get("relation", "")
        assert scene.camera.move == asks.get("camera", scene.camera.move)
        assert first.direction == asks.get("direction", first.direction)
        others = asks["count"] + ("second" in asks and asks.get("action") != "throw")
        assert len(scene.actors) == others
    assert missing <= 0.03 * len(SUITE)
