"""Who may be where, doing what: the tables behind random scenes, and single actors drawn from them."""

from typing import Any, Literal

import numpy as np

from kinora.storybook.dice import Weighted, between, chance, pick
from kinora.storybook.scene import Direction, Individual
from kinora.storybook.vocabulary import ACCESSORIES, COLOURS, KINDS, PATTERNS, PLACES, held_out

Split = Literal["train", "held-out"]
SPLITS: tuple[Split, ...] = ("train", "held-out")

STILL = ("stand", "sit", "sleep", "dance", "spin")
TRAVEL = ("walk", "run", "jump", "bounce", "roll", "fly", "drift", "swim", "drive")
AFLOAT = ("swim", "drift", "fly")
# Done on the spot when no direction is given.
HOVER = ("jump", "bounce", "fly", "drift")
# Kinds that would look lost away from home; all others may turn up anywhere they can move.
HOMEBODIES = ("fish", "boat", "train")
HOME_SHARE = 0.85

PATTERN = Weighted({"plain": 50, "spotted": 25, "striped": 25})
SIDES: tuple[Direction, ...] = ("left", "right")
_SIDEWAYS = Weighted[Direction]({"left": 1, "right": 1})
_HOPS = Weighted[Direction]({"left": 35, "right": 35, "": 30})
_CARRIED = Weighted[Direction]({"left": 34, "right": 34, "": 20, "up": 12})
# Where an action leads, by kind and action, else by action; everything else goes or faces left or right.
WAYS: dict[str, Weighted[Direction]] = {
    "jump": _HOPS,
    "bounce": _HOPS,
    "bird fly": Weighted({"left": 42, "right": 42, "up": 8, "down": 8}),
    "dragon fly": Weighted({"left": 42, "right": 42, "up": 8, "down": 8}),
    "rocket fly": Weighted({"up": 60, "left": 20, "right": 20}),
    "balloon fly": Weighted({"up": 50, "left": 25, "right": 25}),
    "kite fly": _CARRIED,
    "balloon drift": _CARRIED,
    "umbrella drift": _CARRIED,
    "kite drift": _CARRIED,
    "fish jump": _SIDEWAYS,
}


def actions_at(kind: str, place: str) -> tuple[str, ...]:
    """Return what the kind can do in the place: at sea only what needs no ground."""
    own = KINDS[kind].actions
    return tuple(a for a in own if a in AFLOAT or kind == "fish") if place == "sea" else own


def _places_of(kind: str) -> tuple[str, ...]:
    return tuple(p for p in (KINDS[kind].homes if kind in HOMEBODIES else PLACES) if actions_at(kind, p))


def _unseen_place(kind: str, place: str) -> bool:
    return all(held_out(kind, colour, place) for colour in COLOURS)


def _unseen_colour(kind: str, colour: str) -> bool:
    return all(held_out(kind, colour, place) for place in PLACES)


PLACES_OF = {kind: _places_of(kind) for kind in KINDS}
SEEN_PLACES = {kind: tuple(p for p in PLACES_OF[kind] if not _unseen_place(kind, p)) for kind in KINDS}
SEEN_HOMES = {kind: tuple(p for p in SEEN_PLACES[kind] if p in KINDS[kind].homes) for kind in KINDS}
SEEN_COLOURS = {kind: tuple(c for c in KINDS[kind].colours if not _unseen_colour(kind, c)) for kind in KINDS}
KINDS_AT = {place: tuple(kind for kind in KINDS if place in SEEN_HOMES[kind]) for place in PLACES}
# Every held-out (colour, place) of a kind.
UNSEEN = {
    kind: tuple((c, p) for c in KINDS[kind].colours for p in PLACES_OF[kind] if held_out(kind, c, p)) for kind in KINDS
}


# What few kinds do, or where few are, is drawn more often, so that all of it is seen enough.
OFTEN = {"sea": 3, "space": 3, "stand": 0.6, "throw": 2, "bounce": 2, "roll": 2, "swim": 2, "drive": 1.5, "break": 1.3}


def _often(words: tuple[str, ...]) -> Weighted[str]:
    return Weighted({word: OFTEN.get(word, 1) for word in words if word != "collide"})


_OFTEN_HOMES = {kind: _often(SEEN_HOMES[kind]) for kind in KINDS}
_OFTEN_PLACES = {kind: _often(SEEN_PLACES[kind]) for kind in KINDS}
_OFTEN_ACTIONS = {(kind, place): _often(actions_at(kind, place)) for kind in KINDS for place in PLACES_OF[kind]}


def draw_lead(rng: np.random.Generator, split: Split, kinds: tuple[str, ...]) -> tuple[str, str, str]:
    """Return (kind, colour, place) of the first actor: never held out in training, always in the held-out split."""
    if split == "held-out":
        kind = pick(rng, [kind for kind in kinds if UNSEEN[kind]])
        return (kind, *pick(rng, UNSEEN[kind]))
    kind = pick(rng, kinds)
    places = _OFTEN_HOMES[kind] if chance(rng, HOME_SHARE) else _OFTEN_PLACES[kind]
    return kind, pick(rng, SEEN_COLOURS[kind]), places(rng)


def draw_action(rng: np.random.Generator, kind: str, place: str) -> str:
    """Return something one actor does alone."""
    return _OFTEN_ACTIONS[kind, place](rng)


def draw_individual(rng: np.random.Generator, kind: str, colour: str) -> Individual:
    """Return a member of the kind with its own proportions, pattern, accessory and trim."""
    table = KINDS[kind]
    return Individual(
        kind=kind,
        colour=colour,
        pattern=PATTERN(rng) if table.patterned else PATTERNS[0],
        accessory=pick(rng, ACCESSORIES) if table.dressed and chance(rng, 0.35) else "",
        trim=pick(rng, [other for other in COLOURS if other != colour]),
        **draw_proportions(rng),
    )


def draw_proportions(rng: np.random.Generator) -> dict[str, Any]:
    """Return the continuous part of an identity."""
    return {name: between(rng, -1, 1) for name in ("tall", "wide", "head", "eyes", "tint")}


def draw_way(rng: np.random.Generator, kind: str, action: str) -> Direction:
    """Return where an action leads; for an action on the spot, where one looks."""
    return (WAYS.get(f"{kind} {action}") or WAYS.get(action) or _SIDEWAYS)(rng)


def clear_m(kind: str, other: str) -> float:
    """Return a distance between centres, in metres, at which even plump individuals don't overlap."""
    return 1.15 * (KINDS[kind].width_m + KINDS[other].width_m) / 2
