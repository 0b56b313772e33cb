"""Random scenes: drawn from the tables, geometrically true, mirrored exactly."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from kinora.storybook.casting import actions_at
from kinora.storybook.motion import choreograph
from kinora.storybook.sample import CLIMATE, SIGN_LEFT_M, VIEW_WIDTH_M, WEATHER, can_mirror, draw_scene, mirror
from kinora.storybook.scene import Scene
from kinora.storybook.vocabulary import (
    ACCESSORIES,
    AMBIENCES,
    EFFECTS,
    INDOORS,
    KINDS,
    LIGHTS,
    PATTERNS,
    PLACES,
    RELATIONS,
    SIGN_LETTERS,
    held_out,
)

SCENES = [draw_scene(7, index) for index in range(3000)]
PAIRS = [scene for scene in SCENES if scene.relation]
CROWDS = [scene for scene in SCENES if len(scene.actors) > 1 and not scene.relation]
INSTANTS_S = (0.0, 0.7, 1.9, 2.0, 3.1, 3.9)


def unseen(scene: Scene) -> bool:
    return any(held_out(actor.who.kind, actor.who.colour, scene.place) for actor in scene.actors)


def test_the_same_arguments_give_the_same_scene():
    assert [draw_scene(7, index) for index in range(50)] == SCENES[:50]
    assert len({draw_scene(seed, 0) for seed in range(50)}) == 50
    assert len(set(SCENES)) == len(SCENES)


def test_duration_is_the_only_thing_that_changes_with_duration():
    for scene in SCENES[:200]:
        longer = draw_scene(7, scene.index, duration_s=8.0)
        actors = tuple(replace(a, start_s=b.start_s) for a, b in zip(longer.actors, scene.actors, strict=True))
        assert replace(longer, duration_s=4.0, actors=actors) == scene


def test_every_scene_comes_from_the_tables():
    for one in SCENES:
        assert one.place in PLACES and one.light in LIGHTS and one.weather in WEATHER[CLIMATE[one.place]].options
        assert one.weather == "clear" or one.place not in (*INDOORS, "space")
        assert set(one.sound.ambience) <= set(AMBIENCES) and set(one.sound.extra) <= set(EFFECTS)
        assert len(one.sign) <= 8 and set(one.sign) <= set(SIGN_LETTERS)
        assert (one.camera.direction != "") == (one.camera.move in ("pan", "tilt"))
        for actor in one.actors:
            kind, who = KINDS[actor.who.kind], actor.who
            assert actor.action in actions_at(who.kind, one.place) and actor.action in kind.actions
            assert who.colour in kind.colours and who.trim != who.colour
            assert who.pattern in PATTERNS and (who.pattern == "plain" or kind.patterned)
            assert who.accessory == "" or (who.accessory in ACCESSORIES and kind.dressed)
            assert 0.0 <= actor.depth <= 0.7


def test_shares_are_as_documented():
    share = Counter("two" if s.relation else "one" if len(s.actors) == 1 else "many" for s in SCENES)
    assert share["one"] / len(SCENES) == pytest.approx(0.72, abs=0.03)
    assert share["two"] / len(SCENES) == pytest.approx(0.18, abs=0.03)
    assert share["many"] / len(SCENES) == pytest.approx(0.10, abs=0.03)
    assert {len(scene.actors) for scene in CROWDS} == {2, 3, 4, 5}
    assert {scene.relation for scene in PAIRS} == set(RELATIONS)
    assert {actor.who.kind for scene in SCENES for actor in scene.actors} == set(KINDS)


def test_training_never_sees_a_held_out_combination_and_the_held_out_split_always_does():
    assert not any(unseen(scene) for scene in SCENES)
    assert all(unseen(draw_scene(7, index, split="held-out")) for index in range(1000))


def test_some_things_are_done_alone_and_collisions_by_two():
    for scene in SCENES:
        for number, actor in enumerate(scene.actors):
            if actor.action in ("throw", "eat", "break"):
                assert len(scene.actors) == 1
            if actor.action == "collide":
                assert actor.partner == 1 - number and scene.actors[1 - number].partner == number
            else:
                assert actor.partner is None


@pytest.mark.parametrize("relation", RELATIONS)
def test_relations_hold_all_clip_long(relation):
    """The truth is asked of the choreography, not of the scene's numbers."""
    scenes = [scene for scene in PAIRS if scene.relation == relation]
    assert len(scenes) > 30
    for scene in scenes:
        first, second = (track.placement for track in choreograph(scene)[:2])
        for t in INSTANTS_S:
            assert _stands(relation, first(t), second(t)), (scene.index, t)


def _stands(relation, a, b) -> bool:
    return {
        "left of": a.x_m < b.x_m,
        "right of": a.x_m > b.x_m,
        "above": a.y_m > b.y_m + 0.5 and abs(a.x_m - b.x_m) < 1.2,
        "below": a.y_m < b.y_m - 0.5 and abs(a.x_m - b.x_m) < 1.2,
        "in front of": a.depth < b.depth and abs(a.x_m - b.x_m) < 2.4,
        "behind": a.depth > b.depth and abs(a.x_m - b.x_m) < 2.4,
    }[relation]


def test_one_in_front_covers_a_part_of_the_other_and_not_all():
    for scene in PAIRS:
        if scene.relation in ("in front of", "behind"):
            near, far = sorted(scene.actors, key=lambda actor: actor.depth)
            apart_m = abs(near.x_m - far.x_m)
            widths_m = KINDS[near.who.kind].width_m + KINDS[far.who.kind].width_m
            assert 0.15 * widths_m < apart_m < 0.5 * widths_m


def test_groups_are_alike_and_do_not_overlap():
    for scene in CROWDS:
        assert len({(a.who.kind, a.who.colour, a.action, a.direction, a.speed, a.depth) for a in scene.actors}) == 1
        xs = [actor.x_m for actor in scene.actors]
        assert min(np.diff(xs)) > KINDS[scene.actors[0].who.kind].width_m


def test_everybody_is_within_a_medium_view():
    for scene in SCENES:
        for actor in scene.actors:
            assert abs(actor.x_m) + KINDS[actor.who.kind].width_m / 2 < VIEW_WIDTH_M / 2


def test_signs_are_frequent_and_nobody_stands_before_them():
    signed = [scene for scene in SCENES if scene.sign]
    assert len(signed) / len(SCENES) == pytest.approx(0.12, abs=0.02)
    for scene in signed:
        assert scene.camera.frame != "close-up" and scene.camera.move != "track"
        assert all(actor.x_m + KINDS[actor.who.kind].width_m / 2 <= SIGN_LEFT_M for actor in scene.actors)


def test_close_ups_are_of_one():
    assert all(len(scene.actors) == 1 for scene in SCENES if scene.camera.frame == "close-up")


def test_mirroring_twice_changes_nothing():
    for scene in SCENES:
        if can_mirror(scene):
            there = mirror(scene)
            assert there != scene and mirror(there) == scene
            assert [a.x_m for a in there.actors] == [-a.x_m for a in scene.actors]
            swapped = {"left": "right", "right": "left"}
            for a, b in zip(scene.actors, there.actors, strict=True):
                assert b.direction == swapped.get(a.direction, a.direction)
            assert there.camera.direction == swapped.get(scene.camera.direction, scene.camera.direction)


def test_letters_cannot_be_mirrored():
    signed = next(scene for scene in SCENES if scene.sign)
    with pytest.raises(ValueError, match="sign"):
        mirror(signed)
