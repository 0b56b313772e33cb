"""Laws of the view, the light, the twelve places and the weather."""

from itertools import combinations

import cv2
import numpy as np
import pytest
import skia

from kinora.storybook.light import AIRS, PALETTES, actor_light, place_light
from kinora.storybook.pen import Light, Pen
from kinora.storybook.places.backdrop import BEHIND, Backdrop
from kinora.storybook.places.layer import Layer, Ridge, Stack, slope
from kinora.storybook.places.weather import FLASH_S, Weather, thunder_times
from kinora.storybook.scene import GROUND_RISE_M, Scene, SoundPlan
from kinora.storybook.view import EYE_HEIGHT_M, View, enter
from kinora.storybook.vocabulary import COLOURS, INDOORS, LIGHTS, PLACES, WEATHERS

HEIGHT = 72
MEDIUM = View(centre_x_m=0.0, centre_y_m=EYE_HEIGHT_M, height_m=4.0, aspect=16 / 9)
VIEWS = (
    MEDIUM,
    View(centre_x_m=-7.3, centre_y_m=0.9, height_m=2.6, aspect=9 / 16),
    View(centre_x_m=4.1, centre_y_m=3.2, height_m=6.0, aspect=21 / 9),
    View(centre_x_m=31.7, centre_y_m=-0.4, height_m=3.4, aspect=1.0),
)


def make_scene(place="meadow", light="noon", weather="clear", index=0, **facts):
    return Scene(seed=7, index=index, duration_s=6.0, place=place, light=light, weather=weather, actors=(), **facts)


def paint(drawn, view=MEDIUM, t_s=0.0, height=HEIGHT):
    surface = skia.Surface(round(height * view.aspect), height)
    surface.getCanvas().clear(skia.ColorTRANSPARENT)
    for draw in drawn if isinstance(drawn, tuple) else (drawn,):
        draw(surface.getCanvas(), view, height, t_s)
    return surface.makeImageSnapshot().toarray(colorType=skia.kRGBA_8888_ColorType)


def picture(scene, view=MEDIUM, t_s=0.0):
    backdrop = Backdrop(scene)
    return paint((backdrop.draw_behind, backdrop.draw_before), view, t_s)


def thumbnail(image):
    small = cv2.resize(image[..., :3], (16, 9), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def apart(image, other):
    """Return the mean distance of two pictures seen very small, in units of Lab."""
    return float(np.linalg.norm(thumbnail(image) - thumbnail(other), axis=-1).mean())


def centroid(image):
    rows, columns = np.nonzero(image[..., 3] > 127)
    return columns.mean() + 0.5, rows.mean() + 0.5


def test_every_place_has_a_backdrop():
    assert tuple(BEHIND) == PLACES


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("parallax", [0.0, 0.3, 1.0, 1.2])
def test_a_layer_moves_by_its_parallax_times_the_camera(view, parallax):
    def at(window):
        surface = skia.Surface(400, 400)
        surface.getCanvas().clear(skia.ColorTRANSPARENT)
        pen = Pen(surface.getCanvas())
        with enter(pen, window, 400, parallax) as seen:
            pen.rect(view.centre_x_m * parallax - 0.1, seen.centre_y_m - 0.1, 0.2, 0.2, (255, 0, 0))
        return centroid(surface.makeImageSnapshot().toarray())

    square = {"height_m": view.height_m, "aspect": 1.0}
    before = at(View(centre_x_m=view.centre_x_m, centre_y_m=view.centre_y_m, **square))
    after = at(View(centre_x_m=view.centre_x_m + 0.5, centre_y_m=view.centre_y_m, **square))
    assert before == pytest.approx((200, 200), abs=1.0)
    assert before[0] - after[0] == pytest.approx(0.5 * parallax * 400 / view.height_m, abs=1.0)


@pytest.mark.parametrize("view", VIEWS)
def test_a_point_of_the_world_is_painted_where_the_view_says(view):
    point = (view.centre_x_m + 0.3 * view.width_m, view.centre_y_m - 0.2 * view.height_m)

    def dot(canvas, window, height_px, t_s):
        pen = Pen(canvas)
        with enter(pen, window, height_px):
            pen.ellipse(*point, 0.1, 0.1, (255, 0, 0))

    assert centroid(paint(dot, view, height=360)) == pytest.approx(view.to_pixels(point, 360), abs=1.0)


@pytest.mark.parametrize("place", PLACES)
def test_the_frame_is_always_filled(place):
    for light in LIGHTS:
        for view in VIEWS:
            assert (paint(Backdrop(make_scene(place, light)).draw_behind, view)[..., 3] == 255).all()


@pytest.mark.parametrize("place", PLACES)
def test_the_same_arguments_paint_the_same_pixels_whatever_was_painted_before(place):
    scene, backdrop = make_scene(place, "night", "rain"), Backdrop(make_scene(place, "night", "rain"))
    for view in reversed(VIEWS):
        paint((backdrop.draw_behind, backdrop.draw_before), view, 3.0)
    again = paint((backdrop.draw_behind, backdrop.draw_before), MEDIUM, 1.25)
    assert np.array_equal(again, picture(scene, MEDIUM, 1.25))


@pytest.mark.parametrize("light", LIGHTS)
def test_a_place_is_recognised_among_the_places_of_another_scene(light):
    known = {place: picture(make_scene(place, light)) for place in PLACES}
    for place in PLACES:
        seen = picture(make_scene(place, light, index=5))
        assert min(PLACES, key=lambda name: apart(seen, known[name])) == place


def test_places_differ_at_a_glance():
    shown = [picture(make_scene(place)) for place in PLACES]
    assert min(apart(a, b) for a, b in combinations(shown, 2)) > 8


@pytest.mark.parametrize("place", PLACES)
def test_the_hours_differ_at_a_glance(place):
    floor = 2 if place in INDOORS else 10
    shown = [picture(make_scene(place, light)) for light in LIGHTS]
    assert min(apart(a, b) for a, b in combinations(shown, 2)) > floor


@pytest.mark.parametrize("place", [place for place in PLACES if place not in INDOORS])
def test_the_far_ground_is_ground(place):
    """Actors at depth 1 stand on the ground: where they stand the picture follows the camera one to one."""
    scene = make_scene(place)
    backdrop, row = Backdrop(scene), round(MEDIUM.to_pixels((0.0, GROUND_RISE_M - 0.12), HEIGHT)[1])
    step = View(centre_x_m=4 / 18, centre_y_m=EYE_HEIGHT_M, height_m=4.0, aspect=16 / 9)
    before = paint(backdrop.draw_behind, MEDIUM)[row].astype(int)
    after = paint(backdrop.draw_behind, step)[row].astype(int)
    assert np.abs(before[4:] - after[:-4]).max() <= 3


def test_no_seam_shows_between_cells():
    flat = Stack(
        make_scene(), (Layer(paint=slope(Ridge(base_m=1.0), (200, 100, 50), (20, 30, 90)), cell_m=0.37),), salt=1
    )
    image = paint(flat.draw)
    below = image[round(MEDIUM.to_pixels((0, 1.0), HEIGHT)[1]) + 1 :]
    assert (below == below[:, :1]).all() and (below[..., 3] == 255).all()


@pytest.mark.parametrize("weather", ["rain", "snow", "fog"])
def test_weather_moves_without_a_jump(weather):
    falling = Weather(make_scene(weather=weather))
    for t_s in (0.0, 0.7, 5.3, 15.9):
        still, soon, later = (paint(falling.draw, MEDIUM, t_s + dt).astype(int) for dt in (0.0, 0.002, 1 / 12))
        assert np.abs(later - still).mean() > 4 * np.abs(soon - still).mean()


@pytest.mark.parametrize("weather", ["rain", "snow", "fog"])
def test_weather_is_seen_but_hides_little(weather):
    cover = paint(Weather(make_scene(weather=weather)).draw, MEDIUM, 1.0)[..., 3] / 255
    assert 0.01 < cover.mean() < 0.3
    outdoors = [apart(picture(make_scene(place, weather=weather)), picture(make_scene(place))) for place in PLACES[:9]]
    assert min(outdoors) > 3


def test_weather_indoors_stays_outside_the_window():
    clear, rainy = (picture(make_scene("room", weather=weather)).astype(int) for weather in ("clear", "rain"))
    changed = np.nonzero(np.abs(clear - rainy).max(axis=-1))
    assert changed[0].size > 0 and changed[0].max() < MEDIUM.to_pixels((0, 1.2), HEIGHT)[1]


def test_lightning_comes_with_thunder_and_goes():
    scene = make_scene("mountains", "night", sound=SoundPlan(extra=("thunder",)))
    times = thunder_times(scene)
    assert thunder_times(make_scene()) == () and len(times) == 2
    assert all(0 < time_s < scene.duration_s - FLASH_S for time_s in times)
    for time_s in times:
        before, flash, after = (picture(scene, t_s=time_s + dt)[..., :3].mean() for dt in (-0.05, 0.15, FLASH_S + 0.05))
        assert flash > before + 25 and after == pytest.approx(before, abs=2)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("weather", WEATHERS)
def test_subjects_keep_their_colours_names(light, weather):
    for place in PLACES:
        lit = actor_light(make_scene(place, light, weather))
        assert min(lit.gain) >= 0.55
        seen = {name: np.array(lit.apply(colour), float) for name, colour in COLOURS.items()}
        adapted = {name: colour / seen["white"] * np.array(COLOURS["white"]) for name, colour in seen.items()}
        for name, colour in adapted.items():
            nearest = min(COLOURS, key=lambda other: float(np.linalg.norm(colour - np.array(COLOURS[other]))))
            assert nearest == name


@pytest.mark.parametrize("place", PLACES)
def test_subjects_are_better_lit_than_the_place_and_distance_fades(place):
    for light in PALETTES:
        for weather in AIRS:
            scene = make_scene(place, light, weather)
            near, far = place_light(scene, 0.01), place_light(scene, 1.0)
            assert all(a >= b for a, b in zip(actor_light(scene).gain, near.gain, strict=True))
            assert far.veil_share > near.veil_share >= Light().veil_share
