"""Where the camera looks at an instant: the window that a scene's camera facts mean."""

import math
from collections.abc import Callable

from kinora.storybook.scene import Camera, Placement, Scene
from kinora.storybook.view import View

# Height of the window and of its centre above the ground, in metres, at 16:9.
FRAMES: dict[str, tuple[float, float]] = {
    "medium": (4.0, 1.35),
    "wide": (6.0, 1.9),
    "close-up": (2.6, 0.9),
    "low": (3.4, 1.5),
}
NARROWEST_M = 3.6
PAN_M = 1.1
TILT_M = 0.9
ZOOM = 0.38
SHAKE_M = 0.09


def view_at(scene: Scene, star: Callable[[float], Placement] | None, t_s: float, aspect: float) -> View:
    """Return the window at an instant. `star` places the first actor, whom close-ups and tracking shots keep in
    the middle."""
    camera = scene.camera
    height_m, centre_y_m = FRAMES[camera.frame]
    centre_x_m = 0.0
    if star is not None and (camera.move == "track" or camera.frame == "close-up"):
        at_s = t_s if camera.move == "track" else scene.duration_s / 2
        centre_x_m = star(at_s).x_m
    zoom, x_m, y_m = _move(camera, t_s, min(1.0, t_s / scene.duration_s))
    # A tall window sees enough to the sides, by seeing more above.
    height_m = max(height_m * zoom, NARROWEST_M * zoom * height_m / 4.0 / aspect)
    return View(centre_x_m=centre_x_m + x_m, centre_y_m=centre_y_m + y_m, height_m=height_m, aspect=aspect)


def _move(camera: Camera, t_s: float, done: float) -> tuple[float, float, float]:
    """Return (zoom, x, y) of the move at time t, `done` of the clip being over; pans and tilts pass the middle
    half way."""
    size = 0.5 + 0.5 * camera.amount
    way = (2 * done - 1) * size
    if camera.move == "pan":
        return 1.0, PAN_M * way * (-1 if camera.direction == "left" else 1), 0.0
    if camera.move == "tilt":
        return 1.0, 0.0, TILT_M * way * (-0.5 if camera.direction == "down" else 0.5) + TILT_M * size * 0.25
    if camera.move == "zoom in":
        return 1.12 * (1 - ZOOM * size * done), 0.0, -0.35 * size * done
    if camera.move == "zoom out":
        return 1.12 * (1 - ZOOM * size * (1 - done)), 0.0, -0.35 * size * (1 - done)
    if camera.move == "shake":
        # Two slow sines that never meet: at 12 frames a second every swing takes more than three.
        x_m = math.sin(math.tau * 1.7 * t_s) + 0.6 * math.sin(math.tau * 2.3 * t_s + 1)
        y_m = math.sin(math.tau * 1.9 * t_s + 2)
        return 1.0, SHAKE_M * size * x_m, SHAKE_M * size * y_m
    return 1.0, 0.0, 0.0
