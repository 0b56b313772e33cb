"""A scene made ready to be drawn: pictures and truth masks at any instant, any size, in any order."""

import math
from collections.abc import Sequence

import numpy as np
import skia

from kinora.storybook.camera import view_at
from kinora.storybook.cast.roles import CAST
from kinora.storybook.letters import draw_sign
from kinora.storybook.light import actor_light
from kinora.storybook.motion import Track, choreograph
from kinora.storybook.moves.role import drawn_scale
from kinora.storybook.pen import Pen
from kinora.storybook.places.backdrop import Backdrop
from kinora.storybook.scene import GROUND_RISE_M, Event, Individual, Placement, Scene
from kinora.storybook.sound.mix import extra_events
from kinora.storybook.view import View, enter
from kinora.storybook.vocabulary import KINDS

SIGN_X_M = 2.0
SIGN_DEPTH = 0.75
LETTER_M = 0.46
# Where nobody casts a shadow: there is water or nothing below.
GROUNDLESS = ("sea", "space")
# Grey value of the sign in a mask; tracks take 4, 8, ... in the order of `Film.tracks`.
SIGN_MASK = 63
MAX_TRACKS = 60

Box = tuple[int, int, int, int]


class Film:
    """One scene at one picture size (height, width in pixels)."""

    def __init__(self, scene: Scene, *, height: int, width: int, backdrop: Backdrop | None = None) -> None:
        """`backdrop` lends the surroundings of another scene of the same place, light and weather, already recorded."""
        self.scene = scene
        self.height, self.width = height, width
        self.tracks: tuple[Track, ...] = choreograph(scene)
        self._backdrop = backdrop or Backdrop(scene)
        self._light = actor_light(scene)

    @property
    def sign_x_m(self) -> float:
        """Return where the sign stands: on the right, unless the first actor does."""
        return SIGN_X_M if not self.tracks or self.scene.actors[0].x_m <= 0 else -SIGN_X_M

    def view(self, t_s: float) -> View:
        """Return the camera's window at an instant."""
        star = self.tracks[0].placement if self.tracks else None
        return view_at(self.scene, star, t_s, self.width / self.height)

    def frame(self, t_s: float) -> np.ndarray:
        """Return the picture at an instant as uint8 (height, width, 3)."""
        pixels = np.empty((self.height, self.width, 4), np.uint8)
        with skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType) as canvas:
            view = self.view(t_s)
            self._backdrop.draw_behind(canvas, view, self.height, t_s)
            self._draw_cast(Pen(canvas, light=self._light), view, t_s)
            self._backdrop.draw_before(canvas, view, self.height, t_s)
        return pixels[..., :3]

    def mask(self, t_s: float, *, shrink: int = 1) -> np.ndarray:
        """Return which track and part every pixel shows, uint8 (height, width) divided by `shrink`.

        0 is background, otherwise 4 (track + 1) + part, with parts as in `pen.PARTS`; the sign is track `SIGN_MASK
        - 1`.
        """
        height, width = self.height // shrink, self.width // shrink
        pixels = np.zeros((height, width, 4), np.uint8)
        with skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType) as canvas:
            self._draw_cast(Pen(canvas), self.view(t_s), t_s, masked=True, height_px=height)
        return pixels[..., 0]

    def _draw_cast(
        self, pen: Pen, view: View, t_s: float, *, masked: bool = False, height_px: int | None = None
    ) -> None:
        placed = [(number, track.placement(t_s)) for number, track in enumerate(self.tracks)]
        placed.sort(key=lambda pair: -pair[1].depth)
        sign_due = bool(self.scene.sign)
        with enter(pen, view, height_px or self.height):
            for number, placement in placed:
                if sign_due and placement.depth < SIGN_DEPTH:
                    self._draw_sign(pen, masked=masked)
                    sign_due = False
                if placement.visible:
                    pen.mask = track_label(number) if masked else None
                    draw_placed(pen, self.tracks[number].who, placement, shadow=self.scene.place not in GROUNDLESS)
            if sign_due:
                self._draw_sign(pen, masked=masked)

    def _draw_sign(self, pen: Pen, *, masked: bool) -> None:
        pen.mask = SIGN_MASK if masked else None
        draw_sign(pen, self.scene.sign, self.sign_x_m, GROUND_RISE_M * SIGN_DEPTH, LETTER_M)


def track_label(number: int) -> int:
    """Return what a track's pixels are in a mask, divided by 4."""
    return min(number + 1, MAX_TRACKS)


def box_of(seen: np.ndarray) -> Box | None:
    """Return the box (left, top, right, bottom) of the true pixels, right and bottom exclusive; None without any."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if rows.size else None


def events_of(scene: Scene, tracks: Sequence[Track]) -> tuple[Event, ...]:
    """Return everything that happens, seen or only heard, by time."""
    events = [event for track in tracks for event in track.events]
    return tuple(sorted((*events, *extra_events(scene)), key=lambda event: event.time_s))


def draw_placed(pen: Pen, who: Individual, placement: Placement, *, shadow: bool = True) -> None:
    """Draw one figure where and how it is, over its contact shadow if there is ground for one."""
    pose, scale = placement.pose, drawn_scale(placement.depth)
    kind = KINDS.get(who.kind)
    height_m, width_m = (kind.height_m, kind.width_m) if kind else (0.3, 0.3)
    ground_m = GROUND_RISE_M * placement.depth
    if shadow:
        _shadow(pen, placement, ground_m, width_m * scale)
    # Squashing keeps the area and the feet on the ground; a turn is about the middle, inside the mirroring.
    stretch = (placement.facing * (1 + pose.squash), 1 / (1 + pose.squash))
    with (
        pen.at(placement.x_m, ground_m + placement.y_m, scale=scale, stretch=stretch),
        pen.at(0, height_m / 2, angle=pose.spin),
        pen.at(0, -height_m / 2),
    ):
        CAST[who.kind](pen, who, pose)


def _shadow(pen: Pen, placement: Placement, ground_m: float, width_m: float) -> None:
    # The higher it flies, the wider and fainter its shadow.
    fade = math.exp(-placement.y_m / 1.2)
    reach = width_m * (0.42 + 0.1 * min(placement.y_m, 2.0))
    pen.film(placement.x_m, ground_m, reach, 0.11 * width_m + 0.02, (30, 26, 48), 0.30 * fade)
