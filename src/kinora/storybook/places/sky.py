"""The sky over every outdoor place: its gradient, sun, moon, stars and clouds."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import skia

from kinora.storybook.light import cloud_colour, sky_colours
from kinora.storybook.pen import Colour, Light, Pen, Point, darker, lighter
from kinora.storybook.places.layer import Cell, Layer, Motion, Painter, bands, drifting
from kinora.storybook.scene import Scene
from kinora.storybook.view import View

HORIZON_M, ZENITH_M = 0.8, 3.7
# A room has its window here, and the sun or moon in it.
IN_WINDOW_M = -0.8
STAR = (255, 246, 214)


@dataclass(frozen=True, kw_only=True)
class Disc:
    """Sun or moon: where it stands (x from the middle as a share of the picture's width) and how it looks."""

    x_share: float
    y_m: float
    radius_m: float
    colour: Colour
    halo: Colour


DISCS: dict[str, Disc] = {
    "dawn": Disc(x_share=-0.3, y_m=1.95, radius_m=0.38, colour=(255, 244, 208), halo=(255, 226, 190)),
    "noon": Disc(x_share=0.33, y_m=2.45, radius_m=0.34, colour=(255, 244, 176), halo=(255, 250, 224)),
    "sunset": Disc(x_share=0.3, y_m=1.75, radius_m=0.5, colour=(255, 206, 112), halo=(255, 176, 96)),
    "night": Disc(x_share=-0.32, y_m=2.5, radius_m=0.34, colour=(250, 242, 206), halo=(170, 184, 236)),
}


def sky_layers(scene: Scene) -> list[Layer]:
    """Return what is infinitely far, from back to front."""
    layers = [Layer(paint=_heavens, parallax=0.06, cell_m=400.0)]
    if scene.place == "space" or (scene.light == "night" and scene.weather == "clear"):
        layers += _stars()
    if scene.weather == "clear" and scene.place != "space":
        where = _at(IN_WINDOW_M) if scene.place == "room" else _beside(DISCS[scene.light].x_share)
        layers.append(Layer(paint=_disc, parallax=0.03, cell_m=400.0, motion=where))
    if scene.place != "space" and scene.weather != "fog":
        clouds = _clear_clouds if scene.weather == "clear" else _heavy_clouds
        layers.append(Layer(paint=clouds, parallax=0.1, cell_m=4.6, overhang_m=1.6, motion=drifting(0.1)))
    return layers


def _heavens(pen: Pen, cell: Cell) -> None:
    zenith, middle, horizon = sky_colours(cell.scene)
    half_m = (HORIZON_M + ZENITH_M) / 2
    pen.canvas.drawColor(skia.Color(*zenith))
    bands(pen, cell, (ZENITH_M, half_m), zenith, middle)
    bands(pen, cell, (half_m, HORIZON_M), middle, horizon)


def _beside(share: float) -> Motion:
    # Sun and moon stand at a share of the picture's width, so that narrow pictures have them too.
    def motion(t_s: float, window: View) -> Point:
        return (share * window.width_m, 0.0)

    return motion


def _at(x_m: float) -> Motion:
    return lambda t_s, window: (x_m, 0.0)


def _disc(pen: Pen, cell: Cell) -> None:
    disc = DISCS[cell.scene.light]
    pen.light = Light()
    pen.glow(0.0, disc.y_m, disc.radius_m * 2.6, disc.halo, 0.75)
    if cell.scene.light == "night":
        pen.canvas.drawPath(
            crescent(0.0, disc.y_m, disc.radius_m), skia.Paint(Color=skia.Color(*disc.colour), AntiAlias=True)
        )
    else:
        pen.ellipse(0.0, disc.y_m, disc.radius_m, disc.radius_m, disc.colour, soft=0.04)


def crescent(x: float, y: float, radius: float) -> skia.Path:
    """Return a crescent moon, open to the right."""
    moon, shadow = skia.Path(), skia.Path()
    moon.addCircle(x, y, radius)
    shadow.addCircle(x + radius * 0.55, y + radius * 0.22, radius * 0.86)
    return skia.Op(moon, shadow, skia.PathOp.kDifference_PathOp)


def _stars() -> list[Layer]:
    groups = ((4, None), (2, _twinkle(3.1, 0.0)), (2, _twinkle(2.3, 0.4)))
    return [
        Layer(paint=_starfield(n), parallax=0.03, cell_m=3.0, tall_m=2.4, overhang_m=0.2, shine=shine)
        for n, shine in groups
    ]


def _twinkle(period_s: float, turn: float) -> Callable[[float], float]:
    return lambda t_s: 0.6 + 0.4 * math.sin(2 * math.pi * (t_s / period_s + turn))


def _starfield(count: int) -> Painter:
    def paint(pen: Pen, cell: Cell) -> None:
        pen.light = Light()
        for x in cell.spread(count):
            y, size = cell.low_m + cell.some(0.0, cell.tall_m), cell.some(0.0, 1.0)
            if size > 0.7:
                star(pen, x, y, 0.1)
            else:
                pen.ellipse(x, y, 0.032 + 0.02 * size, 0.032 + 0.02 * size, STAR, soft=0.0)

    return paint


def star(pen: Pen, x: float, y: float, radius: float) -> None:
    """Draw a four-pointed star."""
    tips = [(radius * (1.0 if k % 2 == 0 else 0.36), k * math.pi / 4) for k in range(8)]
    pen.shape([(x + r * math.sin(a), y + r * math.cos(a)) for r, a in tips], STAR, smooth=False, soft=0.0)


def _clear_clouds(pen: Pen, cell: Cell) -> None:
    for x in cell.spread(1, 0.5):
        cloud(pen, x, cell.some(2.3, 3.0), cell.some(0.7, 1.05), cloud_colour(cell.scene))


def _heavy_clouds(pen: Pen, cell: Cell) -> None:
    colour = cloud_colour(cell.scene)
    for i, x in enumerate(cell.spread(3)):
        shade = darker(colour, 0.06) if i % 2 else lighter(colour, 0.08)
        cloud(pen, x, cell.some(2.5, 3.1), cell.some(1.0, 1.35), shade)


def cloud(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw a flat-bottomed cloud about 1.4 m wide at size 1."""
    light, pen.light = pen.light, Light()
    with pen.at(x, y, scale=size):
        pen.rect(-0.7, -0.14, 1.4, 0.26, colour, corner=0.13)
        for dx, dy, r in ((-0.32, 0.08, 0.2), (0.02, 0.16, 0.28), (0.36, 0.06, 0.18)):
            pen.ellipse(dx, dy, r, r, colour, soft=0.03)
    pen.light = light
