"""The laws of motion in closed form: free fall, bouncing, air drag and collision. Metres, seconds, kilograms, y up."""

import math
from bisect import bisect_right
from dataclasses import dataclass

from kinora.storybook.scene import GRAVITY_M_S2

REST_SPEED_M_S = 0.25  # an impact this slow is the last one: the thing stays on the ground


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """Parabolas over flat ground, each begun `restitution` times as fast as the one before ended. Made by `thrown`."""

    height_m: float
    velocity_m_s: float
    restitution: float
    touch_s: tuple[float, ...]
    impact_m_s: tuple[float, ...]

    @property
    def rest_s(self) -> float:
        """Return when it leaves the ground no more, in seconds after the throw."""
        return self.touch_s[-1]

    def height(self, t: float) -> float:
        """Return the height in metres `t` seconds after the throw; before it, the height it is held at."""
        arc, start_m, up_m_s = self._arc(t)
        return max(0.0, start_m + (up_m_s - GRAVITY_M_S2 / 2 * arc) * arc)

    def velocity(self, t: float) -> float:
        """Return the upward velocity in m/s; 0 while held and at rest."""
        if not 0.0 <= t < self.rest_s:
            return 0.0
        arc, _, up_m_s = self._arc(t)
        return up_m_s - GRAVITY_M_S2 * arc

    def squash(self, t: float) -> float:
        """Return a pose's squash: stretched by speed in flight, flattened by an impact for a moment."""
        touches = bisect_right(self.touch_s, t)
        landed = dent(t - self.touch_s[touches - 1], self.impact_m_s[touches - 1]) if touches else 0.0
        return landed + stretch(self.velocity(t))

    def _arc(self, t: float) -> tuple[float, float, float]:
        """Return the time since the present arc began and the height and velocity it began with."""
        touches = bisect_right(self.touch_s, t)
        if touches == 0:
            return max(0.0, t), self.height_m, self.velocity_m_s
        if touches == len(self.touch_s):
            return 0.0, 0.0, 0.0
        return t - self.touch_s[touches - 1], 0.0, self.restitution * self.impact_m_s[touches - 1]


def thrown(height_m: float, velocity_m_s: float, restitution: float) -> Arcs:
    """Return the flight, until it rests, of what is let go this high and this fast; `restitution` in [0, 1)."""
    impact_m_s = math.sqrt(velocity_m_s**2 + 2 * GRAVITY_M_S2 * height_m)
    touches, impacts = [(velocity_m_s + impact_m_s) / GRAVITY_M_S2], [impact_m_s]
    while restitution * impacts[-1] > REST_SPEED_M_S:
        up_m_s = restitution * impacts[-1]
        touches.append(touches[-1] + 2 * up_m_s / GRAVITY_M_S2)
        impacts.append(up_m_s)
    return Arcs(
        height_m=height_m,
        velocity_m_s=velocity_m_s,
        restitution=restitution,
        touch_s=tuple(touches),
        impact_m_s=tuple(impacts),
    )


def rise(up_m_s: float, t: float) -> float:
    """Return the height in metres `t` seconds after leaving the ground this fast, 0 once it is reached again."""
    return max(0.0, (up_m_s - GRAVITY_M_S2 / 2 * t) * t)


def dent(since_s: float, impact_m_s: float) -> float:
    """Return the squash left `since_s` seconds after landing at this speed."""
    return min(0.34, 0.06 * impact_m_s) * math.exp(-since_s / 0.09)


def stretch(velocity_m_s: float) -> float:
    """Return the (negative) squash of something soft flying this fast."""
    return -min(0.2, 0.02 * abs(velocity_m_s))


def dragged_fall(t: float, terminal_m_s: float) -> float:
    """Return how far something light has fallen after `t` seconds under quadratic drag: (v^2/g) ln cosh(g t/v)."""
    x = GRAVITY_M_S2 * t / terminal_m_s
    log_cosh = x + math.log1p(math.exp(-2 * x)) - math.log(2.0)
    return terminal_m_s**2 / GRAVITY_M_S2 * log_cosh


def collide(masses_kg: tuple[float, float], before_m_s: tuple[float, float], restitution: float) -> tuple[float, float]:
    """Return both velocities after a head-on collision: momentum is kept, the closing speed turned and scaled."""
    (m, n), (v, w) = masses_kg, before_m_s
    mean = (m * v + n * w) / (m + n)
    kick = restitution * (w - v) / (m + n)
    return mean + n * kick, mean - m * kick


def loudness(impact_m_s: float) -> float:
    """Return the strength in [0, 1] of the sound of an impact."""
    return min(1.0, impact_m_s / 6.5)
