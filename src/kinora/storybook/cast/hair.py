"""Hair around the centre of a head of radius `r` metres that faces right: of each pair, first what is behind it."""

from kinora.storybook.pen import Colour, Pen, Point

_RIBBON: Colour = (255, 206, 92)


def _scaled(points: tuple[Point, ...], r: float) -> list[Point]:
    return [(x * r, y * r) for x, y in points]


def pigtails(pen: Pen, r: float, colour: Colour) -> None:
    """Draw two bunches held by ribbons, and the hair behind the face."""
    pen.ellipse(-0.08 * r, 0.08 * r, 1.06 * r, 1.06 * r, colour)
    for x, tip in ((-1.0, -1.52), (0.92, 1.45)):
        bunch = ((x, 0.62), (tip, 0.55), (1.14 * tip, -0.1), (1.04 * tip, -0.8), (0.84 * tip, -0.72), (x, 0.15))
        pen.shape(_scaled(bunch, r), colour)
        pen.ellipse(1.04 * x * r, 0.42 * r, 0.2 * r, 0.26 * r, _RIBBON, soft=0.0)


def fringe(pen: Pen, r: float, colour: Colour) -> None:
    """Draw hair parted into two bows over the forehead."""
    edge = ((0.98, 0.2), (0.72, 0.5), (0.3, 0.42), (-0.2, 0.5), (-0.62, 0.2), (-0.8, -0.3), (-1.05, -0.1))
    pen.shape(_scaled((*edge, (-0.95, 0.62), (-0.4, 1.08), (0.35, 1.06), (0.85, 0.7)), r), colour)


def nape(pen: Pen, r: float, colour: Colour) -> None:
    """Draw short hair behind the face."""
    pen.ellipse(-0.12 * r, 0.1 * r, 1.0 * r, 0.95 * r, colour)


def tousle(pen: Pen, r: float, colour: Colour) -> None:
    """Draw locks that stand on end."""
    locks = ((1.1, 0.35), (1.15, 0.85), (0.75, 0.95), (0.7, 1.4), (0.2, 1.1), (-0.15, 1.5), (-0.45, 1.05))
    nape = ((-0.95, 1.25), (-0.95, 0.75), (-1.35, 0.55), (-1.05, 0.2), (-1.2, -0.25), (-0.75, -0.2))
    inner = ((-0.6, 0.35), (-0.2, 0.3), (0.05, 0.62), (0.4, 0.4), (0.62, 0.66))
    pen.shape(_scaled((*locks, *nape, *inner), r), colour, smooth=False)


def bun(pen: Pen, r: float, colour: Colour) -> None:
    """Draw a bun on the back of the crown, and the hair behind the face."""
    pen.ellipse(-0.55 * r, 1.05 * r, 0.46 * r, 0.44 * r, colour)
    pen.ellipse(-0.16 * r, 0.0, 1.02 * r, 1.06 * r, colour)


def parting(pen: Pen, r: float, colour: Colour) -> None:
    """Draw hair swept back from the forehead."""
    edge = ((1.0, 0.1), (0.9, 0.42), (0.45, 0.68), (-0.1, 0.5), (-0.5, 0.1), (-0.62, -0.45), (-1.05, -0.4))
    pen.shape(_scaled((*edge, (-1.1, 0.3), (-0.7, 0.92), (0.0, 1.1), (0.7, 0.85)), r), colour)


def jaw(pen: Pen, r: float, colour: Colour) -> None:
    """Draw close-cut hair behind the face."""
    pen.ellipse(-0.14 * r, 0.14 * r, 0.98 * r, 0.9 * r, colour)


def crop(pen: Pen, r: float, colour: Colour) -> None:
    """Draw a short, flat cut with a sideburn."""
    edge = ((1.0, 0.42), (0.5, 0.56), (-0.1, 0.52), (-0.42, 0.3), (-0.48, -0.2), (-0.98, -0.25))
    pen.shape(_scaled((*edge, (-1.04, 0.5), (-0.85, 1.02), (0.2, 1.16), (0.95, 0.98)), r), colour)
