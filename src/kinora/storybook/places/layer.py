"""Layers of a backdrop: endless along x, generated cell by cell, recorded once and replayed.

A cell is painted from the scene's own numbers (seed, index, layer, cell), so any x can be shown at any
time, in any order, at any size, and looks the same.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import skia

from kinora.storybook.light import place_light
from kinora.storybook.pen import Colour, Pen, Point, flat_paint, mix
from kinora.storybook.scene import Scene
from kinora.storybook.view import View, enter

DEEP_M = 40.0
# From this many resting layers on, an image of them is cheaper than drawing them.
LAYERS_WORTH_AN_IMAGE = 3
OVERLAP_M = 0.1
_CELL_ORIGIN = 2**20


@dataclass(frozen=True, kw_only=True)
class Ridge:
    """A rolling line: metres above the ground's zero, by x in metres."""

    base_m: float
    swing_m: float = 0.0
    length_m: float = 6.0
    shift: float = 0.0

    def at(self, x_m: float, phase: float) -> float:
        """Return the line's height at x; `phase` in radians makes scenes differ."""
        turn = 2 * math.pi * x_m / self.length_m + phase + self.shift
        return self.base_m + self.swing_m * (0.65 * math.sin(turn) + 0.35 * math.sin(2.3 * turn + 2 * self.shift))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One stretch of a layer, painted whole: its borders in metres, its own random numbers, and the scene it is in."""

    scene: Scene
    rng: np.random.Generator
    left_m: float
    width_m: float
    low_m: float
    tall_m: float
    phase: float
    number: int

    @property
    def right_m(self) -> float:
        """Return the x of the right border, in metres."""
        return self.left_m + self.width_m

    @property
    def centre_m(self) -> float:
        """Return the x of the middle, in metres."""
        return self.left_m + self.width_m / 2

    def height(self, ridge: Ridge, x_m: float) -> float:
        """Return a ridge's height at x, in metres."""
        return ridge.at(x_m, self.phase)

    def some(self, low: float, high: float) -> float:
        """Return a random number between low and high."""
        return low + (high - low) * self.rng.random()

    def pick(self, options: Sequence[Colour]) -> Colour:
        """Return one of the colours."""
        return options[int(self.rng.integers(len(options)))]

    def spread(self, count: int, jitter: float = 0.7) -> Iterator[float]:
        """Yield `count` values of x, evenly spaced and then jittered by a share of the spacing."""
        step = self.width_m / count
        for i in range(count):
            yield self.left_m + step * (i + 0.5 + jitter * self.some(-0.5, 0.5))

    def strewn(self, count: int, low_m: float, high_m: float) -> list[tuple[float, float, float]]:
        """Return (x, y, size) of things lying on the ground between two heights, the far ones first and smaller."""
        spots = [(x, self.some(low_m, high_m)) for x in self.spread(count)]
        return [(x, y, 0.85 - 0.35 * y) for x, y in sorted(spots, key=lambda spot: -spot[1])]


Painter = Callable[[Pen, Cell], None]
Motion = Callable[[float, View], Point]


def still(t_s: float, window: View) -> Point:
    """Return no displacement: most layers keep their place."""
    return (0.0, 0.0)


def drifting(x_m_s: float, y_m_s: float = 0.0, sway_m: float = 0.0, period_s: float = 4.0) -> Motion:
    """Return a steady drift with a sideways sway."""

    def motion(t_s: float, window: View) -> Point:
        return (x_m_s * t_s + sway_m * math.sin(2 * math.pi * t_s / period_s), y_m_s * t_s)

    return motion


def bobbing(x_m: float, y_m: float, period_s: float, turn: float = 0.0) -> Motion:
    """Return a motion round an ellipse of these half-axes, `turn` cycles ahead: water."""

    def motion(t_s: float, window: View) -> Point:
        angle = 2 * math.pi * (t_s / period_s + turn)
        return (x_m * math.sin(angle), y_m * math.cos(angle))

    return motion


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What is painted in every cell of one depth, `far` behind how much air.

    Drawings may reach `overhang_m` beyond their cell. With `tall_m` cells repeat upwards too. `shine` is opacity.
    """

    paint: Painter
    parallax: float = 1.0
    far: float = 0.0
    cell_m: float = 4.0
    tall_m: float | None = None
    overhang_m: float = 1.0
    motion: Motion = still
    shine: Callable[[float], float] | None = None

    @property
    def rests(self) -> bool:
        """Return whether it looks the same at all times, as long as the camera rests."""
        return self.motion is still and self.shine is None


class Stack:
    """The layers of one scene, from back to front. Cells are recorded when first seen, in metres, for any size.

    Before a static camera, neighbouring layers that keep their place become one image.
    """

    def __init__(self, scene: Scene, layers: Sequence[Layer], *, salt: int) -> None:
        """`salt` tells the stacks of one scene apart."""
        self._scene = scene
        self._layers = tuple(layers)
        self._salt = salt
        self._phase = float(np.random.default_rng([scene.seed, scene.index]).uniform(0, 2 * math.pi))
        self._lights = {far: place_light(scene, far) for far in {layer.far for layer in layers}}
        self._recordings: dict[tuple[int, int, int], skia.Picture] = {}
        rests = [layer.rests and scene.camera.move == "static" for layer in self._layers]
        self._runs = [(rest, tuple(run)) for rest, run in groupby(range(len(rests)), key=lambda number: rests[number])]
        self._images: dict[tuple[int, ...], tuple[View, float, skia.Image]] = {}

    def draw(self, canvas: skia.Canvas, view: View, height_px: float, t_s: float) -> None:
        """Paint every layer on a canvas in pixels."""
        for rest, numbers in self._runs:
            if rest and len(numbers) >= LAYERS_WORTH_AN_IMAGE:
                canvas.drawImage(self._image(numbers, view, height_px), 0, 0)
            else:
                self._draw_layers(canvas, numbers, view, height_px, t_s)

    def _image(self, numbers: tuple[int, ...], view: View, height_px: float) -> skia.Image:
        """Return the layers of these numbers as an image; the latest is kept."""
        if self._images.get(numbers, ())[:2] != (view, height_px):
            surface = skia.Surface(round(view.aspect * height_px), round(height_px))
            self._draw_layers(surface.getCanvas(), numbers, view, height_px, 0.0)
            self._images[numbers] = (view, height_px, surface.makeImageSnapshot())
        return self._images[numbers][2]

    def _draw_layers(
        self, canvas: skia.Canvas, numbers: tuple[int, ...], view: View, height_px: float, t_s: float
    ) -> None:
        pen = Pen(canvas)
        for number in numbers:
            layer = self._layers[number]
            with enter(pen, view, height_px, layer.parallax) as window:
                dx, dy = layer.motion(t_s, window)
                canvas.translate(dx, dy)
                if layer.shine is not None:
                    canvas.saveLayerAlpha(None, round(255 * layer.shine(t_s)))
                for spot in _cells(layer, window, dx, dy):
                    canvas.drawPicture(self._recording(number, *spot))
                if layer.shine is not None:
                    canvas.restore()

    def _recording(self, number: int, column: int, row: int) -> skia.Picture:
        key = (number, column, row)
        if key not in self._recordings:
            self._recordings[key] = self._record(*key)
        return self._recordings[key]

    def _record(self, number: int, column: int, row: int) -> skia.Picture:
        layer, scene = self._layers[number], self._scene
        tall_m = layer.tall_m or 0.0
        seeds = [scene.seed, scene.index, self._salt, number, column + _CELL_ORIGIN, row + _CELL_ORIGIN]
        cell = Cell(
            scene=scene,
            rng=np.random.default_rng(seeds),
            left_m=(column - 0.5) * layer.cell_m,
            width_m=layer.cell_m,
            low_m=(row - 0.5) * tall_m,
            tall_m=tall_m,
            phase=self._phase,
            number=column,
        )
        recorder = skia.PictureRecorder()
        reach = layer.cell_m + layer.overhang_m + 1.0
        bounds = skia.Rect.MakeLTRB(cell.left_m - reach, cell.low_m - DEEP_M, cell.right_m + reach, cell.low_m + DEEP_M)
        layer.paint(Pen(recorder.beginRecording(bounds), light=self._lights[layer.far]), cell)
        return recorder.finishRecordingAsPicture()


def _cells(layer: Layer, window: View, dx: float, dy: float) -> Iterator[tuple[int, int]]:
    columns = _indices(window.left_m - dx, window.right_m - dx, layer.cell_m, layer.overhang_m)
    if layer.tall_m is None:
        rows = range(1)
    else:
        rows = _indices(window.bottom_m - dy, window.top_m - dy, layer.tall_m, layer.overhang_m)
    return ((column, row) for column in columns for row in rows)


def _indices(low_m: float, high_m: float, step_m: float, overhang_m: float) -> range:
    first = math.floor((low_m - overhang_m) / step_m + 0.5)
    last = math.floor((high_m + overhang_m) / step_m + 0.5)
    return range(first, last + 1)


def slope(ridge: Ridge, high: Colour, low: Colour, shade_m: float = 1.5) -> Painter:
    """Return a painter of all that lies below a ridge: `high` at the top, turning to `low` over `shade_m` metres."""
    foot_m = ridge.base_m - ridge.swing_m
    steps = 20 if ridge.swing_m else 1

    def paint(pen: Pen, cell: Cell) -> None:
        left, width = cell.left_m - OVERLAP_M, cell.width_m + 2 * OVERLAP_M
        line = [left + width * i / steps for i in range(steps + 1)]
        points = [(x, cell.height(ridge, x)) for x in line] + [(left + width, foot_m - 0.1), (left, foot_m - 0.1)]
        pen.shape(points, high, smooth=False, soft=0.0)
        bands(pen, cell, (foot_m, foot_m - shade_m), pen.light.apply(high), pen.light.apply(low))

    return paint


def bands(pen: Pen, cell: Cell, span_m: tuple[float, float], high: Colour, low: Colour) -> None:
    """Fill a cell from a height down for ever, `high` turning to `low` over `span_m` (top, bottom).

    Neighbours overlap and are shaded alike, and reach further than any antialiased edge above them, so that no seam
    shows. Flat bands, one level of colour apart, are ten times cheaper than a gradient shader.
    """
    top_m, bottom_m = span_m
    steps = max(1, *(abs(a - b) for a, b in zip(high, low, strict=True)))
    left, right = cell.left_m - 2 * OVERLAP_M, cell.right_m + 2 * OVERLAP_M
    edges = [top_m + (bottom_m - top_m) * i / steps for i in range(steps)]
    for i, (upper, lower) in enumerate(pairwise([*edges, bottom_m, -DEEP_M])):
        pen.canvas.drawRect(skia.Rect.MakeLTRB(left, lower, right, upper), flat_paint(mix(high, low, i / steps), False))
