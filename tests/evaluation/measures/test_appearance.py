"""Looks: what spoils a picture lowers its figure, what doesn't leaves it, and closed forms hold."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from kinora.evaluation.measures.appearance import (
    flicker,
    frechet_distance,
    gaussian_distance,
    is_frozen,
    motion_energy,
    sharpness,
    shrunk_gaussian,
)
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.storybook.film import Film, track_label
from kinora.storybook.scene import Actor, Individual, Scene

FRAMES = 2 * BLOCK_FRAMES


def film(kind, action="walk"):
    actor = Actor(who=Individual(kind=kind, colour="orange"), action=action, direction="left")
    scene = Scene(seed=1, index=2, duration_s=4.0, place="meadow", light="noon", weather="clear", actors=(actor,))
    return Film(scene, height=144, width=256)


def shown(kind, times_s, action="walk"):
    drawn = film(kind, action)
    inside_THW = np.stack([drawn.mask(t) // 4 == track_label(0) for t in times_s])
    return np.stack([drawn.frame(t) for t in times_s]), inside_THW


@pytest.fixture(scope="module")
def clip():
    return shown("fox", [number / 12 for number in range(FRAMES)])


def blurred(frames_THW3, scale_px):
    return np.rint(gaussian_filter(frames_THW3.astype(float), (0, scale_px, scale_px, 0))).astype(np.uint8)


def noisy(frames_THW3, levels, correlated_px=0.0):
    noise = np.random.default_rng(3).standard_normal(frames_THW3.shape)
    if correlated_px:
        noise = gaussian_filter(noise, (0, correlated_px, correlated_px, 0))
    return np.clip(np.rint(frames_THW3 + levels * noise / noise.std()), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", ["fox", "woman", "car"])
def test_sharpness_falls_with_every_blur_down_to_a_fraction(kind):
    frames_THW3, inside_THW = shown(kind, [1.0])
    shares = [sharpness(blurred(frames_THW3, px), inside_THW) for px in (0.01, 0.5, 1.0, 2.0, 4.0)]
    assert all(after < 0.95 * before for before, after in pairwise(shares))
    assert shares[-1] < 0.45 * shares[0]


@pytest.mark.parametrize("correlated_px", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["fox", "woman", "car"])
def test_noise_neither_raises_nor_lowers_sharpness(kind, correlated_px):
    frames_THW3, inside_THW = shown(kind, [0.5, 1.5])
    clean = sharpness(frames_THW3, inside_THW)
    assert sharpness(noisy(frames_THW3, 8.0, correlated_px), inside_THW) == pytest.approx(clean, rel=0.05)


def test_noise_does_not_make_up_for_blur(clip):
    frames_THW3, inside_THW = clip[0][:4], clip[1][:4]
    soft = blurred(frames_THW3, 2.0)
    assert sharpness(noisy(soft, 6.0), inside_THW) < 0.7 * sharpness(frames_THW3, inside_THW)


def test_sharpness_is_the_slope_of_a_known_edge():
    frames_THW3 = np.zeros((1, 32, 32, 3), np.uint8)
    frames_THW3[:, :, 16:] = 100
    # Two columns of 32 have a central difference of half the step.
    expected = np.sqrt(2 * 50**2 / 28)
    inside_THW = np.zeros((1, 32, 32), bool)
    inside_THW[:, 2:30, 2:30] = True
    assert sharpness(frames_THW3, inside_THW) == pytest.approx(expected, rel=1e-4)
    assert sharpness(frames_THW3.transpose(0, 2, 1, 3), inside_THW) == pytest.approx(expected, rel=1e-4)


def test_without_a_subject_there_is_no_sharpness(clip):
    assert np.isnan(sharpness(clip[0][:1], np.zeros_like(clip[1][:1])))


def test_a_steady_background_does_not_flicker_and_noise_does(clip):
    frames_THW3, inside_THW = clip
    still, shaken = flicker(frames_THW3, ~inside_THW), flicker(noisy(frames_THW3, 4.0), ~inside_THW)
    assert still.inside_blocks < 0.5
    assert shaken.inside_blocks > 4.0


def test_what_brightens_steadily_does_not_flicker():
    frames_THW3 = np.full((FRAMES, 8, 8, 3), 50, np.uint8) + 3 * np.arange(FRAMES, dtype=np.uint8)[:, None, None, None]
    assert flicker(frames_THW3, np.ones((FRAMES, 8, 8), bool)).inside_blocks == pytest.approx(0.0, abs=1e-4)


def test_a_jump_where_blocks_meet_is_seen_there_alone(clip):
    frames_THW3, inside_THW = clip
    jumped = np.minimum(frames_THW3, 250)
    jumped[BLOCK_FRAMES:] += 5
    before, after = flicker(np.minimum(frames_THW3, 250), ~inside_THW), flicker(jumped, ~inside_THW)
    assert after.at_borders == pytest.approx(before.at_borders + 5.0, abs=0.3)
    assert after.inside_blocks == pytest.approx(before.inside_blocks, abs=1e-4)


def test_flicker_needs_two_blocks(clip):
    with pytest.raises(ValueError, match="needs 16 frames"):
        flicker(clip[0][:15], ~clip[1][:15])


@pytest.mark.parametrize(("kind", "action"), [("fox", "walk"), ("ball", "bounce"), ("girl", "dance"), ("bird", "fly")])
def test_a_frozen_clip_is_told_from_one_that_moves_through_noise(kind, action):
    frames_THW3, _ = shown(kind, [number / 12 for number in range(FRAMES)], action)
    frozen = np.repeat(frames_THW3[:1], FRAMES, axis=0)
    assert not is_frozen(frames_THW3)
    assert is_frozen(frozen) and is_frozen(noisy(frozen, 6.0))


def test_more_speed_is_more_motion(clip):
    frames_THW3, _ = clip
    assert 0 == motion_energy(frames_THW3[[0, 0]]) < motion_energy(frames_THW3) < motion_energy(frames_THW3[::2])


def test_frechet_distance_has_its_closed_form():
    # Diagonal covariances commute: |m|^2 + sum (sqrt a - sqrt b)^2.
    a_D, b_D, mean_D = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 1.0]), np.array([1.0, 0.0, -2.0])
    turn_DD = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    a_DD, b_DD = (turn_DD * a_D) @ turn_DD.T, (turn_DD * b_D) @ turn_DD.T
    assert gaussian_distance(mean_D, a_DD, np.zeros(3), b_DD) == pytest.approx(5.0 + 1.0 + 0.0 + 4.0)


def test_frechet_distance_of_many_samples_is_that_of_their_gaussians():
    rng = np.random.default_rng(1)
    a_ND = rng.standard_normal((20_000, 4)) * [1.0, 2.0, 3.0, 1.0] + [1.0, 0.0, 0.0, 0.0]
    b_ND = rng.standard_normal((20_000, 4)) * [2.0, 2.0, 1.0, 1.0]
    assert frechet_distance(a_ND, b_ND) == pytest.approx(1.0 + 1.0 + 0.0 + 4.0 + 0.0, rel=0.03)
    assert frechet_distance(a_ND, b_ND) == pytest.approx(frechet_distance(b_ND, a_ND), rel=1e-6)


def test_frechet_distance_is_finite_with_fewer_rows_than_columns_and_zero_to_itself():
    few_ND = np.random.default_rng(2).standard_normal((10, 40))
    assert frechet_distance(few_ND, few_ND) == pytest.approx(0.0, abs=1e-8)
    assert 0 < frechet_distance(few_ND, few_ND[:5] + 1) < 1000


def test_shrinking_beats_the_sample_covariance_and_fades_as_rows_come_in():
    rng, true_D = np.random.default_rng(4), np.linspace(0.5, 2.0, 30)
    few_ND = rng.standard_normal((40, 30)) * np.sqrt(true_D)
    shrunk_DD, sample_DD = shrunk_gaussian(few_ND)[1], np.cov(few_ND.T, bias=True)
    assert np.linalg.norm(shrunk_DD - np.diag(true_D)) < 0.7 * np.linalg.norm(sample_DD - np.diag(true_D))
    many_ND = rng.standard_normal((50_000, 30)) * np.sqrt(true_D)
    assert shrunk_gaussian(many_ND)[1] == pytest.approx(np.cov(many_ND.T, bias=True), abs=0.02)


def test_one_row_is_no_gaussian():
    with pytest.raises(ValueError, match="give more clips"):
        frechet_distance(np.zeros((1, 3)), np.zeros((5, 3)))
