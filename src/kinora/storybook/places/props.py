"""Small things that places are made of: each stands with its foot at (x, y), about as tall as its size in metres."""

import math

from kinora.storybook.pen import Colour, Pen, darker, lighter

LEAF = (92, 142, 84)
WOOD = (134, 104, 82)
STONE = (152, 150, 152)
SNOW = (226, 234, 244)


def bush(pen: Pen, x: float, y: float, size: float, colour: Colour = LEAF) -> None:
    """Draw a round bush."""
    with pen.at(x, y, scale=size):
        pen.shape(
            [(-0.8, -0.05), (-0.84, 0.35), (-0.45, 0.62), (-0.1, 0.98), (0.4, 0.82), (0.8, 0.5), (0.82, -0.05)], colour
        )


def tuft(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw a tuft of three blades of grass."""
    with pen.at(x, y, scale=size):
        pen.shape(
            [(-0.3, 0), (-0.55, 0.75), (-0.16, 0.3), (0.02, 1.0), (0.16, 0.3), (0.6, 0.7), (0.3, 0)],
            colour,
            smooth=False,
        )


def flower(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw a flower seen from the front, on a stalk."""
    with pen.at(x, y, scale=size):
        pen.line([(0, 0), (0, 0.6)], 0.2, darker(LEAF, 0.1))
        for k in range(5):
            angle = k * 2 * math.pi / 5
            pen.ellipse(0.3 * math.sin(angle), 0.75 + 0.3 * math.cos(angle), 0.24, 0.24, colour, soft=0.0)
        pen.ellipse(0, 0.75, 0.2, 0.2, (250, 226, 150), soft=0.0)


def stone(pen: Pen, x: float, y: float, size: float, colour: Colour = STONE) -> None:
    """Draw a lying stone."""
    with pen.at(x, y, scale=size):
        pen.film(0.1, 0.0, 0.95, 0.16, (40, 40, 60), 0.2)
        pen.shape([(-0.8, 0), (-0.6, 0.45), (0.0, 0.62), (0.6, 0.4), (0.85, 0)], colour, soft=0.22)


def trunk(pen: Pen, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """Draw a tree trunk of these metres that widens at its foot."""
    half = width / 2
    points = [
        (-half * 1.9, 0),
        (-half, height * 0.12),
        (-half * 0.8, height),
        (half * 0.8, height),
        (half, height * 0.12),
    ]
    with pen.at(x, y):
        pen.shape([*points, (half * 1.9, 0)], colour, smooth=False, soft=0.0)


def fir(pen: Pen, x: float, y: float, size: float, colour: Colour, snowy: bool = False) -> None:
    """Draw a fir of three tiers."""
    with pen.at(x, y, scale=size):
        pen.rect(-0.06, 0, 0.12, 0.2, WOOD)
        for low, high, half in ((0.12, 0.55, 0.36), (0.36, 0.78, 0.28), (0.6, 1.0, 0.19)):
            pen.shape([(-half, low), (0, high), (half, low)], colour, smooth=False)
            if snowy:
                cap = high - (high - low) * 0.42
                pen.shape([(-half * 0.46, cap), (0, high + 0.01), (half * 0.46, cap)], SNOW, smooth=False, soft=0.04)


def cactus(pen: Pen, x: float, y: float, size: float, colour: Colour = (106, 140, 96)) -> None:
    """Draw a saguaro with two arms."""
    with pen.at(x, y, scale=size):
        pen.line([(-0.28, 0.62), (-0.28, 0.42), (0, 0.36)], 0.13, colour)
        pen.line([(0.27, 0.78), (0.27, 0.56), (0, 0.5)], 0.13, colour)
        pen.rect(-0.1, 0, 0.2, 1.0, colour, corner=0.1)


def mushroom(pen: Pen, x: float, y: float, size: float) -> None:
    """Draw a mushroom with a muted red cap."""
    with pen.at(x, y, scale=size):
        pen.rect(-0.16, 0, 0.32, 0.6, (226, 214, 196), corner=0.12)
        pen.shape([(-0.52, 0.45), (-0.36, 0.86), (0, 1.0), (0.36, 0.86), (0.52, 0.45), (0, 0.4)], (176, 92, 84))


def shell(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw a scallop shell lying on the sand."""
    with pen.at(x, y, scale=size):
        pen.shape([(-0.15, 0), (-0.55, 0.5), (-0.3, 0.85), (0, 0.95), (0.3, 0.85), (0.55, 0.5), (0.15, 0)], colour)
        for tip in (-0.28, 0.0, 0.28):
            pen.line([(0, 0.12), (tip, 0.7)], 0.07, darker(colour, 0.2))


def starfish(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw a starfish lying on the sand."""
    tips = [(1.0 if k % 2 == 0 else 0.45, k * math.pi / 5) for k in range(10)]
    with pen.at(x, y, scale=size, stretch=(1.0, 0.6)):
        pen.shape([(r * math.sin(a), r * math.cos(a)) for r, a in tips], colour)


def palm(pen: Pen, x: float, y: float, size: float) -> None:
    """Draw a leaning palm."""
    with pen.at(x, y, scale=size):
        pen.line([(0, 0), (0.02, 0.5), (0.16, 0.82)], 0.08, WOOD, smooth=True)
        for dx, dy in ((-0.42, -0.1), (-0.34, 0.14), (0.0, 0.24), (0.36, 0.14), (0.42, -0.1)):
            pen.shape(
                [(0.16, 0.8), (0.16 + dx * 0.6, 0.92 + dy), (0.16 + dx, 0.78 + dy), (0.16 + dx * 0.5, 0.82 + dy)], LEAF
            )


def fence(pen: Pen, left: float, right: float, y: float, colour: Colour) -> None:
    """Draw a stretch of fence half a metre high: two rails, and a post every 0.6 m."""
    for rail in (0.18, 0.36):
        pen.rect(left, y + rail, right - left, 0.07, darker(colour, 0.08))
    for k in range(round((right - left) / 0.6)):
        pen.rect(left + 0.3 + 0.6 * k - 0.05, y - 0.05, 0.1, 0.55, lighter(colour, 0.1), corner=0.04)
