"""The truth suite: does what a clip shows obey the laws of motion? Each law is fitted to tracks, and kept or not.

What video models are known to get wrong: free fall, bouncing, collisions, and that what passes behind something is
still there. The laws know kinds, their masses and how high a view is; the renderer they don't know. Where the things
aren't seen, the law isn't kept. A sight must be of every frame: a fall takes eight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, takewhile

import numpy as np

from kinora.evaluation.measures.paths import (
    FEWEST,
    Asks,
    Curve,
    Path,
    fitted,
    kinks,
    named,
    nearest_m,
    paths_of,
    runs_between,
    spread_m2,
)
from kinora.evaluation.seeing.sight import Sight
from kinora.storybook.moves.soaring import TERMINAL_M_S
from kinora.storybook.scene import GRAVITY_M_S2
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES, KINDS

# Gravity, terminal speed and momentum may be off by this share; curves must explain this much of the variance.
TOLERANCE, LEAST_R2, SMOOTH_R2 = 0.3, 0.9, 0.97
# A fall is this high at least and a bounce this high; what is this near the ground has landed.
LEAST_DROP_M, LEAST_BOUNCE_M, ON_GROUND_M = 1.0, 0.35, 0.15
RESTITUTION = (0.4, 0.97)
# Two collide when they close in this fast, come this near, and part at such a share of that speed.
LEAST_APPROACH_M_S, TOUCHING_M, REBOUND = 0.3, 0.35, (0.2, 1.1)
# What an occluder keeps of its area all along, and what passes behind it has again in the end.
KEPT, REGAINED = 0.8, (0.6, 1.6)


@dataclass(frozen=True, kw_only=True)
class Law:
    """Whether a law was kept."""

    passed: bool


@dataclass(frozen=True, kw_only=True)
class Fall(Law):
    """A fall: how high, its downward acceleration (of what is light, its speed), and how well the curve fits."""

    drop_m: float = 0.0
    gravity_m_s2: float = float("nan")
    speed_m_s: float = float("nan")
    r_squared: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Bounce(Law):
    """Parabolas between touches of the ground: median gravity, restitution at each but the last touch, worst R2."""

    touches_s: tuple[float, ...] = ()
    gravity_m_s2: float = float("nan")
    restitutions: tuple[float, ...] = ()
    r_squared: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Collision(Law):
    """Closing speeds before and after, the change of the common centre's velocity, the least gap, and the worse R2."""

    meet_s: float = float("nan")
    approach_m_s: float = 0.0
    separation_m_s: float = 0.0
    momentum_error_m_s: float = float("nan")
    gap_m: float = float("inf")
    r_squared: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Permanence(Law):
    """What passes behind another: whether it comes out and stays, its area and colour then, what the other one kept."""

    crossed: bool = False
    stayed: bool = False
    regained: float = 0.0
    same_colour: bool = False
    kept: float = 0.0


def has_law(asks: Asks) -> bool:
    """Return whether a prompt asks for a law that can be read: the toy ball that people throw is of no kind in maps."""
    return asks.get("physics") in LAWS and asks.get("action") != "throw"


def law_of(asks: Asks, sight: Sight) -> Law:
    """Return how the law that a prompt asks for (`asks["physics"]`) is kept in a clip."""
    return LAWS[asks["physics"]](asks, sight)


def numbers_of(law: Law) -> dict[str, float]:
    """Return what was fitted: R2, gravity as a share of the drawn world's, restitution (the median over touches, or of
    a collision), and the momentum error as a share of the closing speed. Empty where nothing could be fitted."""
    found: dict[str, float] = {}
    if isinstance(law, Fall) and law.drop_m > 0:
        found = {"R2": law.r_squared, "gravity": law.gravity_m_s2 / GRAVITY_M_S2}
    if isinstance(law, Bounce) and law.touches_s:
        restitution = float(np.median(law.restitutions))
        found = {"R2": law.r_squared, "gravity": law.gravity_m_s2 / GRAVITY_M_S2, "restitution": restitution}
    if isinstance(law, Collision) and np.isfinite(law.meet_s):
        found = {"R2": law.r_squared}
        if law.approach_m_s > 0:
            found["restitution"] = law.separation_m_s / law.approach_m_s
            found["momentum error"] = law.momentum_error_m_s / law.approach_m_s
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}


def fall(asks: Asks, sight: Sight) -> Fall:
    """Return the fall of the thing asked for."""
    path = _mover(asks, sight, "fall")
    return fitted_fall(path) if path else Fall(passed=False)


def bounce(asks: Asks, sight: Sight) -> Bounce:
    """Return the bounces of the thing asked for."""
    path = _mover(asks, sight, "bounce")
    return fitted_bounce(path) if path else Bounce(passed=False)


def collide(asks: Asks, sight: Sight) -> Collision:
    """Return the collision of the first thing asked for with the second, or with another like it."""
    paths, second = paths_of(asks, sight), asks.get("second", asks)
    firsts = named(paths, asks)[:1]
    others = [path for path in named(paths, second) if not any(path is first for first in firsts)]
    return fitted_collision(firsts[0], others[0]) if firsts and others else Collision(passed=False)


def _mover(asks: Asks, sight: Sight, action: str) -> Path | None:
    """Return the way of what falls or bounces: the first thing, or the second where the first does something else."""
    mover = asks if asks.get("action") == action else asks.get("second", asks)
    return next(iter(named(paths_of(asks, sight), mover)), None)


def fitted_fall(path: Path) -> Fall:
    """Fit y = y0 + v0 t + a t^2 / 2 from where a thing is let go until it lands; what is light must sink steadily.

    Gravity, or instead the kind's terminal speed in air, must come out within the tolerance.
    """
    height_m = path.height_m
    landed = int(np.argmax(height_m < ON_GROUND_M))
    aloft_m = height_m[:landed]
    at_top = np.flatnonzero(aloft_m >= aloft_m.max(initial=0.0) - ON_GROUND_M / 2)
    let_go = max(0, int(at_top[-1]) - 1) if len(at_top) else 0
    if landed - let_go < FEWEST:
        return Fall(passed=False)
    drop_m, terminal_m_s = float(aloft_m.max()), TERMINAL_M_S.get(path.kind)
    curve = _falling(path, slice(let_go, landed), 1 if terminal_m_s else 2)
    speed_m_s, gravity_m_s2 = -curve.velocity_m_s, -curve.acceleration_m_s2
    lawful = _near(speed_m_s, terminal_m_s) if terminal_m_s else _near(gravity_m_s2, GRAVITY_M_S2)
    return Fall(
        passed=lawful and curve.r_squared >= LEAST_R2 and drop_m >= LEAST_DROP_M,
        drop_m=drop_m,
        gravity_m_s2=float("nan") if terminal_m_s else gravity_m_s2,
        speed_m_s=speed_m_s if terminal_m_s else float("nan"),
        r_squared=curve.r_squared,
    )


def _falling(path: Path, frames: slice, degree: int) -> Curve:
    """Return the curve of the base, as the picture's upper edge may cut into the middle.

    Where the base makes no smooth one, since parts thinner than a map's pixel come and go, that of the middle counts.
    """
    base = fitted(path.times_s[frames], path.base_m[frames], degree)
    return base if base.r_squared >= SMOOTH_R2 else fitted(path.times_s[frames], path.middle_m[frames], degree)


def _near(measured: float, lawful: float) -> bool:
    return abs(measured / lawful - 1) <= TOLERANCE


def fitted_bounce(path: Path) -> Bounce:
    """Fit a parabola to every flight between touches of the ground, two at least; each peak must be below the last.

    Gravity must come out within the tolerance. A touch's restitution is the root of the ratio of the peaks after and
    before it, as v^2 = 2 g h.
    """
    height_m, touches = path.height_m, path.touches

    def is_flight(frames: slice) -> bool:
        return frames.stop - frames.start >= FEWEST and height_m[frames].max() >= LEAST_BOUNCE_M

    flights = list(takewhile(is_flight, runs_between(touches)))
    if len(flights) < 2:
        return Bounce(passed=False)
    curves = [fitted(path.times_s[frames], path.middle_m[frames], 2) for frames in flights]
    peaks_m = [float(height_m[frames].max()) for frames in flights]
    gravity_m_s2 = -float(np.median([curve.acceleration_m_s2 for curve in curves]))
    r_squared = min(curve.r_squared for curve in curves)
    restitutions = tuple(float(np.sqrt(after / before)) for before, after in pairwise(peaks_m))
    losing = all(RESTITUTION[0] <= one <= RESTITUTION[1] for one in restitutions)
    return Bounce(
        passed=_near(gravity_m_s2, GRAVITY_M_S2) and r_squared >= LEAST_R2 and losing,
        touches_s=tuple(float(path.times_s[touch]) for touch in touches[: len(flights)]),
        gravity_m_s2=gravity_m_s2,
        restitutions=restitutions,
        r_squared=r_squared,
    )


def fitted_collision(first: Path, second: Path) -> Collision:
    """Fit straight ways before and after the instant that suits both things best.

    They must close in, touch, and part no faster than they met, nor stick or pass. The velocity of their common centre
    of mass, by the masses of their kinds, must stay within the tolerance of the closing speed: momentum is kept.
    """
    firsts, seconds = kinks(first), kinks(second)
    instants = sorted(firsts.keys() & seconds.keys())
    if not instants:
        return Collision(passed=False)
    meet_s = min(instants, key=lambda t: firsts[t].squared_m2 + seconds[t].squared_m2)
    one, other = firsts[meet_s], seconds[meet_s]
    sign = 1 if np.interp(meet_s, first.times_s, first.x_m) < np.interp(meet_s, second.times_s, second.x_m) else -1
    approach_m_s = sign * (one.before_m_s - other.before_m_s)
    separation_m_s = sign * (other.after_m_s - one.after_m_s)
    m, n = KINDS[first.kind].mass_kg, KINDS[second.kind].mass_kg
    error_m_s = abs(m * (one.after_m_s - one.before_m_s) + n * (other.after_m_s - other.before_m_s)) / (m + n)
    gap_m = nearest_m(first, second)
    r_squared = 1 - max(one.squared_m2 / spread_m2(first), other.squared_m2 / spread_m2(second))
    met = approach_m_s >= LEAST_APPROACH_M_S and gap_m <= TOUCHING_M and r_squared >= LEAST_R2
    parted = met and REBOUND[0] <= separation_m_s / approach_m_s <= REBOUND[1]
    return Collision(
        passed=bool(parted and error_m_s <= TOLERANCE * approach_m_s),
        meet_s=meet_s,
        approach_m_s=approach_m_s,
        separation_m_s=separation_m_s,
        momentum_error_m_s=error_m_s,
        gap_m=gap_m,
        r_squared=r_squared,
    )


def occlusion(asks: Asks, sight: Sight) -> Permanence:
    """Return whether the thing asked for passes the second, once, and is itself again on the other side.

    It must have its area and colour again and stay, unless it leaves the picture; and the other must keep its own area,
    or it wasn't the nearer one.
    """
    hidden, hider = asks.get("kind", ""), asks.get("second", {}).get("kind", "")
    if hidden == hider or not {hidden, hider} <= KINDS.keys():
        return Permanence(passed=False)
    hidden_THW, hider_THW = (sight.kind_THW == KIND_NAMES.index(kind) for kind in (hidden, hider))
    hidden_T, hider_T = hidden_THW.sum(axis=(1, 2)), hider_THW.sum(axis=(1, 2))
    seen = np.flatnonzero((hidden_T > 0) & (hider_T > 0))
    if len(seen) < 2 * FEWEST:
        return Permanence(passed=False)
    first, last = seen[:FEWEST], seen[-FEWEST:]
    crossed = _crosses(np.array([_middle_x(hidden_THW[t]) - _middle_x(hider_THW[t]) for t in seen]))
    colours = {_colour(sight.colour_THW[frames][hidden_THW[frames]]) for frames in (first, last)}
    same = len(colours) == 1 and colours <= {asks.get("colour", *colours)}
    regained = float(np.median(hidden_T[last]) / np.median(hidden_T[first]))
    stayed = bool(hidden_T[-1] or hidden_THW[seen[-1]][:, [0, -1]].any())
    kept = float(hider_T[seen[0] : seen[-1] + 1].min() / np.median(hider_T[seen]))
    return Permanence(
        passed=crossed and stayed and same and kept >= KEPT and REGAINED[0] <= regained <= REGAINED[1],
        crossed=crossed,
        stayed=stayed,
        regained=regained,
        same_colour=same,
        kept=kept,
    )


def _crosses(offset_N: np.ndarray) -> bool:
    """Return whether something is first on one side and last on the other, and changes sides once."""
    sides = np.sign(offset_N[offset_N != 0])
    ends = (set(sides[:FEWEST]), set(sides[-FEWEST:]))
    return sorted(map(sorted, ends)) == [[-1], [1]] and int(np.count_nonzero(np.diff(sides))) == 1


def _middle_x(seen_HW: np.ndarray) -> float:
    return float(np.nonzero(seen_HW)[1].mean())


def _colour(colours: np.ndarray) -> str:
    """Return the colour most pixels have."""
    return COLOUR_NAMES[int(np.bincount(colours).argmax())]


LAWS: dict[str, Callable[[Asks, Sight], Law]] = {
    "fall": fall,
    "bounce": bounce,
    "collide": collide,
    "occlusion": occlusion,
}
