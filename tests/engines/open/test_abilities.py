"""Every ability that the catalogue claims of an open engine, on tiny weights of the same class."""

import numpy as np
import pytest
from tiny_shots import LIKE, TOLD, given_of, shot_of, shown, source_of

from kinora.engines.catalog import CATALOG

NUM_FRAMES = 11
KNOWN = {
    "text": (),
    "first frame": (0,),
    "last frame": (NUM_FRAMES - 1,),
    "both ends": (0, NUM_FRAMES - 1),
    "keyframes": (3, 8),
    "prefix": range(5),
    "suffix": range(6, NUM_FRAMES),
    "range": (*range(3), *range(8, NUM_FRAMES)),
}
CLAIMS = [(kind, ability) for kind, like in LIKE.items() for ability in sorted(CATALOG[like].can)]
PICTURES = [(kind, ability) for kind, ability in CLAIMS if ability in KNOWN]


def test_all_that_is_claimed_is_tried():
    assert {ability for _, ability in CLAIMS} <= {*KNOWN, "references", "sound"}


@pytest.mark.parametrize(("kind", "ability"), PICTURES)
def test_what_is_given_shapes_what_is_made(engine_of, kind, ability):
    engine = engine_of(kind)
    shot, known = shot_of(engine, NUM_FRAMES), set(KNOWN[ability])
    first, second = (
        shown(engine, engine.fill(shot, TOLD, given_of(source_of(shot, seed), known)), shot) for seed in (0, 1)
    )
    assert first.shape == (NUM_FRAMES, shot.height, shot.width, 3)
    assert first.dtype == np.uint8
    assert first.std() > 0
    assert (first == second).all() == (not known)


@pytest.mark.parametrize("kind", [kind for kind, ability in CLAIMS if ability == "references"])
def test_pictures_of_who_appears_shape_what_is_made(engine_of, kind):
    engine = engine_of(kind)
    shot = shot_of(engine, NUM_FRAMES)
    fox, bear = source_of(shot)[:2]
    takes = [
        shown(engine, engine.fill(shot, TOLD, given_of(source_of(shot), (), references=references)), shot)
        for references in ((), (fox,), (bear,), (fox, bear))
    ]
    assert {len(take) for take in takes} == {NUM_FRAMES}
    assert len({take.tobytes() for take in takes}) == len(takes)


@pytest.mark.parametrize("kind", [kind for kind, ability in CLAIMS if ability == "sound"])
def test_sound_is_as_long_as_the_picture(engine_of, kind):
    engine = engine_of(kind)
    shot = shot_of(engine, NUM_FRAMES, sound=True)
    wave, rate_hz = engine.wave(engine.fill(shot, TOLD, given_of(source_of(shot), ())))
    assert wave.shape == (2, round(NUM_FRAMES / shot.fps * rate_hz))
    assert wave.dtype == np.float32
    assert wave.std() > 0
    assert engine.wave(engine.fill(shot_of(engine, NUM_FRAMES), TOLD, given_of(source_of(shot), ()))) is None
