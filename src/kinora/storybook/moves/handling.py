"""What is done to things: eating an apple, throwing a ball, falling to pieces."""

import math
from collections.abc import Callable
from typing import Literal

from kinora.storybook.cast.things import PROP_SIZES_M
from kinora.storybook.moves.physics import loudness, thrown
from kinora.storybook.moves.role import Act, Cue, Role, bump, ease
from kinora.storybook.pen import Point
from kinora.storybook.scene import Individual, Placement, Pose

NUM_BITES = 3
APPLE_COLOURS = ("red", "green", "yellow")
TOY_COLOURS = ("red", "orange", "yellow", "blue", "purple", "pink")
# Where the mouth meets the food, as shares of the kind's (width, height): before the middle, above the ground.
HELD = {"girl": (0.47, 0.45), "boy": (0.47, 0.45), "woman": (0.46, 0.51), "man": (0.52, 0.53)}
GRAZED = {"horse": (0.5, 0.0), "bear": (0.54, 0.0)}
ON_THE_GROUND = (0.58, 0.0)
THROW_M_S = 2.4
THROW_UP_M_S = 2.8
SHARD_RESTITUTION = 0.35


def eat(role: Role) -> tuple[Act, ...]:
    """Take bites out of an apple held in the hand, or lying on the ground."""
    upright = role.actor.who.kind in HELD
    forwards, up = (HELD | GRAZED).get(role.actor.who.kind, ON_THE_GROUND)
    free_s = max(0.6, role.duration_s - role.actor.start_s)
    bites_s = [role.actor.start_s + min(0.9 + 1.1 * n, free_s * (n + 0.7) / NUM_BITES) for n in range(NUM_BITES)]
    x_m = role.actor.x_m + role.sign * forwards * role.kind.width_m * role.scale

    def eater(t: float) -> Placement:
        biting = sum(bump(t - bite_s + 0.06, 0.26) for bite_s in bites_s)
        reach = 0.85 + 0.15 * biting if upright else 0.5 + 0.4 * biting
        return role.place(role.actor.x_m, 0.0, role.pose(t, reach=reach, mouth=biting, lean=0.08 * biting))

    def apple(t: float) -> Placement:
        bites = sum(t >= bite_s for bite_s in bites_s)
        # It is bitten from the eater's side.
        away: Literal[-1, 1] = -1 if role.sign > 0 else 1
        return Placement(x_m=x_m, y_m=up * role.height_m, depth=role.actor.depth, facing=away, pose=Pose(bites=bites))

    who = Individual(kind="apple", colour=_colour(role, APPLE_COLOURS))
    bites = tuple(Cue(bite_s, "bite", 0.6) for bite_s in bites_s)
    return role.act(eater), Act(who=who, placement=apple, cues=bites)


def throw(role: Role) -> tuple[Act, ...]:
    """Raise a ball and throw it the way one faces; it bounces off the ground and rolls to rest."""
    free_s = max(0.4, role.duration_s - role.actor.start_s)
    release_s = role.actor.start_s + min(1.0, 0.35 * free_s)
    swing_s = min(0.6, release_s - role.actor.start_s)
    who = Individual(kind="toy ball", colour=_colour(role, TOY_COLOURS))

    def reach(t: float) -> float:
        return ease((t - release_s + swing_s) / swing_s) * (1.0 - ease((t - release_s - 0.1) / 0.6))

    def thrower(t: float) -> Placement:
        wind_up, through = bump(t - release_s + 0.35 * swing_s, swing_s), bump(t - release_s - 0.1, 0.35)
        return role.place(role.actor.x_m, 0.0, role.pose(t, reach=reach(t), lean=0.22 * through - 0.14 * wind_up))

    ball, touches = _ball_flight(role, release_s, reach)
    cues = (Cue(release_s, "throw", 0.6), *(Cue(s, "bounce", 0.6 * loudness(v)) for s, v in touches))
    return role.act(thrower), Act(who=who, placement=ball, cues=cues)


def _ball_flight(
    role: Role, release_s: float, reach: Callable[[float], float]
) -> tuple[Callable[[float], Placement], list[tuple[float, float]]]:
    """Return a ball in the hand until it is thrown, and (time, speed) of the bounces after that."""
    radius_m = PROP_SIZES_M["toy ball"][0] / 2 * role.scale
    hand_x_m, hand_y_m = _hand_m(role, 1.0)
    arcs = thrown(hand_y_m - radius_m, THROW_UP_M_S, 0.7)
    speed_m_s = THROW_M_S * role.actor.speed

    def way_m(flown: float) -> float:
        """Constant speed in the air, then a roll that slows down as its speed is used up."""
        rolling_s = max(0.0, flown - arcs.rest_s)
        return speed_m_s * (min(flown, arcs.rest_s) + 0.8 * -math.expm1(-rolling_s / 0.8))

    def ball(t: float) -> Placement:
        flown = t - release_s
        if flown < 0.0:
            x_m, y_m = _hand_m(role, reach(t))
            return role.place(role.actor.x_m + role.sign * x_m, y_m - radius_m, Pose())
        pose = Pose(spin=-way_m(flown) / radius_m, squash=0.7 * arcs.squash(flown), airborne=float(flown < arcs.rest_s))
        return role.place(role.actor.x_m + role.sign * (hand_x_m + way_m(flown)), arcs.height(flown), pose)

    return ball, [(release_s + s, v) for s, v in zip(arcs.touch_s, arcs.impact_m_s, strict=True)]


def _hand_m(role: Role, reach: float) -> Point:
    """Return where the throwing hand is: (before the middle, above the ground), as the cast swings its far arm."""
    angle = 0.26 + 1.59 * reach
    arm_m = 0.28 * role.height_m
    return arm_m * math.sin(angle) + 0.07 * role.height_m, 0.6 * role.height_m - arm_m * math.cos(angle)


def shatter(role: Role) -> tuple[Act, ...]:
    """Tremble, then fly to pieces, which fall, bounce a little and stay lying."""
    break_s = role.actor.start_s + min(role.rng.uniform(0.9, 1.4), 0.4 * max(0.5, role.duration_s - role.actor.start_s))
    floats = role.actor.who.kind == "balloon"
    base_m = 0.9 if floats else 0.0

    def whole(t: float) -> Placement:
        fear = ease((t - break_s + 0.6) / 0.6)
        y_m = base_m + 0.08 * role.wave(t, 3.7) * floats
        pose = role.pose(t, spin=0.05 * fear * math.sin(22 * t), squash=-0.08 * fear, airborne=float(floats))
        return role.place(role.actor.x_m, y_m, pose, visible=t < break_s)

    shards = [_shard(role, break_s, base_m) for _ in range(int(role.rng.integers(5, 8)))]
    return role.act(whole, Cue(break_s, "break", 0.9)), *shards


def _shard(role: Role, break_s: float, base_m: float) -> Act:
    """Return one piece: unseen until the break, then thrown from its place in the whole."""
    rng = role.rng
    from_x_m = role.actor.x_m + rng.uniform(-0.4, 0.4) * role.kind.width_m * role.scale
    arcs = thrown(base_m + rng.uniform(0.1, 0.75) * role.height_m, rng.uniform(0.4, 2.8), SHARD_RESTITUTION)
    along_m_s, turns_s = rng.uniform(-1.5, 1.5), rng.uniform(-9.0, 9.0)
    tall, wide, head = rng.uniform(-1.0, 1.0, 3)
    who = Individual(
        kind="shard", colour=role.actor.who.colour, tall=tall, wide=wide, head=head, tint=role.actor.who.tint
    )

    def placement(t: float) -> Placement:
        flown = max(0.0, t - break_s)
        moved_s = min(flown, arcs.rest_s)
        pose = Pose(spin=turns_s * moved_s, airborne=float(flown < arcs.rest_s))
        return role.place(from_x_m + along_m_s * moved_s, arcs.height(flown), pose, visible=t >= break_s)

    return Act(who=who, placement=placement)


def _colour(role: Role, colours: tuple[str, ...]) -> str:
    """Return a colour for a prop that is not its owner's."""
    others = [colour for colour in colours if colour != role.actor.who.colour]
    return others[int(role.rng.integers(len(others)))]
