"""All that surrounds the actors of one scene: sky, distance and ground behind them, foreground and weather before."""

import skia

from kinora.storybook.places import indoors, natural, town, water
from kinora.storybook.places.layer import Layer, Stack
from kinora.storybook.places.sky import sky_layers
from kinora.storybook.places.weather import Weather
from kinora.storybook.scene import Scene
from kinora.storybook.view import View
from kinora.storybook.vocabulary import INDOORS

BEHIND: dict[str, tuple[Layer, ...]] = {
    "meadow": natural.MEADOW,
    "forest": natural.FOREST,
    "beach": water.BEACH,
    "sea": water.SEA,
    "snow": natural.SNOWFIELD,
    "desert": natural.DESERT,
    "city": town.CITY,
    "village": town.VILLAGE,
    "mountains": natural.MOUNTAINS,
    "room": indoors.ROOM,
    "stage": indoors.STAGE,
    "space": natural.SPACE,
}
BEFORE: dict[str, tuple[Layer, ...]] = {
    "meadow": natural.MEADOW_FRONT,
    "forest": natural.FOREST_FRONT,
    "beach": water.BEACH_FRONT,
    "sea": water.SEA_FRONT,
    "snow": natural.SNOWFIELD_FRONT,
    "desert": natural.DESERT_FRONT,
    "mountains": natural.MOUNTAINS_FRONT,
    "stage": indoors.STAGE_FRONT,
}


class Backdrop:
    """The surroundings of one scene. Make one per scene: it records what it draws, and draws by replaying.

    Indoors the weather is painted before the walls, so that it is seen through the window.
    """

    def __init__(self, scene: Scene) -> None:
        outside = indoors.OUTSIDE if scene.place == "room" else ()
        self._sky = Stack(scene, [*sky_layers(scene), *outside], salt=0)
        self._behind = Stack(scene, BEHIND[scene.place], salt=1)
        self._before = Stack(scene, BEFORE.get(scene.place, ()), salt=2)
        self._weather = Weather(scene)
        self._indoors = scene.place in INDOORS

    def draw_behind(self, canvas: skia.Canvas, view: View, height_px: float, t_s: float) -> None:
        """Paint all that is behind the actors, filling a canvas in pixels."""
        self._sky.draw(canvas, view, height_px, t_s)
        self._weather.draw_lightning(canvas, view, height_px, t_s)
        if self._indoors:
            self._weather.draw(canvas, view, height_px, t_s)
        self._behind.draw(canvas, view, height_px, t_s)

    def draw_before(self, canvas: skia.Canvas, view: View, height_px: float, t_s: float) -> None:
        """Paint what is before the actors: the foreground at the picture's foot, and the weather in the air."""
        self._before.draw(canvas, view, height_px, t_s)
        if not self._indoors:
            self._weather.draw(canvas, view, height_px, t_s)
