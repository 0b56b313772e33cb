"""What an engine may be able to do, and what a request needs of it. No engine is named here."""

from collections.abc import Collection, Sequence
from typing import Literal

Ability = Literal[
    "text",
    "first frame",
    "last frame",
    "both ends",
    "keyframes",
    "prefix",
    "suffix",
    "range",
    "references",
    "sound",
    "given sound",
    "soundtrack",
]
"""`text` alone; the first frame, the last one, or both; any single frames; what comes before, after, or on both sides
of what is made; pictures of who appears; sound made with the picture; a picture made to sound; sound to a picture."""


def needed_by(known: Sequence[bool]) -> set[Ability]:
    """Return what a shot asks of an engine of whose drawn frames these are known."""
    free = [number for number, is_known in enumerate(known) if not is_known]
    if not any(known):
        return {"text"}
    if not free:
        return {"soundtrack"}
    first, last = free[0], free[-1]
    inside = any(known[first:last])
    after = len(known) - 1 - last
    if inside:
        return {"keyframes"}
    if first and after:
        return {"both ends"} if first == after == 1 else {"range"}
    if first:
        return {"first frame"} if first == 1 else {"prefix"}
    return {"last frame"} if after == 1 else {"suffix"}


def lacking(needed: Collection[Ability], can: Collection[Ability]) -> list[Ability]:
    """Return what of the needed an engine cannot do, in the order of the alphabet."""
    return sorted(set(needed) - set(can))
