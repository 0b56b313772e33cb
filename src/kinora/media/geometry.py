"""Picture sizes: named shapes at a short side of 144 lines, or WIDTHxHEIGHT on the 16-pixel grid."""

import re

GRID = 16
"""A token's width and height in pixels."""

SHORTEST, LONGEST = 96, 336

ASPECTS: dict[str, tuple[int, int]] = {
    "16:9": (144, 256),
    "9:16": (256, 144),
    "1:1": (144, 144),
    "4:3": (144, 192),
    "3:4": (192, 144),
    "21:9": (144, 336),
}
"""Shape by name, as (height, width)."""


def parse_size(text: str) -> tuple[int, int]:
    """Read "16:9" or "256x144" (width first, as people write it) and return (height, width) in pixels.

    Raises ValueError, naming the nearest right sizes, unless both sides are multiples of 16 between 96 and 336.
    """
    if text in ASPECTS:
        return ASPECTS[text]
    match = re.fullmatch(r"(\d{1,6})[xX×](\d{1,6})", text.strip())
    if match is None:
        raise ValueError(f"size {text!r} is neither WIDTHxHEIGHT nor one of {', '.join(ASPECTS)}")
    width, height = int(match[1]), int(match[2])
    nearest = [f"{w}x{h}" for h in neighbours(height, GRID) for w in neighbours(width, GRID)]
    if nearest != [f"{width}x{height}"]:
        raise ValueError(
            f"size {text} is off the grid: both sides are multiples of {GRID} from {SHORTEST} to {LONGEST}; "
            f"the nearest are {' and '.join(nearest)}"
        )
    return height, width


def neighbours(pixels: int, step: int, *, low: int = SHORTEST, high: int = LONGEST) -> list[int]:
    """The multiples of `step` next to `pixels` within [low, high]: `pixels` alone where it is one."""
    below = pixels // step * step
    return sorted({min(max(side, low), high) for side in (below, below if below == pixels else below + step)})
