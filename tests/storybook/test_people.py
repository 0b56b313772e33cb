"""Laws of the people and of the parts every figure shares."""

import itertools
import math

import numpy as np
import pytest
import skia
from hypothesis import given
from hypothesis import strategies as st

from kinora.storybook.cast import people
from kinora.storybook.cast.parts import coat, foot_path, joint, oval, own_colour
from kinora.storybook.pen import Pen
from kinora.storybook.scene import Individual, Pose
from kinora.storybook.vocabulary import COLOURS, KINDS, PATTERNS

PX = 60
SIDE_M = 4.0
BODY, HEAD, LIMB, EXTRA = range(4)
DRAW = {
    "girl": people.draw_girl,
    "boy": people.draw_boy,
    "woman": people.draw_woman,
    "man": people.draw_man,
    "robot": people.draw_robot,
}
POSES = {
    "stand": Pose(),
    "walk": Pose(gait=0.3, stride_m=0.9),
    "run": Pose(gait=0.05, stride_m=1.6, lean=0.25),
    "crouch": Pose(crouch=1.0),
    "sit": Pose(sit=1.0),
    "sleep": Pose(sleep=1.0),
    "jump": Pose(airborne=1.0),
    "throw": Pose(reach=1.0),
    "dance": Pose(sway=0.25),
    "eat": Pose(mouth=1.0, blink=0.5),
}
shares = st.floats(-1.0, 1.0)


def painted(kind, pose=Pose(), *, x_m=0.0, mask=None, **identity):  # noqa: B008
    """Return the picture as (height, width, RGBA): origin in the middle of the lower half, one metre above the edge."""
    side = round(SIDE_M * PX)
    surface = skia.Surface(side, side)
    canvas = surface.getCanvas()
    canvas.translate(side / 2 + x_m * PX, side - PX)
    canvas.scale(PX, -PX)
    who = Individual(kind=kind, **{"colour": "red", **identity})
    DRAW[kind](Pen(canvas, mask=mask), who, pose)
    return surface.toarray(colorType=skia.kRGBA_8888_ColorType).astype(int)


def parts(kind, pose=Pose(), **identity):  # noqa: B008
    """Return the mask's parts, -1 where nothing is drawn."""
    image = painted(kind, pose, mask=5, **identity)
    return np.where(image[..., 3] > 0, image[..., 0] - 5 * 4, -1)


def heights_m(covered):
    """Return the lowest and highest covered height above the ground."""
    rows = np.flatnonzero(covered.any(axis=1))
    return SIDE_M - 1 - (rows[-1] + 1) / PX, SIDE_M - 1 - rows[0] / PX


@given(stride_m=st.floats(0.1, 2.0), first=st.floats(0.0, 0.499), second=st.floats(0.0, 0.499), turn=st.integers(-3, 3))
def test_a_planted_foot_stays_where_it_is_in_the_world(stride_m, first, second, turn):
    places = [gait * stride_m + foot_path(turn + gait, stride_m)[0] for gait in (first, second)]
    assert places[0] == pytest.approx(places[1], abs=1e-9)
    assert foot_path(turn + first, stride_m)[1] == 0.0


@given(stride_m=st.floats(0.1, 2.0), gait=st.floats(0.0, 1.0))
def test_a_step_is_continuous_and_never_below_the_ground(stride_m, gait):
    (x0, y0), (x1, y1) = foot_path(gait, stride_m), foot_path(gait + 1e-5, stride_m)
    assert abs(x1 - x0) < 1e-4 and abs(y1 - y0) < 1e-4
    assert y0 >= 0.0


@pytest.mark.parametrize("kind", DRAW)
def test_the_drawn_planted_foot_does_not_slide(kind):
    stride_m = 0.9
    soles = []
    for gait in (0.12, 0.2, 0.3, 0.38):
        image = painted(kind, Pose(gait=gait, stride_m=stride_m), x_m=gait * stride_m, mask=1, trim="black")
        ground_row = round((SIDE_M - 1) * PX) - 1
        columns = np.flatnonzero((image[..., 0] == 4 + LIMB)[ground_row])
        soles.append((columns[0], columns[-1]))
    assert np.ptp(np.array(soles), axis=0).max() <= 1


@given(x=shares, y=shares, length=st.floats(0.1, 3.0), bend=st.sampled_from((-1.0, 1.0)))
def test_a_joint_keeps_both_bones_their_length(x, y, length, bend):
    knee = joint((0.0, 0.0), (x, y), length, bend)
    bones = math.hypot(*knee), math.hypot(x - knee[0], y - knee[1])
    assert bones == pytest.approx([max(length, math.hypot(x, y)) / 2] * 2, abs=1e-5)


@pytest.mark.parametrize("kind", DRAW)
@pytest.mark.parametrize("share", [-1.0, 0.0, 1.0])
def test_height_is_near_nominal(kind, share):
    low, high = heights_m(parts(kind, tall=share, wide=share, head=share) >= 0)
    assert abs(low) < 0.03
    assert high == pytest.approx(KINDS[kind].height_m, rel=0.2)


@pytest.mark.parametrize(("kind", "pose"), list(itertools.product(DRAW, POSES)))
def test_mask_covers_what_the_colours_cover(kind, pose):
    colours = painted(kind, POSES[pose], accessory="scarf")[..., 3] > 127
    mask = parts(kind, POSES[pose], accessory="scarf") >= 0
    assert np.mean(colours != mask) < 0.02 * np.mean(mask)


@pytest.mark.parametrize(("kind", "pose"), list(itertools.product(DRAW, POSES)))
def test_every_pose_stays_in_a_sane_box(kind, pose):
    drawn = parts(kind, POSES[pose], wide=1.0, accessory="hat")
    low, high = heights_m(drawn >= 0)
    columns = np.flatnonzero((drawn >= 0).any(axis=0)) / PX - SIDE_M / 2
    assert low > -0.07 and high < 1.3 * KINDS[kind].height_m
    assert np.abs(columns).max() < 1.15
    assert set(np.unique(drawn)) <= {-1, BODY, HEAD, LIMB, EXTRA}
    assert {BODY, HEAD, LIMB} <= set(np.unique(drawn))


@pytest.mark.parametrize("kind", DRAW)
def test_drawing_is_deterministic(kind):
    assert np.array_equal(painted(kind, POSES["run"]), painted(kind, POSES["run"]))


@pytest.mark.parametrize("kind", DRAW)
def test_the_colour_is_the_largest_area(kind):
    red, blue = painted(kind, colour="red"), painted(kind, colour="blue")
    changed = np.abs(red - blue)[..., :3].sum(axis=2) > 60
    assert changed.sum() > 0.4 * (red[..., 3] > 0).sum()


@pytest.mark.parametrize("kind", DRAW)
def test_a_blink_changes_only_the_head(kind):
    changed = (painted(kind) != painted(kind, Pose(blink=1.0))).any(axis=2)
    assert changed.any()
    assert (parts(kind)[changed] == HEAD).all()


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(DRAW, 2)))
def test_silhouettes_differ(one, other):
    first, second = parts(one) >= 0, parts(other) >= 0
    assert (first & second).sum() / (first | second).sum() < 0.8


@pytest.mark.parametrize("kind", ["girl", "boy", "woman", "man"])
@pytest.mark.parametrize("accessory", ["hat", "scarf", "glasses"])
def test_what_is_worn_is_seen(kind, accessory):
    changed = (painted(kind) != painted(kind, accessory=accessory)).any(axis=2)
    assert changed.sum() > 0.01 * (parts(kind) >= 0).sum()


@pytest.mark.parametrize(("name", "tint"), list(itertools.product(COLOURS, (-1.0, -0.5, 0.5, 1.0))))
def test_every_shade_is_still_called_by_its_name(name, tint):
    shade = own_colour(Individual(kind="girl", colour=name, tint=tint))
    assert shade != COLOURS[name]
    assert min(COLOURS, key=lambda other: math.dist(COLOURS[other], shade)) == name


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_stays_on_the_coat(pattern):
    def drawn(pattern, colour="white"):
        surface = skia.Surface(100, 100)
        who = Individual(kind="dog", colour=colour, pattern=pattern)
        surface.getCanvas().scale(100, 100)
        coat(Pen(surface.getCanvas()), who, oval(0.5, 0.5, 0.4, 0.3), COLOURS[colour])
        return surface.toarray().astype(int)

    plain, marked = drawn("plain"), drawn(pattern)
    share = (np.abs(plain - marked).sum(axis=2) > 60).sum() / (plain[..., 3] > 0).sum()
    assert (marked[..., 3] > 0).sum() == (plain[..., 3] > 0).sum()
    assert share == 0 if pattern == "plain" else 0.15 < share < 0.6
