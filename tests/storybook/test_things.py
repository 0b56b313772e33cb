"""Laws of the drawn vehicles, things and props."""

import itertools
import math

import cv2
import numpy as np
import pytest
import skia

from kinora.storybook.cast.roles import CAST
from kinora.storybook.cast.things import BALL_RADIUS_M, MAX_BITES, PROP_SIZES_M
from kinora.storybook.cast.vehicles import WHEEL_M
from kinora.storybook.moves import travelling
from kinora.storybook.pen import Pen
from kinora.storybook.scene import Actor, Individual, Pose
from kinora.storybook.vocabulary import COLOURS, KINDS

VEHICLES = ("car", "boat", "train", "rocket")
THINGS = ("ball", "balloon", "kite", "tree", "lamp", "umbrella")
SIZES_M = {kind: (KINDS[kind].height_m, KINDS[kind].width_m) for kind in (*VEHICLES, *THINGS)} | PROP_SIZES_M
SCALE = 60
WIDTH, HEIGHT, GROUND = 300, 240, 180
AXLES_X_M = {"car": 0.5, "train": 0.99}


def painted(kind, pose=None, *, mask=None, colour="red", **traits):
    who = Individual(kind=kind, colour=colour, **{"trim": "blue"} | traits)
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    canvas = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType).getCanvas()
    canvas.translate(WIDTH / 2, GROUND)
    canvas.scale(SCALE, -SCALE)
    CAST[kind](Pen(canvas, mask=mask), who, pose or Pose())
    return pixels


def silhouette(kind, pose=None, **traits):
    return painted(kind, pose, mask=1, **traits)[..., 3] > 0


def extent_m(shape):
    rows, columns = np.nonzero(shape)
    return (np.ptp(rows) + 1) / SCALE, (np.ptp(columns) + 1) / SCALE


def test_every_kind_is_cast_and_only_props_besides():
    assert set(CAST) == {*KINDS, *PROP_SIZES_M}


@pytest.mark.parametrize("kind", SIZES_M)
def test_silhouette_has_the_nominal_size_and_stands_on_the_ground(kind):
    shape = silhouette(kind)
    assert extent_m(shape) == pytest.approx(SIZES_M[kind], rel=0.2)
    assert abs(np.nonzero(shape)[0].max() + 1 - GROUND) <= 0.06 * SCALE


@pytest.mark.parametrize("kind", sorted({*VEHICLES, *THINGS} - {"ball"}))
def test_proportions_follow_the_individual(kind):
    low, narrow = extent_m(silhouette(kind, tall=-1, wide=-1))
    high, broad = extent_m(silhouette(kind, tall=1, wide=1))
    assert high > 1.1 * low
    assert broad > 1.1 * narrow


@pytest.mark.parametrize("kind", SIZES_M)
def test_mask_covers_what_is_painted(kind):
    # Light and smoke belong to no mask: the lamp is out, the train's puffs are cut off.
    pose = Pose(blink=1.0, gait=0.3, sway=0.1, flap=0.4, airborne=1.0, bites=2)
    shape, colours = silhouette(kind, pose), painted(kind, pose)[..., 3] > 127
    if kind == "train":
        colours[: GROUND - round(1.4 * SCALE)] = False
    assert (shape & colours).sum() / (shape | colours).sum() > 0.97


@pytest.mark.parametrize("kind", SIZES_M)
def test_same_arguments_same_pixels(kind):
    pose = Pose(gait=0.3, sway=0.1, flap=0.4, airborne=1.0)
    assert np.array_equal(painted(kind, pose), painted(kind, pose))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("kind", SIZES_M)
def test_largest_area_has_the_named_colour(kind, colour):
    pixels = painted(kind, Pose(blink=1.0), colour=colour, trim="brown" if colour != "brown" else "white")
    solid = pixels[pixels[..., 3] == 255][:, :3].astype(int)
    palette = np.array(list(COLOURS.values()))
    nearest = ((solid[:, None] - palette) ** 2).sum(-1).argmin(1)
    assert list(COLOURS)[np.bincount(nearest).argmax()] == colour


@pytest.mark.parametrize("kind", VEHICLES)
def test_vehicles_blink(kind):
    assert np.abs(painted(kind).astype(int) - painted(kind, Pose(blink=1.0))).sum() > 2000


@pytest.mark.parametrize("kind", WHEEL_M)
def test_wheels_turn_by_what_they_roll(kind):
    radius = WHEEL_M[kind]
    rolled_m = 0.2
    axle = (WIDTH / 2 + AXLES_X_M[kind] * SCALE, GROUND - radius * SCALE)
    before = painted(kind)[..., :3]
    after = painted(kind, Pose(gait=rolled_m / (math.tau * radius)))[..., :3]
    clockwise = cv2.getRotationMatrix2D((axle[0] - 0.5, axle[1] - 0.5), -math.degrees(rolled_m / radius), 1.0)
    turned = cv2.warpAffine(before, clockwise, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    hub = np.hypot(columns + 0.5 - axle[0], rows + 0.5 - axle[1]) < 0.7 * radius * SCALE
    missed, moved = (np.abs(image.astype(int) - after)[hub].mean() for image in (turned, before))
    assert missed < 0.35 * moved


@pytest.mark.parametrize("tall", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("kind", ["ball", "car", "train"])
def test_what_rolls_goes_its_rim_s_length_in_a_turn(kind, tall):
    who = Individual(kind=kind, colour="red", tall=tall)
    pose = travelling.rolled(Actor(who=who, action="stand", depth=0.0), 1.0)
    turned = -pose["spin"] if kind == "ball" else math.tau * pose["gait"]
    radius = extent_m(silhouette(kind, tall=tall))[0] / 2 if kind == "ball" else WHEEL_M[kind]
    assert turned * radius == pytest.approx(1.0, rel=0.03)


@pytest.mark.parametrize("pattern", ["plain", "striped", "spotted"])
def test_a_turned_ball_shows_it(pattern):
    upright, pixels = painted("ball", pattern=pattern), np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    canvas = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType).getCanvas()
    canvas.translate(WIDTH / 2, GROUND)
    canvas.scale(SCALE, -SCALE)
    pen = Pen(canvas)
    with pen.at(0.0, BALL_RADIUS_M, angle=-0.6), pen.at(0.0, -BALL_RADIUS_M):
        CAST["ball"](pen, Individual(kind="ball", colour="red", pattern=pattern, trim="blue"), Pose(spin=-0.6))
    changed = np.abs(upright.astype(int) - pixels).max(-1) > 40
    shine_row, shine_column = (
        GROUND - round(1.5 * BALL_RADIUS_M * SCALE),
        WIDTH // 2 - round(0.36 * BALL_RADIUS_M * SCALE),
    )
    assert changed.sum() > 60
    assert not changed[shine_row, shine_column]


def test_every_bite_removes_some_apple_and_leaves_a_core():
    left = [silhouette("apple", Pose(bites=bites)) for bites in range(MAX_BITES + 2)]
    areas = [int(shape.sum()) for shape in left]
    assert all(after < 0.92 * before for before, after in itertools.pairwise(areas[:-1]))
    assert all(not (after & ~before).any() for before, after in itertools.pairwise(left))
    assert areas[MAX_BITES] == areas[MAX_BITES + 1] > 0.25 * areas[0]


def test_only_a_lit_lamp_shines():
    around = (GROUND - round(1.1 * SCALE), WIDTH // 2 + round(0.5 * SCALE))
    assert painted("lamp")[(*around, 3)] > 40
    assert painted("lamp", Pose(blink=1.0))[(*around, 3)] == 0


def test_only_a_flying_rocket_burns():
    below = slice(GROUND + 5, None)
    assert not silhouette("rocket")[below].any()
    assert silhouette("rocket", Pose(airborne=1.0))[below].sum() > 200


@pytest.mark.parametrize("kind", ["boat", "balloon", "kite", "tree", "umbrella"])
def test_what_sways_sways_to_both_sides_and_comes_back(kind):
    left, right = (silhouette(kind, Pose(sway=sway)) for sway in (0.25, 0.75))
    assert (left ^ right).sum() > 40
    assert np.array_equal(painted(kind, Pose(sway=0.25)), painted(kind, Pose(sway=1.25)))


def test_silhouettes_differ():
    shapes = [cut_out(silhouette(kind)) for kind in (*VEHICLES, *THINGS)]
    for i, one in enumerate(shapes):
        for other in shapes[i + 1 :]:
            assert (one & other).sum() / (one | other).sum() < 0.75


def cut_out(shape):
    """Scale a silhouette to a common height, so that only its form counts."""
    rows, columns = np.nonzero(shape)
    form = shape[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.uint8)
    width = round(form.shape[1] * 60 / form.shape[0])
    form = cv2.resize(form, (width, 60), interpolation=cv2.INTER_NEAREST)
    canvas = np.zeros((60, 160), bool)
    canvas[:, 80 - width // 2 : 80 - width // 2 + width] = form[:, :160] > 0
    return canvas
