"""What is wanted and what is given: plain facts, standard library only.

Command-line flags, form fields and JSON schemas derive from `Request`; training draws conditions at random, tasks
state them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, hypot, log
from typing import Any, Literal

MIN_SECONDS, MAX_SECONDS = 1.0, 60.0
MIN_FPS, MAX_FPS = 8, 30
DRAWN_FPS = 12
"""The rate at which the model in the package draws, and on whose frames stories are planned."""

MAX_PROMPT_LETTERS = 32_000
MAX_GUIDANCE = 20.0
MAX_VARIATIONS = 8
MAX_STEPS = 250
MAX_SEED = 2**32 - 1

SHORTEST, LONGEST = 160, 1920
"""Sides that a file may have, even numbers, beside those on an engine's own grid: what is drawn is scaled to them."""

MOST_CUT = 1 / 30
"""The share of a drawing that may be cut away where no shape that is drawn is as wide, or as tall, as a file."""

ASPECTS: dict[str, float] = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4, "21:9": 21 / 9}
"""Shapes by name, width over height."""

Size = tuple[int, int]
"""Height and width in pixels."""


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """What an engine draws on: `fps` frames a second, in blocks of `block_frames`; sides are multiples of `grid` pixels
    from `shortest` to `longest`, and whatever lies on no such grid is drawn at one of the `sizes`, or of these turned.
    The defaults are those of the model in the package."""

    fps: int = DRAWN_FPS
    block_frames: int = 8
    grid: int = 16
    shortest: int = 96
    longest: int = 336
    sizes: tuple[Size, ...] = (
        *((144, width) for width in range(144, 337, 16)),
        *((height, 336) for height in range(96, 144, 16)),
    )

    @property
    def widest(self) -> float:
        """The longer side over the shorter, where that is most."""
        return max(max(height, width) / min(height, width) for height, width in self.sizes)

    def holds(self, size: Size) -> bool:
        """Return whether next to nothing of a drawing is cut away to show this size, however wide or tall it is."""
        return self.drawn(size) == size or max(size) / min(size) <= self.widest * (1 + MOST_CUT)

    def named(self, aspect: str) -> Size:
        """Return the size of a shape in `ASPECTS`."""
        return self.nearest(ASPECTS[aspect])

    def drawn(self, size: Size) -> Size:
        """Return the size at which a picture is drawn: its own where it lies on the grid, else the nearest in shape."""
        on_grid = all(side % self.grid == 0 and self.shortest <= side <= self.longest for side in size)
        return size if on_grid else self.nearest(size[1] / size[0])

    def nearest(self, aspect: float) -> Size:
        """Return the size nearest in shape; of those as near as each other the first."""
        if aspect < 1:
            height, width = self.nearest(1 / aspect)
            return width, height
        return min(self.sizes, key=lambda size: abs(log(size[1] / size[0] / aspect)))


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
    fps: int = field(
        default=DRAWN_FPS,
        metadata={
            **_flag(f"frames a second, {MIN_FPS} to {MAX_FPS}, held or dropped"),
            "default": f"{DRAWN_FPS}, or the engine's own",
        },
    )
    seed: int | None = field(default=None, metadata=_flag("the same seed makes the same file"))
    steps: int | None = field(
        default=None,
        metadata=_flag("solver steps: more is slower and finer (default: 4 or 6, or the engine's own)"),
    )
    guidance: float | None = field(
        default=None,
        metadata=_flag("how strictly the prompt is followed; 1 is not at all (default: 2, or the engine's own)"),
    )
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
    canvas: Canvas = field(default_factory=Canvas)
    """What the engine draws on that is asked."""
    slow_fps: int | None = None
    """Frames a second that are drawn where they are not the canvas's own: in slow motion, without sound."""

    def __post_init__(self) -> None:
        """Check every bound once, for every door into the system."""
        if not self.prompt.strip() and not self.conditions:
            raise ValueError('the prompt is empty: say what to draw, as in "a red fox jumps in the snow"')
        if len(self.prompt) > MAX_PROMPT_LETTERS:
            raise ValueError(f"the prompt has {len(self.prompt)} letters: give at most {MAX_PROMPT_LETTERS}")
        check_bounds({name: getattr(self, name) for name in BOUNDS})
        parse_size(self.size, self.canvas)

    @property
    def drawn_fps(self) -> int:
        """Frames a second that are drawn."""
        return self.slow_fps or self.canvas.fps

    @property
    def shown_size(self) -> Size:
        """The (height, width) of the file in pixels."""
        return parse_size(self.size, self.canvas)

    @property
    def drawn_size(self) -> Size:
        """The (height, width) at which it is drawn."""
        return self.canvas.drawn(self.shown_size)


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


def parse_size(text: str, canvas: Canvas = Canvas()) -> Size:
    """Read "16:9", a shape that has a size on the canvas, or "1280x720" (width first, as people write it) and return
    (height, width) in pixels.

    Raises ValueError, naming the nearest right sizes, unless both sides are even and from 160 to 1920, or lie on the
    canvas's grid; and for what is wider or taller than is drawn, naming the nearest that has one of its sides.
    """
    if text in ASPECTS:
        return canvas.named(text)
    match = re.fullmatch(r"([0-9]{1,6})[xX×]([0-9]{1,6})", text.strip())
    if match is None:
        raise ValueError(f"size {text[:40]!r} is neither WIDTHxHEIGHT nor one of {', '.join(ASPECTS)}")
    width, height = int(match[1]), int(match[2])
    nearest = nearest_sizes(height, width, canvas)
    if nearest != [(height, width)]:
        raise ValueError(
            f"size {width}x{height} can't be made: both sides are even, from {SHORTEST} to {LONGEST}, or multiples "
            f"of {canvas.grid} from {canvas.shortest} to {canvas.longest}; the nearest is "
            + " or ".join(f"{w}x{h}" for h, w in nearest)
        )
    if not canvas.holds((height, width)):
        h, w = shape_held((height, width), canvas)
        side = "wider" if width > height else "taller"
        raise ValueError(
            f"size {width}x{height} is {side} than {canvas.widest:.3g} to 1, the most that is drawn, and would be cut: "
            f"give {w}x{h}"
        )
    return height, width


def shape_held(size: Size, canvas: Canvas) -> Size:
    """Return the size with the same longer side and a shorter one, even, with which it can be drawn."""
    height, width = size
    if height > width:
        width, height = shape_held((width, height), canvas)
        return height, width
    return max(height, 2 * ceil(width / canvas.widest / 2)), width


def nearest_sizes(height: int, width: int, canvas: Canvas = Canvas()) -> list[Size]:
    """Return the sizes with right sides that differ least from this one, as (height, width): itself alone where it is
    one."""
    # What the model in the package draws is a file for every engine: clips of one go into the other.
    grids = {(2, SHORTEST, LONGEST), *((on.grid, on.shortest, on.longest) for on in (canvas, Canvas()))}
    right = {
        (h, w)
        for step, low, high in grids
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
    """One uninterrupted picture on its own grid: `num_blocks` blocks of `block_frames` frames, `fps` a second, (height,
    width) in pixels."""

    prompt: str
    num_blocks: int
    height: int
    width: int
    seed: int
    sound: bool
    fps: int = DRAWN_FPS
    block_frames: int = 8
    conditions: tuple[Condition, ...] = ()

    @property
    def num_frames(self) -> int:
        """How many frames are drawn."""
        return self.num_blocks * self.block_frames
