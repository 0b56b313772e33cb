"""Rain, snow and fog before the scene, and lightning. All motion is continuous in time; nothing flickers."""

import math

import numpy as np
import skia

from kinora.storybook.pen import Light, Pen, lighter
from kinora.storybook.places.layer import Cell, Layer, Stack, drifting
from kinora.storybook.scene import Scene
from kinora.storybook.view import EYE_HEIGHT_M, View, enter

# Weather fills the air between the viewer and the scene, so zooming does not change its size.
AIR_HEIGHT_M = 4.0
FLASH_S = 0.5
RAIN_SLANT = 0.16
# Drops and flakes catch more light than the ground, so that they are seen at night.
GLINT = 0.35


def _rain(pen: Pen, cell: Cell) -> None:
    colour = skia.Color(*lighter(pen.light.apply((232, 242, 252)), GLINT), 150)
    paint = skia.Paint(Color=colour, AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=0.06)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    path = skia.Path()
    for x in cell.spread(9):
        y, length = cell.low_m + cell.some(0, cell.tall_m), cell.some(0.3, 0.46)
        path.moveTo(x, y)
        path.lineTo(x - RAIN_SLANT * length, y - length)
    pen.canvas.drawPath(path, paint)


def _flakes(pen: Pen, cell: Cell) -> None:
    colour, pen.light = lighter(pen.light.apply((250, 252, 255)), GLINT), Light()
    for x in cell.spread(6):
        radius = cell.some(0.045, 0.075)
        pen.ellipse(x, cell.low_m + cell.some(0, cell.tall_m), radius, radius, colour, soft=0.0)


def _bank(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(2):
        with pen.at(x, cell.some(0.1, 2.2), stretch=(1.0, 0.26)):
            pen.glow(0.0, 0.0, cell.some(1.7, 2.4), lighter(pen.light.veil, 0.2), 0.6)


def _falling(x_m_s: float, y_m_s: float, sway_m: float, period_s: float) -> Layer:
    motion = drifting(x_m_s, -y_m_s, sway_m, period_s)
    return Layer(paint=_flakes, parallax=0.9, cell_m=3.0, tall_m=2.5, overhang_m=0.5, motion=motion)


LAYERS: dict[str, tuple[Layer, ...]] = {
    "clear": (),
    "rain": tuple(
        Layer(paint=_rain, parallax=0.9, cell_m=3.0, tall_m=2.5, overhang_m=0.6, motion=drifting(-RAIN_SLANT * v, -v))
        for v in (3.6, 4.6)
    ),
    "snow": (_falling(0.1, 0.55, 0.16, 3.0), _falling(-0.05, 0.75, 0.2, 3.7), _falling(0.05, 0.65, 0.12, 2.6)),
    "fog": (
        Layer(paint=_bank, parallax=0.7, far=1.0, cell_m=5.0, overhang_m=3.0, motion=drifting(0.16)),
        Layer(paint=_bank, parallax=0.9, far=1.0, cell_m=6.0, overhang_m=3.0, motion=drifting(-0.12)),
    ),
}


class Weather:
    """The weather of one scene, as recordings that move."""

    def __init__(self, scene: Scene) -> None:
        self._stack = Stack(scene, LAYERS[scene.weather], salt=3)
        self._flashes = thunder_times(scene)
        self._scene = scene

    def draw(self, canvas: skia.Canvas, view: View, height_px: float, t_s: float) -> None:
        """Paint rain, snow or fog over a canvas in pixels."""
        scale = AIR_HEIGHT_M / view.height_m
        air = View(
            centre_x_m=view.centre_x_m * scale,
            centre_y_m=EYE_HEIGHT_M + (view.centre_y_m - EYE_HEIGHT_M) * scale,
            height_m=AIR_HEIGHT_M,
            aspect=view.aspect,
        )
        self._stack.draw(canvas, air, height_px, t_s)

    def draw_lightning(self, canvas: skia.Canvas, view: View, height_px: float, t_s: float) -> None:
        """Light the sky up, with a bolt, for half a second after each thunder time."""
        for number, start_s in enumerate(self._flashes):
            age = (t_s - start_s) / FLASH_S
            if 0.0 <= age < 1.0:
                strength = math.sin(math.pi * math.sqrt(age))
                canvas.drawColor(skia.Color(226, 226, 255, round(150 * strength)))
                _bolt(Pen(canvas), view, height_px, (0.28, -0.3)[number % 2])


def _bolt(pen: Pen, view: View, height_px: float, share: float) -> None:
    with enter(pen, view, height_px, 0.03) as window, pen.at(share * window.width_m, 1.3):
        zigzag = [(0.35, 2.4), (-0.2, 1.05), (0.08, 1.1), (-0.22, 0.0), (0.4, 1.3), (0.12, 1.26), (0.62, 2.4)]
        pen.shape(zigzag, (255, 244, 190), smooth=False, soft=0.0)


def thunder_times(scene: Scene) -> tuple[float, ...]:
    """Return the instants of lightning, in seconds: one if the scene has thunder, and a second if there is time."""
    if "thunder" not in scene.sound.extra:
        return ()
    rng = np.random.default_rng([scene.seed, scene.index, 4])
    shares = [rng.uniform(0.15, 0.4)] + ([rng.uniform(0.6, 0.8)] if scene.duration_s >= 5.0 else [])
    return tuple(round(float(share) * scene.duration_s, 3) for share in shares)
