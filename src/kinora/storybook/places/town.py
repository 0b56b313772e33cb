"""Places where people live outdoors: city and village, as layers from back to front."""

from collections.abc import Iterator
from contextlib import contextmanager

import skia

from kinora.storybook.pen import Colour, Light, Pen
from kinora.storybook.places.layer import Cell, Layer, Ridge, bobbing, slope
from kinora.storybook.places.props import bush, flower, tuft

LAMP: Colour = (255, 222, 140)
GLASS: Colour = (176, 204, 216)


@contextmanager
def _shining(pen: Pen) -> Iterator[None]:
    """Paint in full colour whatever the hour: lit windows, footlights."""
    before, pen.light = pen.light, Light()
    try:
        yield
    finally:
        pen.light = before


def _panes(pen: Pen, rects: list[skia.Rect], colour: Colour) -> None:
    path = skia.Path()
    for rect in rects:
        path.addRect(rect)
    pen.canvas.drawPath(path, skia.Paint(Color=skia.Color(*pen.light.apply(colour)), AntiAlias=True))


def _windows(pen: Pen, cell: Cell, rects: list[skia.Rect], dark: Colour) -> None:
    """Paint window panes: by night most are lit, by dawn and sunset a few."""
    share = {"night": 0.6, "sunset": 0.35, "dawn": 0.2, "noon": 0.0}[cell.scene.light]
    lit = [rect for rect in rects if cell.some(0, 1) < share]
    _panes(pen, rects, dark)
    with _shining(pen):
        _panes(pen, lit, LAMP)


def _grid(left: float, low: float, columns: int, rows: int, step: tuple[float, float]) -> list[skia.Rect]:
    width, height = step[0] * 0.55, step[1] * 0.58
    corners = [(left + step[0] * (i + 0.22), low + step[1] * (j + 0.2)) for i in range(columns) for j in range(rows)]
    return [skia.Rect.MakeXYWH(x, y, width, height) for x, y in corners]


TOWERS: tuple[Colour, ...] = ((150, 164, 186), (168, 160, 178), (140, 158, 172))
FACADES: tuple[Colour, ...] = ((190, 164, 150), (164, 152, 160), (176, 172, 160), (150, 162, 166))


def _city_skyline(pen: Pen, cell: Cell) -> None:
    pen.soft = 0.0
    step = cell.width_m / 5
    for i in range(5):
        left, top = cell.left_m + i * step, cell.some(1.7, 2.75)
        pen.rect(left - 0.04, 0.0, step * cell.some(0.8, 1.1), top, cell.pick(TOWERS))
        if i % 2:
            pen.rect(left + 0.3, top - 0.02, 0.1, 0.3, TOWERS[0])
        _windows(pen, cell, _grid(left + 0.04, top - 1.0, 3, 4, (0.22, 0.24)), (128, 144, 170))


def _city_facades(pen: Pen, cell: Cell) -> None:
    pen.soft = 0.0
    step = cell.width_m / 3
    for i in range(3):
        left, rows = cell.left_m + i * step, 2 + int(cell.rng.integers(3))
        top = 0.85 + 0.42 * rows + 0.14
        pen.rect(left - 0.02, -4.0, step + 0.04, 4.0 + top, cell.pick(FACADES))
        pen.rect(left - 0.05, top - 0.1, step + 0.1, 0.14, (128, 118, 128))
        _windows(pen, cell, _grid(left + 0.1, 0.85, 3, rows, ((step - 0.2) / 3, 0.42)), (116, 136, 156))


def _city_joints(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(4, 0.0):
        pen.rect(x, 0.6, 0.05, 0.25, (160, 156, 160))


def _city_markings(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(3, 0.0):
        pen.rect(x - 0.35, -0.3, 0.7, 0.09, (206, 202, 190), corner=0.03)


HILL = Ridge(base_m=1.5, swing_m=0.25, length_m=5.0)
GREEN = Ridge(base_m=0.84, swing_m=0.04, length_m=6.0)
PATH = Ridge(base_m=0.46, swing_m=0.05, length_m=3.7)
VERGE = Ridge(base_m=-0.28, swing_m=0.06, length_m=4.1, shift=1.0)
PLASTER: tuple[Colour, ...] = ((232, 218, 190), (222, 202, 178), (226, 214, 206))
ROOFS: tuple[Colour, ...] = ((190, 92, 78), (178, 84, 74), (200, 108, 84))


def _house(pen: Pen, cell: Cell, x: float, y: float, size: float) -> None:
    with pen.at(x, y, scale=size):
        pen.rect(0.3, 1.0, 0.16, 0.5, (160, 110, 96))
        pen.rect(-0.55, -0.1, 1.1, 1.0, cell.pick(PLASTER))
        pen.shape([(-0.72, 0.82), (-0.42, 1.36), (0.42, 1.36), (0.72, 0.82)], cell.pick(ROOFS), smooth=False)
        pen.rect(-0.13, -0.1, 0.28, 0.56, (134, 100, 82), corner=0.1)
        panes = [skia.Rect.MakeXYWH(left, 0.36, 0.22, 0.26) for left in (-0.44, 0.24)]
        _windows(pen, cell, panes, (122, 146, 160))


def _church(pen: Pen, cell: Cell) -> None:
    with pen.at(cell.centre_m + cell.some(-0.8, 0.8), 1.3):
        pen.rect(-0.16, -0.2, 0.32, 1.0, (232, 222, 204))
        pen.shape([(-0.24, 0.78), (0, 1.4), (0.24, 0.78)], (168, 90, 82), smooth=False)
        pen.rect(-0.06, 0.42, 0.12, 0.22, (122, 136, 150), corner=0.06)


def _village_far_houses(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(3):
        _house(pen, cell, x, 1.12, cell.some(0.4, 0.5))


def _village_houses(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2, 0.0):
        _house(pen, cell, x, 0.8, 0.95)
        bush(pen, x + cell.some(0.75, 1.0), 0.72, cell.some(0.22, 0.3), (112, 150, 94))


def _village_smoke(pen: Pen, cell: Cell) -> None:
    # Houses stand at fixed places, so that the moving smoke finds their chimneys.
    for x in cell.spread(2, 0.0):
        for dx, dy, r in ((0.0, 0.0, 0.09), (0.1, 0.19, 0.13), (0.04, 0.42, 0.16)):
            pen.film(x + 0.36 + dx, 2.3 + dy, r, r * 0.9, (240, 238, 238), 0.6 - dy)


def _village_cobbles(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(9, -0.15, 0.34):
        pen.film(x, y, size * 0.15, size * 0.05, (170, 146, 118), 0.55)
    for x, y, size in cell.strewn(3, -0.95, -0.45):
        tuft(pen, x, y, size * 0.16, (108, 148, 82))
    for x, y, size in cell.strewn(2, -0.95, -0.45):
        flower(pen, x, y, size * 0.17, cell.pick(((244, 236, 220), (226, 168, 160))))


CITY = (
    Layer(paint=_city_skyline, parallax=0.12, far=0.55),
    Layer(paint=slope(Ridge(base_m=1.2), TOWERS[2], TOWERS[2]), parallax=0.12, far=0.55),
    Layer(paint=_city_facades, parallax=0.5, far=0.15),
    Layer(paint=slope(Ridge(base_m=0.86), (190, 186, 184), (176, 172, 174), 0.4)),
    Layer(paint=_city_joints),
    Layer(paint=slope(Ridge(base_m=0.6), (208, 204, 200), (208, 204, 200))),
    Layer(paint=slope(Ridge(base_m=0.5), (128, 130, 140), (104, 106, 120))),
    Layer(paint=_city_markings),
)
VILLAGE = (
    Layer(paint=slope(HILL, (156, 186, 136), (134, 170, 118)), parallax=0.12, far=0.6),
    Layer(paint=_church, parallax=0.25, far=0.35, cell_m=6.0),
    Layer(paint=_village_far_houses, parallax=0.25, far=0.35),
    Layer(paint=_village_smoke, parallax=0.6, far=0.1, motion=bobbing(0.05, 0.05, 4.0)),
    Layer(paint=_village_houses, parallax=0.6, far=0.1),
    Layer(paint=slope(GREEN, (166, 192, 120), (150, 182, 108), 0.5)),
    Layer(paint=slope(PATH, (212, 190, 152), (196, 170, 132), 0.5)),
    Layer(paint=slope(VERGE, (140, 176, 98), (120, 158, 86), 0.6)),
    Layer(paint=_village_cobbles),
)
