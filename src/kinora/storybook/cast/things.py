"""Things: ball, balloon, kite, tree, lamp, umbrella, and the props actors eat, throw and leave in pieces."""

import math

from kinora.storybook.cast.parts import closed_eyes, coat, mark_colour, own_colour
from kinora.storybook.cast.vehicles import WOOD, build, second_colour
from kinora.storybook.pen import Colour, Pen, Point, darker, lighter, mix
from kinora.storybook.scene import Individual, Pose

BARK: Colour = (126, 88, 60)
LEAF: Colour = (92, 156, 70)
IRON: Colour = (104, 102, 120)
STRING: Colour = (112, 98, 104)
LAMPLIGHT: Colour = (255, 224, 140)
FLESH: Colour = (253, 242, 208)

# (height, width) in metres of what is not in the vocabulary's kinds.
PROP_SIZES_M: dict[str, tuple[float, float]] = {"apple": (0.42, 0.38), "shard": (0.32, 0.34), "toy ball": (0.3, 0.3)}
# The same for every individual, so that no ball skids.
BALL_RADIUS_M = 0.35
MAX_BITES = 4
_APPLE_M = 0.19


def draw_ball(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a ball whose star, stripes or spots turn with `pose.spin`; light falls on it from above all the while."""
    _round_ball(pen, who, pose, BALL_RADIUS_M)


def draw_toy_ball(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a ball small enough to throw."""
    _round_ball(pen, who, pose, PROP_SIZES_M["toy ball"][0] / 2)


def _round_ball(pen: Pen, who: Individual, pose: Pose, radius: float) -> None:
    colour = own_colour(who)
    pale = mark_colour(colour) if sum(colour) > 600 else lighter(colour, 0.75)
    with pen.at(0.0, radius):
        pen.ellipse(0.0, 0.0, radius, radius, darker(colour, 0.22), soft=0.0)
        pen.ellipse(0.0, 0.0, 0.9 * radius, 0.9 * radius, colour, soft=0.0)
        with pen.on("extra"):
            _BALL_MARKS[who.pattern](pen, 0.88 * radius, pale)
        # The caller has turned the whole figure by `spin`; the shine is turned back.
        with pen.at(0.0, 0.0, angle=-pose.spin):
            pen.ellipse(-0.36 * radius, 0.5 * radius, 0.24 * radius, 0.16 * radius, lighter(colour, 0.85), soft=0.0)


def _star(pen: Pen, radius: float, colour: Colour) -> None:
    points = []
    for k in range(10):
        reach, angle = radius * (0.72 if k % 2 == 0 else 0.34), math.tau * (0.25 + k / 10)
        points.append((reach * math.cos(angle), reach * math.sin(angle)))
    pen.shape(points, colour, smooth=False, soft=0.0)


def _bands(pen: Pen, radius: float, colour: Colour) -> None:
    for share in (-0.54, 0.0, 0.54):
        half = radius * (math.sqrt(1 - share**2) - 0.13)
        pen.line([(-half, share * radius), (half, share * radius)], 0.26 * radius, colour)


def _dots(pen: Pen, radius: float, colour: Colour) -> None:
    pen.ellipse(0.0, 0.0, 0.24 * radius, 0.24 * radius, colour, soft=0.0)
    for k in range(5):
        angle = math.tau * k / 5
        pen.ellipse(
            0.64 * radius * math.cos(angle),
            0.64 * radius * math.sin(angle),
            0.2 * radius,
            0.2 * radius,
            colour,
            soft=0.0,
        )


_BALL_MARKS = {"plain": _star, "striped": _bands, "spotted": _dots}


def draw_balloon(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a balloon; its string swings with `pose.sway`."""
    colour = own_colour(who)
    swing = 0.14 * math.sin(math.tau * pose.sway)
    with pen.at(0.0, 0.0, stretch=build(who)):
        with pen.on("extra"):
            pen.line([(0.0, 0.4), (0.1 - swing, 0.2), (swing, 0.03)], 0.06, STRING, smooth=True)
            pen.shape([(0.0, 0.46), (-0.09, 0.34), (0.09, 0.34)], darker(colour, 0.25), smooth=False)
        pen.shape(_BALLOON, colour)
        with pen.on("extra"):
            pen.ellipse(-0.15, 1.03, 0.09, 0.13, lighter(colour, 0.75), soft=0.0)


_BALLOON: list[Point] = [
    (0.0, 0.4), (-0.2, 0.54), (-0.35, 0.78), (-0.36, 1.02), (-0.22, 1.23), (0.0, 1.3),
    (0.22, 1.23), (0.36, 1.02), (0.35, 0.78), (0.2, 0.54),
]  # fmt: skip
_KITE: list[Point] = [(0.0, 0.5), (0.475, 1.12), (0.0, 1.5), (-0.475, 1.12)]
_KITE_CROSS = (0.0, 1.12)


def draw_kite(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a kite; waves run down its tail of bows with `pose.flap` and `pose.sway`."""
    colour, bow = own_colour(who), second_colour(who)
    tail = [_tail_point(k / 8, pose.flap + 3 * pose.sway) for k in range(9)]
    with pen.at(0.0, 0.0, stretch=build(who)):
        with pen.on("extra"):
            pen.line(tail, 0.06, STRING)
            for x, y in (tail[3], tail[6]):
                for side in (-1, 1):
                    pen.shape([(x, y), (x + 0.14 * side, y + 0.09), (x + 0.14 * side, y - 0.09)], bow, smooth=False)
        coat(pen, who, _KITE, colour, mark_m=0.075, smooth=False)
        with pen.on("extra"):
            if who.pattern == "plain":
                for low in (0, 2):
                    pen.shape([_KITE[low], _KITE[low + 1], _KITE_CROSS], lighter(colour, 0.5), smooth=False)
            pen.line([_KITE[0], _KITE[2]], 0.05, darker(colour, 0.4))
            pen.line([_KITE[1], _KITE[3]], 0.05, darker(colour, 0.4))


def _tail_point(share: float, phase: float) -> Point:
    return (0.16 * share * math.sin(math.tau * (phase - 0.9 * share)), 0.5 - 0.47 * share)


# Blobs of the crown from back to front: x, y, radius across and up, how far lighter.
_CROWN = (
    (-0.4, 1.2, 0.35, 0.34, 0.0),
    (0.4, 1.22, 0.35, 0.34, 0.0),
    (0.0, 1.92, 0.44, 0.46, 0.0),
    (0.02, 1.42, 0.58, 0.52, 0.0),
    (-0.2, 1.72, 0.3, 0.26, 0.16),
)
_FRUIT = ((-0.36, 1.2), (0.36, 1.36), (0.04, 1.94), (-0.02, 1.36))


def draw_tree(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a round tree; its crown sways, the higher the further, with `pose.sway`."""
    colour = own_colour(who)
    bend = 0.05 * math.sin(math.tau * pose.sway)
    fruit = (214, 58, 60) if who.colour in ("green", "white") else lighter(colour, 0.6)
    with pen.at(0.0, 0.0, stretch=build(who)):
        with pen.on("limb"):
            pen.shape(
                [(-0.26, 0.0), (-0.12, 0.2), (-0.1, 1.2), (0.1, 1.2), (0.12, 0.2), (0.26, 0.0)], BARK, smooth=False
            )
            pen.line([(0.0, 0.62), (0.28, 0.95)], 0.12, BARK)
        for x, y, rx, ry, light in _CROWN:
            pen.ellipse(x + bend * y, y, rx, ry, lighter(colour, light), soft=0.0 if light else None)
        with pen.on("extra"):
            for x, y in _FRUIT:
                pen.ellipse(x + bend * y, y, 0.07, 0.07, fruit, soft=0.0)


_SHADE: list[Point] = [(-0.35, 0.98), (-0.18, 1.5), (0.18, 1.5), (0.35, 0.98)]


def draw_lamp(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a standing lamp that shines, as far as `pose.blink` or `pose.sleep` has not put it out."""
    colour = own_colour(who)
    shine = 1 - closed_eyes(pose)
    pull = 0.05 * math.sin(math.tau * pose.sway)
    with pen.at(0.0, 0.0, stretch=build(who)):
        pen.glow(0.0, 1.15, 1.0, LAMPLIGHT, 0.75 * shine)
        with pen.on("limb"):
            pen.rect(-0.055, 0.05, 0.11, 1.0, IRON)
            pen.ellipse(0.0, 0.08, 0.26, 0.08, IRON)
        with pen.on("extra"):
            pen.line([(0.2, 1.0), (0.2 + pull, 0.8)], 0.05, STRING)
            pen.ellipse(0.2 + pull, 0.78, 0.06, 0.06, darker(colour, 0.3))
            pen.ellipse(0.0, 0.98, 0.14, 0.1, mix(IRON, LAMPLIGHT, shine), soft=0.0)
        pen.shape(_SHADE, lighter(colour, 0.12 * shine), smooth=False)
        with pen.on("extra"):
            pen.line([(-0.32, 1.0), (0.32, 1.0)], 0.07, lighter(colour, 0.45))
        # A glow keeps its colour in any light: the shade shines in its own.
        pen.glow(0.0, 1.2, 0.42, lighter(colour, 0.25), 0.8 * shine)
        pen.glow(0.0, 0.98, 0.3, LAMPLIGHT, 0.6 * shine)


def draw_umbrella(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw an open umbrella, handle down, that tips to and fro with `pose.sway`."""
    colour = own_colour(who)
    with pen.at(0.0, 0.0, angle=0.08 * math.sin(math.tau * pose.sway), stretch=build(who)):
        with pen.on("limb"):
            pen.line([(0.0, 1.22), (0.0, 0.2)], 0.08, IRON)
            pen.line([(0.0, 0.3), (0.0, 0.14), (0.06, 0.06), (0.16, 0.06), (0.22, 0.16)], 0.11, WOOD)
        coat(pen, who, _canopy(0, 4), colour, mark_m=0.07, smooth=False)
        with pen.on("extra"):
            if who.pattern == "plain":
                for panel in (0, 2):
                    pen.shape(_canopy(panel, panel + 1), darker(colour, 0.16), smooth=False)


_RIBS_M = (-0.625, -0.33, 0.0, 0.33, 0.625)
_HEM_M, _DOME_M = 0.64, 0.54


def _canopy(first: int, last: int) -> list[Point]:
    """Return the outline of the canopy from rib `first` to rib `last`: up, over, down, back along the hem."""
    hem = [_hem_point(last - k / 6) for k in range(1, 6 * (last - first))]
    return [*_rib(_RIBS_M[first]), *reversed(_rib(_RIBS_M[last])), *hem]


def _rib(foot_x: float) -> list[Point]:
    angles = [math.pi / 2 * k / 6 for k in range(7)]
    return [(foot_x * math.cos(angle), _HEM_M + _DOME_M * math.sin(angle)) for angle in angles]


def _hem_point(rib: float) -> Point:
    """Return a point of the scalloped hem; a whole `rib` is a rib's foot."""
    panel = int(rib)
    share = rib - panel
    left, right = _RIBS_M[panel], _RIBS_M[panel + 1]
    return (left + (right - left) * share, _HEM_M + 0.09 * math.sin(math.pi * share))


def draw_apple(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw an apple from which `pose.bites` bites are missing, down to its core."""
    colour = own_colour(who)
    bites = min(pose.bites, MAX_BITES)
    with pen.at(0.0, _APPLE_M):
        with pen.on("extra"):
            pen.line([(0.0, 0.1), (0.02, 0.18)], 0.06, BARK)
            pen.shape([(0.02, 0.15), (0.1, 0.22), (0.19, 0.2), (0.12, 0.13)], LEAF)
        outline = _bitten(bites, _TOOTH_M)
        pen.shape(outline, FLESH if bites else colour, smooth=False)
        if bites == MAX_BITES:
            for end in (-1, 1):
                pen.shape([(x, y) for x, y in outline if end * y > 0.07], colour, smooth=False)
        elif bites:
            pen.shape(_bitten(bites, _TOOTH_M + 0.035), colour, smooth=False)
        else:
            pen.ellipse(-0.08, 0.05, 0.035, 0.05, lighter(colour, 0.7), soft=0.0)


# A bite's middle lies near the skin, in one of these directions; they leave a core from stem to bottom.
_BITES_DEG = (25, -28, 153, 207)
_BITE_M, _TOOTH_M = 0.17, 0.1


def _bitten(bites: int, tooth_m: float) -> list[Point]:
    """Return an apple's outline around its middle, with round bites of radius `tooth_m` taken out of it."""
    outline = []
    for k in range(72):
        angle = math.tau * k / 72
        dent = 0.05 * max(0.0, math.sin(angle)) ** 12 + 0.015 * max(0.0, -math.sin(angle)) ** 12
        teeth = [_reach_before_bite(angle - math.radians(way), tooth_m) for way in _BITES_DEG[:bites]]
        reach = min([_APPLE_M - dent, *teeth])
        outline.append((reach * math.cos(angle), reach * math.sin(angle)))
    return outline


def _reach_before_bite(turn: float, tooth_m: float) -> float:
    """Return how far a ray at angle `turn` from a bite's direction goes before it meets the bite's circle."""
    aside = _BITE_M * math.sin(turn)
    if math.cos(turn) <= 0 or abs(aside) >= tooth_m:
        return math.inf
    return _BITE_M * math.cos(turn) - math.sqrt(tooth_m**2 - aside**2)


def draw_shard(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a broken piece in its owner's colour; `tall`, `wide` and `head` decide its jagged form."""
    colour = own_colour(who)
    form = [
        (-0.15, 0.0),
        (0.06 * who.head, 0.04),
        (0.16, 0.02),
        (0.12, 0.14),
        (0.03 + 0.08 * who.wide, 0.3),
        (-0.13, 0.16),
    ]
    with pen.at(0.0, 0.0, stretch=build(who)):
        pen.shape(form, colour, smooth=False)
        with pen.on("extra"):
            pen.line([form[-1], form[-2]], 0.05, lighter(colour, 0.6))
