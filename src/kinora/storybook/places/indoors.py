"""Places indoors: room and stage, as layers from back to front. The room's window is a hole in its wall."""

import math

import skia

from kinora.storybook.pen import Colour, Light, Pen, darker
from kinora.storybook.places.layer import Cell, Layer, Ridge, slope

WALL: Colour = (206, 192, 170)
TRIM: Colour = (240, 232, 218)
DRAPE: Colour = (184, 124, 116)
FLOOR: Colour = (172, 130, 98)
BOOKS: tuple[Colour, ...] = ((176, 110, 100), (118, 148, 156), (206, 178, 120), (128, 146, 112), (160, 130, 160))
GARDEN = Ridge(base_m=1.7, swing_m=0.12, length_m=3.0)
# The window's lower left corner (x from the middle of a cell) and size, in metres.
WINDOW_X, WINDOW_Y, WINDOW_WIDTH, WINDOW_HEIGHT = -1.3, 1.3, 1.45, 1.35


def _wall(pen: Pen, cell: Cell) -> None:
    path = skia.Path()
    path.addRect(skia.Rect.MakeLTRB(cell.left_m - 0.05, -20.0, cell.right_m + 0.05, 20.0))
    path.addRect(skia.Rect.MakeXYWH(cell.centre_m + WINDOW_X, WINDOW_Y, WINDOW_WIDTH, WINDOW_HEIGHT))
    path.setFillType(skia.PathFillType.kEvenOdd)
    pen.canvas.drawPath(path, skia.Paint(Color=skia.Color(*pen.light.apply(WALL)), AntiAlias=True))
    pen.soft = 0.0
    for x in cell.spread(20, 0.0):
        pen.rect(x - 0.06, 2.82, 0.12, 6.0, darker(WALL, 0.06))
    pen.rect(cell.left_m - 0.1, 0.72, cell.width_m + 0.2, 0.22, (232, 222, 206))


def _window(pen: Pen, cell: Cell) -> None:
    width, height = WINDOW_WIDTH, WINDOW_HEIGHT
    drape = [(-0.4, height + 0.2), (0.26, height + 0.2), (0.04, height * 0.62), (-0.14, height * 0.36), (-0.08, -0.22)]
    with pen.at(cell.centre_m + WINDOW_X, WINDOW_Y):
        for x in (-0.06, width / 2 - 0.04, width - 0.04):
            pen.rect(x, -0.06, 0.09, height + 0.12, TRIM)
        for y in (-0.06, height / 2 - 0.04, height - 0.04):
            pen.rect(-0.06, y, width + 0.12, 0.09, TRIM)
        pen.rect(-0.2, -0.16, width + 0.4, 0.14, TRIM, corner=0.03)
        for x, side in ((0.0, 1.0), (width, -1.0)):
            with pen.at(x, 0.0, stretch=(side, 1.0)):
                pen.shape([*drape, (-0.4, -0.22)], DRAPE, smooth=False)
        pen.rect(-0.5, height + 0.16, width + 1.0, 0.1, (140, 102, 80), corner=0.05)


def _picture(pen: Pen, cell: Cell) -> None:
    with pen.at(cell.centre_m + 0.62, 1.78):
        pen.rect(0.0, 0.0, 0.8, 0.64, (150, 112, 84), corner=0.03)
        pen.rect(0.08, 0.08, 0.64, 0.48, (172, 200, 206))
        pen.shape([(0.08, 0.08), (0.24, 0.34), (0.4, 0.2), (0.56, 0.38), (0.72, 0.08)], (128, 160, 120), smooth=False)


def _bookcase(pen: Pen, cell: Cell) -> None:
    pen.soft = 0.0
    with pen.at(cell.centre_m + 1.7, 0.7):
        pen.rect(0.0, 0.0, 0.95, 1.78, (146, 108, 82), corner=0.04)
        for shelf in (0.14, 0.67, 1.2):
            pen.rect(0.08, shelf, 0.79, 0.45, (104, 76, 66))
            for i in range(5):
                pen.rect(0.1 + 0.15 * i, shelf, 0.13, cell.some(0.26, 0.4), cell.pick(BOOKS))


def _planks(pen: Pen, cell: Cell) -> None:
    for y in (0.6, 0.36, 0.04, -0.38, -0.9):
        pen.rect(cell.left_m - 0.1, y, cell.width_m + 0.2, 0.045, darker(FLOOR, 0.16))


def _rug(pen: Pen, cell: Cell) -> None:
    pen.ellipse(cell.centre_m, 0.16, 1.75, 0.34, (150, 120, 130), soft=0.0)
    pen.ellipse(cell.centre_m, 0.16, 1.5, 0.27, (206, 186, 168), soft=0.0)
    pen.ellipse(cell.centre_m, 0.16, 1.3, 0.22, (164, 136, 142), soft=0.0)


CURTAIN: Colour = (138, 62, 74)
BOARD: Colour = (176, 134, 98)
BEAMS: dict[str, Colour] = {
    "dawn": (255, 214, 206),
    "noon": (255, 246, 222),
    "sunset": (255, 190, 120),
    "night": (176, 198, 255),
}


def _stage_curtain(pen: Pen, cell: Cell) -> None:
    # Eight folds of eight flat stripes, each reaching to the cell's end, so that no gap can show.
    pen.soft = 0.0
    step, right = cell.width_m / 64, cell.right_m + 0.05
    for i in range(64):
        left = cell.left_m + i * step
        shade = 0.34 * (0.5 + 0.5 * math.cos(2 * math.pi * (i + 0.5) / 8))
        pen.rect(left, 0.0, right - left, 9.0, darker(CURTAIN, shade))


def _stage_joints(pen: Pen, cell: Cell) -> None:
    for i in range(8):
        x = cell.left_m + cell.width_m * i / 8
        pen.line([(x, 0.8), (x, -0.9)], 0.045, darker(BOARD, 0.22))


def _spotlight(pen: Pen, cell: Cell) -> None:
    colour, x = BEAMS[cell.scene.light], cell.centre_m
    ends = [skia.Color(*colour, 120), skia.Color(*colour, 26)]
    shader = skia.GradientShader.MakeLinear([(0, 4.5), (0, 0.1)], ends)
    path = skia.Path()
    path.addPoly(
        [skia.Point(x - 0.3, 7.0), skia.Point(x + 0.3, 7.0), skia.Point(x + 1.7, 0.15), skia.Point(x - 1.7, 0.15)], True
    )
    pen.canvas.drawPath(path, skia.Paint(Shader=shader, AntiAlias=True))
    pen.light = Light()
    pen.film(x, 0.15, 1.7, 0.36, colour, 0.42)


def _stage_valance(pen: Pen, cell: Cell) -> None:
    scallops = 6
    step = cell.width_m / scallops
    for i in range(scallops):
        x = cell.left_m + (i + 0.5) * step
        pen.ellipse(x, 3.12, step * 0.54, 0.34, (204, 168, 96), soft=0.05)
        pen.ellipse(x, 3.2, step * 0.54, 0.34, (150, 66, 74), soft=0.1)
    pen.soft = 0.0
    pen.rect(cell.left_m - 0.1, 3.2, cell.width_m + 0.2, 30.0, (150, 66, 74))


def _footlights(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(5, 0.0):
        pen.ellipse(x, -0.5, 0.16, 0.14, (110, 96, 92))
        pen.glow(x, -0.44, 0.22, BEAMS[cell.scene.light], 1.0)


OUTSIDE = (Layer(paint=slope(GARDEN, (150, 184, 130), (122, 164, 108), 0.6), parallax=0.3, far=0.3),)
ROOM = (
    Layer(paint=_wall, parallax=0.9, cell_m=5.2),
    Layer(paint=_window, parallax=0.9, cell_m=5.2),
    Layer(paint=_picture, parallax=0.9, cell_m=5.2),
    Layer(paint=_bookcase, parallax=0.9, cell_m=5.2),
    Layer(paint=slope(Ridge(base_m=0.76), FLOOR, darker(FLOOR, 0.12))),
    Layer(paint=_planks),
    Layer(paint=_rug, cell_m=5.2),
)
STAGE = (
    Layer(paint=_stage_curtain, parallax=0.8),
    Layer(paint=slope(Ridge(base_m=0.8), darker(BOARD, 0.14), BOARD, 1.0)),
    Layer(paint=_stage_joints),
    Layer(paint=slope(Ridge(base_m=-0.5), (196, 160, 100), (196, 160, 100))),
    Layer(paint=slope(Ridge(base_m=-0.6), (96, 64, 60), (80, 54, 54))),
    Layer(paint=_spotlight, cell_m=6.0),
    Layer(paint=_stage_valance, parallax=0.95),
)
STAGE_FRONT = (Layer(paint=_footlights, parallax=1.1),)
