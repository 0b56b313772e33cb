"""What is done off the ground and in the water: jumping, bouncing, falling, flying, drifting, swimming."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kinora.storybook.moves.physics import dent, dragged_fall, loudness, rise, stretch, thrown
from kinora.storybook.moves.role import Act, Cue, Role, bump, ease
from kinora.storybook.moves.travelling import rolled
from kinora.storybook.scene import GRAVITY_M_S2, GROUND_RISE_M, Placement

CEILING_M = 3.1  # the highest that is sure to be seen in a medium view
JUMP_M, CROUCH_S, RECOVER_S, LEAP_M_S = 0.5, 0.35, 0.5, 1.3
BOUNCE_M_S = 0.5
FALL_RESTITUTION = {"ball": 0.7, "lamp": 0.25, "robot": 0.15, "rocket": 0.15}
BRITTLE = ("lamp", "robot", "rocket")
TERMINAL_M_S = {"kite": 0.9, "umbrella": 1.0, "balloon": 0.7}
FLY_M_S = {"bird": 1.2, "dragon": 1.2, "rocket": 0.5}
DRIFT_M_S = 0.35
SWIM_M_S = 0.9
FLAPS_HZ = {"bird": 2.4, "dragon": 1.3, "kite": 0.6, "rocket": 3.0}


def jump(role: Role) -> tuple[Act, ...]:
    """Crouch, fly under gravity, land, again and again; forwards when given a side."""
    if role.actor.who.kind == "fish":
        return _leap(role)
    up_m_s = math.sqrt(2 * GRAVITY_M_S2 * JUMP_M)
    flight_s = 2 * up_m_s / GRAVITY_M_S2
    period_s = CROUCH_S + flight_s + RECOVER_S
    along_m_s = LEAP_M_S * role.actor.speed if role.actor.direction else 0.0

    def stage(t: float) -> tuple[float, float, float]:
        """Return how many jumps are done, the seconds since the last landing and the seconds in the air."""
        jumps, landed_s = divmod(role.since_start(t) + RECOVER_S, period_s)
        return jumps, landed_s, max(0.0, landed_s - RECOVER_S - CROUCH_S)

    def way_m(t: float) -> float:
        jumps, _, flown_s = stage(t)
        return along_m_s * (jumps * flight_s + flown_s)

    def placement(t: float) -> Placement:
        jumps, landed_s, flown_s = stage(t)
        x_m = role.actor.x_m + role.sign * (way_m(t) - way_m(role.duration_s / 2))
        if flown_s:
            rise_m_s = up_m_s - GRAVITY_M_S2 * flown_s
            pose = role.pose(t, airborne=min(1.0, flown_s / 0.12), squash=stretch(rise_m_s))
            return role.place(x_m, rise(up_m_s, flown_s), pose)
        crouch = ease((landed_s - RECOVER_S) / CROUCH_S)
        if not jumps:
            return role.place(x_m, 0.0, role.pose(t, crouch=crouch))
        crouch = max(crouch, 0.6 * bump(landed_s, 0.3))
        return role.place(x_m, 0.0, role.pose(t, squash=dent(landed_s, up_m_s), crouch=crouch))

    first_s = role.actor.start_s + CROUCH_S + flight_s
    return (role.act(placement, *_every(period_s, first_s, role.duration_s, "land", loudness(up_m_s))),)


def _leap(role: Role) -> tuple[Act, ...]:
    """A fish skims the water and leaps out of it, nose along its path."""
    up_m_s, along_m_s, skim_s = math.sqrt(2 * GRAVITY_M_S2 * 1.1), SWIM_M_S * role.actor.speed, 0.7
    flight_s = 2 * up_m_s / GRAVITY_M_S2
    period_s = skim_s + flight_s

    def placement(t: float) -> Placement:
        flown = role.since_start(t) % period_s - skim_s
        x_m = role.x_m(t, along_m_s)
        if flown <= 0.0:
            return role.place(x_m, 0.0, role.pose(t, flap=1.6 * t, spin=0.25 * bump(flown, 0.2)))
        rise_m_s = up_m_s - GRAVITY_M_S2 * flown
        # The nose follows the path, gently: at full tilt a flat fish stands on its head.
        pose = role.pose(t, flap=1.6 * t, airborne=1.0, spin=0.6 * math.atan2(rise_m_s, 2 * along_m_s))
        return role.place(x_m, rise(up_m_s, flown), pose)

    start_s = role.actor.start_s
    exits = _every(period_s, start_s + skim_s, role.duration_s, "splash", 0.5)
    entries = _every(period_s, start_s + period_s, role.duration_s, "splash", 0.8)
    return (role.act(placement, *exits, *entries),)


def bounce(role: Role) -> tuple[Act, ...]:
    """Drop from high up and bounce along, each bounce lower by the square of the restitution, until it only rolls."""
    arcs = thrown(role.rng.uniform(1.9, 2.3), 0.0, role.rng.uniform(0.76, 0.85))
    speed_m_s = BOUNCE_M_S * role.actor.speed if role.actor.direction else 0.0

    def placement(t: float) -> Placement:
        way_m = speed_m_s * (t - role.duration_s / 2)
        pose = role.pose(t, airborne=float(t < arcs.rest_s), **rolled(role.actor, speed_m_s * t), squash=arcs.squash(t))
        return role.place(role.actor.x_m + role.sign * way_m, arcs.height(t), pose)

    touches = zip(arcs.touch_s, arcs.impact_m_s, strict=True)
    return (role.act(placement, *(Cue(time_s, "bounce", loudness(speed)) for time_s, speed in touches)),)


def fall(role: Role) -> tuple[Act, ...]:
    """Fall from high up: heavy things and people freely, wide light ones against the air."""
    if role.actor.who.kind in TERMINAL_M_S:
        return _flutter(role)
    kind = role.actor.who.kind
    arcs = thrown(role.rng.uniform(2.0, 2.4), 0.0, FALL_RESTITUTION.get(kind, 0.0))

    def placement(t: float) -> Placement:
        landed_s = t - arcs.touch_s[0]
        down = landed_s >= 0.0
        crouch = 0.9 * math.exp(-landed_s / 0.5) if down else 0.3
        pose = role.pose(t, airborne=float(not down), crouch=crouch, squash=arcs.squash(t), mouth=float(not down))
        return role.place(role.actor.x_m, arcs.height(t), pose)

    first = "crash" if kind in BRITTLE else "land"
    again = "bounce" if kind == "ball" else "land"
    touches = enumerate(zip(arcs.touch_s, arcs.impact_m_s, strict=True))
    return (role.act(placement, *(Cue(s, again if n else first, loudness(v)) for n, (s, v) in touches)),)


def _flutter(role: Role) -> tuple[Act, ...]:
    start_m, terminal_m_s = role.rng.uniform(2.0, 2.4), TERMINAL_M_S[role.actor.who.kind]

    def height_m(t: float) -> float:
        return max(0.0, start_m - dragged_fall(t, terminal_m_s))

    def placement(t: float) -> Placement:
        aloft = min(1.0, height_m(t) / 0.5)
        x_m = role.actor.x_m + 0.22 * aloft * math.sin(2.6 * t)
        pose = role.pose(t, sway=0.6 * t, airborne=aloft, spin=0.22 * aloft * math.cos(2.6 * t), flap=0.6 * t)
        return role.place(x_m, height_m(t), pose)

    return (role.act(placement, Cue(_landing_s(start_m, terminal_m_s), "land", 0.25)),)


def _landing_s(height_m: float, terminal_m_s: float) -> float:
    """Return when a fall under drag ends: the inverse of `dragged_fall`."""
    x = GRAVITY_M_S2 * height_m / terminal_m_s**2
    return terminal_m_s / GRAVITY_M_S2 * math.acosh(math.exp(x))


def fly(role: Role) -> tuple[Act, ...]:
    """Fly level in a gentle wave, or up or down through the picture; a rocket lifts off."""
    kind = role.actor.who.kind
    if kind == "rocket":
        return _lift_off(role)
    course = _course(role, FLY_M_S.get(kind, DRIFT_M_S), bob_m=0.16, period_s=3.1)
    flaps_hz = FLAPS_HZ.get(kind, 0.0)

    def placement(t: float) -> Placement:
        pose = role.pose(t, airborne=1.0, flap=flaps_hz * t + role.phase)
        return role.place(course.x_m(t), course.y_m(t), pose)

    if kind not in FLY_M_S:
        return (role.act(placement),)
    first_s = (1.0 - role.phase) / flaps_hz
    return (role.act(placement, *_every(1 / flaps_hz, first_s, role.duration_s, "flap", 0.3)),)


def _lift_off(role: Role) -> tuple[Act, ...]:
    """A rocket leaves the ground with constant acceleration, and the top of the picture by the end of the clip."""
    start_s = role.actor.start_s
    rise_m_s2 = 2 * CEILING_M / max(0.8, role.duration_s - start_s) ** 2
    along_m_s = FLY_M_S["rocket"] * role.actor.speed if role.actor.direction in ("left", "right") else 0.0

    def placement(t: float) -> Placement:
        flown = role.since_start(t)
        height_m = rise_m_s2 / 2 * flown**2
        tilt = -0.35 * ease(height_m / 1.5) if along_m_s else 0.0
        pose = role.pose(t, airborne=ease(flown / 0.4), flap=FLAPS_HZ["rocket"] * t, spin=tilt)
        return role.place(role.x_m(t, along_m_s), height_m, pose)

    return (role.act(placement, Cue(start_s, "launch", 1.0)),)


def drift(role: Role) -> tuple[Act, ...]:
    """Be carried: a boat by the waves, a fish by the current, what is light by the wind."""
    if role.actor.who.kind == "boat":
        course = _course(role, DRIFT_M_S, bob_m=0.04, period_s=3.3, middle_m=0.05)
    else:
        course = _course(role, DRIFT_M_S, bob_m=0.14, period_s=4.2)

    def placement(t: float) -> Placement:
        pose = role.pose(t, sway=t / 3.3 + role.phase, flap=0.6 * t + role.phase, airborne=float(course.middle_m > 0.5))
        return role.place(course.x_m(t), course.y_m(t), pose)

    return (role.act(placement),)


def swim(role: Role) -> tuple[Act, ...]:
    """Swim with beats of the tail, rising and sinking a little."""
    course = _course(role, SWIM_M_S, bob_m=0.12, period_s=3.4)
    beats_hz = 1.5 * math.sqrt(role.actor.speed)

    def placement(t: float) -> Placement:
        pose = role.pose(t, flap=beats_hz * t + role.phase, spin=0.12 * course.climb(t))
        return role.place(course.x_m(t), course.y_m(t), pose)

    first_s = (1.0 - role.phase) / beats_hz
    return (role.act(placement, *_every(1 / beats_hz, first_s, role.duration_s, "swim", 0.2)),)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A path through air or water: constant speed, a wave up and down. `climb` in [-1, 1] says where the wave leads."""

    middle_m: float
    x_m: Callable[[float], float]
    y_m: Callable[[float], float]
    climb: Callable[[float], float]


def _course(role: Role, nominal_m_s: float, *, bob_m: float, period_s: float, middle_m: float | None = None) -> Course:
    """Return a course that passes `actor.x_m`, at its middle height, in the middle of the clip; never underground."""
    base_m = _altitude_m(role) if middle_m is None else middle_m
    half_s = role.duration_s / 2
    upright = {"up": 1.0, "down": -1.0}.get(role.actor.direction, 0.0)
    climb_m_s = upright * min(0.5 * role.actor.speed, (base_m - bob_m) / half_s)
    along_m_s = nominal_m_s * role.actor.speed if role.actor.direction in ("left", "right") else 0.0
    sway_m = 0.0 if along_m_s else bob_m

    def x_m(t: float) -> float:
        return role.x_m(t, along_m_s) + sway_m * (role.wave(t, 5.3) - role.wave(half_s, 5.3))

    def y_m(t: float) -> float:
        return max(0.0, base_m + climb_m_s * (t - half_s) + bob_m * role.wave(t, period_s))

    def climb(t: float) -> float:
        return role.wave(t + period_s / 4, period_s)

    return Course(middle_m=base_m, x_m=x_m, y_m=y_m, climb=climb)


def _altitude_m(role: Role) -> float:
    """Return how high it flies: as high as the picture allows when a relation needs it above somebody else."""
    if role.actor.who.kind == "fish":
        return role.rng.uniform(0.13, 0.3)
    room_m = min(2.0, CEILING_M - role.height_m - GROUND_RISE_M * role.actor.depth)
    return room_m if role.high else room_m * role.rng.uniform(0.65, 1.0)


def _every(period_s: float, first_s: float, end_s: float, kind: str, strength: float) -> Iterator[Cue]:
    """Yield the same cue again and again from `first_s` until `end_s`."""
    count = max(0, math.ceil((end_s - first_s) / period_s))
    return (Cue(first_s + n * period_s, kind, strength) for n in range(count))
