"""How a two-legged figure holds itself: where its hips, feet and hands are in a pose.

Metres in the figure's own frame: ground at y = 0, facing right. The far side is +1 (a little further right), the
near side -1.
"""

import math
from dataclasses import dataclass

from kinora.storybook.cast.parts import foot_path
from kinora.storybook.pen import Point
from kinora.storybook.scene import Pose

FAR, NEAR = 1, -1
_SEAT_M = 0.15


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The bones: hip height, hip to shoulder, shoulder to hand, half the head, half the distances between joints."""

    leg_m: float
    torso_m: float
    arm_m: float
    head_m: float
    hip_m: float = 0.07
    shoulder_m: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Side:
    """One leg and one arm: the foot in the figure's frame, the hand in the torso's (origin at the hips)."""

    hip: Point
    foot: Point
    shoulder: Point
    hand: Point


@dataclass(frozen=True, kw_only=True)
class Posture:
    """A whole pose: the hips, the torso's turn (radians, anticlockwise) and both sides."""

    hips: Point
    turn: float
    far: Side
    near: Side


def posture(frame: Frame, pose: Pose) -> Posture:
    """Return where everything is in a pose."""
    beat = math.sin(2 * math.pi * pose.sway)
    low = _mix(_standing_hip(frame, pose), _SEAT_M, pose.sit)
    hips = (0.09 * beat - 0.1 * pose.sit, low)
    turn = -pose.lean - 0.3 * pose.crouch + 0.2 * beat + 0.12 * pose.sit
    return Posture(hips=hips, turn=turn, far=_side(frame, pose, FAR, hips), near=_side(frame, pose, NEAR, hips))


def _standing_hip(frame: Frame, pose: Pose) -> float:
    """The hips ride on the planted leg like the top of a compass, and sink when crouching."""
    planted, _ = foot_path(pose.gait % 0.5, pose.stride_m)
    sink = frame.leg_m - math.sqrt(max(0.0, frame.leg_m**2 - planted**2))
    return frame.leg_m * (1 - 0.42 * pose.crouch) - min(sink, 0.18 * frame.leg_m)


def _side(frame: Frame, pose: Pose, side: int, hips: Point) -> Side:
    aside = side * _frontal(pose)
    shoulder = (aside * frame.shoulder_m, frame.torso_m - 0.07)
    angle, share = _arm(frame, pose, side)
    length = share * frame.arm_m
    return Side(
        hip=(hips[0] + aside * frame.hip_m, hips[1]),
        foot=_foot(frame, pose, side),
        shoulder=shoulder,
        hand=(shoulder[0] + length * math.sin(angle), shoulder[1] - length * math.cos(angle)),
    )


def _frontal(pose: Pose) -> float:
    """Return how far apart the sides stand: less in profile, so that left and right steps look alike."""
    return 1 - 0.75 * min(1.0, 2 * abs(pose.stride_m))


def _foot(frame: Frame, pose: Pose, side: int) -> Point:
    beat = math.sin(2 * math.pi * pose.sway)
    phase = pose.gait + (0.5 if side == FAR else 0.0)
    x, y = foot_path(phase, pose.stride_m, 0.08 + 0.1 * min(abs(pose.stride_m), 2.0))
    x += side * (frame.hip_m * _frontal(pose) + 0.14 * pose.airborne + 0.05 * abs(beat))
    y += frame.leg_m * (0.36 if side == NEAR else 0.2) * pose.airborne + 0.14 * max(0.0, -side * beat)
    return _mix(x, 0.92 * frame.leg_m - 0.06 + 0.05 * side, pose.sit), _mix(y, 0.0, pose.sit)


def _arm(frame: Frame, pose: Pose, side: int) -> tuple[float, float]:
    """Return the arm's angle (radians from hanging down, positive forwards) and how stretched it is, in [0, 1]."""
    beat = math.sin(2 * math.pi * pose.sway)
    hurry = min(1.0, abs(pose.stride_m) / (3 * frame.leg_m))
    angle = 0.26 * side * _frontal(pose) + side * 1.5 * hurry * math.cos(2 * math.pi * pose.gait) + 0.25 * hurry
    angle += side * (1.75 * max(0.0, side * beat) + 0.5 * max(0.0, -side * beat))
    angle = _mix(angle, 0.5 + 0.12 * side, pose.sit)
    angle = _mix(angle, side * 1.95, pose.airborne)
    angle = _mix(angle, 0.4 - 0.3 * side, pose.sleep)
    if side == FAR:
        # The far arm: it reaches past the face instead of across it.
        angle = _mix(angle, 1.85, pose.reach)
    return angle, 0.98 - 0.2 * hurry * (1 - pose.airborne)


def _mix(start: float, end: float, share: float) -> float:
    return start + (end - start) * share
