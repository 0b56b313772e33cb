"""Bodies: rendered ones are sound, spoiled ones are not."""

from functools import lru_cache

import numpy as np
import pytest

from kinora.evaluation.measures.bodies import (
    area_wobble,
    follow_edges,
    num_legs,
    pieces,
    steps,
    subject_mask,
)
from kinora.evaluation.seeing.oracle import sight_of_film
from kinora.storybook.film import Film, track_label
from kinora.storybook.scene import Actor, Individual, Scene

TIMES_S = [number / 12 for number in range(24)]
WALKERS = ("girl", "dog", "cat", "fox", "horse")


def film(kind, action="walk", direction="left"):
    actor = Actor(who=Individual(kind=kind, colour="orange"), action=action, direction=direction)
    scene = Scene(seed=1, index=2, duration_s=2.0, place="desert", light="noon", weather="clear", actors=(actor,))
    return Film(scene, height=144, width=256)


@lru_cache
def true_mask(kind, action="walk"):
    drawn = film(kind, action)
    return np.stack([drawn.mask(t) // 4 == track_label(0) for t in TIMES_S])


@lru_cache
def clip(kind):
    drawn = film(kind)
    return np.stack([drawn.frame(t) for t in TIMES_S]), sight_of_film(drawn, TIMES_S[::3])


def pushed(mask_HW, step_px):
    """Return a statue that is pushed along."""
    return np.stack([np.roll(mask_HW, step_px * number, axis=1) for number in range(-8, 9)])


@pytest.mark.parametrize("kind", WALKERS)
def test_rendered_walkers_are_one_piece_of_steady_size(kind):
    assert pieces(true_mask(kind)) <= 1.05
    assert area_wobble(true_mask(kind)) < 0.08


def test_a_body_cut_in_two_is_two_pieces_and_crumbs_are_none():
    mask_THW = true_mask("fox").copy()
    mask_THW[:, 2:4, 2:4] = True
    assert pieces(mask_THW) == pytest.approx(pieces(true_mask("fox")))
    middle = int(np.nonzero(mask_THW[0])[0].mean())
    mask_THW[0, middle - 1 : middle + 1] = False
    assert pieces(mask_THW[:1]) >= 2


def test_a_size_that_pulses_wobbles_and_one_that_grows_steadily_does_not():
    y, x = np.mgrid[:60, :60] - 30
    radii_px = {"pulse": 12 + 3 * (np.arange(24) % 2), "growth": np.exp(np.linspace(np.log(8), np.log(20), 24))}
    wobbles = {name: area_wobble(np.hypot(x, y) < radius[:, None, None]) for name, radius in radii_px.items()}
    assert wobbles["growth"] < 0.03 < 0.2 < wobbles["pulse"]


@pytest.mark.parametrize("kind", WALKERS)
def test_rendered_feet_are_planted_and_those_of_a_statue_slide(kind):
    walked = steps(true_mask(kind))
    assert walked.body_px > 1.5
    assert walked.slide < 0.15
    assert steps(pushed(true_mask(kind)[12], 3)).slide == pytest.approx(1.0, abs=0.2)


def test_who_stands_goes_nowhere():
    assert np.isnan(steps(true_mask("fox", "stand")).slide)


def test_legs_are_counted():
    mask_HW = np.zeros((50, 60), bool)
    mask_HW[10:30, 5:55] = True
    for left in (6, 16, 36, 46):
        mask_HW[30:50, left : left + 6] = True
    assert num_legs(mask_HW) == 4
    mask_HW[30:50, 6:52] = True
    assert num_legs(mask_HW) == 1
    assert num_legs(np.zeros((5, 5), bool)) == 0


@pytest.mark.parametrize("kind", ["dog", "cat", "fox"])
def test_rendered_animals_show_two_to_four_legs_and_legless_ones_do_not(kind):
    legless = true_mask(kind).copy()
    for mask_HW in legless:
        rows = np.flatnonzero(mask_HW.any(axis=1))
        mask_HW[rows[-1] - len(rows) // 3 :] = False
        mask_HW[rows[-1] - len(rows) // 3, 100:110] = True
    assert np.mean([2 <= num_legs(mask_HW) <= 4 for mask_HW in true_mask(kind)]) >= 0.9
    assert max(num_legs(mask_HW) for mask_HW in legless) <= 1


@pytest.mark.parametrize("kind", ["fox", "girl", "horse"])
def test_coarse_maps_follow_the_edges_of_pictures(kind):
    frames_THW3, sight = clip(kind)
    true_HW, coarse_HW = true_mask(kind)[3], (sight.kind_THW[1] > 0).repeat(4, 0).repeat(4, 1)
    fine_HW = follow_edges(coarse_HW, frames_THW3[3])
    coarse, fine = ((true_HW & mask).sum() / (true_HW | mask).sum() for mask in (coarse_HW, fine_HW))
    assert fine > coarse + 0.05
    assert fine > 0.85


@pytest.mark.parametrize("kind", ["fox", "horse"])
def test_bodies_are_as_sound_in_masks_from_maps_of_every_third_frame(kind):
    frames_THW3, sight = clip(kind)
    mask_THW = subject_mask(sight, frames_THW3, kind)
    assert pieces(mask_THW) <= 1.1
    assert area_wobble(mask_THW) < 0.08
    assert steps(mask_THW).slide < 0.2
    assert 2 <= np.median([num_legs(mask_HW) for mask_HW in mask_THW]) <= 4


def test_frames_must_fit_the_maps():
    frames_THW3, sight = clip("fox")
    with pytest.raises(ValueError, match="4 times as large"):
        subject_mask(sight, frames_THW3[:, ::2], "fox")


@pytest.mark.parametrize("seen", [(), (3,), (2, 9)])
def test_who_is_not_seen_in_two_frames_running_takes_no_steps(seen):
    mask_THW = np.zeros((12, 36, 64), bool)
    mask_THW[list(seen), 20:30, 10:20] = True
    assert np.isnan(steps(mask_THW).slide)
