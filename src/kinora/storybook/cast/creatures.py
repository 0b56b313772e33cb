"""Creatures that fly and swim: bird, fish and dragon. Metres, x forward (to the right), y up, origin on the ground."""

import math
from itertools import pairwise

from kinora.storybook.cast.beast import FAR_SHADE, draw_beast, mane_colour
from kinora.storybook.cast.parts import belly_colour, coat, eyes, hat, limb, mouth, own_colour, scarf
from kinora.storybook.cast.skeleton import (
    VARIATION,
    Ear,
    Figure,
    Head,
    Leg,
    Plan,
    Stance,
    Tail,
    bearing,
    between,
    tail_nodes,
)
from kinora.storybook.pen import Colour, Pen, Point, darker, lighter
from kinora.storybook.scene import Individual, Pose

BEAK: Colour = (246, 178, 48)
HORN: Colour = (250, 236, 204)
LEG: Colour = (232, 132, 40)

BIRD_BODY = (
    (-0.34, 0.36),
    (-0.2, 0.52),
    (0.0, 0.6),
    (0.2, 0.52),
    (0.28, 0.36),
    (0.16, 0.18),
    (-0.06, 0.13),
    (-0.26, 0.22),
)
BIRD_TAIL = ((-0.2, 0.42), (-0.46, 0.5), (-0.42, 0.4), (-0.5, 0.36), (-0.44, 0.28), (-0.46, 0.2), (-0.2, 0.24))
BIRD_WING = (
    (0.12, 0.0),
    (0.02, 0.3),
    (-0.18, 0.62),
    (-0.36, 0.74),
    (-0.37, 0.57),
    (-0.42, 0.44),
    (-0.36, 0.28),
    (-0.31, 0.12),
    (-0.14, -0.04),
)
FOLDED_WING = ((0.12, 0.08), (-0.02, 0.12), (-0.2, 0.04), (-0.36, -0.08), (-0.16, -0.13), (0.06, -0.1))
CREST = ((-0.06, 0.12), (-0.16, 0.24), (-0.04, 0.21), (0.02, 0.26), (0.07, 0.13))

FISH_BODY = (
    (-0.36, 0.36),
    (-0.16, 0.52),
    (0.12, 0.6),
    (0.38, 0.52),
    (0.53, 0.36),
    (0.38, 0.2),
    (0.12, 0.11),
    (-0.16, 0.2),
)
FISH_TAIL = (
    (0.12, 0.0),
    (-0.1, 0.18),
    (-0.27, 0.3),
    (-0.26, 0.12),
    (-0.2, 0.0),
    (-0.26, -0.12),
    (-0.27, -0.3),
    (-0.1, -0.18),
)
DORSAL_FIN = ((-0.2, 0.48), (-0.14, 0.68), (0.02, 0.75), (0.12, 0.68), (0.26, 0.54))
SIDE_FIN = ((0.06, 0.04), (-0.06, 0.08), (-0.18, -0.02), (-0.12, -0.14), (0.02, -0.06))

BAT_WING = (
    (0.1, 0.0),
    (-0.06, 0.42),
    (-0.26, 0.76),
    (-0.42, 0.52),
    (-0.52, 0.5),
    (-0.5, 0.3),
    (-0.6, 0.16),
    (-0.34, 0.14),
    (-0.2, 0.0),
)

SPADE = ((-0.06, 0.0), (0.0, 0.13), (0.17, 0.0), (0.0, -0.13))


def beat(flap: float) -> float:
    """Return how a wing is seen at this phase (cycles): 1 raised, negative lowered."""
    return 0.12 + 0.88 * math.cos(math.tau * flap)


def draw_bird(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a bird: round, with a beak, tail feathers, thin legs, and wings that flap in the air."""
    size = (1 + VARIATION * who.wide, 1 + VARIATION * who.tall)
    colour = own_colour(who)
    resting = max(pose.sleep, 0.5 * pose.crouch) * (1 - pose.airborne)
    with pen.at(0.0, 0.0, stretch=size):
        _bird_legs(pen, pose, resting)
        turn = -0.75 * pose.reach * (1 - pose.sleep) - pose.lean - 0.15 * pose.airborne
        with pen.at(0.0, 0.3 - 0.14 * resting, angle=turn), pen.at(0.0, -0.3):
            if pose.airborne > 0.3:
                _wing(pen, BIRD_WING, (0.03, 0.47), pose, darker(colour, FAR_SHADE))
            _bird_body(pen, who, pose, colour)
            _bird_head(pen, who, pose, colour)
            if pose.airborne > 0.3:
                _wing(pen, BIRD_WING, (-0.04, 0.42), pose, darker(colour, 0.14))
            else:
                with pen.on("limb"), pen.at(-0.02, 0.36, angle=0.06 * math.sin(math.tau * pose.sway)):
                    pen.shape(FOLDED_WING, darker(colour, 0.2))


def _wing(pen: Pen, outline: tuple[Point, ...], root: Point, pose: Pose, colour: Colour) -> None:
    """Draw a wing on its root: it beats by `flap`, its end lags behind, and it folds in sleep."""
    angle = 0.3 * math.sin(math.tau * pose.flap) + 0.4 * pose.sleep
    with pen.on("limb"), pen.at(*root, angle=angle, stretch=(1.0, beat(pose.flap) * (1 - 0.65 * pose.sleep))):
        pen.shape(outline, colour, smooth=outline is not BAT_WING)
        if outline is BAT_WING:
            for tip in outline[2:5:2]:
                pen.line([(0.0, 0.04), tip], 0.05, lighter(colour, 0.25))


def _bird_legs(pen: Pen, pose: Pose, resting: float) -> None:
    if pose.sleep > 0.5:
        return
    for x, shade in ((0.09, 0.25), (-0.05, 0.0)):
        colour = darker(LEG, shade)
        hip, foot = (x, 0.24), (x - 0.22 * pose.airborne, 0.04 + 0.06 * pose.airborne)
        limb(pen, [hip, foot], 0.085, colour)
        if pose.airborne < 0.5:
            limb(pen, [foot, (foot[0] + 0.11, 0.04)], 0.08, colour)


def _bird_body(pen: Pen, who: Individual, pose: Pose, colour: Colour) -> None:
    with pen.at(-0.2, 0.33, angle=0.12 * math.sin(math.tau * pose.sway)), pen.at(0.2, -0.33), pen.on("limb"):
        pen.shape(BIRD_TAIL, darker(colour, 0.2), smooth=False)
    coat(pen, who, BIRD_BODY, colour, mark_m=0.07)
    pen.ellipse(0.12, 0.29, 0.15, 0.14, belly_colour(colour), soft=0.0)


def _bird_head(pen: Pen, who: Individual, pose: Pose, colour: Colour) -> None:
    x, y = 0.2 - 0.05 * pose.sleep, 0.6 - 0.12 * pose.sleep
    scarf(pen, who, x - 0.03, y - 0.14, 0.34)
    with pen.on("head"), pen.at(x, y, scale=1 + VARIATION * who.head, angle=-0.35 * pose.sleep):
        gape = 0.3 * pose.mouth
        for turn, outline in (
            (-gape, ((0.1, -0.07), (0.12, 0.01), (0.28, -0.03))),
            (gape, ((0.1, -0.02), (0.12, 0.07), (0.32, -0.03))),
        ):
            with pen.at(0.12, -0.01, angle=turn), pen.at(-0.12, 0.01):
                pen.shape(outline, darker(BEAK, 0.15 * (turn < 0)), smooth=False)
        if who.accessory != "hat":
            pen.shape(CREST, darker(colour, 0.2), smooth=False)
        pen.ellipse(0.0, 0.0, 0.19, 0.18, colour)
        eyes(pen, who, pose, ((0.08, 0.04),), 0.05)
        hat(pen, who, -0.02, 0.14, 0.3)


def draw_fish(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a fish: almond body, big tail fin, dorsal fin; it swims by `flap`."""
    size = (1 + VARIATION * who.wide, 1 + VARIATION * who.tall)
    colour = own_colour(who)
    fin = darker(colour, 0.3)
    phase = math.tau * pose.flap

    def swimming(points: tuple[Point, ...]) -> list[Point]:
        """Bend the points by the wave that runs down the body, strongest at the tail."""
        return [(x, y + 0.09 * (0.5 - x) ** 2 * math.sin(phase + 3.0 * x)) for x, y in points]

    with pen.at(0.0, 0.36, angle=-pose.lean, stretch=size), pen.at(0.0, -0.36):
        (tail_x, tail_y), *_ = swimming(FISH_BODY)
        with pen.on("limb"):
            with pen.at(tail_x, tail_y, angle=0.3 * math.sin(phase), stretch=(0.85 + 0.15 * math.cos(phase), 1.0)):
                pen.shape(FISH_TAIL, fin)
            pen.shape(swimming(DORSAL_FIN), fin)
        coat(pen, who, swimming(FISH_BODY), colour, mark_m=0.075)
        pen.ellipse(0.14, 0.2, 0.2, 0.07, belly_colour(colour), soft=0.0)
        with pen.on("limb"), pen.at(0.12, 0.32, angle=0.5 * math.sin(phase)):
            pen.shape(SIDE_FIN, fin)
        with pen.on("head"):
            mouth(pen, 0.43, 0.29, 0.11, pose.mouth)
            eyes(pen, who, pose, ((0.32, 0.42),), 0.065 * (1 + VARIATION * who.head))
            hat(pen, who, 0.26, 0.54, 0.32)


def _spines(pen: Pen, plan: Plan, figure: Figure) -> None:
    """Set one ridge of spines along the neck, the back and the tail, and a spade at the tail's end."""
    stance, (mx, my) = figure.stance, figure.middle
    cos, sin = math.cos(figure.pitch), math.sin(figure.pitch)
    neck = [(*between(stance.shoulder, stance.head, t), 0.19 - 0.05 * t) for t in (0.85, 0.5, 0.15)]
    back = [(mx + x * cos, my + x * sin, 0.23) for x in (-0.05, -0.28)]
    nodes = tail_nodes(plan, figure) if figure.pose.sleep < 0.5 else []
    line = [*neck, *back, *nodes[1:-1]]
    ridge: list[Point] = []
    for (ax, ay, half), (bx, by, _) in pairwise(line):
        span = math.hypot(ax - bx, ay - by)
        ux, uy = (ax - bx) / span, (ay - by) / span
        spine = ((0.09, half - 0.03), (-0.07, half + 0.13), (-0.12, half - 0.03))
        ridge += [(ax + along * ux - up * uy, ay + along * uy + up * ux) for along, up in spine]
    inside = [(x, y) for x, y, _ in reversed(line[:-1])]
    pen.shape(ridge + inside, mane_colour(figure), smooth=False, soft=0.0)
    if nodes:
        (ax, ay, _), (bx, by, _) = nodes[-2:]
        with pen.on("limb"), pen.at(bx, by, angle=bearing((ax, ay), (bx, by))):
            pen.shape(SPADE, mane_colour(figure), smooth=False, soft=0.0)


def _far_wing(pen: Pen, plan: Plan, figure: Figure) -> None:
    mx, my = figure.middle
    _wing(pen, BAT_WING, (mx + 0.14, my + 0.2), figure.pose, darker(figure.colour, 0.6))
    _spines(pen, plan, figure)


def _near_wing(pen: Pen, plan: Plan, figure: Figure) -> None:
    mx, my = figure.middle
    _wing(pen, BAT_WING, (mx + 0.02, my + 0.12), figure.pose, mane_colour(figure))


def _horns(pen: Pen, figure: Figure) -> None:
    for x, y in ((0.02, 0.12), (-0.1, 0.1)):
        pen.shape([(x - 0.06, y - 0.03), (x - 0.14, y + 0.19), (x + 0.06, y + 0.02)], HORN, smooth=False)


DRAGON = Plan(
    stand=Stance(hip=(-0.26, 0.44), shoulder=(0.2, 0.5), head=(0.6, 1.12), hind=-0.28, fore=0.22),
    sit=Stance(hip=(-0.2, 0.3), shoulder=(0.1, 0.6), head=(0.42, 1.2), hind=0.02, fore=0.26),
    sleep=Stance(hip=(-0.24, 0.28), shoulder=(0.22, 0.28), head=(0.64, 0.2), hind=0.0, fore=0.4),
    trunk=(
        (-0.5, -0.04),
        (-0.36, 0.2),
        (-0.04, 0.25),
        (0.28, 0.22),
        (0.42, 0.02),
        (0.3, -0.22),
        (0.0, -0.28),
        (-0.34, -0.22),
    ),
    haunch=(0.2, 0.22),
    hind=Leg(width=0.17, paw=(0.13, 0.07), bend=-0.9),
    fore=Leg(width=0.15, paw=(0.12, 0.07), bend=0.3),
    neck=(0.2, 0.12),
    graze=(0.8, 0.4),
    head=Head(
        skull=(0.19, 0.16),
        snout=((0.0, -0.01, 0.14), (0.16, -0.04, 0.12), (0.27, -0.05, 0.11)),
        nose=(0.34, 0.02, 0.025),
        eyes=((0.08, 0.05),),
        eye=0.055,
        ear=Ear(
            outline=((-0.05, -0.03), (-0.2, 0.1), (-0.02, 0.06)), root=(-0.12, 0.0), far_root=(-0.1, 0.04), inner=0.0
        ),
        crown=(0.0, 0.13, 0.3),
    ),
    tail=Tail(
        root=(-0.4, -0.02),
        nodes=((0.1, 0.0, 0.17), (-0.12, -0.1, 0.13), (-0.32, -0.18, 0.09), (-0.5, -0.12, 0.07), (-0.6, 0.04, 0.05)),
        wag=0.3,
    ),
    behind=_far_wing,
    on_top=_near_wing,
    on_head=_horns,
    mark=0.1,
)


def draw_dragon(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a dragon: long neck, horns, bat wings, spines on its back and a spiked tail."""
    draw_beast(pen, DRAGON, who, pose)
