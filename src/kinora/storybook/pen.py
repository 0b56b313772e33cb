"""A pen over a skia canvas: flat shapes with soft shading, in metres with y up.

The same drawing code paints the picture, the black silhouettes and the truth masks: `mask` replaces every fill by
one value per part and turns antialiasing off.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import skia

Colour = tuple[int, int, int]
Point = tuple[float, float]
Part = Literal["body", "head", "limb", "extra"]
PARTS: tuple[Part, ...] = ("body", "head", "limb", "extra")


@dataclass(frozen=True, kw_only=True)
class Light:
    """How light changes every colour: a gain a channel, then a mix towards `veil` (fog, night, distance)."""

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    veil: Colour = (255, 255, 255)
    veil_share: float = 0.0

    def apply(self, colour: Colour) -> Colour:
        """Return the colour as seen in this light."""
        return _lit(self, colour)


# Colours and paints come in again and again, frame by frame, so the last few thousand of each are kept.


@lru_cache(maxsize=4096)
def _lit(light: Light, colour: Colour) -> Colour:
    lit = [min(255.0, c * g) for c, g in zip(colour, light.gain, strict=True)]
    r, g, b = (round(c + (v - c) * light.veil_share) for c, v in zip(lit, light.veil, strict=True))
    return (r, g, b)


@lru_cache(maxsize=4096)
def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """Return `colour` moved towards `other` by `share` in [0, 1]."""
    r, g, b = (round(c + (o - c) * share) for c, o in zip(colour, other, strict=True))
    return (r, g, b)


def lighter(colour: Colour, share: float) -> Colour:
    """Return the colour moved towards warm white."""
    return mix(colour, (255, 252, 244), share)


def darker(colour: Colour, share: float) -> Colour:
    """Return the colour moved towards deep blue-black."""
    return mix(colour, (24, 20, 44), share)


class Pen:
    """Draws filled shapes on a canvas whose frame the caller has set up (metres, y up)."""

    def __init__(self, canvas: skia.Canvas, *, light: Light | None = None, mask: int | None = None) -> None:
        """`mask` None paints colours; a number from 1 to 63 paints that track's parts as grey values `mask * 4 +
        part`."""
        self.canvas = canvas
        self.light = light or Light()
        self.mask = mask
        self.part: Part = "body"
        self.soft = 0.16

    @contextmanager
    def at(
        self, x: float, y: float, *, scale: float = 1.0, angle: float = 0.0, stretch: tuple[float, float] = (1.0, 1.0)
    ) -> Iterator[None]:
        """Move the origin to (x, y), turn anticlockwise by `angle` radians, then scale; a negative `stretch[0]`
        mirrors."""
        self.canvas.save()
        self.canvas.translate(x, y)
        if angle:
            self.canvas.rotate(angle * 57.29577951308232)
        self.canvas.scale(scale * stretch[0], scale * stretch[1])
        try:
            yield
        finally:
            self.canvas.restore()

    @contextmanager
    def on(self, part: Part) -> Iterator[None]:
        """Mark what is drawn inside as a part of the body, for the truth masks."""
        before, self.part = self.part, part
        try:
            yield
        finally:
            self.part = before

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, *, soft: float | None = None) -> None:
        """Fill an axis-aligned ellipse."""
        rect = skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry)
        self.canvas.drawOval(rect, self._fill(colour, y - ry, y + ry, soft))

    def rect(self, x: float, y: float, width: float, height: float, colour: Colour, *, corner: float = 0.0) -> None:
        """Fill a rectangle given by its lower left corner, with round corners of radius `corner`."""
        rect = skia.Rect.MakeXYWH(x, y, width, height)
        self.canvas.drawRoundRect(rect, corner, corner, self._fill(colour, y, y + height, None))

    def shape(self, points: Sequence[Point], colour: Colour, *, smooth: bool = True, soft: float | None = None) -> None:
        """Fill a closed outline: a smooth curve through the points, or a polygon."""
        path = smooth_path(points) if smooth else polygon_path(points)
        heights = [y for _, y in points]
        self.canvas.drawPath(path, self._fill(colour, min(heights), max(heights), soft))

    def line(self, points: Sequence[Point], width: float, colour: Colour, *, smooth: bool = False) -> None:
        """Stroke an open line with round ends: limbs, tails, whiskers, strings."""
        path = skia.Path()
        path.moveTo(*points[0])
        if smooth and len(points) == 3:
            path.quadTo(*points[1], *points[2])
        else:
            for point in points[1:]:
                path.lineTo(*point)
        self.canvas.drawPath(path, self._stroke(colour, width))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Add a soft round light; not part of any mask."""
        if self.mask is not None:
            return
        inner = skia.Color(*colour, round(255 * strength))
        shader = skia.GradientShader.MakeRadial((x, y), radius, [inner, skia.Color(*colour, 0)])
        self.canvas.drawCircle(x, y, radius, skia.Paint(Shader=shader, AntiAlias=True))

    def film(self, x: float, y: float, rx: float, ry: float, colour: Colour, strength: float) -> None:
        """Lay a translucent ellipse: contact shadows, puddles, smoke; not part of any mask."""
        if self.mask is not None:
            return
        paint = skia.Paint(Color=skia.Color(*self.light.apply(colour), round(255 * strength)), AntiAlias=True)
        self.canvas.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), paint)

    def _fill(self, colour: Colour, low: float, high: float, soft: float | None) -> skia.Paint:
        if self.mask is not None:
            return flat_paint(self._mask_colour(), False)
        soft = self.soft if soft is None else soft
        if soft <= 0 or high <= low:
            return flat_paint(self.light.apply(colour), True)
        return _soft_paint(self.light.apply(colour), low, high, soft)

    def _stroke(self, colour: Colour, width: float) -> skia.Paint:
        if self.mask is not None:
            return _stroke_paint(self._mask_colour(), width, False)
        return _stroke_paint(self.light.apply(colour), width, True)

    def _mask_colour(self) -> Colour:
        assert self.mask is not None
        value = self.mask * 4 + PARTS.index(self.part)
        return (value, value, value)


# Paints are shared, so nobody may change one.


@lru_cache(maxsize=4096)
def flat_paint(colour: Colour, smooth: bool) -> skia.Paint:
    """Return a paint of one colour, with smooth edges or hard ones."""
    return skia.Paint(Color=skia.Color(*colour), AntiAlias=smooth)


@lru_cache(maxsize=4096)
def _stroke_paint(colour: Colour, width: float, smooth: bool) -> skia.Paint:
    return skia.Paint(
        Color=skia.Color(*colour),
        AntiAlias=smooth,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


@lru_cache(maxsize=4096)
def _soft_paint(colour: Colour, low: float, high: float, soft: float) -> skia.Paint:
    """Return a paint that is darker at the height `low` and lighter at `high`."""
    ends = [skia.Color(*darker(colour, soft)), skia.Color(*lighter(colour, soft * 0.7))]
    shader = skia.GradientShader.MakeLinear([(0.0, low), (0.0, high)], ends)
    return skia.Paint(Shader=shader, AntiAlias=True)


def smooth_path(points: Sequence[Point]) -> skia.Path:
    """Return the closed Catmull-Rom curve through the points."""
    path = skia.Path()
    path.moveTo(*points[0])
    around = zip((points[-1], *points[:-1]), points, (*points[1:], points[0]), (*points[2:], *points[:2]), strict=True)
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in around:
        path.cubicTo(bx + (cx - ax) / 6, by + (cy - ay) / 6, cx - (dx - bx) / 6, cy - (dy - by) / 6, cx, cy)
    path.close()
    return path


def polygon_path(points: Sequence[Point]) -> skia.Path:
    """Return the closed polygon through the points."""
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], True)
    return path
