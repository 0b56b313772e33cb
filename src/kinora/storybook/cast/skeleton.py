"""What is common to everything on four legs: a table of proportions, and how its joints are posed at an instant.

Metres, x forward (to the right), y up, origin on the ground under the middle of the body.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kinora.storybook.cast.parts import foot_path, own_colour
from kinora.storybook.pen import Colour, Pen, Point
from kinora.storybook.scene import Individual, Pose

# How much a proportion of 1 changes a size.
VARIATION = 0.12
# The legs on the far side stand a little up the picture and to the right.
FAR_SHIFT: Point = (0.09, 0.035)
FEET = ("near hind", "near fore", "far hind", "far fore")

# A node of a ribbon: x, y and half the width there.
Node = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Stance:
    """Where hip, shoulder and head (the middle of the skull) are, and the x of the hind and fore feet."""

    hip: Point
    shoulder: Point
    head: Point
    hind: float
    fore: float


@dataclass(frozen=True, kw_only=True)
class Leg:
    """How wide a leg is, half the size of its paw, how its knee bends (as in `parts.joint`), how high its sock is."""

    width: float
    paw: Point
    bend: float
    sock: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Ear:
    """An outline around the ear's root, both roots in the head's frame, and how loosely it swings (radians).

    An ear that hangs has a negative swing. `inner` is the share that is pale, `shade` how much darker than the coat.
    """

    outline: tuple[Point, ...]
    root: Point
    far_root: Point
    swing: float = 0.08
    inner: float = 0.55
    shade: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Head:
    """Sizes around the middle of the skull: half the skull, the snout from its root, nose, eyes, crown (x, y, width).

    A snout seen from the side opens at the hinge `jaw`; a face seen from the front has a `smile` (x, y, width) instead.
    """

    skull: Point
    snout: tuple[Node, ...]
    nose: Node
    eyes: tuple[Point, ...]
    eye: float
    ear: Ear
    crown: Node
    jaw: Point = (0.1, -0.08)
    smile: Node | None = None


@dataclass(frozen=True, kw_only=True)
class Tail:
    """Nodes around the tail's root, the root in the trunk's frame, how far it wags (radians).

    The last `tip` nodes are white; `hair` has the colour of the mane.
    """

    root: Point
    nodes: tuple[Node, ...]
    wag: float = 0.35
    tip: int = 0
    hair: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A skeleton posed for one instant: whose, how, its joints then, its own colour and its scale in x and y."""

    who: Individual
    pose: Pose
    stance: Stance
    colour: Colour
    size: Point

    @property
    def middle(self) -> Point:
        """Return the middle of the trunk."""
        return between(self.stance.hip, self.stance.shoulder, 0.5)

    @property
    def pitch(self) -> float:
        """Return the angle of the line from hip to shoulder, in radians."""
        return bearing(self.stance.hip, self.stance.shoulder)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a kind looks like.

    `graze` is where the head is with its mouth at food on the ground, 0.62 widths ahead; `trunk` an outline around the
    middle between hip and shoulder; `haunch` half its size; `neck` half its width at both ends; `beats` where in its
    step each of `FEET` is at gait 0; `bounce` the rise of the body in a step; `sock` how pale (negative: dark) the paws
    are; `bib` half the size of a pale chest; `mark` the size of spots and stripes. The details are drawn behind the
    trunk, over the neck and on the head.
    """

    stand: Stance
    sit: Stance
    sleep: Stance
    graze: Point
    trunk: tuple[Point, ...]
    haunch: Point
    hind: Leg
    fore: Leg
    neck: tuple[float, float]
    head: Head
    tail: Tail
    # Hind feet at the half phases, when steps are heard; fore feet a moment before the hind foot across.
    beats: tuple[float, float, float, float] = (0.0, 0.42, 0.5, 0.92)
    bounce: float = 0.018
    sock: float = 0.0
    bib: float = 0.0
    mark: float = 0.075
    behind: Callable[[Pen, "Plan", Figure], None] | None = None
    on_top: Callable[[Pen, "Plan", Figure], None] | None = None
    on_head: Callable[[Pen, Figure], None] | None = None


def between(one: Point, other: Point, share: float) -> Point:
    """Return the point between two, `other` at share 1."""
    return (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)


def bearing(start: Point, end: Point) -> float:
    """Return the angle of the way from one point to another, in radians."""
    return math.atan2(end[1] - start[1], end[0] - start[0])


def ribbon(nodes: Sequence[Node]) -> list[Point]:
    """Return the outline of a band through the nodes, round at its end: tails, necks, snouts."""
    left: list[Point] = []
    right: list[Point] = []
    last = len(nodes) - 1
    for i, (x, y, half) in enumerate(nodes):
        (ax, ay, _), (bx, by, _) = nodes[max(0, i - 1)], nodes[min(last, i + 1)]
        span = math.hypot(bx - ax, by - ay) or 1.0
        across_x, across_y = -(by - ay) / span * half, (bx - ax) / span * half
        left.append((x + across_x, y + across_y))
        right.append((x - across_x, y - across_y))
        if i == last:
            left.append((x + 0.8 * across_y, y - 0.8 * across_x))
    return left + right[::-1]


def posed(plan: Plan, who: Individual, pose: Pose) -> Figure:
    """Return the skeleton at this instant: between its stances, then bent to food, bouncing, crouching and leaning."""
    size = (1 + VARIATION * who.wide, 1 + VARIATION * who.tall)
    stance = _blend(_blend(plan.stand, plan.sit, pose.sit), plan.sleep, pose.sleep)
    upright = (1 - pose.sleep) * (1 - pose.sit)
    stepping = min(1.0, abs(pose.stride_m) / 0.4) * upright
    lift = plan.bounce * math.sin(2 * math.tau * pose.gait) * stepping
    lift -= 0.38 * pose.crouch * plan.stand.hip[1] * upright
    turn = -0.5 * pose.lean * upright
    cos, sin = math.cos(turn), math.sin(turn)
    pivot = stance.hip[1]

    def place(point: Point) -> Point:
        x, y = point[0], point[1] - pivot
        return ((x * cos - y * sin) * size[0], (pivot + x * sin + y * cos + lift) * size[1])

    placed = Stance(
        hip=place(stance.hip),
        shoulder=place(stance.shoulder),
        head=place(between(stance.head, plan.graze, pose.reach * upright)),
        hind=stance.hind * size[0],
        fore=stance.fore * size[0],
    )
    return Figure(who=who, pose=pose, stance=placed, colour=own_colour(who), size=size)


def _blend(one: Stance, other: Stance, share: float) -> Stance:
    """Return the stance between two, `other` at share 1."""
    if share <= 0:
        return one
    return Stance(
        hip=between(one.hip, other.hip, share),
        shoulder=between(one.shoulder, other.shoulder, share),
        head=between(one.head, other.head, share),
        hind=one.hind + (other.hind - one.hind) * share,
        fore=one.fore + (other.fore - one.fore) * share,
    )


def foot_point(plan: Plan, figure: Figure, name: str) -> Point:
    """Return where one of `FEET` is: on its step, or flung out in the air."""
    pose, stance = figure.pose, figure.stance
    fore = name.endswith("fore")
    leg = plan.stand.hip[1] * figure.size[1]
    forwards, up = foot_path(pose.gait + plan.beats[FEET.index(name)], pose.stride_m * (1 - pose.sleep), 0.3 * leg)
    on_ground = ((stance.fore if fore else stance.hind) + forwards, up)
    if name.startswith("far"):
        on_ground = (on_ground[0] + FAR_SHIFT[0], on_ground[1] + FAR_SHIFT[1])
    top = stance.shoulder if fore else stance.hip
    flung = (top[0] + (0.62 if fore else -0.72) * leg, top[1] - (0.62 if fore else 0.72) * leg)
    return between(on_ground, flung, pose.airborne * (1 - pose.sleep))


def tail_nodes(plan: Plan, figure: Figure) -> list[Node]:
    """Return the tail's nodes at this instant: wagging, above the ground, wrapped round the body in sleep."""
    tail, pose, (wide, tall) = plan.tail, figure.pose, figure.size
    root = _turned(tail.root, figure.pitch)
    root_x, root_y = figure.middle[0] + root[0] * wide, figure.middle[1] + root[1] * tall
    trot = 0.12 * math.sin(2 * math.tau * pose.gait) * min(1.0, abs(pose.stride_m)) - 0.3 * pose.airborne
    last = len(tail.nodes) - 1
    nodes: list[Node] = []
    along = 0.0
    before = tail.nodes[0]
    for i, (x, y, half) in enumerate(tail.nodes):
        share = i / last
        along += math.dist((x, y), before[:2])
        before = (x, y, half)
        swing = share * (tail.wag * math.sin(math.tau * pose.sway - 1.5 * share) + trot)
        dx, dy = _turned((x, y), swing)
        low = 0.9 * half
        awake = (root_x + dx * wide, max(low, root_y + dy * tall))
        asleep = (root_x - 0.05 + along * wide, max(low, root_y - 1.2 * along))
        nodes.append((*between(awake, asleep, pose.sleep), half))
    return nodes


def _turned(point: Point, angle: float) -> Point:
    cos, sin = math.cos(angle), math.sin(angle)
    return (point[0] * cos - point[1] * sin, point[0] * sin + point[1] * cos)
