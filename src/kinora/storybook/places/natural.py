"""Places that nobody built: meadow, forest, snow, desert, mountains and space, as layers from back to front."""

from kinora.storybook.pen import Colour, Pen, darker
from kinora.storybook.places.layer import Cell, Layer, Ridge, drifting, slope
from kinora.storybook.places.props import (
    bush,
    cactus,
    fence,
    fir,
    flower,
    mushroom,
    stone,
    trunk,
    tuft,
)

PETALS: tuple[Colour, ...] = ((244, 238, 226), (226, 168, 186), (236, 206, 130), (178, 160, 206))

MEADOW_FAR = Ridge(base_m=1.6, swing_m=0.24, length_m=5.5)
MEADOW_MIDDLE = Ridge(base_m=1.25, swing_m=0.2, length_m=4.3, shift=2.0)
MEADOW_GROUND = Ridge(base_m=0.84, swing_m=0.05, length_m=7.0, shift=1.0)


def _meadow_bushes(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(3):
        bush(pen, x, cell.height(MEADOW_MIDDLE, x) - 0.06, cell.some(0.16, 0.3), (108, 152, 96))


def _meadow_fence(pen: Pen, cell: Cell) -> None:
    fence(pen, cell.left_m, cell.right_m, 0.78, (190, 168, 136))


def _meadow_flowers(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(7, -0.9, 0.66):
        tuft(pen, x, y, size * 0.16, (112, 156, 84))
    for x, y, size in cell.strewn(6, -0.9, 0.6):
        flower(pen, x, y, size * 0.19, cell.pick(PETALS))


def _meadow_front(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(3):
        tuft(pen, x, -0.95, cell.some(0.34, 0.5), (98, 144, 78))
        flower(pen, x + 0.3, -0.86, 0.3, cell.pick(PETALS))


FOREST_EDGE = Ridge(base_m=2.7, swing_m=0.3, length_m=2.4)
FOREST_SCRUB = Ridge(base_m=1.1, swing_m=0.12, length_m=2.7)
FOREST_GROUND = Ridge(base_m=0.82, swing_m=0.05, length_m=5.0)
FOREST_WOOD: Colour = (112, 94, 84)


def _forest_trunks(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(5):
        trunk(pen, x, 0.3, cell.some(0.14, 0.22), 5.0, (120, 116, 100))


def _forest_crowns(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2, 0.5):
        trunk(pen, x, 0.66, cell.some(0.3, 0.42), 5.0, FOREST_WOOD)
    for x in cell.spread(4, 0.4):
        bush(
            pen, x, cell.some(2.5, 2.8), cell.some(0.95, 1.2), cell.pick(((84, 128, 84), (94, 138, 84), (76, 118, 82)))
        )


def _forest_canopy(pen: Pen, cell: Cell) -> None:
    pen.rect(cell.left_m - 0.1, 3.3, cell.width_m + 0.2, 30.0, (84, 128, 84))


def _forest_undergrowth(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(4):
        bush(pen, x, 0.72, cell.some(0.26, 0.42), cell.pick(((92, 136, 80), (82, 124, 78))))


def _forest_floor(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(8, -0.9, 0.66):
        pen.film(x, y, size * 0.26, size * 0.06, cell.pick(((106, 92, 62), (172, 140, 84), (120, 138, 76))), 0.6)
    for x, y, size in cell.strewn(3, -0.8, 0.6):
        tuft(pen, x, y, size * 0.24, (100, 134, 74))
    for x, y, size in cell.strewn(2, -0.5, 0.6):
        mushroom(pen, x, y, size * 0.2)


def _forest_front(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(3):
        tuft(pen, x, -1.0, cell.some(0.45, 0.6), (72, 110, 66))


def _leaf(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(1):
        with pen.at(x, cell.low_m + cell.some(0.2, 0.8) * cell.tall_m, angle=cell.some(-0.8, 0.8)):
            pen.shape(
                [(-0.1, 0), (0, 0.05), (0.12, 0), (0, -0.05)],
                cell.pick(((206, 164, 84), (196, 128, 76), (150, 164, 84))),
            )


SNOW_FAR = Ridge(base_m=1.65, swing_m=0.26, length_m=5.0)
SNOW_MIDDLE = Ridge(base_m=1.2, swing_m=0.2, length_m=4.4, shift=1.0)
SNOW_GROUND = Ridge(base_m=0.82, swing_m=0.06, length_m=6.0, shift=2.0)
FIR: Colour = (88, 124, 122)


def _snow_far_firs(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(5):
        fir(pen, x, cell.height(SNOW_FAR, x) - 0.1, cell.some(0.3, 0.5), FIR)


def _snow_firs(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(3):
        fir(pen, x, cell.height(SNOW_MIDDLE, x) - 0.2, cell.some(0.9, 1.35), FIR, snowy=True)


def _snow_floor(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(4, -0.9, 0.55):
        pen.film(x, y, size * 0.5, size * 0.07, (140, 168, 208), 0.5)


def _snow_front(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2):
        pen.ellipse(x, -1.15, cell.some(0.8, 1.1), cell.some(0.3, 0.42), (206, 220, 240))


DESERT_DUNES = Ridge(base_m=1.2, swing_m=0.22, length_m=4.6)
DESERT_GROUND = Ridge(base_m=0.82, swing_m=0.06, length_m=6.4, shift=1.5)


def _desert_mesas(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(1, 0.4):
        half, top = cell.some(0.55, 0.95), cell.some(1.9, 2.4)
        outline = [
            (-half * 1.5, 0.5),
            (-half * 1.1, 1.45),
            (-half, top),
            (half * 0.9, top),
            (half, 1.45),
            (half * 1.5, 0.5),
        ]
        with pen.at(x, 0.0):
            pen.shape(outline, (202, 128, 96), smooth=False)
            pen.rect(-half * 1.03, top - 0.3, half * 2.0, 0.12, (178, 106, 84))


def _desert_cacti(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(1):
        cactus(pen, x, 0.7, cell.some(0.9, 1.25))


def _desert_floor(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(4, -0.9, 0.6):
        pen.line(
            [(x - size * 0.5, y), (x, y + size * 0.07), (x + size * 0.5, y)], 0.07 * size, (214, 168, 110), smooth=True
        )
    for x, y, size in cell.strewn(2, -0.8, 0.6):
        stone(pen, x, y, size * 0.16, (186, 136, 106))


def _desert_front(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2):
        tuft(pen, x, -0.95, cell.some(0.3, 0.42), (168, 148, 88))


ALPS_FOOT = Ridge(base_m=1.15, swing_m=0.16, length_m=3.8)
ALPS_GROUND = Ridge(base_m=0.82, swing_m=0.07, length_m=5.2, shift=1.0)


def _peak(pen: Pen, x: float, top: float, half: float, rock: Colour) -> None:
    with pen.at(x, 0.0):
        pen.shape([(-half, 0.2), (0, top), (half, 0.2)], rock, smooth=False, soft=0.0)
        pen.shape([(0.12 * half, 0.2), (0, top), (half, 0.2)], darker(rock, 0.16), smooth=False, soft=0.0)
        cap = top - (top - 0.2) * 0.34
        edge = half * 0.34
        zigzag = [
            (-edge, cap),
            (-edge * 0.5, cap + 0.14),
            (-edge * 0.1, cap - 0.1),
            (edge * 0.4, cap + 0.12),
            (edge, cap),
        ]
        pen.shape([(0, top + 0.01), *zigzag], (238, 242, 248), smooth=False, soft=0.05)


def _alps_far(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2, 0.4):
        _peak(pen, x, cell.some(2.2, 2.7), cell.some(1.1, 1.4), (142, 156, 184))


def _alps_near(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(1, 0.6):
        _peak(pen, x, cell.some(2.3, 2.9), cell.some(1.4, 1.7), (128, 134, 156))


def _alps_firs(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(6):
        fir(pen, x, cell.height(ALPS_FOOT, x) - 0.12, cell.some(0.35, 0.6), (92, 128, 106))


def _alps_floor(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(4, -0.9, 0.66):
        tuft(pen, x, y, size * 0.16, (122, 144, 98))
    for x, y, size in cell.strewn(3, -0.8, 0.66):
        stone(pen, x, y, size * 0.24)


def _alps_front(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2):
        stone(pen, x, -1.0, cell.some(0.3, 0.45), (136, 138, 146))


MOON_FAR = Ridge(base_m=1.05, swing_m=0.14, length_m=3.4)
MOON_GROUND = Ridge(base_m=0.82, swing_m=0.05, length_m=5.0, shift=1.0)


def _planets(pen: Pen, cell: Cell) -> None:
    x, ring = cell.left_m + cell.width_m * 0.31, (222, 196, 160)
    with pen.at(x, 2.45, angle=0.32):
        pen.ellipse(0, 0, 0.85, 0.2, ring, soft=0.0)
        pen.ellipse(0, 0, 0.66, 0.11, (70, 60, 104), soft=0.0)
        pen.ellipse(0, 0, 0.46, 0.46, (206, 148, 128))
        pen.rect(-0.42, 0.13, 0.84, 0.1, (226, 178, 150), corner=0.05)
        front = [
            (-0.85, 0),
            (-0.5, -0.155),
            (0, -0.2),
            (0.5, -0.155),
            (0.85, 0),
            (0.5, -0.08),
            (0, -0.11),
            (-0.5, -0.08),
        ]
        pen.shape(front, ring, soft=0.0)
    pen.ellipse(cell.left_m + cell.width_m * 0.78, 1.95, 0.2, 0.2, (126, 176, 178))


def _craters(pen: Pen, cell: Cell) -> None:
    for x, y, size in cell.strewn(4, -0.8, 0.62):
        radius = size * cell.some(0.2, 0.42)
        pen.ellipse(x, y, radius, radius * 0.28, (198, 196, 208), soft=0.0)
        pen.ellipse(x, y - 0.02, radius * 0.84, radius * 0.2, (122, 120, 146), soft=0.0)


MEADOW = (
    Layer(paint=slope(MEADOW_FAR, (150, 184, 140), (130, 170, 126)), parallax=0.15, far=0.75),
    Layer(paint=slope(MEADOW_MIDDLE, (160, 194, 124), (134, 174, 108)), parallax=0.35, far=0.4),
    Layer(paint=_meadow_bushes, parallax=0.35, far=0.35),
    Layer(paint=_meadow_fence, parallax=0.85, far=0.1, cell_m=6.0),
    Layer(paint=slope(MEADOW_GROUND, (176, 200, 118), (122, 166, 88))),
    Layer(paint=_meadow_flowers),
)
MEADOW_FRONT = (Layer(paint=_meadow_front, parallax=1.2),)
FOREST = (
    Layer(paint=slope(FOREST_EDGE, (128, 164, 130), (110, 150, 122), 2.0), parallax=0.15, far=0.8),
    Layer(paint=_forest_trunks, parallax=0.3, far=0.5),
    Layer(paint=slope(FOREST_SCRUB, (106, 144, 104), (92, 130, 92)), parallax=0.3, far=0.5),
    Layer(paint=_forest_canopy, parallax=0.6, far=0.15),
    Layer(paint=_forest_crowns, parallax=0.6, far=0.15, overhang_m=1.4),
    Layer(paint=_forest_undergrowth, parallax=0.8, far=0.08),
    Layer(paint=slope(FOREST_GROUND, (150, 150, 98), (118, 108, 76))),
    Layer(paint=_forest_floor),
    Layer(paint=_leaf, parallax=0.9, cell_m=3.5, tall_m=3.0, motion=drifting(0.12, -0.35, 0.3, 3.4)),
)
FOREST_FRONT = (Layer(paint=_forest_front, parallax=1.2),)
SNOWFIELD = (
    Layer(paint=_snow_far_firs, parallax=0.15, far=0.6),
    Layer(paint=slope(SNOW_FAR, (222, 232, 246), (184, 204, 230)), parallax=0.15, far=0.5),
    Layer(paint=slope(SNOW_MIDDLE, (226, 236, 248), (188, 208, 232)), parallax=0.4, far=0.2),
    Layer(paint=_snow_firs, parallax=0.4, far=0.2),
    Layer(paint=slope(SNOW_GROUND, (204, 219, 240), (160, 188, 224))),
    Layer(paint=_snow_floor),
)
SNOWFIELD_FRONT = (Layer(paint=_snow_front, parallax=1.2, overhang_m=1.5),)
DESERT = (
    Layer(paint=_desert_mesas, parallax=0.12, far=0.5, overhang_m=1.5),
    Layer(paint=slope(DESERT_DUNES, (232, 190, 128), (212, 160, 104)), parallax=0.35, far=0.25),
    Layer(paint=_desert_cacti, parallax=0.75, far=0.1),
    Layer(paint=slope(DESERT_GROUND, (236, 200, 138), (208, 160, 102))),
    Layer(paint=_desert_floor),
)
DESERT_FRONT = (Layer(paint=_desert_front, parallax=1.2),)
MOUNTAINS = (
    Layer(paint=_alps_far, parallax=0.06, far=0.6, overhang_m=1.6),
    Layer(paint=_alps_near, parallax=0.15, far=0.35, overhang_m=1.8),
    Layer(paint=slope(ALPS_FOOT, (134, 164, 124), (116, 148, 110)), parallax=0.4, far=0.2),
    Layer(paint=_alps_firs, parallax=0.4, far=0.2),
    Layer(paint=slope(ALPS_GROUND, (166, 180, 136), (130, 144, 112))),
    Layer(paint=_alps_floor),
)
MOUNTAINS_FRONT = (Layer(paint=_alps_front, parallax=1.2),)
SPACE = (
    Layer(paint=_planets, parallax=0.05, far=0.2, cell_m=5.0, overhang_m=0.2),
    Layer(paint=slope(MOON_FAR, (134, 132, 158), (110, 108, 138)), parallax=0.35, far=0.4),
    Layer(paint=slope(MOON_GROUND, (176, 174, 190), (136, 134, 158))),
    Layer(paint=_craters),
)
