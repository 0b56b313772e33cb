"""The window through which the world is seen, and the canvas frame of each layer behind it.

A layer's parallax says how much of the camera's travel it follows: 1 for the ground the actors stand on, 0 for what is
infinitely far. All layers agree when the camera rests at x = 0 and at eye height.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kinora.storybook.pen import Pen, Point

EYE_HEIGHT_M = 1.35


@dataclass(frozen=True, kw_only=True)
class View:
    """A camera window in world metres; `aspect` is width over height."""

    centre_x_m: float
    centre_y_m: float
    height_m: float
    aspect: float

    @property
    def width_m(self) -> float:
        """Return how wide the window is, in metres."""
        return self.height_m * self.aspect

    def seen_by(self, parallax: float) -> "View":
        """Return the window as a layer of this parallax sees it."""
        x_m = self.centre_x_m * parallax
        y_m = EYE_HEIGHT_M + (self.centre_y_m - EYE_HEIGHT_M) * parallax
        return View(centre_x_m=x_m, centre_y_m=y_m, height_m=self.height_m, aspect=self.aspect)

    @property
    def left_m(self) -> float:
        """Return the x of the window's left edge, in metres."""
        return self.centre_x_m - self.width_m / 2

    @property
    def right_m(self) -> float:
        """Return the x of the window's right edge, in metres."""
        return self.centre_x_m + self.width_m / 2

    @property
    def bottom_m(self) -> float:
        """Return the y of the window's lower edge, in metres."""
        return self.centre_y_m - self.height_m / 2

    @property
    def top_m(self) -> float:
        """Return the y of the window's upper edge, in metres."""
        return self.centre_y_m + self.height_m / 2

    def to_pixels(self, point: Point, height_px: float) -> Point:
        """Return where a point of the world (metres, parallax 1) falls, in pixels from the upper left corner."""
        scale = height_px / self.height_m
        return ((point[0] - self.left_m) * scale, (self.top_m - point[1]) * scale)


@contextmanager
def enter(pen: Pen, view: View, height_px: float, parallax: float = 1.0) -> Iterator[View]:
    """Set a canvas in pixels to metres with y up, as a layer of this parallax sees them; yields that layer's window."""
    window = view.seen_by(parallax)
    scale = height_px / window.height_m
    pen.canvas.save()
    pen.canvas.scale(scale, -scale)
    pen.canvas.translate(-window.left_m, -window.top_m)
    try:
        yield window
    finally:
        pen.canvas.restore()
