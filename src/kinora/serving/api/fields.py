"""Every field that has an effect: how it is read, from JSON or from a form's text, and its JSON schema.

The OpenAPI document is made from the same tables, so that it can't say anything else.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kinora.request import (
    LONGEST,
    MAX_FPS,
    MAX_GUIDANCE,
    MAX_PROMPT_LETTERS,
    MAX_SECONDS,
    MAX_SEED,
    MAX_STEPS,
    MIN_FPS,
    SHORTEST,
    Request,
)
from kinora.serving.api.body import UNSTORABLE, storable, strict_json
from kinora.serving.api.errors import ApiError, refuse

Schema = dict[str, Any]
MOST_SECONDS = int(MAX_SECONDS)
SIDES = (SHORTEST, LONGEST)
DEFAULT_SECONDS = 4
DEFAULT_SIZE = "720x1280"
MODEL_LETTERS = 200
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: `read` takes what was sent and gives what is meant, or raises ValueError with the remedy."""

    read: Callable[[Any], Any]
    schema: Schema


def read_fields(given: Mapping[str, Any], table: Mapping[str, Field]) -> dict[str, Any]:
    """Those fields of `table` that are given and not null, read. ApiError 400 with `param` for a wrong one."""
    found = {}
    for name, each in table.items():
        if given.get(name) is None:
            continue
        try:
            found[name] = each.read(given[name])
        except ValueError as error:
            refuse(f"{name} {error}", param=name, code="invalid_value")
    return found


def text(least: int, most: int) -> Field:
    """Words of `least` to `most` letters, not all of them blank."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not least <= len(value) <= most or not value.strip():
            raise ValueError(f"must be a text of {least} to {most} characters, not all blank")
        return value

    return Field(read=read, schema={"type": "string", "minLength": least, "maxLength": most, "pattern": r"\S"})


def whole(low: int, high: int, about: str) -> Field:
    """A whole number, as a number or in digits."""

    def read(value: object) -> int:
        number = _integer(value)
        if number is None or not low <= number <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return number

    number = {"type": "integer", "minimum": low, "maximum": high}
    return Field(read=read, schema={"anyOf": [number, {"type": "string", "pattern": r"^-?\d+$"}], "description": about})


def _integer(value: object) -> int | None:
    """`8`, `8.0` and `"8"` are 8; everything else is None, `true` too."""
    if isinstance(value, str) and INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def real(low: float, high: float, about: str) -> Field:
    """A number, as a number or in digits."""

    def read(value: object) -> float:
        remedy = f"must be a number from {low:g} to {high:g}"
        try:
            number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise ValueError(remedy) from None
        if not low <= number <= high:
            raise ValueError(remedy)
        return number

    number = {"type": "number", "minimum": low, "maximum": high}
    return Field(read=read, schema={"anyOf": [number, {"type": "string"}], "description": about})


def truth(about: str) -> Field:
    """Yes or no."""

    def read(value: object) -> bool:
        told = TRUTHS.get(str(value).lower())
        if told is None:
            raise ValueError("must be true or false")
        return told

    return Field(read=read, schema={"anyOf": [{"type": "boolean"}, {"enum": [*TRUTHS]}], "description": about})


def _size(value: object) -> str:
    match = SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be WIDTHxHEIGHT in pixels, as in 1280x720")
    return size_of(int(match[1]), int(match[2]))


def size_of(width: int, height: int) -> str:
    """A size as text, both in pixels. ValueError, naming the nearest, for odd, too small or too long sides."""
    nearest = tuple(min(max(side - side % 2, SIDES[0]), SIDES[1]) for side in (width, height))
    if nearest != (width, height):
        raise ValueError(
            f"is {width}x{height}; sides are even, {SIDES[0]} to {SIDES[1]} pixels: give {nearest[0]}x{nearest[1]}"
        )
    return f"{width}x{height}"


def several(read: Callable[[Any], Any], item: Schema, most: int, about: str) -> Field:
    """A list of 1 to `most` things, as a list or as the JSON of one."""
    remedy = f"must be a list of 1 to {most} entries"

    def read_all(value: object) -> list[Any]:
        told = unpacked(value, remedy)
        if not isinstance(told, list) or not 1 <= len(told) <= most:
            raise ValueError(remedy)
        return [read(each) for each in told]

    return Field(
        read=read_all, schema={"type": "array", "minItems": 1, "maxItems": most, "items": item, "description": about}
    )


def unpacked(value: object, remedy: str) -> object:
    """A value that a form can only say as the JSON of it. Raises ValueError where it is not, or can't be kept."""
    try:
        told = strict_json(value) if isinstance(value, str) else value
    except ApiError:
        raise ValueError(remedy) from None
    if not storable(told):
        raise ValueError(UNSTORABLE)
    return told


ABOUT = {spec.name: spec.metadata["help"] for spec in fields(Request) if "help" in spec.metadata}
"""What the command line says of the same fields."""

PROMPT = text(1, MAX_PROMPT_LETTERS)
NAME = text(1, 80)
SECONDS = whole(1, MOST_SECONDS, f"How long the video is, in seconds; {DEFAULT_SECONDS} where nothing is said.")
FRAME: dict[str, Field] = {
    "size": Field(
        read=_size,
        schema={"type": "string", "pattern": r"^\d+x\d+$", "description": "WIDTHxHEIGHT, even sides, 160 to 1920."},
    ),
    "width": whole(*SIDES, "Pixels, even; with `height`, instead of `size`."),
    "height": whole(*SIDES, "Pixels, even; with `width`, instead of `size`."),
}
FPS = whole(MIN_FPS, MAX_FPS, "Frames a second; the source's, or else the engine's own, where nothing is said.")
SHAPE: dict[str, Field] = {
    "seconds": SECONDS,
    **FRAME,
    "num_frames": whole(1, MOST_SECONDS * MAX_FPS + 1, "Frames at `fps`, whole seconds in all; instead of `seconds`."),
    "fps": FPS,
}
"""How long and how large."""

MAKING: dict[str, Field] = {
    "model": text(1, MODEL_LETTERS),
    "seed": whole(0, MAX_SEED, "The same request and seed make the same frames; drawn where none is given."),
    "num_inference_steps": whole(1, MAX_STEPS, "Solver steps: more is slower and finer."),
    "guidance_scale": real(0, MAX_GUIDANCE, "How strictly the prompt is followed; 1 is not at all."),
    "generate_sound": truth("Make a sound track; true where nothing is said."),
    "music": truth(f"{ABOUT['music'].capitalize()}; true where nothing is said."),
    "strict": truth(f"{ABOUT['strict'].capitalize()}; false where nothing is said."),
    "priority": whole(-100, 100, "Higher runs first; 0 where nothing is said."),
}
"""How it is made."""

ASKED_AS = {
    **{"num_inference_steps": "steps", "guidance_scale": "guidance", "generate_sound": "sound"},
    **{"fps": "fps", "music": "music", "strict": "strict"},
}
"""What clients call a field of `kinora.request.Request`."""

FIELDS = {"prompt": PROMPT, **SHAPE, **MAKING}
"""Everything that may be said of a video to be made from a prompt."""
