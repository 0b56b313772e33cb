"""Filling by references and finding a subject, on a disc that moves before a bare background."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from kinora.evaluation.jobs.holes import area_px, contrast, copied, cross_faded, flowed, found_at

HEIGHT, WIDTH, RADIUS, NUM = 96, 160, 14, 9


def background():
    noise = np.random.default_rng(1).integers(256, size=(HEIGHT, WIDTH, 3)).astype(np.float32)
    return gaussian_filter(noise, (3, 3, 0)).astype(np.uint8)


def disc(x):
    """A textured disc at x, and where it is."""
    y_HW, x_HW = np.mgrid[:HEIGHT, :WIDTH]
    inside = (x_HW - x) ** 2 + (y_HW - 48) ** 2 <= RADIUS**2
    waves = [200 + 40 * np.sin((x_HW - x) / 3), 60 + 40 * np.sin(y_HW / 4), np.full_like(x_HW, 40)]
    frame = background()
    frame[inside] = np.stack(waves, axis=-1).astype(np.uint8)[inside]
    return frame, inside


def off(frame, x):
    """How far from its place the disc is found, in pixels; None where it is not."""
    truth, inside = disc(x)
    stands_out = contrast(truth, background(), inside)
    seen = found_at(frame, background(), contrast=stands_out, area_px=area_px(truth, background(), stands_out))
    return None if seen is None else abs(seen[0] - x)


def test_a_perfect_fill_has_no_error():
    assert off(disc(80)[0], 80) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("shift", [-20, -3, 7, 30])
def test_a_shift_is_measured_to_the_pixel(shift):
    assert off(disc(80 + shift)[0], 80) == pytest.approx(abs(shift), abs=0.2)


def test_what_is_not_there_is_not_found():
    assert off(background(), 80) is None


@pytest.mark.parametrize("way", [16, 22])
def test_cross_fading_a_moving_disc_is_worse_than_its_flow(way):
    ends, (truth, _) = (disc(80 - way / 2)[0], disc(80 + way / 2)[0]), disc(80)
    middles = {fill: fill(*ends, NUM)[NUM // 2] for fill in (flowed, cross_faded, copied)}
    errors = {fill: np.square(frame.astype(float) - truth).mean() for fill, frame in middles.items()}
    assert errors[flowed] < errors[cross_faded] / 2
    assert off(middles[flowed], 80) < 2 and off(middles[cross_faded], 80) is None
    assert off(middles[copied], 80) == pytest.approx(way / 2, abs=0.3)


def test_two_ghosts_apart_are_found_where_one_of_them_is():
    way = 40
    faded = cross_faded(disc(80 - way / 2)[0], disc(80 + way / 2)[0], NUM)[NUM // 2]
    assert off(faded, 80) == pytest.approx(way / 2, abs=1)


def test_references_lead_from_one_end_to_the_other():
    ends = disc(60)[0], disc(100)[0]
    faded, held = cross_faded(*ends, NUM), copied(*ends, NUM)
    assert len(faded) == len(held) == len(flowed(*ends, NUM)) == NUM and (held == ends[0]).all()
    apart = [np.abs(frame.astype(int) - ends[0]).mean() for frame in faded]
    assert apart == sorted(apart) and apart[0] > 0


def test_what_stands_still_stays_in_every_reference():
    frame = disc(80)[0]
    for fill in (copied, cross_faded, flowed):
        assert np.abs(fill(frame, frame, 3).astype(int) - frame).max() <= 1
