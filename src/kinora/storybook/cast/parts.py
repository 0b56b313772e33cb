"""Parts every figure shares: its own colour, coats, eyes and mouth, worn things, legs whose planted feet do not slide.

Lengths in metres, angles in radians, phases in cycles.
"""

import colorsys
import math
from collections.abc import Sequence

import skia

from kinora.storybook.pen import Colour, Pen, Point, darker, lighter, mix, polygon_path, smooth_path
from kinora.storybook.scene import Individual, Pose
from kinora.storybook.vocabulary import COLOURS

INK: Colour = (38, 32, 52)
EYE_WHITE: Colour = (255, 253, 248)
MOUTH: Colour = (150, 52, 62)
LENS: Colour = (206, 232, 246)

# What is worn stands out from the wearer: red by default, another colour where red would drown.
_WORN = {"red": "blue", "orange": "blue", "pink": "purple", "brown": "green", "purple": "yellow"}
_HUE_REACH = 0.012
_LIGHT_REACH = 0.10


def own_colour(who: Individual) -> Colour:
    """Return the individual's own shade of its colour: moved a little by `tint`, still called by the same name."""
    return tinted(COLOURS[who.colour], who.tint)


def trim_colour(who: Individual) -> Colour:
    """Return the individual's shade of its second colour: hair, trimmings, wheels."""
    return tinted(COLOURS[who.trim], -who.tint)


def worn_colour(who: Individual) -> Colour:
    """Return the colour of the hat, scarf or glasses."""
    return COLOURS[_WORN.get(who.colour, "red")]


def tinted(colour: Colour, tint: float) -> Colour:
    """Return the colour with its hue and lightness moved a little by `tint` in [-1, 1]."""
    hue, light, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    light = light + _LIGHT_REACH * tint * min(light, 1 - light)
    r, g, b = (round(255 * c) for c in colorsys.hls_to_rgb((hue + _HUE_REACH * tint) % 1.0, light, saturation))
    return (r, g, b)


def belly_colour(colour: Colour) -> Colour:
    """Return the pale shade of bellies, muzzles and inner ears that goes with a coat."""
    return lighter(colour, 0.62)


def mark_colour(colour: Colour) -> Colour:
    """Return the shade of spots and stripes on a coat: darker, or lighter on a dark coat."""
    return lighter(colour, 0.45) if sum(colour) < 220 else darker(colour, 0.5)


def oval(x: float, y: float, rx: float, ry: float) -> list[Point]:
    """Return eight points whose smooth curve is an ellipse, for `coat`."""
    return [(x + rx * math.cos(k * math.pi / 4), y + ry * math.sin(k * math.pi / 4)) for k in range(8)]


def coat(
    pen: Pen, who: Individual, outline: Sequence[Point], colour: Colour, *, mark_m: float = 0.09, smooth: bool = True
) -> None:
    """Fill an outline with the colour and, inside it, the individual's pattern: marks about twice `mark_m` across."""
    pen.shape(outline, colour, smooth=smooth)
    if who.pattern == "plain" or pen.mask is not None:
        return
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    pen.canvas.save()
    pen.canvas.clipPath(smooth_path(outline) if smooth else polygon_path(outline), skia.ClipOp.kIntersect, True)
    marks = _spots if who.pattern == "spotted" else _stripes
    marks(pen, (min(xs), min(ys), max(xs), max(ys)), mark_colour(colour), mark_m)
    pen.canvas.restore()


def _spots(pen: Pen, box: tuple[float, float, float, float], colour: Colour, mark_m: float) -> None:
    """Lay spots on a staggered lattice; the sines make their sizes uneven and stay put on the body."""
    left, low, right, high = box
    for row in range(round((high - low) / (2.1 * mark_m)) + 1):
        for column in range(round((right - left) / (2.8 * mark_m)) + 1):
            x = left + mark_m * (2.8 * column + 1.4 * (row % 2) + 0.5 * math.sin(5.1 * row + 2.3 * column) + 0.6)
            y = low + mark_m * (2.1 * row + 0.5 * math.sin(3.7 * column + 1.9 * row) + 0.6)
            size = mark_m * (0.85 + 0.25 * math.sin(7.3 * row + 4.1 * column))
            pen.ellipse(x, y, size, 0.9 * size, colour, soft=0.0)


def _stripes(pen: Pen, box: tuple[float, float, float, float], colour: Colour, mark_m: float) -> None:
    """Lay upright stripes, each a little bowed."""
    left, low, right, high = box
    middle = (low + high) / 2
    x = left + 1.4 * mark_m
    while x < right:
        pen.line([(x, low), (x + 0.8 * mark_m, middle), (x, high)], 1.1 * mark_m, colour, smooth=True)
        x += 2.5 * mark_m


def closed_eyes(pose: Pose) -> float:
    """Return how far the eyes are closed, in [0, 1]."""
    return max(pose.blink, pose.sleep)


def eyes(pen: Pen, who: Individual, pose: Pose, points: Sequence[Point], radius: float) -> None:
    """Draw an eye of about `radius` at each point, shut as blink and sleep say, with glasses where they are worn."""
    size = radius * (1 + 0.18 * who.eyes)
    if who.accessory == "glasses":
        _glasses(pen, points, size, worn_colour(who))
    for x, y in points:
        _eye(pen, x, y, size, closed_eyes(pose))


def _eye(pen: Pen, x: float, y: float, radius: float, closed: float) -> None:
    if closed > 0.6:
        lid = [(x - radius, y), (x, y - 1.1 * radius), (x + radius, y)]
        pen.line(lid, max(0.035, 0.5 * radius), INK, smooth=True)
        return
    tall = 1.45 * radius * (1 - closed)
    pen.ellipse(x, y, 1.15 * radius, tall, EYE_WHITE, soft=0.0)
    pen.ellipse(x + 0.22 * radius, y, 0.85 * radius, 0.82 * tall, INK, soft=0.0)
    pen.ellipse(x + 0.45 * radius, y + 0.35 * tall, 0.32 * radius, 0.26 * tall, EYE_WHITE, soft=0.0)


def _glasses(pen: Pen, points: Sequence[Point], size: float, colour: Colour) -> None:
    rim = max(2.1 * size, 0.105)
    (first_x, first_y), (last_x, last_y) = points[0], points[-1]
    pen.line([(first_x - 1.7 * rim, first_y + 0.2 * rim), (last_x, last_y)], 0.045, darker(colour, 0.3))
    for x, y in points:
        pen.ellipse(x, y, rim, rim, darker(colour, 0.2), soft=0.0)
        pen.ellipse(x, y, rim - 0.042, rim - 0.042, LENS, soft=0.0)


def mouth(pen: Pen, x: float, y: float, width: float, opened: float) -> None:
    """Draw a smile `width` metres wide around (x, y) that opens with `opened` in [0, 1]."""
    if opened > 0.15:
        pen.ellipse(x, y - 0.15 * width, 0.42 * width, width * (0.15 + 0.4 * opened), MOUTH, soft=0.0)
        return
    smile = [(x - width / 2, y + 0.12 * width), (x, y - 0.45 * width), (x + width / 2, y + 0.12 * width)]
    pen.line(smile, 0.038, mix(MOUTH, INK, 0.4), smooth=True)


def hat(pen: Pen, who: Individual, x: float, y: float, width: float) -> None:
    """Put a brimmed hat on a head whose crown is at (x, y) and `width` metres across, if one is worn."""
    if who.accessory != "hat":
        return
    colour = worn_colour(who)
    with pen.on("extra"):
        crown = ((-0.36, 0.0), (-0.29, 0.5), (0.0, 0.58), (0.29, 0.5), (0.36, 0.0))
        pen.shape([(x + dx * width, y + dy * width) for dx, dy in crown], colour)
        pen.rect(x - 0.36 * width, y - 0.02 * width, 0.72 * width, 0.16 * width, lighter(colour, 0.7))
        pen.ellipse(x, y - 0.03 * width, 0.68 * width, max(0.05, 0.09 * width), darker(colour, 0.18))


def scarf(pen: Pen, who: Individual, x: float, y: float, width: float) -> None:
    """Wind a scarf round a neck at (x, y) that is `width` metres across, one end hanging behind, if one is worn."""
    if who.accessory != "scarf":
        return
    colour = worn_colour(who)
    thick = max(0.1, 0.26 * width)
    back = x - 0.38 * width
    with pen.on("extra"):
        end = [(back, y), (back - 0.5 * thick, y - 1.2 * thick), (back - 0.9 * thick, y - 2.3 * thick)]
        pen.line(end, 0.95 * thick, darker(colour, 0.22), smooth=True)
        pen.line([(x - 0.42 * width, y), (x, y - 0.16 * width), (x + 0.42 * width, y)], thick, colour, smooth=True)


def foot_path(gait: float, stride_m: float, lift_m: float = 0.14) -> Point:
    """Return where a foot is under its hip at phase `gait`: (forwards, above the ground), in metres.

    In the first half of the cycle the foot is planted and moves back from +stride/4 to -stride/4, as fast as the
    body moves forwards; in the second half it swings forwards, lifted at most by `lift_m`. At stride 0 it stands still.
    """
    phase = gait % 1.0
    if phase < 0.5:
        return stride_m * (0.25 - phase), 0.0
    swing = 2 * phase - 1
    eased = swing * swing * (3 - 2 * swing)
    reach = min(1.0, abs(stride_m) / 0.3)
    return stride_m * (eased / 2 - 0.25), lift_m * reach * math.sin(math.pi * swing)


def joint(start: Point, end: Point, length: float, bend: float) -> Point:
    """Return the knee or elbow of a limb of `length` metres from `start` to `end`.

    Seen from `start` to `end` it lies on the left for `bend` +1, on the right for -1 (fractions bend less); a limb
    stretched past its length is straight.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    span = math.hypot(dx, dy)
    if span < 1e-6:
        dx, dy, span = 0.0, -1e-6, 1e-6
    rise = bend * math.sqrt(max(0.0, (length / 2) ** 2 - (span / 2) ** 2))
    return (start[0] + dx / 2 - dy / span * rise, start[1] + dy / 2 + dx / span * rise)


def limb(pen: Pen, points: Sequence[Point], width: float, colour: Colour) -> None:
    """Stroke a leg, arm or tail through its joints."""
    with pen.on("limb"):
        pen.line(points, width, colour, smooth=len(points) == 3)
