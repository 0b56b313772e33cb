"""Two actors and how they stand to each other: the relation holds all clip long, not only in the middle."""

from typing import cast

import numpy as np

from kinora.storybook.casting import (
    HOVER,
    KINDS_AT,
    SEEN_COLOURS,
    SIDES,
    STILL,
    Split,
    actions_at,
    clear_m,
    draw_individual,
    draw_lead,
)
from kinora.storybook.dice import Weighted, between, chance, pick
from kinora.storybook.scene import Actor, Direction, Individual
from kinora.storybook.vocabulary import KINDS

WIDEST_PAIR_M = 4.6
RELATION = Weighted(
    {"left of": 4, "right of": 4, "above": 2.5, "below": 2.5, "in front of": 3, "behind": 3, "collide": 2}
)

FLYERS = ("bird", "dragon", "balloon", "kite", "umbrella")
_LOW = tuple(kind for kind, table in KINDS.items() if table.height_m <= 1.5 and kind not in FLYERS)
_STEADY = tuple(kind for kind, table in KINDS.items() if set(table.actions) & set(STILL))
_COLLIDERS = tuple(kind for kind, table in KINDS.items() if "collide" in table.actions)
# For each relation that is laid out: who can be first, and who second.
_ROLES = {"left of": (tuple(KINDS), tuple(KINDS)), "in front of": (_STEADY, _STEADY), "above": (FLYERS, _LOW)}
# What two can do side by side, at one speed, without changing how they stand.
_TOGETHER = {
    "left of": ("walk", "run", "jump", "roll", "fly", "drift", "swim", "drive"),
    "in front of": ("walk", "run", "roll", "drive"),
    "above": (),
}
# The relation that is laid out, and whether the two then change places in the list.
_LAID_OUT = {
    "left of": ("left of", False),
    "right of": ("left of", True),
    "above": ("above", False),
    "below": ("above", True),
    "in front of": ("in front of", False),
    "behind": ("in front of", True),
}

Cast = tuple[str, tuple[Actor, ...], str]
Pair = tuple[str, str]
Move = tuple[str, Direction, float]
Spot = tuple[float, float]


def draw_pair(rng: np.random.Generator, split: Split) -> Cast:
    """Return (place, two actors, the relation of the first to the second)."""
    relation = RELATION(rng)
    if relation == "collide":
        return _draw_collision(rng, split)
    base, swapped = _LAID_OUT[relation]
    kinds, colour, place = _draw_kinds(rng, split, base)
    first = draw_individual(rng, kinds[0], colour)
    second = draw_individual(rng, kinds[1], pick(rng, SEEN_COLOURS[kinds[1]]))
    who = (second, first) if swapped else (first, second)
    return place, stage(rng, who, place, relation), relation


def stage(
    rng: np.random.Generator, who: tuple[Individual, Individual], place: str, relation: str
) -> tuple[Actor, Actor]:
    """Give two individuals something to do, so that the first stands in this relation to the second all along."""
    base, swapped = _LAID_OUT[relation]
    laid_out = who[::-1] if swapped else who
    kinds = (laid_out[0].kind, laid_out[1].kind)
    moves = _draw_moves(rng, kinds, place, base)
    spots = _SPOTS[base](rng, kinds)
    first, second = (
        Actor(
            who=one,
            action=move[0],
            direction=move[1],
            speed=move[2],
            x_m=round(spot[0], 3),
            depth=round(spot[1], 3),
        )
        for one, move, spot in zip(laid_out, moves, spots, strict=True)
    )
    return (second, first) if swapped else (first, second)


def _draw_kinds(rng: np.random.Generator, split: Split, base: str) -> tuple[Pair, str, str]:
    """Return (both kinds, the first's colour, place), redrawn until the place has somebody for the second role."""
    first, second = _ROLES[base]
    while True:
        kind, colour, place = draw_lead(rng, split, first)
        width_m = KINDS[kind].width_m
        others = [k for k in KINDS_AT[place] if k in second and KINDS[k].width_m + width_m <= WIDEST_PAIR_M]
        if others:
            pair = (kind, pick(rng, others))
            if base == "left of" or all(_able(k, place, i, base) for i, k in enumerate(pair)):
                return pair, colour, place


def _able(kind: str, place: str, number: int, base: str) -> bool:
    """Return whether the place lets the kind do what the relation needs: fly above, keep its place below or before."""
    wanted = (
        ("fly", "drift") if base == "above" and number == 0 else STILL if base == "in front of" else (*STILL, "drift")
    )
    return bool(set(actions_at(kind, place)) & set(wanted))


def _draw_moves(rng: np.random.Generator, kinds: Pair, place: str, base: str) -> tuple[Move, Move]:
    own = [actions_at(kind, place) for kind in kinds]
    shared = [action for action in own[0] if action in own[1] and action in _TOGETHER[base]]
    if shared and chance(rng, 0.4):
        move = (pick(rng, shared), pick(rng, SIDES), between(rng, 0.8, 1.2))
        return move, move
    if base == "above":
        return _on_the_spot(rng, own[0], ("fly", "drift")), _on_the_spot(rng, own[1], (*STILL, "drift"))
    allowed = STILL if base == "in front of" else (*STILL, *HOVER)
    return _on_the_spot(rng, own[0], allowed), _on_the_spot(rng, own[1], allowed)


def _on_the_spot(rng: np.random.Generator, own: tuple[str, ...], allowed: tuple[str, ...]) -> Move:
    # What swims drifts on the spot, but never leaps there.
    able = [action for action in own if action in allowed and not (action == "jump" and "swim" in own)]
    action = pick(rng, able)
    return action, "" if action in HOVER else pick(rng, SIDES), between(rng, 0.8, 1.2)


def _beside(rng: np.random.Generator, kinds: Pair) -> tuple[Spot, Spot]:
    half_m = max(0.9, clear_m(*kinds) / 2) + between(rng, 0, 0.15)
    middle_m, depth = between(rng, -0.1, 0.1), between(rng, 0.1, 0.55)
    return (middle_m - half_m, depth), (middle_m + half_m, depth + between(rng, -0.05, 0.05))


def _before(rng: np.random.Generator, kinds: Pair) -> tuple[Spot, Spot]:
    middle_m = between(rng, -0.5, 0.5)
    aside_m = pick(rng, (-1, 1)) * between(rng, 0.2, 0.36) * clear_m(*kinds)
    return (middle_m - aside_m, between(rng, 0.1, 0.2)), (middle_m + aside_m, between(rng, 0.5, 0.6))


def _above(rng: np.random.Generator, kinds: Pair) -> tuple[Spot, Spot]:
    middle_m, depth = between(rng, -0.8, 0.8), between(rng, 0.15, 0.5)
    return (middle_m + between(rng, -0.2, 0.2), depth), (middle_m, depth)


_SPOTS = {"left of": _beside, "in front of": _before, "above": _above}


def _draw_collision(rng: np.random.Generator, split: Split) -> Cast:
    """Two that run into each other. Neither passes through the other, so left stays left."""
    kind, colour, place = draw_lead(rng, split, _COLLIDERS)
    kinds = (kind, pick(rng, [k for k in _COLLIDERS if k in KINDS_AT[place]] or [kind]))
    colours = (colour, pick(rng, SEEN_COLOURS[kinds[1]]))
    depth, half_m = between(rng, 0.1, 0.5), (clear_m(*kinds) + between(rng, 0.6, 1.6)) / 2
    actors = tuple(
        Actor(
            who=draw_individual(rng, kinds[i], colours[i]),
            action="collide",
            direction=cast(Direction, ("right", "left")[i]),
            x_m=round((2 * i - 1) * half_m, 3),
            depth=depth,
            speed=between(rng, 0.8, 1.2),
            partner=1 - i,
        )
        for i in (0, 1)
    )
    return place, actors, "left of"
