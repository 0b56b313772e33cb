"""Edits change exactly what they name; scripts keep their heroes."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kinora.storybook.edits import CHANGES, draw_edit
from kinora.storybook.facts import FACT_SLOTS
from kinora.storybook.sample import draw_scene
from kinora.storybook.scripts import MAX_SHOTS, draw_script, tell_script
from kinora.storybook.vocabulary import KINDS, held_out

SCENES = [draw_scene(13, index) for index in range(1500)]
EDITS = [(scene, draw_edit(scene, np.random.default_rng(scene.index))) for scene in SCENES]
# Where in a scene's plain values each change may show; "#" stands for an actor's number.
WHERE = {
    "colour": {"actors.#.who.colour"},
    "kind": {"actors.#.who.kind"},
    "accessory": {"actors.#.who.accessory"},
    "direction": {"actors.#.direction"},
    "place": {"place"},
    "light": {"light"},
    "weather": {"weather"},
    "sign": {"sign"},
    "music": {"sound.music", "sound.music.instrument", "sound.music.mood", "sound.music.tempo"},
}


def leaves(value, path=""):
    """Return the plain values of a scene by path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (tuple, list)) else None
    if items is None:
        return {path: value}
    return {path: type(value).__name__} | {
        inner: leaf
        for key, each in items
        for inner, leaf in leaves(each, f"{path}.{key}" if path else str(key)).items()
    }


def differences(before, after):
    a, b = leaves(before.to_json()), leaves(after.to_json())
    paths = {path for path in a.keys() | b.keys() if a.get(path, "absent") != b.get(path, "absent")}
    return {".".join("#" if part.isdigit() else part for part in path.split(".")) for path in paths}


def test_an_edit_changes_exactly_the_named_field():
    for scene, edit in EDITS:
        changed = differences(scene, edit.after)
        assert changed and changed <= WHERE[edit.changed], (edit.instruction, changed)


def test_every_change_happens_and_is_told_in_many_ways():
    changes = Counter(edit.changed for _, edit in EDITS)
    assert changes.keys() == CHANGES.keys() == WHERE.keys()
    assert min(changes.values()) > 0.03 * len(EDITS)
    assert len({edit.instruction for _, edit in EDITS}) > 0.5 * len(EDITS)


def test_the_facts_of_an_edit_are_true_afterwards_and_not_before():
    for scene, edit in EDITS:
        for slot, value in edit.facts.items():
            assert slot == "sign" or value in FACT_SLOTS[slot]
            if slot in ("place", "light", "weather", "sign"):
                assert getattr(edit.after, slot) == value != getattr(scene, slot)
            if slot == "colour_1":
                assert value in {actor.who.colour for actor in edit.after.actors}


def test_edits_lead_to_scenes_of_the_tables_and_to_none_held_out():
    for _, edit in EDITS:
        for actor in edit.after.actors:
            kind = KINDS[actor.who.kind]
            assert actor.action in kind.actions and actor.who.colour in kind.colours
            assert kind.dressed or not actor.who.accessory
            assert not held_out(actor.who.kind, actor.who.colour, edit.after.place)


def test_one_of_two_look_alikes_is_never_asked_for():
    scene = next(s for s in SCENES if s.relation == "left of" and s.actors[0].action != "collide")
    twin = replace(scene.actors[1], who=replace(scene.actors[0].who, tall=0.5), action=scene.actors[0].action)
    scene = replace(scene, actors=(scene.actors[0], twin))
    for n in range(200):
        assert draw_edit(scene, np.random.default_rng(n)).changed not in ("colour", "kind", "accessory", "direction")


def test_groups_change_together():
    for scene, edit in EDITS:
        if len(scene.actors) > 1 and not scene.relation:
            assert len({(a.who.kind, a.who.colour, a.who.accessory, a.direction) for a in edit.after.actors}) == 1


def test_edits_are_deterministic():
    assert [draw_edit(scene, np.random.default_rng(scene.index)) for scene, _ in EDITS[:100]] == [
        e for _, e in EDITS[:100]
    ]


# Scripts

SCRIPTS = [draw_script(3, index, 1 + index % 6) for index in range(300)]


def test_heroes_stay_themselves_across_shots():
    for shots in SCRIPTS:
        heroes = {actor.who for shot in shots for actor in shot.actors}
        assert 1 <= len(heroes) <= 2 and len({hero.kind for hero in heroes}) == len(heroes)
        assert len({shot.sound.music for shot in shots}) == 1


def test_a_place_looks_the_same_whenever_the_story_stays_there():
    for shots in SCRIPTS:
        for before, after in pairwise(shots):
            assert (before.index == after.index) == (before.place == after.place)


def test_scripts_are_deterministic_varied_and_never_held_out():
    assert [draw_script(3, index, 1 + index % 6) for index in range(20)] == SCRIPTS[:20]
    assert len(set(SCRIPTS)) == len(SCRIPTS)
    for shot in (shot for shots in SCRIPTS for shot in shots):
        assert not any(held_out(a.who.kind, a.who.colour, shot.place) for a in shot.actors)


def test_a_script_is_told_by_a_line_and_a_caption_for_each_shot():
    for number, shots in enumerate(SCRIPTS[:100]):
        text = tell_script(shots, np.random.default_rng(number))
        assert len(text.shots) == len(shots) and text.line
        kinds = {actor.who.kind for shot in shots for actor in shot.actors}
        assert {value for slot, value in text.facts.items() if slot.startswith("kind")} == kinds


@pytest.mark.parametrize("num_shots", [0, MAX_SHOTS + 1])
def test_a_script_has_a_sane_number_of_shots(num_shots):
    with pytest.raises(ValueError, match="shots"):
        draw_script(3, 0, num_shots)
