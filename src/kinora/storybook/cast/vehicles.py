"""Vehicles: car, boat, train and rocket, each with a friendly face; `pose.gait` counts turns of the wheels."""

import math

from kinora.storybook.cast.parts import EYE_WHITE, INK, LENS, closed_eyes, eyes, mouth, own_colour, trim_colour
from kinora.storybook.pen import Colour, Pen, Point, darker, lighter
from kinora.storybook.scene import Individual, Pose

TYRE: Colour = (48, 46, 58)
METAL: Colour = (172, 178, 190)
CREAM: Colour = (250, 243, 226)
WOOD: Colour = (150, 100, 62)
SMOKE: Colour = (238, 238, 242)
FLAME: Colour = (246, 132, 42)
FLAME_HEART: Colour = (255, 226, 110)

# Radii of the wheels whose turns `pose.gait` counts; the same for every individual, so that none of them skids.
WHEEL_M = {"car": 0.25, "train": 0.22}
_DRIVING_WHEEL_M = 0.29
_PUFFS = 4
_PUFF_TURNS = 2.0


def build(who: Individual) -> tuple[float, float]:
    """Return how much wider and taller than its kind an individual is."""
    return (1 + 0.12 * who.wide, 1 + 0.12 * who.tall)


def second_colour(who: Individual) -> Colour:
    """Return the colour of trimmings: the individual's trim, or cream where that would drown in its own colour."""
    return CREAM if who.trim == who.colour else trim_colour(who)


_SPOKES: list[Point] = [(-0.52, -0.3), (0.0, 0.0), (0.0, 0.6), (0.0, 0.0), (0.52, -0.3)]


def _wheel(pen: Pen, x: float, radius: float, turns: float) -> None:
    """Draw a wheel of three spokes standing on the ground at `x`, rolled forwards by `turns`."""
    with pen.on("limb"), pen.at(x, radius, scale=radius, angle=-math.tau * turns):
        pen.ellipse(0.0, 0.0, 1.0, 1.0, TYRE, soft=0.0)
        pen.ellipse(0.0, 0.0, 0.66, 0.66, CREAM, soft=0.0)
        pen.line(_SPOKES, 0.26, TYRE)
        pen.ellipse(0.0, 0.0, 0.2, 0.2, CREAM, soft=0.0)


def _headlight(pen: Pen, x: float, y: float, radius: float, pose: Pose, ink: Colour) -> None:
    """Draw a lamp that is an eye looking ahead; shut it is a line of `ink`."""
    if closed_eyes(pose) > 0.6:
        pen.line([(x - radius, y), (x, y - 0.8 * radius), (x + radius, y)], 0.4 * radius, ink, smooth=True)
        return
    tall = radius * (1 - closed_eyes(pose))
    pen.ellipse(x, y, radius, tall, EYE_WHITE, soft=0.0)
    pen.ellipse(x + 0.25 * radius, y, 0.55 * radius, 0.62 * tall, INK, soft=0.0)
    pen.ellipse(x + 0.42 * radius, y + 0.28 * tall, 0.2 * radius, 0.22 * tall, EYE_WHITE, soft=0.0)


def _face(pen: Pen, who: Individual, pose: Pose, x: float, y: float) -> None:
    """Draw two headlights and a smile, 0.5 m across, that show on any colour."""
    ink = _ink(who)
    with pen.on("head"):
        for side in (-0.14, 0.14):
            _headlight(pen, x + side, y, 0.115, pose, ink)
        pen.line([(x - 0.1, y - 0.15), (x, y - 0.27 - 0.1 * pose.mouth), (x + 0.1, y - 0.15)], 0.055, ink, smooth=True)


def _ink(who: Individual) -> Colour:
    """Return a line colour that shows on the individual's own."""
    colour = own_colour(who)
    return lighter(colour, 0.7) if sum(colour) < 220 else darker(colour, 0.75)


_CAR: list[Point] = [
    (-1.0, 0.2), (-1.1, 0.38), (-1.07, 0.62), (-0.86, 0.78), (-0.72, 1.0), (-0.42, 1.14), (0.02, 1.13),
    (0.28, 1.0), (0.46, 0.76), (0.78, 0.72), (1.04, 0.58), (1.1, 0.38), (1.02, 0.2), (0.0, 0.17),
]  # fmt: skip
_CAR_REAR_WINDOW: list[Point] = [(-0.72, 0.74), (-0.6, 0.95), (-0.4, 1.03), (-0.27, 1.03), (-0.27, 0.74)]
_CAR_FRONT_WINDOW: list[Point] = [(-0.15, 0.74), (-0.15, 1.03), (0.03, 1.02), (0.18, 0.94), (0.32, 0.74)]


def draw_car(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a small round car with a headlight for an eye."""
    colour = own_colour(who)
    wide, tall = build(who)
    with pen.at(0.0, 0.0, stretch=(wide, tall)):
        pen.shape(_CAR, colour)
        with pen.on("extra"):
            for window in (_CAR_REAR_WINDOW, _CAR_FRONT_WINDOW):
                pen.shape(window, LENS, smooth=False)
            pen.rect(-1.12, 0.24, 0.3, 0.1, METAL, corner=0.05)
            pen.rect(0.84, 0.2, 0.28, 0.1, METAL, corner=0.05)
            pen.line([(-0.16, 0.6), (-0.04, 0.6)], 0.06, darker(colour, 0.4))
        with pen.on("head"):
            pen.line([(0.86, 0.42), (0.95, 0.32), (1.05, 0.42)], 0.055, _ink(who), smooth=True)
            _headlight(pen, 0.92, 0.57, 0.14, pose, _ink(who))
    for x in (-0.66, 0.5):
        pen.ellipse(wide * x, 0.33, 0.31, 0.29, darker(colour, 0.45), soft=0.0)
        _wheel(pen, wide * x, WHEEL_M["car"], pose.gait)


_HULL: list[Point] = [(-0.98, 0.66), (-0.86, 0.2), (-0.6, 0.0), (0.55, 0.0), (0.85, 0.24), (1.05, 0.72)]
_MAST_X = -0.02


def draw_boat(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a sailing boat that rocks with `pose.sway`."""
    colour = own_colour(who)
    sail = second_colour(who) if who.colour == "white" else CREAM
    wind = 0.05 * math.sin(math.tau * (pose.sway + 0.2))
    with pen.at(0.0, 0.0, angle=0.07 * math.sin(math.tau * pose.sway), stretch=build(who)):
        with pen.on("limb"):
            pen.line([(_MAST_X, 0.6), (_MAST_X, 1.82)], 0.09, WOOD)
        with pen.on("extra"):
            pen.shape([(_MAST_X, 1.86), (_MAST_X - 0.36, 1.78 + wind), (_MAST_X, 1.64)], colour, smooth=False)
            pen.shape([(0.08, 1.64), (0.1, 0.8), (0.72 + wind, 0.8), (0.5 + wind, 1.2)], sail, smooth=False)
            pen.shape([(-0.12, 1.5), (-0.12, 0.8), (-0.66, 0.8)], sail, smooth=False)
        pen.shape(_HULL, colour, smooth=False)
        with pen.on("extra"):
            pen.line([(-0.96, 0.66), (0.2, 0.65), (1.04, 0.71)], 0.1, lighter(colour, 0.6))
        _face(pen, who, pose, 0.54, 0.43)


_CHIMNEY: list[Point] = [(0.9, 0.86), (0.92, 1.1), (0.82, 1.36), (1.2, 1.36), (1.1, 1.1), (1.12, 0.86)]
_COWCATCHER: list[Point] = [(1.16, 0.4), (1.32, 0.4), (1.5, 0.08), (1.08, 0.08)]
_DRIVING_WHEELS_X = (-0.17, 0.46)
_COAL = ((-1.3, 0.13), (-1.06, 0.17), (-0.82, 0.13))


def draw_train(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a steam engine with its tender; on the move it smokes."""
    colour = own_colour(who)
    wide, tall = build(who)
    with pen.at(0.0, 0.0, stretch=(wide, tall)):
        _tender(pen, colour)
        _engine(pen, who, colour)
        _face(pen, who, pose, 1.08, 0.76)
        _smoke(pen, pose, 1.01, 1.44)
    for x in (-1.27, -0.82, 0.99):
        _wheel(pen, wide * x, WHEEL_M["train"], pose.gait)
    turns = pose.gait * WHEEL_M["train"] / _DRIVING_WHEEL_M
    for x in _DRIVING_WHEELS_X:
        _wheel(pen, wide * x, _DRIVING_WHEEL_M, turns)
    pin_x, pin_y = 0.12 * math.cos(math.tau * turns), _DRIVING_WHEEL_M - 0.12 * math.sin(math.tau * turns)
    with pen.on("limb"):
        pen.line([(wide * x + pin_x, pin_y) for x in _DRIVING_WHEELS_X], 0.07, METAL)


def _tender(pen: Pen, colour: Colour) -> None:
    for x, radius in _COAL:
        pen.ellipse(x, 0.86, radius, radius, TYRE)
    pen.rect(-1.5, 0.26, 0.9, 0.6, colour, corner=0.05)
    with pen.on("extra"):
        pen.line([(-1.4, 0.68), (-0.7, 0.68)], 0.08, lighter(colour, 0.55))
        pen.line([(-0.64, 0.36), (-0.4, 0.36)], 0.1, TYRE)


def _engine(pen: Pen, who: Individual, colour: Colour) -> None:
    trim = second_colour(who)
    with pen.on("extra"):
        pen.shape(_COWCATCHER, trim, smooth=False)
        pen.shape(_CHIMNEY, TYRE if who.colour != "black" else trim, smooth=False)
        pen.ellipse(0.42, 0.92, 0.15, 0.2, trim)
    pen.rect(-0.46, 0.26, 1.78, 0.22, darker(colour, 0.35), corner=0.04)
    pen.rect(-0.1, 0.42, 1.46, 0.54, colour, corner=0.14)
    pen.rect(-0.46, 0.3, 0.56, 1.0, colour, corner=0.03)
    with pen.on("extra"):
        pen.rect(0.72, 0.44, 0.09, 0.5, lighter(colour, 0.55))
        pen.rect(-0.34, 0.8, 0.32, 0.34, LENS, corner=0.05)
        pen.rect(-0.56, 1.26, 0.76, 0.14, trim, corner=0.06)


def _smoke(pen: Pen, pose: Pose, x: float, y: float) -> None:
    """Puff: smoke rises, thins and stays behind, the further the more turns the wheels have made since."""
    for puff in range(_PUFFS):
        age = (pose.gait / _PUFF_TURNS + pose.sway + puff / _PUFFS) % 1.0
        turns = min(age * _PUFF_TURNS, max(0.0, pose.gait))
        size = 0.1 + 0.18 * age
        behind = 0.7 * turns * math.tau * WHEEL_M["train"]
        pen.film(x - behind, y + 0.45 * age, size, size, SMOKE, 0.85 * (1 - age))


_ROCKET: list[Point] = [
    (-0.2, 0.22), (-0.28, 0.5), (-0.33, 0.95), (-0.29, 1.4), (-0.17, 1.84), (0.0, 2.1),
    (0.17, 1.84), (0.29, 1.4), (0.33, 0.95), (0.28, 0.5), (0.2, 0.22),
]  # fmt: skip
_ROCKET_NOSE: list[Point] = [(-0.24, 1.6), (-0.17, 1.84), (0.0, 2.1), (0.17, 1.84), (0.24, 1.6), (0.0, 1.55)]
_ROCKET_FIN: list[Point] = [(0.26, 0.86), (0.42, 0.56), (0.475, 0.0), (0.36, 0.2), (0.16, 0.32)]


def draw_rocket(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw an upright rocket with a face at its porthole; in the air its flame flickers with `pose.flap`."""
    colour, trim = own_colour(who), second_colour(who)
    with pen.at(0.0, 0.0, stretch=build(who)):
        _flame(pen, pose)
        with pen.on("limb"):
            for side in (-1.0, 1.0):
                pen.shape([(side * x, y) for x, y in _ROCKET_FIN], trim)
        with pen.on("extra"):
            pen.rect(-0.16, 0.1, 0.32, 0.16, TYRE, corner=0.03)
        pen.shape(_ROCKET, colour)
        with pen.on("extra"):
            pen.shape(_ROCKET_NOSE, trim)
            pen.line([(-0.22, 0.42), (0.22, 0.42)], 0.09, lighter(colour, 0.5))
        with pen.on("head"):
            pen.ellipse(0.0, 1.14, 0.26, 0.26, METAL)
            pen.ellipse(0.0, 1.14, 0.19, 0.19, LENS, soft=0.0)
            eyes(pen, who, pose, [(-0.07, 1.17), (0.09, 1.17)], 0.045)
            mouth(pen, 0.01, 1.06, 0.13, pose.mouth)
        with pen.on("limb"):
            pen.line([(0.0, 0.52), (0.0, 0.08)], 0.1, darker(trim, 0.2))


def _flame(pen: Pen, pose: Pose) -> None:
    if pose.airborne <= 0:
        return
    flicker = math.tau * pose.flap
    length = pose.airborne * (0.75 + 0.12 * math.sin(flicker))
    lick = 0.06 * math.sin(flicker + 2.0)
    with pen.on("extra"):
        for colour, size in ((FLAME, 1.0), (FLAME_HEART, 0.58)):
            side, tip = 0.2 * size, 0.16 - length * size
            pen.shape([(-side, 0.0), (0.0, 0.16), (side, 0.0), (lick * size, tip)], colour, soft=0.0)
