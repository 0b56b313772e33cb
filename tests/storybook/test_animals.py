"""Laws of the drawn animals: planted feet, size, masks that agree with the picture, mirror images, determinism."""

import math

import numpy as np
import pytest
import skia

from kinora.storybook.cast import animals, creatures
from kinora.storybook.cast.skeleton import FEET, foot_point, posed
from kinora.storybook.pen import Pen
from kinora.storybook.scene import Individual, Pose
from kinora.storybook.vocabulary import KINDS

PLANS = {
    "fox": animals.FOX,
    "dog": animals.DOG,
    "cat": animals.CAT,
    "bear": animals.BEAR,
    "rabbit": animals.RABBIT,
    "horse": animals.HORSE,
    "dragon": creatures.DRAGON,
}
DRAWN = {
    **{kind: getattr(animals, f"draw_{kind}") for kind in ("fox", "dog", "cat", "bear", "rabbit", "horse")},
    **{kind: getattr(creatures, f"draw_{kind}") for kind in ("bird", "fish", "dragon")},
}
POSES = {
    "stand": Pose(),
    "walk": Pose(gait=0.3, stride_m=0.7, sway=0.2),
    "sit": Pose(sit=1.0),
    "sleep": Pose(sleep=1.0),
    "air": Pose(airborne=1.0, flap=0.4, lean=0.2),
    "eat": Pose(reach=1.0, mouth=0.8),
}
SIDE_PX = 160
PIXELS_A_METRE = 50.0
DRESSES = ({}, {"pattern": "spotted", "accessory": "hat"}, {"pattern": "striped", "accessory": "scarf"})


def person(kind, **changes):
    return Individual(**{"kind": kind, "colour": "orange", **changes})


def raster(kind, pose, *, mask=None, mirrored=False, **changes):
    """Draw the kind around the middle of an empty picture; RGBA."""
    picture = np.zeros((SIDE_PX, SIDE_PX, 4), np.uint8)
    canvas = skia.Surface(picture).getCanvas()
    canvas.translate(SIDE_PX / 2, 0.8 * SIDE_PX)
    canvas.scale(-PIXELS_A_METRE if mirrored else PIXELS_A_METRE, -PIXELS_A_METRE)
    DRAWN[kind](Pen(canvas, mask=mask), person(kind, **changes), pose)
    return picture


def extent_m(covered):
    ys, xs = np.nonzero(covered)
    return (np.ptp(xs) + 1) / PIXELS_A_METRE, (np.ptp(ys) + 1) / PIXELS_A_METRE


@pytest.mark.parametrize("kind", PLANS)
@pytest.mark.parametrize("proportion", [-1.0, 0.0, 1.0])
def test_a_planted_foot_stays_where_it_is(kind, proportion):
    stride_m, steps = 0.9, 64
    who = person(kind, tall=proportion, wide=proportion, head=proportion)
    tracks = {name: [] for name in FEET}
    for gait in np.arange(steps) / steps:
        figure = posed(PLANS[kind], who, Pose(gait=gait, stride_m=stride_m, lean=0.14))
        for name in FEET:
            x, y = foot_point(PLANS[kind], figure, name)
            tracks[name].append((x + gait * stride_m, y))
    for track in tracks.values():
        x, y = np.array(track).T
        planted = y < y.min() + 1e-9
        assert planted.mean() >= 0.5
        both = planted & np.roll(planted, -1)
        both[-1] = False  # the cycle's end and beginning are a stride apart
        assert np.abs(np.diff(x, append=x[:1]))[both].max() < 1e-9
        assert np.ptp(y) > 0.02


@pytest.mark.parametrize("kind", PLANS)
def test_feet_touch_down_when_steps_are_heard(kind):
    """Steps are heard at whole and half phases; each falls within a tenth of a cycle of one."""
    for beat in PLANS[kind].beats:
        assert abs(2 * beat - round(2 * beat)) < 0.2


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("proportion", [-1.0, 0.0, 1.0])
def test_the_figure_is_as_large_as_its_kind_says(kind, proportion):
    drawn = raster(kind, Pose(), mask=1, tall=proportion, wide=proportion, head=proportion)[..., 0] > 0
    wide, tall = extent_m(drawn)
    nominal = KINDS[kind]
    assert wide == pytest.approx(nominal.width_m, rel=0.2)
    assert tall == pytest.approx(nominal.height_m, rel=0.2)


@pytest.mark.parametrize("kind", [kind for kind in DRAWN if kind != "fish"])
@pytest.mark.parametrize("pose", ["stand", "walk", "sit", "sleep"])
def test_the_figure_stands_on_the_ground(kind, pose):
    rows = np.nonzero(raster(kind, POSES[pose], mask=1)[..., 0].any(axis=1))[0]
    assert abs((0.8 * SIDE_PX - rows.max() - 1) / PIXELS_A_METRE) <= 0.06


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("dress", DRESSES)
def test_the_mask_covers_what_the_picture_covers(kind, pose, dress):
    colour = raster(kind, POSES[pose], **dress)[..., 3]
    mask = raster(kind, POSES[pose], mask=1, **dress)[..., 0] > 0
    assert not (mask & (colour == 0)).any()
    assert not (~mask & (colour == 255)).any()
    assert abs(mask.sum() / (colour.sum() / 255) - 1) < 0.02


@pytest.mark.parametrize("kind", DRAWN)
def test_the_mask_names_body_head_and_limbs(kind):
    mask = raster(kind, Pose(), mask=1, accessory="hat")[..., 0]
    parts = {value - 4: int((mask == value).sum()) for value in np.unique(mask) if value}
    assert set(parts) == {0, 1, 2, 3}
    assert min(parts.values()) > 20


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("pose", POSES)
def test_the_mirrored_drawing_is_the_mirror_image(kind, pose):
    """Only pixels through whose middle an edge runs may differ."""
    right = raster(kind, POSES[pose], mask=1)[..., 0]
    left = raster(kind, POSES[pose], mask=1, mirrored=True)[..., 0]
    assert (right != left[:, ::-1]).mean() < 0.004


@pytest.mark.parametrize("kind", DRAWN)
def test_the_same_arguments_draw_the_same_picture(kind):
    first, again = (raster(kind, POSES["walk"], pattern="spotted") for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize(("colour", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_the_body_has_the_colour_of_the_individual(kind, colour, channel):
    picture = raster(kind, Pose(), colour=colour)
    assert picture[picture[..., 3] == 255][:, :3].mean(axis=0).argmax() == channel


@pytest.mark.parametrize(("kind", "flap"), [("bird", 0.0), ("dragon", 0.0), ("fish", 0.25)])
def test_wings_and_fins_beat_once_a_cycle(kind, flap):
    first, half, again = (raster(kind, Pose(airborne=1.0, flap=flap + k), mask=1)[..., 0] for k in (0.0, 0.5, 1.0))
    assert ((first > 0) != (half > 0)).sum() > 100
    assert (first != again).sum() <= 4


@pytest.mark.parametrize("kind", PLANS)
def test_eating_brings_the_mouth_to_the_food(kind):
    """Food lies on the ground 0.62 widths ahead of the middle."""
    if "eat" not in KINDS[kind].actions:
        pytest.skip("does not eat")
    head = posed(PLANS[kind], person(kind), Pose(reach=1.0)).stance.head
    gap_m = math.dist(head, (0.62 * KINDS[kind].width_m, 0.15))
    x, y, half = PLANS[kind].head.snout[-1]
    assert gap_m < math.hypot(x, y) + half + 0.2
