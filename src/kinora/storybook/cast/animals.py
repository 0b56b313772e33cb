"""The animals on four legs: a table of proportions for each kind, drawn by `beast`."""

import math

from kinora.storybook.cast.beast import draw_beast, mane_colour
from kinora.storybook.cast.skeleton import Ear, Figure, Head, Leg, Plan, Stance, Tail, bearing, ribbon
from kinora.storybook.pen import Colour, Pen
from kinora.storybook.scene import Individual, Pose

WHISKER: Colour = (250, 248, 244)
# Along the neck (in neck lengths), to its back, half the width.
MANE = ((0.1, 0.24, 0.05), (0.4, 0.19, 0.1), (0.7, 0.17, 0.11), (1.0, 0.13, 0.09), (1.18, 0.04, 0.05))
FORELOCK = ((-0.04, 0.17, 0.06), (0.05, 0.13, 0.06), (0.1, 0.07, 0.03))


def _whiskers(pen: Pen, figure: Figure) -> None:
    for x, end in ((0.0, -0.32), (0.18, 0.36)):
        for y, rise in ((-0.06, 0.05), (-0.1, -0.04)):
            pen.line([(x, y), (end, y + rise)], 0.028, WHISKER)


def _mane(pen: Pen, plan: Plan, figure: Figure) -> None:
    shoulder, head = figure.stance.shoulder, figure.stance.head
    length = math.dist(shoulder, head)
    with pen.at(*shoulder, angle=bearing(shoulder, head)):
        pen.shape(ribbon([(along * length, back, half) for along, back, half in MANE]), mane_colour(figure), soft=0.0)


def _forelock(pen: Pen, figure: Figure) -> None:
    pen.shape(ribbon(FORELOCK), mane_colour(figure), soft=0.0)


FOX = Plan(
    stand=Stance(hip=(-0.2, 0.4), shoulder=(0.2, 0.42), head=(0.36, 0.66), hind=-0.22, fore=0.2),
    sit=Stance(hip=(-0.16, 0.2), shoulder=(0.06, 0.46), head=(0.18, 0.7), hind=0.0, fore=0.16),
    sleep=Stance(hip=(-0.2, 0.2), shoulder=(0.15, 0.2), head=(0.34, 0.19), hind=0.0, fore=0.3),
    trunk=(
        (-0.38, 0.0),
        (-0.3, 0.16),
        (0.0, 0.16),
        (0.3, 0.18),
        (0.38, 0.02),
        (0.28, -0.16),
        (0.0, -0.13),
        (-0.28, -0.15),
    ),
    bib=0.11,
    haunch=(0.15, 0.16),
    hind=Leg(width=0.11, paw=(0.09, 0.055), bend=-1.0, sock=0.14),
    fore=Leg(width=0.1, paw=(0.09, 0.055), bend=0.4, sock=0.14),
    neck=(0.15, 0.14),
    graze=(0.46, 0.33),
    sock=-0.65,
    head=Head(
        skull=(0.2, 0.18),
        snout=((0.0, -0.02, 0.16), (0.18, -0.05, 0.095), (0.35, -0.08, 0.04)),
        nose=(0.37, -0.06, 0.05),
        eyes=((0.1, 0.04),),
        eye=0.048,
        ear=Ear(outline=((-0.1, -0.02), (-0.07, 0.28), (0.11, 0.02)), root=(-0.07, 0.1), far_root=(0.1, 0.11)),
        crown=(0.0, 0.15, 0.3),
    ),
    tail=Tail(
        root=(-0.32, 0.06),
        nodes=((0.05, 0.0, 0.05), (-0.12, 0.05, 0.1), (-0.26, 0.14, 0.15), (-0.38, 0.28, 0.13), (-0.42, 0.4, 0.06)),
        tip=2,
    ),
)


DOG = Plan(
    stand=Stance(hip=(-0.22, 0.44), shoulder=(0.2, 0.46), head=(0.33, 0.76), hind=-0.25, fore=0.2),
    sit=Stance(hip=(-0.16, 0.2), shoulder=(0.06, 0.48), head=(0.15, 0.78), hind=0.0, fore=0.16),
    sleep=Stance(hip=(-0.22, 0.2), shoulder=(0.16, 0.2), head=(0.34, 0.21), hind=0.0, fore=0.32),
    trunk=(
        (-0.4, 0.02),
        (-0.3, 0.18),
        (0.0, 0.17),
        (0.3, 0.2),
        (0.4, 0.02),
        (0.28, -0.18),
        (0.0, -0.15),
        (-0.3, -0.15),
    ),
    haunch=(0.15, 0.17),
    hind=Leg(width=0.13, paw=(0.1, 0.06), bend=-0.9),
    fore=Leg(width=0.13, paw=(0.1, 0.06), bend=0.3),
    neck=(0.16, 0.14),
    graze=(0.4, 0.34),
    sock=0.5,
    head=Head(
        skull=(0.21, 0.2),
        snout=((0.0, -0.02, 0.14), (0.14, -0.05, 0.13), (0.28, -0.06, 0.11)),
        nose=(0.36, 0.0, 0.065),
        eyes=((0.09, 0.06),),
        eye=0.05,
        ear=Ear(
            outline=((-0.08, 0.06), (0.07, 0.06), (0.07, -0.14), (-0.02, -0.29), (-0.13, -0.2)),
            root=(-0.1, 0.1),
            far_root=(0.07, 0.12),
            swing=-0.25,
            inner=0.0,
            shade=0.4,
        ),
        crown=(0.0, 0.17, 0.34),
        jaw=(0.07, -0.13),
    ),
    tail=Tail(
        root=(-0.34, 0.1),
        nodes=((0.06, -0.02, 0.06), (-0.1, 0.06, 0.055), (-0.2, 0.2, 0.05), (-0.19, 0.36, 0.045)),
        wag=0.5,
    ),
)

CAT = Plan(
    stand=Stance(hip=(-0.22, 0.38), shoulder=(0.16, 0.38), head=(0.3, 0.62), hind=-0.23, fore=0.18),
    sit=Stance(hip=(-0.16, 0.17), shoulder=(0.0, 0.42), head=(0.1, 0.66), hind=-0.02, fore=0.1),
    sleep=Stance(hip=(-0.2, 0.17), shoulder=(0.12, 0.17), head=(0.28, 0.2), hind=0.0, fore=0.28),
    trunk=(
        (-0.34, 0.0),
        (-0.26, 0.14),
        (0.0, 0.11),
        (0.24, 0.14),
        (0.32, 0.0),
        (0.24, -0.13),
        (0.0, -0.11),
        (-0.24, -0.13),
    ),
    haunch=(0.12, 0.14),
    hind=Leg(width=0.1, paw=(0.08, 0.05), bend=-1.0),
    fore=Leg(width=0.1, paw=(0.08, 0.05), bend=0.3),
    neck=(0.12, 0.12),
    graze=(0.44, 0.3),
    sock=0.7,
    head=Head(
        skull=(0.235, 0.195),
        snout=((0.06, -0.07, 0.07), (0.1, -0.08, 0.1)),
        nose=(0.09, -0.035, 0.035),
        eyes=((-0.03, 0.03), (0.17, 0.03)),
        eye=0.048,
        ear=Ear(outline=((-0.1, -0.03), (-0.06, 0.18), (0.1, 0.03)), root=(-0.11, 0.13), far_root=(0.14, 0.13)),
        crown=(0.02, 0.16, 0.34),
        smile=(0.09, -0.1, 0.1),
    ),
    on_head=_whiskers,
    tail=Tail(
        root=(-0.3, 0.07),
        nodes=(
            (0.06, -0.02, 0.05),
            (-0.12, -0.02, 0.05),
            (-0.22, 0.1, 0.05),
            (-0.19, 0.27, 0.05),
            (-0.27, 0.42, 0.045),
        ),
        wag=0.4,
    ),
)

BEAR = Plan(
    stand=Stance(hip=(-0.32, 0.6), shoulder=(0.26, 0.64), head=(0.54, 1.06), hind=-0.36, fore=0.32),
    sit=Stance(hip=(-0.2, 0.44), shoulder=(0.08, 0.78), head=(0.2, 1.16), hind=0.24, fore=0.3),
    sleep=Stance(hip=(-0.34, 0.42), shoulder=(0.26, 0.4), head=(0.52, 0.27), hind=0.1, fore=0.5),
    trunk=(
        (-0.72, -0.04),
        (-0.63, 0.28),
        (-0.32, 0.48),
        (0.02, 0.53),
        (0.28, 0.64),
        (0.5, 0.5),
        (0.58, 0.04),
        (0.4, -0.34),
        (0.0, -0.42),
        (-0.48, -0.36),
    ),
    haunch=(0.28, 0.32),
    hind=Leg(width=0.26, paw=(0.17, 0.09), bend=-0.5),
    fore=Leg(width=0.25, paw=(0.17, 0.09), bend=0.3),
    neck=(0.34, 0.24),
    graze=(0.62, 0.38),
    sock=-0.2,
    head=Head(
        skull=(0.29, 0.26),
        snout=((0.1, -0.07, 0.12), (0.2, -0.09, 0.13), (0.29, -0.09, 0.11)),
        nose=(0.33, -0.03, 0.07),
        eyes=((0.02, 0.06), (0.22, 0.06)),
        eye=0.048,
        ear=Ear(
            outline=((-0.09, -0.06), (-0.1, 0.06), (0.0, 0.12), (0.1, 0.06), (0.09, -0.06)),
            root=(-0.18, 0.2),
            far_root=(0.15, 0.23),
            swing=0.0,
        ),
        crown=(0.02, 0.22, 0.44),
        smile=(0.28, -0.15, 0.12),
    ),
    tail=Tail(root=(-0.66, 0.12), nodes=((0.04, 0.0, 0.1), (-0.06, 0.05, 0.09))),
    mark=0.12,
)

RABBIT = Plan(
    stand=Stance(hip=(-0.12, 0.24), shoulder=(0.1, 0.27), head=(0.19, 0.49), hind=-0.1, fore=0.16),
    sit=Stance(hip=(-0.1, 0.2), shoulder=(0.04, 0.34), head=(0.1, 0.55), hind=0.0, fore=0.14),
    sleep=Stance(hip=(-0.12, 0.2), shoulder=(0.08, 0.19), head=(0.2, 0.21), hind=0.0, fore=0.2),
    trunk=(
        (-0.29, -0.02),
        (-0.22, 0.18),
        (-0.02, 0.22),
        (0.17, 0.14),
        (0.23, -0.02),
        (0.14, -0.17),
        (-0.08, -0.2),
        (-0.25, -0.16),
    ),
    haunch=(0.17, 0.17),
    hind=Leg(width=0.1, paw=(0.15, 0.055), bend=-1.0),
    fore=Leg(width=0.09, paw=(0.08, 0.05), bend=0.4),
    neck=(0.13, 0.11),
    graze=(0.25, 0.26),
    sock=0.5,
    beats=(0.0, 0.5, 0.06, 0.56),
    bounce=0.04,
    head=Head(
        skull=(0.18, 0.16),
        snout=((0.06, -0.04, 0.09), (0.13, -0.05, 0.085)),
        nose=(0.2, -0.02, 0.035),
        eyes=((0.07, 0.035),),
        eye=0.05,
        ear=Ear(
            outline=((-0.05, -0.04), (-0.1, 0.2), (-0.06, 0.4), (0.02, 0.4), (0.06, 0.2), (0.05, -0.04)),
            root=(-0.08, 0.1),
            far_root=(0.06, 0.12),
            swing=0.14,
        ),
        crown=(0.0, 0.13, 0.26),
        smile=(0.15, -0.09, 0.08),
    ),
    tail=Tail(root=(-0.28, 0.0), nodes=((-0.02, 0.0, 0.1), (-0.07, 0.03, 0.11)), tip=2),
)

HORSE = Plan(
    stand=Stance(hip=(-0.42, 0.84), shoulder=(0.34, 0.86), head=(0.58, 1.35), hind=-0.46, fore=0.38),
    sit=Stance(hip=(-0.36, 0.26), shoulder=(0.12, 0.68), head=(0.36, 1.2), hind=0.0, fore=0.3),
    sleep=Stance(hip=(-0.4, 0.27), shoulder=(0.34, 0.27), head=(0.68, 0.4), hind=0.0, fore=0.6),
    trunk=(
        (-0.62, 0.02),
        (-0.5, 0.24),
        (0.0, 0.2),
        (0.42, 0.26),
        (0.58, 0.04),
        (0.42, -0.22),
        (0.0, -0.22),
        (-0.46, -0.2),
    ),
    haunch=(0.24, 0.25),
    hind=Leg(width=0.14, paw=(0.1, 0.07), bend=-0.6, sock=0.06),
    fore=Leg(width=0.13, paw=(0.1, 0.07), bend=0.35, sock=0.06),
    neck=(0.24, 0.14),
    graze=(0.84, 0.44),
    sock=-0.6,
    head=Head(
        skull=(0.17, 0.16),
        snout=((0.0, 0.0, 0.15), (0.16, -0.12, 0.11), (0.27, -0.2, 0.1)),
        nose=(0.31, -0.17, 0.03),
        eyes=((0.07, 0.02),),
        eye=0.05,
        ear=Ear(outline=((-0.06, -0.03), (-0.02, 0.2), (0.08, 0.0)), root=(-0.06, 0.12), far_root=(0.05, 0.13)),
        crown=(-0.02, 0.13, 0.3),
        jaw=(0.06, -0.17),
    ),
    on_top=_mane,
    on_head=_forelock,
    tail=Tail(
        root=(-0.56, 0.14),
        nodes=((0.06, 0.0, 0.06), (-0.12, 0.0, 0.1), (-0.2, -0.22, 0.13), (-0.22, -0.45, 0.11), (-0.3, -0.64, 0.04)),
        hair=True,
        wag=0.25,
    ),
    mark=0.11,
)


def draw_fox(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a fox: long pointed snout, big pointed ears, a bushy tail with a white tip."""
    draw_beast(pen, FOX, who, pose)


def draw_dog(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a dog: floppy ears, blunt snout, thin tail curved up."""
    draw_beast(pen, DOG, who, pose)


def draw_cat(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a cat: round head, small pointed ears, whiskers, a long thin tail in an S."""
    draw_beast(pen, CAT, who, pose)


def draw_bear(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a bear: huge and round, humped, with tiny round ears and a stub of a tail."""
    draw_beast(pen, BEAR, who, pose)


def draw_rabbit(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a rabbit: long upright ears, big haunches, a puff of a tail."""
    draw_beast(pen, RABBIT, who, pose)


def draw_horse(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a horse: long legs, long neck, mane and flowing tail."""
    draw_beast(pen, HORSE, who, pose)
