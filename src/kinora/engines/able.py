"""Whether an engine can do what a shot needs of it; and where it can't, which one can."""

from collections.abc import Collection

from kinora.engines.abilities import Ability, lacking
from kinora.engines.catalog import CATALOG, Entry

SAID: dict[Ability, str] = {
    "text": "draw from words alone",
    "first frame": "begin with a given frame",
    "last frame": "end with a given frame",
    "both ends": "go from a given frame to another",
    "keyframes": "hold frames that are given here and there",
    "prefix": "go on from what is given",
    "suffix": "lead up to what is given",
    "range": "fill in between what is given",
    "references": "draw who is shown to it",
    "sound": "make sound",
    "given sound": "draw to a given sound",
    "soundtrack": "make sound to a picture",
}

VOICE: frozenset[Ability] = frozenset({"sound", "soundtrack"})
"""What a silent engine can as well: it is given the voice of the model in the package."""

GOES_ON: frozenset[Ability] = frozenset({"prefix", "first frame"})
"""Either lets an engine go on from what it made itself."""


def lacks(entry: Entry, needed: Collection[Ability], num_frames: int) -> list[Ability]:
    """Return what an engine would have to be able to do beside what it can, for a shot of so many drawn frames: to go
    on, too, where that is more than it draws at once."""
    can = with_voice(entry)
    is_long = num_frames > entry.window_frames and set(needed) != {"soundtrack"} and not can & GOES_ON
    return lacking({*needed, "prefix"} if is_long else needed, can)


def with_voice(entry: Entry) -> frozenset[Ability]:
    """Return what an engine can once it is opened."""
    return entry.can if "sound" in entry.can else entry.can | VOICE


def check_able(name: str, can: Collection[Ability], needed: Collection[Ability]) -> None:
    """Raise ValueError, naming the engines that can, where an engine can't do all that is needed."""
    if missing := lacking(needed, can):
        raise ValueError(f"{name} can't {said(missing)}: {remedy(needed)}")


def said(abilities: Collection[Ability]) -> str:
    """Return what is to be done, in words."""
    return " or ".join(SAID[one] for one in abilities)


def remedy(needed: Collection[Ability]) -> str:
    """Return what to do about an engine that can't."""
    able = [other.name for other in CATALOG.values() if not lacking(needed, with_voice(other))]
    return f"say --engine {' or '.join(able)}" if able else "no engine can do all of this at once: ask for less"
