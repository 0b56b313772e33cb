"""What is done along the ground: walking, running, rolling, driving and running into each other.

Distances set the phases, so that feet don't slide and wheels don't skid.
"""

import math
from collections.abc import Iterator
from typing import Literal

from kinora.storybook.cast.things import BALL_RADIUS_M
from kinora.storybook.cast.vehicles import WHEEL_M, build
from kinora.storybook.moves.physics import collide
from kinora.storybook.moves.role import Act, Cue, Role, drawn_scale
from kinora.storybook.scene import Actor, Placement
from kinora.storybook.vocabulary import KINDS

WALK_M_S, RUN_M_S, ROLL_M_S, DRIVE_M_S, COLLIDE_M_S = 0.9, 2.2, 1.5, 2.5, 0.7
WALK_STRIDE, RUN_STRIDE = 0.65, 1.15  # metres a metre of body height, at nominal speed
COLLISION_RESTITUTION, CRASH_STRENGTH = 0.7, 0.8


def walk(role: Role) -> tuple[Act, ...]:
    """Walk at constant speed."""
    return _step(role, WALK_M_S, WALK_STRIDE, loud=0.4)


def run(role: Role) -> tuple[Act, ...]:
    """Run at constant speed, leaning forwards."""
    return _step(role, RUN_M_S, RUN_STRIDE, loud=0.6, lean=0.14)


def _step(role: Role, nominal_m_s: float, stride: float, *, loud: float, lean: float = 0.0) -> tuple[Act, ...]:
    """Faster ones take longer steps; a far figure is drawn smaller, so its steps cover less of the world."""
    speed_m_s = nominal_m_s * role.actor.speed
    stride_m = stride * role.kind.height_m * math.sqrt(role.actor.speed)
    cycle_m = stride_m * role.scale

    def placement(t: float) -> Placement:
        x_m = role.x_m(t, speed_m_s)
        if t < role.actor.start_s:
            return role.place(x_m, 0.0, role.pose(t))
        gait = role.phase + role.way(t, speed_m_s) / cycle_m
        return role.place(x_m, 0.0, role.pose(t, gait=gait, stride_m=stride_m, lean=lean))

    return (role.act(placement, *_footfalls(role, speed_m_s / cycle_m, loud)),)


def _footfalls(role: Role, cycles_hz: float, loud: float) -> Iterator[Cue]:
    """Yield a step whenever a foot touches down: at whole and half phases of the gait."""
    half = math.ceil(2 * role.phase)
    while (time_s := role.actor.start_s + (half / 2 - role.phase) / cycles_hz) < role.duration_s:
        yield Cue(time_s, "step", loud)
        half += 1


def roll(role: Role) -> tuple[Act, ...]:
    """Roll at constant speed without slipping."""
    speed_m_s = ROLL_M_S * role.actor.speed

    def placement(t: float) -> Placement:
        return role.place(role.x_m(t, speed_m_s), 0.0, role.pose(t, **rolled(role.actor, role.way(t, speed_m_s))))

    return (role.act(placement, Cue(role.actor.start_s, "roll", 0.5)),)


def drive(role: Role) -> tuple[Act, ...]:
    """Drive at constant speed."""
    speed_m_s = DRIVE_M_S * role.actor.speed

    def placement(t: float) -> Placement:
        way_m = role.way(t, speed_m_s)
        rattle = 0.012 * role.wave(way_m, 1.6)
        return role.place(role.x_m(t, speed_m_s), 0.0, role.pose(t, squash=rattle, **rolled(role.actor, way_m)))

    return (role.act(placement, Cue(role.actor.start_s, "engine", 0.6)),)


def crash(role: Role) -> tuple[Act, ...]:
    """Run into the partner: both start where they stand, meet, and part as momentum and restitution have it."""
    if role.partner is None:
        return roll(role) if role.actor.who.kind == "ball" else drive(role)
    before_m_s, after_m_s, meet_s = _encounter(role.actor, role.partner)
    sign: Literal[-1, 1] = 1 if before_m_s > 0 else -1

    def placement(t: float) -> Placement:
        shift_m = before_m_s * min(t, meet_s) + after_m_s * max(0.0, t - meet_s)
        pose = role.pose(t, **rolled(role.actor, sign * shift_m))
        return Placement(x_m=role.actor.x_m + shift_m, depth=role.actor.depth, facing=sign, pose=pose)

    # One crash is heard, not one from each side.
    echoed = role.partner.action == "collide" and role.number > (role.actor.partner or 0)
    return (role.act(placement, *([] if echoed else [Cue(meet_s, "crash", CRASH_STRENGTH)])),)


def rolled(actor: Actor, way_m: float) -> dict[str, float]:
    """Return the fields of a pose that turn wheels or a whole ball by `way_m` metres forwards."""
    turned = way_m / drawn_scale(actor.depth) / WHEEL_M.get(actor.who.kind, BALL_RADIUS_M)
    return {"spin": -turned} if actor.who.kind == "ball" else {"gait": turned / math.tau}


def _encounter(actor: Actor, partner: Actor) -> tuple[float, float, float]:
    """Return an actor's velocities in m/s before and after it meets its partner, and when, in seconds."""
    sign = 1.0 if (actor.x_m, actor.direction != "right") <= (partner.x_m, partner.direction != "right") else -1.0
    velocities = (sign * COLLIDE_M_S * actor.speed, -sign * COLLIDE_M_S * partner.speed)
    masses = (KINDS[actor.who.kind].mass_kg, KINDS[partner.who.kind].mass_kg)
    touching_m = sum(_half_width_m(one) for one in (actor, partner))
    gap_m = abs(partner.x_m - actor.x_m) - touching_m
    meet_s = max(0.0, gap_m) / (abs(velocities[0]) + abs(velocities[1]))
    return velocities[0], collide(masses, velocities, COLLISION_RESTITUTION)[0], meet_s


def _half_width_m(actor: Actor) -> float:
    """Return half the width of an actor as it is drawn at its depth."""
    wide = 1.0 if actor.who.kind == "ball" else build(actor.who)[0]
    return KINDS[actor.who.kind].width_m / 2 * wide * drawn_scale(actor.depth)
