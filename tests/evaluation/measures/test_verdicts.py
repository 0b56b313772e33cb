"""Verdicts: with the true sight and hearing of drawn scenes, what is there is found and what is not is not."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from kinora.evaluation.measures.verdicts import Evidence, judged, share_right, verdicts
from kinora.evaluation.seeing.lettering import read_sign
from kinora.evaluation.seeing.oracle import asks_of_scene, hearing_of_scene, sight_of_film
from kinora.evaluation.seeing.sight import Hearing, Sight
from kinora.storybook.facts import INVERSE
from kinora.storybook.film import Film
from kinora.storybook.sample import SIGN_WORDS, draw_scene
from kinora.storybook.scene import Camera, Music, SoundPlan
from kinora.storybook.vocabulary import (
    AMBIENCES,
    CAMERA_MOVES,
    COLOURS,
    INSTRUMENTS,
    KINDS,
    LIGHTS,
    MOODS,
    PLACES,
    TEMPOS,
    WEATHERS,
)

SEED, FPS, NUM_FRAMES, LOOK_EVERY = 990_001, 12, 48, 3
# Alone and in pairs, at rest and on the way, with signs, under moving cameras, in rain and fog.
SCENES = (0, 2, 11, 14, 19, 22, 36)
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
WORDS = {
    "kind": tuple(KINDS),
    "colour": tuple(COLOURS),
    "count": (1, 2, 3, 4, 5),
    "place": PLACES,
    "light": LIGHTS,
    "weather": WEATHERS,
    "camera": CAMERA_MOVES,
}


@dataclass(frozen=True)
class Clip:
    asks: dict[str, Any]
    sight: Sight
    hearing: Hearing
    frames_THW3: np.ndarray

    @cached_property
    def evidence(self):
        return Evidence(self.sight, self.hearing, self.frames_THW3, FPS)

    def judged(self, asks=None):
        return judged(asks or self.asks, self.evidence)


def clip_of(scene, num_frames=NUM_FRAMES):
    film = Film(scene, height=144, width=256)
    times_s = [number / FPS for number in range(num_frames)]
    return Clip(
        asks=asks_of_scene(scene),
        sight=sight_of_film(film, times_s[::LOOK_EVERY]),
        hearing=hearing_of_scene(scene),
        frames_THW3=np.stack([film.frame(t) for t in times_s]),
    )


@pytest.fixture(scope="module")
def clips():
    return [clip_of(draw_scene(SEED, index, duration_s=4.0)) for index in SCENES]


def wrong(asks):
    """Yield (ask, all asks with this one exchanged for what the scene does not have)."""
    rng = np.random.default_rng(0)
    for ask, words in WORDS.items():
        if ask in asks:
            others = [word for word in words if word != asks[ask]]
            yield ask, {**asks, ask: others[rng.integers(len(others))]}
    for ask, opposite in (("direction", OPPOSITE), ("relation", INVERSE)):
        if ask in asks:
            yield ask, {**asks, ask: opposite[asks[ask]]}
    if "sign" in asks:
        yield "sign", {**asks, "sign": asks["sign"][1:] + "Q"}
    if "ambience" in asks:
        yield "ambience", {**asks, "ambience": [next(name for name in AMBIENCES if name not in asks["ambience"])]}


def test_what_is_there_is_found(clips):
    marks = [mark for clip in clips for mark in clip.judged().values()]
    assert len(marks) > 50
    assert np.mean(marks) > 0.97


def test_what_is_not_there_is_not_found(clips):
    marks = defaultdict(list)
    for clip in clips:
        for ask, asks in wrong(clip.asks):
            marks[ask].append(clip.judged(asks)[ask])
    assert {"kind", "colour", "count", "camera"} <= marks.keys()
    assert np.mean([mark for each in marks.values() for mark in each]) < 0.03


def test_where_nothing_is_readable_everything_is_absent(clips):
    asks = {**clips[0].asks, "direction": "left", "relation": "left of", "second": {"kind": "cat"}, "sign": "A"}
    asks |= {"sounds": ["bark"], "music": {"instrument": "piano", "mood": "sad", "tempo": "slow"}, "camera": "pan"}
    maps = np.zeros_like(clips[0].sight.kind_THW)
    blind = replace(clips[0].sight, kind_THW=maps, colour_THW=maps, letter_THW=maps, place="", light="", weather="")
    deaf = Hearing(onsets={}, ambience=(), instrument="", mood="", tempo="")
    marks = verdicts(asks, blind, deaf, np.zeros_like(clips[0].frames_THW3), FPS)
    assert len(marks) >= 15
    assert not any(marks.values())
    assert verdicts({"camera": "static"}, blind, deaf, np.zeros_like(clips[0].frames_THW3), FPS) == {"camera": 0.0}


def one_who(action, direction, **changes):
    """Return the first drawn scene of one alone who does this, under a resting camera."""
    scenes = (draw_scene(SEED, index, duration_s=2.0) for index in range(400))
    fits = (
        s for s in scenes if len(s.actors) == 1 and (s.actors[0].action, s.actors[0].direction) == (action, direction)
    )
    return replace(next(fits), camera=Camera(), weather="clear", **changes)


@pytest.mark.parametrize(("action", "way"), [("walk", "left"), ("walk", "right"), ("fly", "up")])
def test_played_backwards_or_in_a_mirror_directions_turn_round(action, way):
    clip = clip_of(one_who(action, way), num_frames=24)
    asks = {"kind": clip.asks["kind"], "action": action}
    back = {name: getattr(clip.sight, name)[::-1] for name in ("kind_THW", "colour_THW", "letter_THW")}
    backwards = replace(clip, sight=replace(clip.sight, **back), frames_THW3=clip.frames_THW3[::-1])
    flip = {name: getattr(clip.sight, name)[..., ::-1] for name in ("kind_THW", "colour_THW", "letter_THW")}
    mirrored = replace(clip, sight=replace(clip.sight, **flip), frames_THW3=clip.frames_THW3[:, :, ::-1])
    other = OPPOSITE[way]
    for played, there in ((clip, way), (backwards, other), (mirrored, way if action == "fly" else other)):
        seen = {asked: played.judged({**asks, "direction": asked})["direction"] for asked in OPPOSITE}
        assert seen[there] == 1
        assert seen[OPPOSITE[there]] == 0


def test_in_a_mirror_left_is_right(clips):
    pair = next(clip for clip in clips if clip.asks.get("relation") in ("left of", "right of"))
    flip = {name: getattr(pair.sight, name)[..., ::-1] for name in ("kind_THW", "colour_THW", "letter_THW")}
    mirrored = replace(pair, sight=replace(pair.sight, **flip), frames_THW3=pair.frames_THW3[:, :, ::-1])
    turned = {**pair.asks, "relation": INVERSE[pair.asks["relation"]]}
    assert pair.judged()["relation"] == mirrored.judged(turned)["relation"] == 1
    assert pair.judged(turned)["relation"] == mirrored.judged()["relation"] == 0


def test_empty_looks_change_no_count(clips):
    group = next(clip for clip in clips if clip.asks.get("count", 0) > 1)
    empty = {
        name: np.concatenate([getattr(group.sight, name), np.zeros((4, 36, 64), np.uint8)])
        for name in ("kind_THW", "colour_THW", "letter_THW")
    }
    longer = replace(group.sight, times_s=(*group.sight.times_s, 4.0, 4.25, 4.5, 4.75), **empty)
    assert group.judged()["count"] == replace(group, sight=longer).judged()["count"] == 1


def test_every_trait_of_sound_is_its_own_verdict():
    scene = draw_scene(SEED, 0, duration_s=1.0)
    music = Music(instrument="drums", mood="sad", tempo="fast")
    clip = clip_of(replace(scene, sound=SoundPlan(ambience=("city", "wind"), extra=("bell",), music=music)), 12)
    for trait, words in (("instrument", INSTRUMENTS), ("mood", MOODS), ("tempo", TEMPOS)):
        right = [word for word in words if clip.judged({"music": {trait: word}})[trait]]
        assert right == [getattr(music, trait)]
    assert clip.judged({"ambience": ["wind"], "sounds": ["bell", "horn"]}) == {
        "ambience": 1,
        "sound: bell": 1,
        "sound: horn": 0,
    }


@pytest.mark.parametrize("word", [*SIGN_WORDS[::4], "A", "OOO", "88888888", "MWMWMWM", "I1I1"])
@pytest.mark.parametrize("frame", ["medium", "wide"])
def test_signs_are_read_letter_by_letter(word, frame):
    scene = one_who("stand", "left", sign=word)
    actor = replace(scene.actors[0], x_m=-1.5)
    film = Film(replace(scene, actors=(actor,), camera=Camera(frame=frame)), height=144, width=256)
    assert read_sign(sight_of_film(film, [0.0, 0.5]).letter_THW) == word


def test_the_share_of_letters_counts_what_is_right_and_in_order():
    assert share_right("OPEN", "OPEN") == 1
    assert share_right("OPEN", "") == share_right("", "X") == 0
    assert share_right("OPEN", "OPEM") == share_right("OPEN", "OEN") == 0.75
    assert share_right("AB", "ABAB") == 0.5
