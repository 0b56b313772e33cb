"""Pictures and masks agree, and the look stays what it was. After a wanted change of the look, run this file."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinora.storybook.film import SIGN_MASK, Film, events_of, track_label
from kinora.storybook.pen import PARTS
from kinora.storybook.scene import Actor, Camera, Individual, Scene
from kinora.storybook.vocabulary import KINDS, PLACES

GOLDEN = Path(__file__).parent / "golden" / "frames.json"
GOLDEN_CELLS = (16, 9)
TOLERANCE = 3.0
HEIGHT, WIDTH = 144, 256


def actor(kind="fox", colour="orange", action="walk", **facts):
    return Actor(who=Individual(kind=kind, colour=colour), action=action, **({"direction": "right"} | facts))


def make_scene(*actors, place="meadow", light="noon", weather="clear", **facts):
    return Scene(seed=3, index=0, duration_s=4.0, place=place, light=light, weather=weather, actors=actors, **facts)


def film(scene, height=HEIGHT, width=WIDTH):
    return Film(scene, height=height, width=width)


GOLDEN_SCENES = {
    "a fox walks in the meadow": make_scene(actor()),
    "a girl in the rain by night": make_scene(
        actor("girl", "red", "stand"), place="city", light="night", weather="rain"
    ),
    "a boat at sea at sunset": make_scene(actor("boat", "white", "drift"), place="sea", light="sunset"),
    "a robot dances on stage": make_scene(actor("robot", "blue", "dance"), place="stage"),
    "a rocket in space": make_scene(actor("rocket", "red", "fly", direction="up"), place="space"),
    "a cat in a room with a sign": make_scene(actor("cat", "black", "sit"), place="room", sign="TEA"),
    "a bear in falling snow": make_scene(actor("bear", "brown", "run"), place="snow", weather="snow", light="dawn"),
    "a train in fog": make_scene(actor("train", "green", "drive"), place="mountains", weather="fog"),
}


def thumbnail(picture):
    return cv2.resize(picture, GOLDEN_CELLS, interpolation=cv2.INTER_AREA).astype(int).tolist()


@pytest.mark.parametrize("name", GOLDEN_SCENES)
def test_the_look_stays(name):
    golden = np.array(json.loads(GOLDEN.read_text())[name])
    now = np.array([thumbnail(film(GOLDEN_SCENES[name]).frame(t)) for t in (0.0, 2.0)])
    assert np.abs(golden - now).max() <= TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_the_mask_covers_just_the_pixels_that_an_actor_changes(kind):
    action = next(a for a in ("stand", "drift", "fly") if a in KINDS[kind].actions)
    scene = make_scene(actor(kind, KINDS[kind].colours[0], action, direction=""), place="space")
    shown, empty = film(scene), film(replace(scene, actors=()))
    mask = shown.mask(1.0) // 4
    changed = np.abs(shown.frame(1.0).astype(int) - empty.frame(1.0)).max(axis=2) > 24
    figure = mask == track_label(0)
    assert figure.sum() > 300
    assert changed[figure].mean() > 0.93
    around = cv2.dilate(figure.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    # Light and smoke are no part of a figure.
    if kind not in ("lamp", "rocket", "train"):
        assert changed[~around].mean() < 0.004


def test_mask_values_are_tracks_parts_and_the_sign():
    scene = make_scene(actor(x_m=-1.0, depth=0.1), actor("girl", "red", "stand", x_m=1.0, depth=0.4), sign="CAFE")
    mask = film(scene).mask(1.0)
    assert set(np.unique(mask // 4)) == {0, track_label(0), track_label(1), SIGN_MASK}
    girl = mask[mask // 4 == track_label(1)] % 4
    assert {PARTS[part] for part in np.unique(girl)} >= {"body", "head", "limb"}


def test_the_nearer_actor_hides_the_farther():
    near, far = actor("bear", "brown", "stand", depth=0.1), actor("ball", "red", "stand", depth=0.5)
    both, alone = film(make_scene(near, far)).mask(0.5), film(make_scene(far)).mask(0.5)
    seen = (both // 4 == track_label(1)).sum()
    assert seen < 0.6 * (alone // 4 == track_label(0)).sum()


@pytest.mark.parametrize("size", [(96, 96), (256, 144), (144, 336)])
def test_any_size_is_filled_and_masked(size):
    shown = film(make_scene(actor()), *size)
    assert shown.frame(1.0).shape == (*size, 3) and shown.mask(1.0).shape == size
    assert shown.mask(1.0, shrink=4).shape == (size[0] // 4, size[1] // 4)


@pytest.mark.parametrize("move", ["static", "pan", "zoom in"])
def test_frames_do_not_depend_on_the_order_they_are_asked_for(move):
    scene = make_scene(actor(), actor("girl", "red", "throw"), camera=Camera(move=move, direction="left"))
    forwards, backwards = film(scene), film(scene)
    times = [0.0, 0.7, 2.0, 3.9]
    first = [forwards.frame(t) for t in times]
    second = [backwards.frame(t) for t in reversed(times)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("place", PLACES)
def test_shadows_lie_only_where_there_is_ground(place):
    # A balloon's shadow is far below it.
    scene = make_scene(actor("balloon", "red", "drift", direction="", x_m=0.5, depth=0.0), place=place)
    shown, empty = film(scene), film(replace(scene, actors=()))
    _, ground_y = shown.view(1.0).to_pixels((0.0, 0.0), HEIGHT)
    row = round(ground_y)
    changed = (shown.frame(1.0)[row].astype(int) != empty.frame(1.0)[row]).any()
    assert changed == (place not in ("sea", "space"))


def test_events_come_by_time_and_within_the_clip():
    scene = make_scene(actor("ball", "red", "bounce"), actor("dog", "brown", "run"))
    events = events_of(scene, film(scene).tracks)
    assert len(events) > 4
    assert [event.time_s for event in events] == sorted(event.time_s for event in events)
    assert all(0 <= event.time_s < 4 for event in events)


if __name__ == "__main__":
    frames = {name: [thumbnail(film(scene).frame(t)) for t in (0.0, 2.0)] for name, scene in GOLDEN_SCENES.items()}
    GOLDEN.write_text(json.dumps(frames, separators=(",", ":")) + "\n")
