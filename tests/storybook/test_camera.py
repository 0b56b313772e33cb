"""The camera's laws: where it looks at an instant, and how large what it sees is drawn."""

import numpy as np
import pytest

from kinora.storybook.camera import FRAMES, PAN_M, SHAKE_M, view_at
from kinora.storybook.scene import Camera, Placement, Scene

WIDE = 16 / 9
TIMES = np.linspace(0.0, 4.0, 97)


def filmed(t_s, *, star=None, aspect=WIDE, **camera):
    scene = Scene(
        seed=0,
        index=0,
        duration_s=4.0,
        place="meadow",
        light="noon",
        weather="clear",
        actors=(),
        camera=Camera(**camera),
    )
    return view_at(scene, star, t_s, aspect)


def walker(t_s):
    return Placement(x_m=0.8 * t_s - 1.0)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_static_camera_never_moves(frame):
    assert len({filmed(t, frame=frame) for t in TIMES}) == 1


@pytest.mark.parametrize(("direction", "sign"), [("left", -1), ("right", 1)])
def test_a_pan_goes_its_way_at_constant_speed_through_the_middle(direction, sign):
    x = np.array([filmed(t, move="pan", direction=direction, amount=1.0).centre_x_m for t in TIMES])
    np.testing.assert_allclose(np.diff(x), sign * 2 * PAN_M / 96)
    assert x[48] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("direction", "sign"), [("down", -1), ("up", 1)])
def test_a_tilt_goes_its_way_at_constant_speed(direction, sign):
    y = np.array([filmed(t, move="tilt", direction=direction).centre_y_m for t in TIMES])
    assert (sign * np.diff(y) > 0).all()
    np.testing.assert_allclose(np.diff(y), np.diff(y)[0])


def test_zooms_are_smooth_and_each_other_backwards():
    near = [filmed(t, move="zoom in") for t in TIMES]
    heights = np.array([view.height_m for view in near])
    assert (np.diff(heights) < 0).all() and heights[-1] < 0.8 * heights[0]
    away = np.array([filmed(t, move="zoom out").height_m for t in TIMES])
    np.testing.assert_allclose(away, heights[::-1])


def test_more_amount_moves_more():
    def travel(amount):
        return filmed(4.0, move="pan", direction="right", amount=amount).centre_x_m

    assert 0 < travel(0.0) < travel(0.5) < travel(1.0)


@pytest.mark.parametrize("frame", FRAMES)
def test_tracking_keeps_the_star_in_the_middle_column(frame):
    for t in TIMES:
        view = filmed(t, star=walker, move="track", frame=frame)
        x_px, _ = view.to_pixels((walker(t).x_m, 0.0), 144)
        assert x_px == pytest.approx(128, abs=1e-6)


def test_a_shake_stays_small_comes_back_and_does_not_jump():
    x = np.array([filmed(t, move="shake", amount=1.0).centre_x_m for t in np.arange(0, 4, 1 / 12)])
    assert np.abs(x).max() <= 1.6 * SHAKE_M and abs(x.mean()) < 0.3 * SHAKE_M
    # A swing from side to side takes at least three frames.
    turns = np.flatnonzero(np.diff(np.sign(np.diff(x)))) + 1
    assert np.diff(turns).min() >= 2 and len(turns) < len(x) / 2


@pytest.mark.parametrize("frame", FRAMES)
def test_tall_pictures_see_as_much_to_the_sides_as_people_need(frame):
    widths = [filmed(0.0, frame=frame, aspect=aspect).width_m for aspect in (9 / 16, 3 / 4, 1.0, 4 / 3, WIDE)]
    assert min(widths) >= 2.3 and (np.diff(widths) > -1e-9).all()


def test_a_close_up_is_closer_and_a_wide_view_wider():
    close, medium, wide = (filmed(0.0, frame=frame).height_m for frame in ("close-up", "medium", "wide"))
    assert close < 0.7 * medium and wide > 1.4 * medium
