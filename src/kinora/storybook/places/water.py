"""Places by the water: the beach and the open sea. Waves are rows of ridges that circle, each at its own pace."""

import skia

from kinora.storybook.pen import Colour, Light, Pen, lighter
from kinora.storybook.places.layer import Cell, Layer, Painter, Ridge, bobbing, slope
from kinora.storybook.places.props import palm, shell, starfish, stone

FOAM: Colour = (236, 244, 244)
SAND: Colour = (234, 212, 168)

BEACH_HORIZON = Ridge(base_m=1.5)
BEACH_SWELL = Ridge(base_m=1.22, swing_m=0.035, length_m=1.5)
BEACH_SURF = Ridge(base_m=0.98, swing_m=0.05, length_m=1.9, shift=1.0)
BEACH_WASH = Ridge(base_m=0.8, swing_m=0.05, length_m=2.6, shift=2.0)
BEACH_SAND = Ridge(base_m=0.68, swing_m=0.04, length_m=6.0)

SEA_HORIZON = Ridge(base_m=1.25)
SEA_ROWS = (
    Ridge(base_m=1.02, swing_m=0.03, length_m=1.3),
    Ridge(base_m=0.8, swing_m=0.04, length_m=1.7, shift=1.0),
    Ridge(base_m=0.52, swing_m=0.05, length_m=2.1, shift=2.0),
)
SEA_SURFACE = Ridge(base_m=0.2, swing_m=0.06, length_m=2.4, shift=3.0)


def _island(pen: Pen, cell: Cell) -> None:
    x = cell.centre_m + cell.some(-1.0, 1.0)
    pen.shape([(x - 0.7, 1.44), (x - 0.35, 1.6), (x + 0.1, 1.68), (x + 0.5, 1.56), (x + 0.75, 1.44)], (206, 190, 140))
    palm(pen, x - 0.1, 1.6, 0.75)
    palm(pen, x + 0.25, 1.6, 0.55)


def _lighthouse(pen: Pen, cell: Cell) -> None:
    x = cell.centre_m + cell.some(-0.6, 0.6)
    pen.shape([(x - 0.75, 1.2), (x - 0.3, 1.42), (x + 0.25, 1.46), (x + 0.7, 1.2)], (128, 134, 134))
    with pen.at(x, 1.4):
        pen.shape([(-0.17, 0), (-0.11, 0.9), (0.11, 0.9), (0.17, 0)], (238, 232, 222), smooth=False)
        for low in (0.18, 0.56):
            pen.rect(-0.145, low, 0.29, 0.19, (206, 106, 98))
        pen.rect(-0.16, 0.88, 0.32, 0.06, (110, 104, 116))
        pen.shape([(-0.14, 1.1), (0, 1.28), (0.14, 1.1)], (206, 106, 98), smooth=False)
        pen.light = Light()
        pen.rect(-0.09, 0.94, 0.18, 0.17, (255, 236, 150))
        if cell.scene.light == "night":
            pen.glow(0, 1.02, 0.7, (255, 236, 150), 0.8)


def _swell(ridge: Ridge, colour: Colour) -> Painter:
    """Return a painter of a row of waves: water from a ridge down, with a few short crests of foam."""
    water = slope(ridge, lighter(colour, 0.14), colour, 0.5)

    def paint(pen: Pen, cell: Cell) -> None:
        water(pen, cell)
        for x in cell.spread(3, 0.5):
            y = cell.height(ridge, x) - 0.09
            pen.line([(x - 0.2, y), (x, y + 0.05), (x + 0.2, y)], 0.05, lighter(colour, 0.55), smooth=True)

    return paint


def _beach_things(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(4, -0.8, 0.4):
        pen.film(x, y, size * 0.34, size * 0.05, (204, 176, 128), 0.6)
    for x, y, size in cell.strewn(2, -0.8, 0.5):
        shell(pen, x, y, size * 0.2, cell.pick(((228, 176, 164), (238, 224, 206), (206, 172, 190))))
    for x, y, size in cell.strewn(1, -0.7, 0.4):
        starfish(pen, x, y, size * 0.17, (216, 134, 104))
    for x, y, size in cell.strewn(1, -0.7, 0.5):
        stone(pen, x, y, size * 0.14)


def _beach_front(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(1):
        pen.ellipse(x, -1.2, cell.some(1.0, 1.4), cell.some(0.3, 0.4), (222, 198, 152))


def _sea_crest(pen: Pen, cell: Cell) -> None:
    steps = 32
    line = [cell.left_m + cell.width_m * i / steps for i in range(steps + 1)]
    path = skia.Path()
    path.addPoly([skia.Point(x, cell.height(SEA_SURFACE, x)) for x in line], False)
    colour = skia.Color(*pen.light.apply((206, 232, 236)))
    paint = skia.Paint(Color=colour, AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=0.07)
    pen.canvas.drawPath(path, paint)


OPEN_WATER: tuple[Colour, Colour] = ((132, 190, 204), (86, 152, 184))
LAPPING = bobbing(0.22, 0.045, 3.0)

BEACH = (
    Layer(paint=slope(BEACH_HORIZON, *OPEN_WATER, 0.6), parallax=0.06, far=0.35),
    Layer(paint=_island, parallax=0.1, far=0.4, cell_m=7.0),
    Layer(paint=_swell(BEACH_SWELL, (96, 166, 190)), parallax=0.3, far=0.15, motion=bobbing(0.12, 0.015, 3.6)),
    Layer(paint=_swell(BEACH_SURF, (112, 182, 196)), parallax=0.6, far=0.08, motion=bobbing(0.15, 0.025, 3.1, 0.3)),
    Layer(paint=slope(BEACH_WASH, FOAM, (190, 220, 216), 0.3), parallax=0.9, motion=bobbing(0.06, 0.06, 4.0, 0.6)),
    Layer(paint=slope(BEACH_SAND, (212, 190, 146), SAND, 0.35)),
    Layer(paint=_beach_things),
)
BEACH_FRONT = (Layer(paint=_beach_front, parallax=1.2, overhang_m=1.6),)
SEA = (
    Layer(paint=slope(SEA_HORIZON, *OPEN_WATER, 0.6), parallax=0.06, far=0.35),
    Layer(paint=_lighthouse, parallax=0.1, far=0.3, cell_m=8.0),
    Layer(paint=_swell(SEA_ROWS[0], (100, 168, 192)), parallax=0.4, far=0.3, motion=bobbing(0.09, 0.02, 3.2)),
    Layer(paint=_swell(SEA_ROWS[1], (84, 152, 184)), parallax=0.6, far=0.2, motion=bobbing(0.14, 0.03, 3.7, 0.3)),
    Layer(paint=_swell(SEA_ROWS[2], (70, 136, 172)), parallax=1.0, far=0.1, motion=bobbing(0.19, 0.04, 4.2, 0.6)),
)
SEA_FRONT = (
    Layer(
        paint=slope(SEA_SURFACE, (88, 156, 188), (42, 96, 142), 1.0),
        parallax=1.05,
        motion=LAPPING,
        shine=lambda t_s: 0.6,
    ),
    Layer(paint=_sea_crest, parallax=1.05, motion=LAPPING),
)
