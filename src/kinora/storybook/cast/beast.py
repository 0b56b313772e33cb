"""How a figure on four legs is painted, from the far side to the near: legs, tail, trunk, neck and head."""

import math

from kinora.storybook.cast.parts import (
    INK,
    MOUTH,
    belly_colour,
    coat,
    eyes,
    hat,
    joint,
    limb,
    mark_colour,
    mouth,
    oval,
    scarf,
)
from kinora.storybook.cast.skeleton import (
    FAR_SHIFT,
    VARIATION,
    Figure,
    Head,
    Plan,
    bearing,
    between,
    foot_point,
    posed,
    ribbon,
    tail_nodes,
)
from kinora.storybook.pen import Colour, Pen, darker, lighter
from kinora.storybook.scene import Individual, Pose

FAR_SHADE = 0.28


def draw_beast(pen: Pen, plan: Plan, who: Individual, pose: Pose) -> None:
    """Draw a figure on four legs around its contact point with the ground, facing right; metres."""
    figure = posed(plan, who, pose)
    curled = pose.sleep > 0.5
    _leg(pen, plan, figure, "far hind")
    _leg(pen, plan, figure, "far fore")
    if plan.behind:
        plan.behind(pen, plan, figure)
    if not curled:
        _tail(pen, plan, figure)
    _trunk(pen, plan, figure)
    _leg(pen, plan, figure, "near hind")
    _haunch(pen, plan, figure)
    _leg(pen, plan, figure, "near fore")
    _neck(pen, plan, figure)
    if plan.on_top:
        plan.on_top(pen, plan, figure)
    _head(pen, plan, figure)
    if curled:
        _tail(pen, plan, figure)


def mane_colour(figure: Figure) -> Colour:
    """Return the colour of manes and spines: the shade of the coat's own marks."""
    return mark_colour(figure.colour)


def _leg(pen: Pen, plan: Plan, figure: Figure, name: str) -> None:
    """Draw a leg down to its paw; only the paw of one folded under the body."""
    far, hind = name.startswith("far"), name.endswith("hind")
    leg, top = (plan.hind, figure.stance.hip) if hind else (plan.fore, figure.stance.shoulder)
    colour = darker(figure.colour, FAR_SHADE) if far else figure.colour
    sock = lighter(colour, plan.sock) if plan.sock > 0 else darker(colour, -plan.sock)
    foot = foot_point(plan, figure, name)
    folded = max(figure.pose.sleep, figure.pose.sit if hind else 0.0)
    if folded < 0.8:
        start = (top[0] + FAR_SHIFT[0], top[1] + FAR_SHIFT[1]) if far else top
        ankle = (foot[0], foot[1] + leg.width / 2)
        length = 1.08 * plan.stand.hip[1] * figure.size[1]
        knee = joint(start, ankle, length, leg.bend * (1 - folded))
        limb(pen, [start, knee, ankle], leg.width, colour)
        if leg.sock:
            share = min(1.0, leg.sock / (math.dist(ankle, knee) or 1.0))
            limb(pen, [between(ankle, knee, share), ankle], leg.width, sock)
    half_width, half_height = leg.paw
    with pen.on("limb"):
        pen.ellipse(foot[0] + 0.35 * half_width, foot[1] + half_height, half_width, half_height, sock, soft=0.0)


def _haunch(pen: Pen, plan: Plan, figure: Figure) -> None:
    x, y = figure.stance.hip
    coat(pen, figure.who, oval(x, y - 0.02, *plan.haunch), figure.colour, mark_m=plan.mark)


def _trunk(pen: Pen, plan: Plan, figure: Figure) -> None:
    stretch = math.dist(figure.stance.hip, figure.stance.shoulder) / math.dist(plan.stand.hip, plan.stand.shoulder)
    low = min(y for _, y in plan.trunk)
    with pen.at(*figure.middle, angle=figure.pitch, stretch=(stretch, figure.size[1])):
        coat(pen, figure.who, plan.trunk, figure.colour, mark_m=plan.mark)
        belly = [(0.8 * x, 0.3 * y + 0.66 * low) for x, y in plan.trunk]
        pen.shape(belly, lighter(figure.colour, 0.22), soft=0.0)


def _neck(pen: Pen, plan: Plan, figure: Figure) -> None:
    shoulder, head = figure.stance.shoulder, figure.stance.head
    base, top = plan.neck
    middle = between(shoulder, head, 0.5)
    pen.shape(ribbon([(*shoulder, base), (*middle, (base + top) / 2), (*head, top)]), figure.colour, soft=0.0)
    if plan.bib:
        with pen.at(*shoulder, angle=bearing(shoulder, head)):
            pen.ellipse(0.04, -0.55 * base, 1.2 * plan.bib, plan.bib, belly_colour(figure.colour), soft=0.0)
    scarf(pen, figure.who, *middle, base + top)


def _tail(pen: Pen, plan: Plan, figure: Figure) -> None:
    nodes = tail_nodes(plan, figure)
    colour = mane_colour(figure) if plan.tail.hair else figure.colour
    with pen.on("limb"):
        if plan.tail.hair:
            pen.shape(ribbon(nodes), colour)
        else:
            coat(pen, figure.who, ribbon(nodes), colour, mark_m=plan.mark)
        if plan.tail.tip:
            pen.shape(ribbon(nodes[-plan.tail.tip :]), lighter(colour, 0.85), soft=0.06)


def _head(pen: Pen, plan: Plan, figure: Figure) -> None:
    """Draw the head: raised to call, lowered to eat."""
    head, pose, who = plan.head, figure.pose, figure.who
    tilt = (0.16 * pose.mouth * (1 - pose.reach) - 0.35 * pose.reach) * (1 - pose.sleep)
    with pen.on("head"), pen.at(*figure.stance.head, angle=tilt, scale=1 + VARIATION * who.head):
        _ear(pen, head, figure, far=True)
        if pose.mouth > 0.1 and not head.smile:
            _jaw(pen, head, figure)
        pen.ellipse(0.0, 0.0, *head.skull, figure.colour)
        _snout(pen, head, figure)
        if plan.on_head:
            plan.on_head(pen, figure)
        _ear(pen, head, figure, far=False)
        eyes(pen, who, pose, head.eyes, head.eye)
        hat(pen, who, *head.crown)


def _jaw(pen: Pen, head: Head, figure: Figure) -> None:
    """Draw the lower jaw and the inside of the mouth, hinged under the snout."""
    tip_x, _, tip_half = head.snout[-1]
    reach = tip_x + 0.5 * tip_half - head.jaw[0]
    with pen.at(*head.jaw, angle=-0.7 * figure.pose.mouth):
        inside = [(0.0, 0.04, 0.06), (0.5 * reach, 0.04, 0.06), (0.8 * reach, 0.03, 0.05)]
        pen.shape(ribbon(inside), MOUTH, soft=0.0)
        lip = [(0.0, -0.02, 0.05), (0.55 * reach, -0.02, 0.05), (0.9 * reach, 0.0, 0.035)]
        pen.shape(ribbon(lip), belly_colour(figure.colour), soft=0.0)


def _snout(pen: Pen, head: Head, figure: Figure) -> None:
    pen.shape(ribbon(head.snout), figure.colour, soft=0.06)
    muzzle = [(x, y - 0.4 * half, 0.6 * half) for x, y, half in head.snout[1:]]
    pen.shape(ribbon(muzzle), belly_colour(figure.colour), soft=0.0)
    x, y, radius = head.nose
    pen.ellipse(x, y, radius, 0.85 * radius, INK, soft=0.0)
    if head.smile:
        mouth(pen, *head.smile, figure.pose.mouth)


def _ear(pen: Pen, head: Head, figure: Figure, *, far: bool) -> None:
    """Draw an ear, trailing behind the step and the jump; an upright one is laid back in sleep."""
    ear, pose = head.ear, figure.pose
    step = (0.8 + math.sin(2 * math.tau * pose.gait - 1.0)) * min(1.0, abs(pose.stride_m))
    angle = ear.swing * (step + 2.5 * pose.airborne) + 8 * max(0.0, ear.swing) * pose.sleep
    seen_from_front = len(head.eyes) > 1
    with pen.at(
        *(ear.far_root if far else ear.root), angle=angle, stretch=(-1.0 if far and seen_from_front else 1.0, 1.0)
    ):
        pen.shape(ear.outline, darker(figure.colour, ear.shade + 0.18 * far), soft=0.08)
        if ear.inner and not far:
            x = sum(x for x, _ in ear.outline) / len(ear.outline)
            y = sum(y for _, y in ear.outline) / len(ear.outline)
            inner = [between((x, y), point, ear.inner) for point in ear.outline]
            pen.shape(inner, lighter(figure.colour, 0.45), soft=0.0)
