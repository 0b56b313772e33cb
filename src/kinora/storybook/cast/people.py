"""Girl, boy, woman, man and robot: big heads, clothes in the figure's colour, silhouettes to be told apart in black."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from kinora.storybook.cast import hair
from kinora.storybook.cast.biped import Frame, Posture, Side, posture
from kinora.storybook.cast.parts import INK, eyes, hat, joint, limb, mouth, oval, own_colour, scarf, trim_colour
from kinora.storybook.pen import Colour, Pen, Point, darker, lighter, mix
from kinora.storybook.scene import Individual, Pose

_SKINS: tuple[Colour, ...] = ((255, 222, 196), (240, 190, 148), (206, 148, 104), (158, 106, 72), (122, 80, 58))
_METAL: Colour = (178, 186, 198)
_LAMP: Colour = (255, 236, 150)
_PILLOW: Colour = (236, 232, 246)
_VARIES = 0.12

Hair = Callable[[Pen, float, Colour], None]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a kind of person is made of; widths are halves of what is seen.

    `hem` is the length of the skirt in legs (0: trousers), `sleeve` and `trouser` how far cloth covers arm and leg, in
    [0, 1].
    """

    frame: Frame
    chest_m: float
    waist_m: float
    leg_m: float
    arm_m: float
    hair_behind: Hair
    hair_before: Hair
    hem: float = 0.0
    flare_m: float = 0.0
    sleeve: float = 0.9
    trouser: float = 1.0
    moustache: bool = False


@dataclass(frozen=True, kw_only=True)
class Dyes:
    """The colours of one person."""

    cloth: Colour
    lower: Colour
    skin: Colour
    hair: Colour
    shoe: Colour

    def dimmed(self, share: float) -> "Dyes":
        """Return the same colours in shadow, for limbs on the far side."""
        return Dyes(**{name: darker(colour, share) for name, colour in vars(self).items()})


def skin_colour(who: Individual) -> Colour:
    """Return a skin tone from pale to dark, continuous in the individual's identity."""
    place = abs((2.6 * who.tint + 0.5 * who.eyes + 0.45) % 2.0 - 1.0) * (len(_SKINS) - 1)
    below = min(int(place), len(_SKINS) - 2)
    return mix(_SKINS[below], _SKINS[below + 1], place - below)


def draw_girl(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a girl: pigtails and a flared dress."""
    _draw_person(pen, who, pose, _GIRL)


def draw_boy(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a boy: tousled hair and wide shorts."""
    _draw_person(pen, who, pose, _BOY)


def draw_woman(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a woman: a bun, a narrow waist and a long skirt."""
    _draw_person(pen, who, pose, _WOMAN)


def draw_man(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a man: broad shoulders, long trousers, short hair, a moustache."""
    _draw_person(pen, who, pose, _MAN)


def _draw_person(pen: Pen, who: Individual, pose: Pose, look: Look) -> None:
    look = _varied(look, who)
    dyes = _dyes(who)
    held = posture(look.frame, pose)
    with _laid(pen, pose, look.frame):
        with _torso(pen, held):
            _arm(pen, held.far, look, dyes.dimmed(0.22))
            with _head(pen, look.frame):
                look.hair_behind(pen, look.frame.head_m, dyes.hair)
        _leg(pen, held.far, look, dyes.dimmed(0.22))
        _leg(pen, held.near, look, dyes)
        _lower_cloth(pen, held, replace(look, flare_m=look.flare_m * (1 - 0.5 * pose.sleep)), dyes)
        with _torso(pen, held):
            _chest(pen, look, dyes)
            with _head(pen, look.frame):
                _face(pen, who, pose, look, dyes)
            scarf(pen, who, 0.0, look.frame.torso_m, 1.7 * look.frame.head_m)
            _arm(pen, held.near, look, replace(dyes, cloth=darker(dyes.cloth, 0.12)))


def _varied(look: Look, who: Individual) -> Look:
    wide = 1 + _VARIES * who.wide
    widths = {name: getattr(look, name) * wide for name in ("chest_m", "waist_m", "leg_m", "arm_m", "flare_m")}
    return replace(look, frame=_grown(look.frame, who), **widths)


def _grown(frame: Frame, who: Individual) -> Frame:
    """Grow the bones as the individual's proportions say; strides stay as they are, so feet stay planted."""
    tall, wide, head = (1 + _VARIES * share for share in (who.tall, who.wide, who.head))
    return replace(
        frame,
        leg_m=frame.leg_m * tall,
        torso_m=frame.torso_m * tall,
        arm_m=frame.arm_m * tall,
        head_m=frame.head_m * head,
        shoulder_m=frame.shoulder_m * wide,
    )


def _dyes(who: Individual) -> Dyes:
    cloth, trim, skin = own_colour(who), trim_colour(who), skin_colour(who)
    # Neither clothes nor hair may drown in the skin.
    if _contrast(cloth, skin) < 90:
        skin = mix(skin, _SKINS[0], 0.6)
    if _contrast(trim, skin) < 150:
        trim = darker(trim, 0.55)
    return Dyes(cloth=cloth, lower=darker(cloth, 0.3), skin=skin, hair=trim, shoe=mix(INK, trim, 0.25))


def _contrast(colour: Colour, other: Colour) -> int:
    return sum(abs(a - b) for a, b in zip(colour, other, strict=True))


@contextmanager
def _laid(pen: Pen, pose: Pose, frame: Frame) -> Iterator[None]:
    """Lay a sleeper on its back, its middle over the origin, its head on a pillow."""
    middle = (frame.leg_m + frame.torso_m + 2 * frame.head_m) / 2
    if pose.sleep > 0.5:
        with pen.on("extra"):
            pen.shape(oval(-0.78 * middle, 0.12, 0.36, 0.15), _PILLOW)
    with pen.at(0.94 * middle * pose.sleep, 0.17 * pose.sleep, angle=1.4 * pose.sleep):
        yield


@contextmanager
def _torso(pen: Pen, held: Posture) -> Iterator[None]:
    with pen.at(*held.hips, angle=held.turn):
        yield


@contextmanager
def _head(pen: Pen, frame: Frame) -> Iterator[None]:
    with pen.at(0.03, frame.torso_m + 0.8 * frame.head_m), pen.on("head"):
        yield


def _arm(pen: Pen, side: Side, look: Look, dyes: Dyes) -> None:
    elbow = joint(side.shoulder, side.hand, look.frame.arm_m, -1.0)
    width = 2 * look.arm_m
    limb(pen, [side.shoulder, elbow, side.hand], 0.8 * width, dyes.skin)
    limb(pen, _part_way([side.shoulder, elbow, side.hand], look.sleeve), width, dyes.cloth)
    with pen.on("limb"):
        pen.ellipse(*side.hand, 0.62 * width, 0.62 * width, dyes.skin, soft=0.0)


def _leg(pen: Pen, side: Side, look: Look, dyes: Dyes) -> None:
    foot_x, foot_y = side.foot
    ankle = (foot_x, foot_y + max(0.08, look.leg_m))
    bend = 0.35 if look.hem else 1.0  # knees stay under a skirt
    knee = joint(side.hip, ankle, 1.02 * (look.frame.leg_m - 0.08), bend)
    limb(pen, [side.hip, knee, ankle], 0.1, dyes.skin)
    if not look.hem:
        limb(pen, _part_way([side.hip, knee, ankle], look.trouser), 2 * look.leg_m, dyes.lower)
    with pen.on("limb"):
        pen.ellipse(foot_x + 0.04, foot_y + 0.06, 0.115, 0.06, dyes.shoe)


def _part_way(points: list[Point], share: float) -> list[Point]:
    """Return the first part of a limb's curve, cut at `share` of it (de Casteljau)."""
    start, middle, end = points
    first, second = _between(start, middle, share), _between(middle, end, share)
    return [start, first, _between(first, second, share)]


def _between(start: Point, end: Point, share: float) -> Point:
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def _lower_cloth(pen: Pen, held: Posture, look: Look, dyes: Dyes) -> None:
    """Draw the seat of the trousers, or a skirt that hangs along the legs and opens with the step."""
    hips_x, hips_y = held.hips
    if not look.hem:
        pen.ellipse(hips_x, hips_y, 1.05 * look.waist_m, 0.1, dyes.lower)
        return
    (far_x, far_y), (near_x, near_y) = held.far.foot, held.near.foot
    along_x, along_y = (far_x + near_x) / 2 - hips_x, (far_y + near_y) / 2 + 0.04 - hips_y
    span = math.hypot(along_x, along_y)
    along_x, along_y = along_x / span, along_y / span
    opened = look.flare_m + 0.3 * look.hem * abs(far_x - near_x)

    def seam(across: float, down: float) -> Point:
        x = hips_x + along_x * down - along_y * across
        return (x, max(0.03, hips_y + along_y * down + along_x * across))

    hem = min(look.hem * look.frame.leg_m, span)
    waist = look.waist_m
    edge = [(opened, hem), (0.5 * opened, hem + 0.04), (-0.5 * opened, hem + 0.04), (-opened, hem)]
    top = [(-waist, -0.06), (waist, -0.06)]
    pen.shape([seam(across, down) for across, down in edge + top], dyes.cloth, smooth=False)


def _chest(pen: Pen, look: Look, dyes: Dyes) -> None:
    top = look.frame.torso_m
    chest, waist = look.chest_m, look.waist_m
    half = [(waist, -0.03), (chest, 0.7 * top), (0.95 * chest, 0.93 * top), (0.4 * chest, top)]
    pen.shape([*half, *((-x, y) for x, y in reversed(half))], dyes.cloth)


def _face(pen: Pen, who: Individual, pose: Pose, look: Look, dyes: Dyes) -> None:
    r = look.frame.head_m
    pen.ellipse(0.0, 0.0, r, 0.96 * r, dyes.skin)
    pen.ellipse(0.97 * r, -0.12 * r, 0.17 * r, 0.14 * r, darker(dyes.skin, 0.08), soft=0.0)
    for x in (0.02 * r, 0.82 * r):
        pen.ellipse(x, -0.36 * r, 0.17 * r, 0.12 * r, mix(dyes.skin, (236, 96, 96), 0.35), soft=0.0)
    look.hair_before(pen, r, dyes.hair)
    eyes(pen, who, pose, [(0.2 * r, 0.04 * r), (0.7 * r, 0.04 * r)], 0.2 * r)
    mouth(pen, 0.46 * r, -0.48 * r, 0.5 * r, pose.mouth)
    if look.moustache:
        for x in (0.28 * r, 0.72 * r):
            pen.ellipse(x, -0.34 * r, 0.3 * r, 0.13 * r, dyes.hair, soft=0.0)
    hat(pen, who, -0.04 * r, 0.6 * r, 2.15 * r)


_CHILD = Frame(leg_m=0.43, torso_m=0.41, arm_m=0.37, head_m=0.25, hip_m=0.08, shoulder_m=0.11)
_GIRL = Look(
    frame=_CHILD,
    chest_m=0.15,
    waist_m=0.13,
    leg_m=0.06,
    arm_m=0.055,
    hair_behind=hair.pigtails,
    hair_before=hair.fringe,
    hem=0.6,
    flare_m=0.32,
    sleeve=0.45,
)
_BOY = Look(
    frame=_CHILD,
    chest_m=0.18,
    waist_m=0.17,
    leg_m=0.085,
    arm_m=0.06,
    hair_behind=hair.nape,
    hair_before=hair.tousle,
    sleeve=0.6,
    trouser=0.65,
)
_WOMAN = Look(
    frame=Frame(leg_m=0.62, torso_m=0.47, arm_m=0.46, head_m=0.25, hip_m=0.06, shoulder_m=0.13),
    chest_m=0.18,
    waist_m=0.12,
    leg_m=0.06,
    arm_m=0.06,
    hair_behind=hair.bun,
    hair_before=hair.parting,
    hem=0.85,
    flare_m=0.3,
)
_MAN = Look(
    frame=Frame(leg_m=0.64, torso_m=0.55, arm_m=0.5, head_m=0.25, hip_m=0.1, shoulder_m=0.22),
    chest_m=0.29,
    waist_m=0.19,
    leg_m=0.095,
    arm_m=0.07,
    hair_behind=hair.jaw,
    hair_before=hair.crop,
    moustache=True,
)

_ROBOT = Frame(leg_m=0.4, torso_m=0.5, arm_m=0.44, head_m=0.25, hip_m=0.14, shoulder_m=0.29)


def draw_robot(pen: Pen, who: Individual, pose: Pose) -> None:
    """Draw a robot: a boxy body, a square head with an antenna, jointed arms and legs."""
    frame = _grown(_ROBOT, who)
    held, paint = posture(frame, pose), own_colour(who)
    with _laid(pen, pose, frame):
        with _torso(pen, held):
            _rod(pen, [held.far.shoulder, held.far.hand], frame.arm_m, -1.0, darker(_METAL, 0.35))
        for side, metal in ((held.far, darker(_METAL, 0.35)), (held.near, darker(_METAL, 0.12))):
            foot_x, foot_y = side.foot
            _rod(pen, [side.hip, (foot_x, foot_y + 0.1)], frame.leg_m - 0.06, 1.0, metal)
            with pen.on("limb"):
                pen.rect(foot_x - 0.1, foot_y, 0.28, 0.14, darker(paint, 0.3), corner=0.05)
        with _torso(pen, held):
            _box(pen, frame, paint)
            _robot_head(pen, pose, frame, paint)
            _rod(pen, [held.near.shoulder, held.near.hand], frame.arm_m, -1.0, darker(_METAL, 0.12))


def _rod(pen: Pen, ends: list[Point], length: float, bend: float, metal: Colour) -> None:
    """Draw a rod with one sharp joint and round ends."""
    knee = joint(ends[0], ends[1], length, bend)
    with pen.on("limb"):
        pen.line([ends[0], knee, ends[1]], 0.095, metal)
        for x, y in (knee, ends[1]):
            pen.ellipse(x, y, 0.075, 0.075, darker(metal, 0.2), soft=0.0)


def _box(pen: Pen, frame: Frame, paint: Colour) -> None:
    half = frame.shoulder_m - 0.01
    pen.rect(-0.06, frame.torso_m - 0.1, 0.18, 0.2, darker(_METAL, 0.2))
    pen.rect(-half, -0.06, 2 * half, frame.torso_m + 0.04, paint, corner=0.07)
    pen.rect(-0.1, 0.12, 0.3, 0.2, darker(paint, 0.4), corner=0.04)
    pen.ellipse(0.0, 0.22, 0.05, 0.05, (244, 92, 82), soft=0.0)
    pen.ellipse(0.12, 0.22, 0.05, 0.05, _LAMP, soft=0.0)


def _robot_head(pen: Pen, pose: Pose, frame: Frame, paint: Colour) -> None:
    r = frame.head_m
    with pen.at(0.03, frame.torso_m + 0.9 * r), pen.on("head"):
        pen.line([(-0.05, 0.7 * r), (-0.05, 1.35 * r)], 0.06, darker(_METAL, 0.2))
        pen.ellipse(-0.05, 1.45 * r, 0.085, 0.085, (244, 92, 82))
        pen.rect(-1.05 * r, -0.8 * r, 2.1 * r, 1.6 * r, lighter(paint, 0.2), corner=0.06)
        pen.rect(-0.35 * r, -0.1 * r, 1.35 * r, 0.72 * r, INK, corner=0.08)
        lid = 0.2 * r * (1 - 0.85 * max(pose.blink, pose.sleep))
        for x in (0.05 * r, 0.62 * r):
            pen.ellipse(x, 0.26 * r, 0.2 * r, lid, _LAMP, soft=0.0)
        pen.rect(0.0, -0.55 * r, 0.7 * r, (0.18 + 0.2 * pose.mouth) * r, darker(paint, 0.5), corner=0.03)
