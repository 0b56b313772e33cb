"""The colours of the day: what sky, distance and weather do to every colour, as tables.

Places are drawn in their noon colours and subjects in their own; a `Light` turns them into what is seen. Subjects are
always better lit than the place behind them, so that they stand out and their colours can still be named at night.
"""

from dataclasses import dataclass

from kinora.storybook.pen import Colour, Light, mix
from kinora.storybook.scene import Scene
from kinora.storybook.vocabulary import INDOORS

Gain = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Palette:
    """One time of day: the sky from zenith to horizon, its light on places and on actors, its air and clouds.

    `haze` is how much of the air's colour lies on even the nearest ground: nights are blue.
    """

    sky: tuple[Colour, Colour, Colour]
    place_gain: Gain
    actor_gain: Gain
    air: Colour
    cloud: Colour
    haze: float = 0.0


PALETTES: dict[str, Palette] = {
    "dawn": Palette(
        sky=((150, 164, 214), (238, 186, 198), (255, 224, 186)),
        place_gain=(1.0, 0.88, 0.88),
        actor_gain=(1.0, 0.95, 0.94),
        air=(246, 208, 204),
        cloud=(255, 226, 222),
    ),
    "noon": Palette(
        sky=((92, 160, 222), (146, 200, 236), (216, 236, 240)),
        place_gain=(1.0, 1.0, 1.0),
        actor_gain=(1.0, 1.0, 1.0),
        air=(196, 222, 236),
        cloud=(250, 250, 248),
    ),
    "sunset": Palette(
        sky=((88, 68, 136), (214, 108, 108), (254, 186, 100)),
        place_gain=(0.94, 0.7, 0.66),
        actor_gain=(1.0, 0.89, 0.82),
        air=(232, 142, 116),
        cloud=(244, 156, 130),
    ),
    "night": Palette(
        sky=((18, 24, 62), (32, 46, 100), (66, 84, 142)),
        place_gain=(0.37, 0.48, 0.76),
        actor_gain=(0.76, 0.79, 0.92),
        air=(50, 70, 138),
        cloud=(58, 70, 122),
        haze=0.26,
    ),
}

# Without air the sky stays dark; only its tint tells the time.
SPACE_SKIES: dict[str, tuple[Colour, Colour, Colour]] = {
    "dawn": ((44, 30, 74), (92, 50, 104), (176, 92, 120)),
    "noon": ((22, 34, 84), (34, 64, 128), (62, 112, 170)),
    "sunset": ((46, 20, 58), (104, 36, 70), (190, 84, 62)),
    "night": ((10, 10, 34), (18, 20, 56), (34, 36, 86)),
}
SPACE_GAIN: dict[str, Gain] = {
    "dawn": (0.96, 0.84, 0.9),
    "noon": (0.92, 0.96, 1.0),
    "sunset": (0.92, 0.74, 0.68),
    "night": (0.56, 0.58, 0.76),
}
LAMPLIGHT: Gain = (1.0, 0.92, 0.8)
LAMPLIGHT_SHARE = 0.66


@dataclass(frozen=True, kw_only=True)
class Air:
    """What weather does to what is seen: the air's own tint, and how much veil lies before near and far things."""

    tint: Colour
    tint_share: float
    near: float
    far: float
    actor: float
    gain: float


AIRS: dict[str, Air] = {
    "clear": Air(tint=(255, 255, 255), tint_share=0.0, near=0.0, far=0.6, actor=0.0, gain=1.0),
    "rain": Air(tint=(130, 142, 156), tint_share=0.72, near=0.12, far=0.74, actor=0.05, gain=0.88),
    "snow": Air(tint=(206, 216, 230), tint_share=0.6, near=0.1, far=0.74, actor=0.04, gain=0.97),
    "fog": Air(tint=(214, 217, 218), tint_share=0.86, near=0.34, far=1.0, actor=0.1, gain=0.97),
}


def sky_colours(scene: Scene) -> tuple[Colour, Colour, Colour]:
    """Return the sky's colours at the zenith, half way and at the horizon."""
    air = AIRS[scene.weather]
    colours = SPACE_SKIES[scene.light] if scene.place == "space" else PALETTES[scene.light].sky
    zenith, middle, horizon = (mix(colour, _tint(scene), air.tint_share) for colour in colours)
    return zenith, middle, horizon


def cloud_colour(scene: Scene) -> Colour:
    """Return the colour of clouds, which weather greys less than the sky."""
    return mix(PALETTES[scene.light].cloud, _tint(scene), AIRS[scene.weather].tint_share * 0.6)


def place_light(scene: Scene, far: float) -> Light:
    """Return the light on a layer `far` away, from 0 (where the actors are) to 1 (the horizon)."""
    palette, air = PALETTES[scene.light], AIRS[scene.weather]
    if scene.place == "space":
        return Light(gain=SPACE_GAIN[scene.light], veil=sky_colours(scene)[2], veil_share=0.3 * far)
    if scene.place in INDOORS and far == 0:
        return Light(gain=_blend(palette.place_gain, LAMPLIGHT, LAMPLIGHT_SHARE))
    gain = _blend((0.0, 0.0, 0.0), palette.place_gain, air.gain)
    veil = mix(palette.air, _tint(scene), air.tint_share)
    near = max(air.near, palette.haze)
    return Light(gain=gain, veil=veil, veil_share=near + far * (max(air.far, near) - near))


def actor_light(scene: Scene) -> Light:
    """Return the light on the actors: a touch of the hour, their own colours kept."""
    palette, air = PALETTES[scene.light], AIRS[scene.weather]
    if scene.place in INDOORS:
        return Light(gain=_blend(palette.actor_gain, (1.0, 1.0, 1.0), LAMPLIGHT_SHARE))
    return Light(gain=palette.actor_gain, veil=mix(palette.air, _tint(scene), air.tint_share), veil_share=air.actor)


def _tint(scene: Scene) -> Colour:
    # Mist scatters every colour of the light, so it is half grey even at sunset or by night.
    gain = PALETTES[scene.light].place_gain
    grey = sum(gain) / 3
    return Light(gain=_blend(gain, (grey, grey, grey), 0.5)).apply(AIRS[scene.weather].tint)


def _blend(gain: Gain, other: Gain, share: float) -> Gain:
    r, g, b = (a + (o - a) * share for a, o in zip(gain, other, strict=True))
    return (r, g, b)
