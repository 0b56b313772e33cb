"""What is done on the spot: standing, sitting, sleeping, dancing, turning round."""

import math

from kinora.storybook.moves.physics import dent, rise, stretch
from kinora.storybook.moves.role import Act, Cue, Role
from kinora.storybook.scene import GRAVITY_M_S2, Placement

TURN_S = 1.7  # one pirouette
LONGEST_HOP_S = 0.32
BEATS_A_SIDE = 4  # a dancer turns round after so many


def stand(role: Role) -> tuple[Act, ...]:
    """Breathe, blink and sway."""
    return (role.act(lambda t: role.place(role.actor.x_m, 0.0, role.pose(t))),)


def sit(role: Role) -> tuple[Act, ...]:
    """Sit all clip long."""
    return (role.act(lambda t: role.place(role.actor.x_m, 0.0, role.pose(t, sit=1.0))),)


def sleep(role: Role) -> tuple[Act, ...]:
    """Lie with closed eyes and breathe deeply."""

    def placement(t: float) -> Placement:
        return role.place(role.actor.x_m, 0.0, role.pose(t, sleep=1.0, blink=1.0, squash=0.04 * role.wave(t, 3.6)))

    return (role.act(placement),)


def dance(role: Role) -> tuple[Act, ...]:
    """Swing from side to side and land a small hop on every beat of the music."""
    beat_s = 1.0 / role.beat_hz
    hop_s = min(LONGEST_HOP_S, 0.55 * beat_s)
    up_m_s = GRAVITY_M_S2 * hop_s / 2
    first = math.ceil(role.actor.start_s / beat_s) + 1

    def placement(t: float) -> Placement:
        beats = t * role.beat_hz
        if beats < first - 1:
            return role.place(role.actor.x_m, 0.0, role.pose(t))
        since_s = (beats - math.floor(beats)) * beat_s
        flown = max(0.0, since_s - (beat_s - hop_s))
        speed = up_m_s - GRAVITY_M_S2 * flown if flown else 0.0
        squash = (dent(since_s, up_m_s) if beats >= first else 0.0) + stretch(speed)
        facing = role.sign if math.floor(beats / BEATS_A_SIDE) % 2 == 0 else -role.sign
        pose = role.pose(t, sway=beats / 2, squash=squash, mouth=0.5, lean=0.1 * math.sin(math.pi * beats))
        hop_m = rise(up_m_s, flown)
        return Placement(x_m=role.actor.x_m, y_m=hop_m, depth=role.actor.depth, facing=facing, pose=pose)

    last = math.ceil(role.duration_s * role.beat_hz)
    return (role.act(placement, *(Cue(beat * beat_s, "step", 0.45) for beat in range(first, last))),)


def spin(role: Role) -> tuple[Act, ...]:
    """Turn round: a flat figure looks left and right by turns, a thing turns in the picture."""

    def pirouette(t: float) -> Placement:
        turns = role.since_start(t) / TURN_S * role.actor.speed
        facing = role.sign if math.cos(math.tau * turns) >= 0.0 else -role.sign
        pose = role.pose(t, sway=0.06 * math.sin(math.tau * turns), reach=0.6, squash=-0.05)
        return Placement(x_m=role.actor.x_m, depth=role.actor.depth, facing=facing, pose=pose)

    def wheel(t: float) -> Placement:
        turns = role.since_start(t) / (1.4 * TURN_S) * role.actor.speed
        return role.place(role.actor.x_m, 0.0, role.pose(t, spin=-math.tau * turns))

    return (role.act(pirouette if role.alive else wheel),)
