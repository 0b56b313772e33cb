"""What is wanted and what is given: plain facts, standard library only.

Command-line flags, form fields and JSON schemas derive from `Request`; training draws conditions at random, tasks
state them.
"""

from dataclasses import dataclass, field
from typing import Literal

MAX_SECONDS = 16.0
MAX_VARIATIONS = 8
MAX_STEPS = 250

ConditionKind = Literal["given", "hint", "reference"]
StreamName = Literal["video", "sound"]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One given thing. `given` fixes a stream between two instants (a prefix, a suffix, a range, a whole stream),
    `hint` lays a source under it (an edit, a draft, a frame inside a block), `reference` shows a picture of who
    appears.

    `end_s` None means until the end. `file` is the path or id of what is given; in training it is empty.
    """

    kind: ConditionKind
    stream: StreamName = "video"
    start_s: float = 0.0
    end_s: float | None = None
    file: str = ""

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
    seconds: float = field(default=4.0, metadata=_flag("length of the clip, 1 to 16"))
    size: str = field(default="16:9", metadata=_flag("16:9, 9:16, 1:1, 4:3, 3:4, 21:9, or WIDTHxHEIGHT"))
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
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        """Check every bound once, for every door into the system."""
        if not self.prompt.strip():
            raise ValueError('the prompt is empty: say what to draw, as in "a red fox jumps in the snow"')
        _within("seconds", self.seconds, 1, MAX_SECONDS)
        _within("guidance", self.guidance, 0, 20)
        _within("variations", self.variations, 1, MAX_VARIATIONS)
        if self.steps is not None:
            _within("steps", self.steps, 1, MAX_STEPS)
        if self.seed is not None:
            _within("seed", self.seed, 0, 2**32 - 1)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}: give a value from {low:g} to {high:g}")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One uninterrupted picture on its own grid: `num_blocks` blocks of 8 frames, (height, width) in pixels."""

    prompt: str
    num_blocks: int
    height: int
    width: int
    seed: int
    sound: bool
    conditions: tuple[Condition, ...] = ()
