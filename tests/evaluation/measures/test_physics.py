"""The truth suite: drawn clips keep every law, spoiled ones break it, and known motions give known figures."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from kinora.evaluation.measures.paths import Path, fitted
from kinora.evaluation.measures.physics import (
    Fall,
    fitted_bounce,
    fitted_collision,
    fitted_fall,
    has_law,
    law_of,
    numbers_of,
)
from kinora.evaluation.seeing.oracle import sight_of_film
from kinora.evaluation.trials.staging import scene_for
from kinora.storybook.film import Film
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES

TIMES_S = np.arange(48) / 12
NUM_SCENES = 6
ASKED = {
    "fall": [{"kind": kind, "action": "fall"} for kind in ("woman", "ball", "robot", "umbrella", "boy", "kite")],
    "bounce": [{"kind": "ball", "action": "bounce"}] * NUM_SCENES,
    "collide": [
        {"kind": one, "colour": "red", "action": "collide", "second": {"kind": other, "colour": colour}}
        for one, other in (("ball", "ball"), ("car", "car"), ("car", "ball"))
        for colour in ("red", "blue")
    ],
    "occlusion": [
        {
            "kind": kind,
            "colour": "white",
            "action": "walk",
            "direction": way,
            "second": {"kind": "tree", "colour": "green"},
        }
        for kind in ("dog", "man", "horse")
        for way in ("left", "right")
    ],
}


@lru_cache
def scenes(law):
    """Return what is asked and what is truly seen, for every scene of a law."""
    asked = [{**asks, "physics": law} for asks in ASKED[law]]
    films = (Film(scene_for(asks, 7, number), height=144, width=256) for number, asks in enumerate(asked))
    return [(asks, sight_of_film(film, tuple(TIMES_S))) for asks, film in zip(asked, films, strict=True)]


def reordered(sight, frames):
    maps = {name: getattr(sight, name)[frames] for name in ("kind_THW", "colour_THW", "letter_THW")}
    return replace(sight, **maps)


def num_kept(law, spoiled):
    return sum(law_of(asks, spoiled(sight)).passed for asks, sight in scenes(law)[::2])


def thing(height_m=None, x_m=None, kind="ball", size_m=0.6):
    """Return the way of something seen exactly."""
    height_m, x_m = (np.zeros(48) if values is None else values for values in (height_m, x_m))
    shown = {"base_m": height_m, "middle_m": height_m + size_m / 2, "x_m": x_m}
    sides = {"left_m": x_m - size_m / 2, "right_m": x_m + size_m / 2}
    return Path(kind=kind, colour="red", times_s=TIMES_S, whole_N=np.ones(48, bool), **shown, **sides)


@pytest.mark.parametrize("law", ASKED)
def test_drawn_clips_keep_the_law(law):
    assert sum(law_of(asks, sight).passed for asks, sight in scenes(law)) >= 0.9 * NUM_SCENES


@pytest.mark.parametrize("law", ASKED)
def test_frozen_clips_break_it(law):
    assert num_kept(law, lambda sight: reordered(sight, np.zeros(48, int))) == 0


@pytest.mark.parametrize("law", ASKED)
def test_clips_in_any_order_break_it(law):
    assert num_kept(law, lambda sight: reordered(sight, np.random.default_rng(5).permutation(48))) == 0


@pytest.mark.parametrize("law", ["fall", "bounce", "collide"])
def test_clips_at_half_speed_break_it_or_show_half_the_speed(law):
    for asks, sight in scenes(law)[:2]:
        true, slow = law_of(asks, sight), law_of(asks, reordered(sight, np.arange(48) // 2))
        if law == "collide":
            assert slow.approach_m_s == pytest.approx(true.approach_m_s / 2, rel=0.15)
        else:
            assert not slow.passed


@pytest.mark.parametrize("law", ["fall", "bounce"])
def test_clips_run_backwards_break_it(law):
    assert num_kept(law, lambda sight: reordered(sight, np.arange(48)[::-1])) == 0


@pytest.mark.parametrize("law", ASKED)
def test_what_is_not_seen_keeps_no_law(law):
    assert num_kept(law, lambda sight: replace(sight, kind_THW=np.zeros_like(sight.kind_THW))) == 0


@pytest.mark.parametrize(("gravity_m_s2", "lawful"), [(9.81, True), (1.62, False), (24.8, False)])
def test_gravity_is_recovered_and_only_ours_passes(gravity_m_s2, lawful):
    seen = fitted_fall(thing(np.maximum(0.0, 2.5 - gravity_m_s2 / 2 * TIMES_S**2)))
    assert (seen.passed, seen.drop_m) == (lawful, 2.5)
    if gravity_m_s2 < 20:
        assert seen.gravity_m_s2 == pytest.approx(gravity_m_s2, rel=0.03)


def test_a_fall_at_constant_speed_is_no_fall_but_that_of_something_light():
    sinking_m = np.maximum(0.0, 2.3 - 1.0 * TIMES_S)
    assert not fitted_fall(thing(sinking_m)).passed
    light = fitted_fall(thing(sinking_m, kind="umbrella"))
    assert light.passed and light.speed_m_s == pytest.approx(1.0, rel=0.02)


def test_what_starts_on_the_ground_does_not_fall():
    assert fitted_fall(thing()) == Fall(passed=False)


def bounced(restitution, gravity_m_s2=9.81, drop_m=2.2):
    """Return heights of bounces in closed form."""
    height_m, start_s, up_m_s = np.zeros(48), -np.sqrt(2 * drop_m / gravity_m_s2), np.sqrt(2 * gravity_m_s2 * drop_m)
    for _ in range(12):
        since_s = TIMES_S - start_s
        height_m = np.maximum(height_m, up_m_s * since_s - gravity_m_s2 / 2 * since_s**2)
        start_s, up_m_s = start_s + 2 * up_m_s / gravity_m_s2, up_m_s * restitution
    return height_m


@pytest.mark.parametrize(("restitution", "lawful"), [(0.6, True), (0.8, True), (1.0, False)])
def test_restitution_is_recovered_and_energy_may_not_stay(restitution, lawful):
    seen = fitted_bounce(thing(bounced(restitution)))
    assert seen.passed is lawful
    assert np.median(seen.restitutions) == pytest.approx(restitution, abs=0.06)
    assert seen.touches_s[0] == pytest.approx(np.sqrt(2 * 2.2 / 9.81), abs=1 / 12)


def test_bounces_on_the_moon_are_none_of_ours():
    assert not fitted_bounce(thing(bounced(0.8, 4.0))).passed


def met(before_m_s, after_m_s, kinds=("ball", "ball"), meet_s=1.5):
    """Return two whose sides meet at an instant, with these velocities before and after."""
    ways = []
    for velocity, after, side in zip(before_m_s, after_m_s, (-0.3, 0.3), strict=True):
        ways.append(side + np.where(meet_s > TIMES_S, velocity, after) * (TIMES_S - meet_s))
    return fitted_collision(*(thing(x_m=3 + way, kind=kind) for way, kind in zip(ways, kinds, strict=True)))


@pytest.mark.parametrize(
    ("before_m_s", "after_m_s", "kinds", "lawful"),
    [
        ((0.8, -0.8), (-0.6, 0.6), ("ball", "ball"), True),
        ((1.0, 0.0), (0.15, 0.85), ("ball", "ball"), True),
        ((0.8, -0.8), (0.8, 1.9), ("car", "ball"), True),
        ((0.8, -0.8), (-1.9, -0.8), ("car", "ball"), False),  # the car is the heavier one
        ((0.8, -0.8), (0.8, -0.8), ("ball", "ball"), False),  # through each other
        ((0.8, -0.8), (0.0, 0.0), ("ball", "ball"), False),  # stuck
        ((0.8, -0.8), (-1.6, 1.6), ("ball", "ball"), False),  # faster than they came
        ((1.0, 0.0), (-0.5, 0.0), ("ball", "ball"), False),  # the struck one stays
        ((0.0, 0.0), (0.0, 0.0), ("ball", "ball"), False),
    ],
)
def test_only_collisions_that_keep_momentum_are_lawful(before_m_s, after_m_s, kinds, lawful):
    assert met(before_m_s, after_m_s, kinds).passed is lawful


def test_what_never_touches_does_not_collide():
    assert not met((0.8, -0.8), (-0.6, 0.6)).gap_m
    apart = fitted_collision(*(thing(x_m=x + s * np.abs(TIMES_S - 2)) for x, s in ((1.0, -0.8), (4.0, 0.8))))
    assert not apart.passed and apart.gap_m == pytest.approx(2.4)


@pytest.mark.parametrize("spoiled", ["recoloured", "another kind", "gone", "before it", "not behind"])
def test_what_passes_behind_something_must_stay_itself(spoiled):
    asks, sight = scenes("occlusion")[0]
    kind_THW, colour_THW = sight.kind_THW.copy(), sight.colour_THW.copy()
    later, walker, tree = np.arange(48)[:, None, None] > 26, KIND_NAMES.index(asks["kind"]), KIND_NAMES.index("tree")
    walking = kind_THW == walker
    if spoiled == "recoloured":
        colour_THW[walking & later] = COLOUR_NAMES.index("blue")
    elif spoiled == "another kind":
        kind_THW[walking & later] = KIND_NAMES.index("cat")
    elif spoiled == "gone":
        kind_THW[walking & later] = 0
    elif spoiled == "before it":
        kind_THW[20:28] = np.where(kind_THW[20:28] == tree, walker, kind_THW[20:28])
    else:
        kind_THW[:] = kind_THW[:1]
    assert law_of(asks, sight).passed
    assert not law_of(asks, replace(sight, kind_THW=kind_THW, colour_THW=colour_THW)).passed


def test_a_line_and_what_never_changes_are_fitted():
    line, rest = fitted(TIMES_S, 3 - 2 * TIMES_S, 1), fitted(TIMES_S, np.ones(48), 2)
    assert (line.velocity_m_s, line.acceleration_m_s2, line.r_squared) == pytest.approx((-2.0, 0.0, 1.0))
    assert rest.r_squared == 0


def test_what_was_fitted_is_told_as_shares_of_what_is_right():
    half = numbers_of(fitted_fall(thing(np.maximum(0.0, 2.5 - 9.81 / 4 * TIMES_S**2))))
    assert half["gravity"] == pytest.approx(0.5, abs=0.05) and half["R2"] > 0.9
    bounces = numbers_of(fitted_bounce(thing(bounced(0.8))))
    assert bounces["restitution"] == pytest.approx(0.8, abs=0.05) and bounces["gravity"] == pytest.approx(1, abs=0.1)
    assert numbers_of(fitted_fall(thing())) == {} == numbers_of(fitted_bounce(thing()))


def test_only_laws_that_maps_can_show_are_asked_for():
    assert has_law({"kind": "ball", "physics": "bounce", "action": "bounce"})
    assert not has_law({"kind": "man", "physics": "bounce", "action": "throw"})
    assert not has_law({"kind": "man"})
