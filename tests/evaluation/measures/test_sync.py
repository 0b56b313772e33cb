"""Sync: sounds of a drawn scene are where they are seen, and move away from there as far as they are moved."""

from dataclasses import replace

import numpy as np
import pytest

from kinora.evaluation.measures.sync import offsets
from kinora.evaluation.seeing.oracle import asks_of_scene, hearing_of_scene, sight_of_film
from kinora.storybook.film import Film
from kinora.storybook.sample import draw_scene

EVERY_FRAME_S = [number / 12 for number in range(48)]


def later(hearing, by_s):
    return replace(hearing, onsets={kind: tuple(t + by_s for t in times) for kind, times in hearing.onsets.items()})


def drawn(action):
    """Return what is asked, seen and heard of the first few scenes of one who does this alone."""
    scenes = (draw_scene(990_001, index, duration_s=4.0) for index in range(300))
    fitting = [s for s in scenes if s.actors[0].action == action and len(s.actors) == 1 and s.sound.effects][:6]
    films = [Film(scene, height=144, width=256) for scene in fitting]
    return [(asks_of_scene(f.scene), sight_of_film(f, EVERY_FRAME_S), hearing_of_scene(f.scene)) for f in films]


@pytest.mark.parametrize(("action", "within_s"), [("bounce", 0.02), ("jump", 0.06)])
def test_what_is_seen_to_land_is_heard_at_once(action, within_s):
    found = [abs(offset) for clip in drawn(action) for offset in offsets(*clip)]
    assert len(found) >= 6
    assert np.median(found) < within_s


def test_sound_that_comes_late_is_late_by_as_much():
    for asks, seen, heard in drawn("bounce")[:3]:
        there, late = offsets(asks, seen, heard), offsets(asks, seen, later(heard, 0.08))
        assert there
        assert late == pytest.approx([offset + 0.08 for offset in there])


def test_what_makes_no_sound_when_it_lands_has_no_offset():
    asks, seen, heard = drawn("bounce")[0]
    assert offsets({**asks, "action": "stand"}, seen, heard) == []
    assert offsets({**asks, "kind": "cat"}, seen, heard) == []
    assert offsets(asks, seen, replace(heard, onsets={})) == []
