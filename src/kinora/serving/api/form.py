"""Form fields with bracketed names, as clients send nested values: `video[id]`, `characters[][id]`, `extra[scale]`."""

import re
from collections.abc import Iterable
from typing import Any, NoReturn

from kinora.serving.api.errors import refuse

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
MAX_DEPTH = 4
Node = dict[str, Any] | list[Any]


def tree(pairs: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Pairs of name and value as nested dicts and lists. ApiError 400 for crooked, repeated or contradictory names.

    `a[]` appends to a list. `a[][b]` sets `b` of the list's last element, or of a new one where that has a `b`.
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        _place(root, _steps(name), value, name)
    return root


def _steps(name: str) -> list[str]:
    """`a[b][]` as `["a", "b", ""]`."""
    match = NAME.fullmatch(name)
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else []
    if not 1 <= len(steps) <= MAX_DEPTH:
        refuse("a form field has a crooked name; write it as in prompt, video[id] or characters[][id]", param=name[:64])
    return steps


def _place(node: object, steps: list[str], value: object, name: str) -> None:
    step, *rest = steps
    if isinstance(node, list) and step == "":
        if not (rest and node and isinstance(node[-1], dict) and rest[0] not in node[-1]):
            node.append(_fresh(rest, value))
        inner = node[-1]
    elif isinstance(node, dict) and step:
        if step in node and not rest:
            refuse(f"{name} is given twice; give it once", param=name)
        inner = node.setdefault(step, _fresh(rest, value))
    else:
        _contradicts(name)
    if rest:
        _place(inner, rest, value, name)


def _fresh(rest: list[str], value: object) -> object:
    """What stands at a place that is new: the value, or what the rest of the name goes on in."""
    if not rest:
        return value
    return [] if rest[0] == "" else {}


def _contradicts(name: str) -> NoReturn:
    refuse(f"{name} contradicts another field of the form; give one of them", param=name)
