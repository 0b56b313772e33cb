"""What is wanted and what is given: plain facts, standard library only.

Command-line flags, form fields and JSON schemas derive from `Request`; training draws conditions at random, tasks
state them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import Any, Literal

MIN_SECONDS, MAX_SECONDS = 1.0, 60.0
MIN_FPS, MAX_FPS = 8, 30
DRAWN_FPS = 12
"""The rate at which the model draws; at others its frames are held or dropped."""

MAX_PROMPT_LETTERS = 32_000
MAX_GUIDANCE = 20.0
MAX_VARIATIONS = 8
MAX_STEPS = 250
MAX_SEED = 2**32 - 1

GRID = 16
"""A token's width and height in pixels: what the model draws lies on this grid."""

SHORTEST_DRAWN, LONGEST_DRAWN = 96, 336
"""Sides that the model draws, multiples of `GRID`."""

SHORTEST, LONGEST = 160, 1920
"""Sides that a file may have beside those, even numbers: what is drawn is scaled to them."""

ASPECTS: dict[str, tuple[int, int]] = {
    "16:9": (144, 256),
    "9:16": (256, 144),
    "1:1": (144, 144),
    "4:3": (144, 192),
    "3:4": (192, 144),
    "21:9": (144, 336),
}
"""Shape by name, as (height, width)."""

ConditionKind = Literal["given", "hint", "reference"]
StreamName = Literal["video", "sound"]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One given thing. `given` fixes a stream between two instants (a prefix, a suffix, a range, a whole stream),
    `hint` lays a source under it (an edit, a draft, a frame inside a block), `reference` shows a picture of who
    appears.

    `end_s` None means until the end. `file` is the path or id of what is given, `file_start_s` where in it the span
    begins; in training there is none. Of a picture, `fps` frames a second are known from `start_s` on; None is all.
    """

    kind: ConditionKind
    stream: StreamName = "video"
    start_s: float = 0.0
    end_s: float | None = None
    file: str = ""
    file_start_s: float = 0.0
    fps: int | None = None

    def __post_init__(self) -> None:
        """Refuse an empty or negative span."""
        if self.start_s < 0 or (self.end_s is not None and self.end_s <= self.start_s):
            raise ValueError(
                f"a condition from {self.start_s} s to {self.end_s} s is empty: give start < end, both at least 0"
            )


def _flag(help_text: str, *, short: str = "") -> dict[str, str]:
    return {"help": help_text, "short": short}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One wish: a prompt, the shape of the file, and what is given."""

    prompt: str
    seconds: float = field(default=4.0, metadata=_flag(f"length of the clip, {MIN_SECONDS:g} to {MAX_SECONDS:g}"))
    size: str = field(default="16:9", metadata=_flag(f"{', '.join(ASPECTS)}, or WIDTHxHEIGHT up to {LONGEST}"))
    fps: int = field(default=DRAWN_FPS, metadata=_flag(f"frames a second, {MIN_FPS} to {MAX_FPS}, held or dropped"))
    seed: int | None = field(default=None, metadata=_flag("the same seed makes the same file"))
    steps: int | None = field(
        default=None,
        metadata=_flag("solver steps: more is slower and finer (default: 4 where the model knows few steps, else 6)"),
    )
    guidance: float = field(default=2.0, metadata=_flag("how strictly the prompt is followed; 1 is not at all"))
    sound: bool = field(default=True, metadata=_flag("make a sound track"))
    music: bool = field(default=True, metadata=_flag("allow music in the sound track"))
    variations: int = field(default=1, metadata=_flag("how many clips to make, each with its own seed"))
    strict: bool = field(default=False, metadata=_flag("refuse words outside the world instead of replacing them"))
    loose: bool = field(default=False, metadata=_flag("take pictures and clips that are drawn unlike this world"))
    conditions: tuple[Condition, ...] = ()
    begin_s: float = 0.0
    """Where in the story, on whose clock conditions are, the file begins."""
    under: str = ""
    """A file whose own sound stays, under what is made."""
    drawn_fps: int = DRAWN_FPS
    """Frames a second that are drawn. More than the model's own are drawn in slow motion, without sound."""

    def __post_init__(self) -> None:
        """Check every bound once, for every door into the system."""
        if not self.prompt.strip() and not self.conditions:
            raise ValueError('the prompt is empty: say what to draw, as in "a red fox jumps in the snow"')
        if len(self.prompt) > MAX_PROMPT_LETTERS:
            raise ValueError(f"the prompt has {len(self.prompt)} letters: give at most {MAX_PROMPT_LETTERS}")
        check_bounds({name: getattr(self, name) for name in BOUNDS})
        parse_size(self.size)


BOUNDS: dict[str, tuple[float, float]] = {
    "seconds": (MIN_SECONDS, MAX_SECONDS),
    "fps": (MIN_FPS, MAX_FPS),
    "guidance": (0, MAX_GUIDANCE),
    "variations": (1, MAX_VARIATIONS),
    "steps": (1, MAX_STEPS),
    "seed": (0, MAX_SEED),
}
"""The least and the most that each number of a request may be."""


def check_bounds(fields: Mapping[str, Any]) -> None:
    """Raise ValueError where a number of these fields is less or more than it may be."""
    for name, (low, high) in BOUNDS.items():
        value = fields.get(name)
        if value is not None and not low <= value <= high:
            raise ValueError(f"{name} is {value:g}: give a value from {low:g} to {high:g}")


def parse_size(text: str) -> tuple[int, int]:
    """Read "16:9" or "1280x720" (width first, as people write it) and return (height, width) in pixels.

    Raises ValueError, naming the nearest right sizes, unless both sides are even and from 160 to 1920, or multiples
    of 16 from 96 to 336.
    """
    if text in ASPECTS:
        return ASPECTS[text]
    match = re.fullmatch(r"([0-9]{1,6})[xX×]([0-9]{1,6})", text.strip())
    if match is None:
        raise ValueError(f"size {text[:40]!r} is neither WIDTHxHEIGHT nor one of {', '.join(ASPECTS)}")
    width, height = int(match[1]), int(match[2])
    nearest = nearest_sizes(height, width)
    if nearest != [(height, width)]:
        raise ValueError(
            f"size {width}x{height} can't be made: both sides are even, from {SHORTEST} to {LONGEST}, or multiples "
            f"of {GRID} from {SHORTEST_DRAWN} to {LONGEST_DRAWN}; the nearest is "
            + " or ".join(f"{w}x{h}" for h, w in nearest)
        )
    return height, width


def nearest_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Return the right sizes that differ least from this one, as (height, width): itself alone where it is right."""
    right = {
        (h, w)
        for step, low, high in ((2, SHORTEST, LONGEST), (GRID, SHORTEST_DRAWN, LONGEST_DRAWN))
        for h in neighbours(height, step, low=low, high=high)
        for w in neighbours(width, step, low=low, high=high)
    }
    far = {(h, w): hypot(h - height, w - width) for h, w in right}
    return sorted(size for size in right if far[size] == min(far.values()))


def neighbours(pixels: int, step: int, *, low: int, high: int) -> list[int]:
    """The multiples of `step` next to `pixels` within [low, high]: `pixels` alone where it is one."""
    below = pixels // step * step
    return sorted({min(max(side, low), high) for side in (below, below if below == pixels else below + step)})


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One uninterrupted picture on its own grid: `num_blocks` blocks of 8 frames, `fps` a second, (height, width) in
    pixels."""

    prompt: str
    num_blocks: int
    height: int
    width: int
    seed: int
    sound: bool
    fps: int = DRAWN_FPS
    conditions: tuple[Condition, ...] = ()
