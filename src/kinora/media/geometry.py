"""Shapes of pictures: on which grid a size is drawn, and which part of what is drawn it shows."""

from math import log

from kinora.request import GRID, LONGEST_DRAWN, SHORTEST_DRAWN

SHORT_SIDE = 144
"""Lines at which the model draws whatever is not on its own grid."""


def drawn_size(height: int, width: int) -> tuple[int, int]:
    """Return the (height, width) at which a picture of this size is drawn: its own where it lies on the model's grid,
    else the grid nearest in shape, with a short side of 144 and a long one of at most 336. Shapes that are longer still
    are drawn 336 long, and shorter than 144."""
    if all(side % GRID == 0 and SHORTEST_DRAWN <= side <= LONGEST_DRAWN for side in (height, width)):
        return height, width
    if height > width:
        return drawn_size(width, height)[::-1]
    wider = [(SHORT_SIDE, side) for side in range(SHORT_SIDE, LONGEST_DRAWN + 1, GRID)]
    flatter = [(side, LONGEST_DRAWN) for side in range(SHORTEST_DRAWN, SHORT_SIDE, GRID)]
    # Of shapes as near as each other the first, which has fewer tokens.
    return min(wider + flatter, key=lambda drawn: abs(log(drawn[1] * height / (drawn[0] * width))))


def shown_box(drawn: tuple[int, int], asked: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of the largest part, in the middle of a drawn (height, width), that has the
    shape of the asked one; in pixels, which it may cut."""
    scale = min(drawn[0] / asked[0], drawn[1] / asked[1])
    # Products of quotients may pass a border by their last bit.
    (height, width), high, wide = drawn, min(drawn[0], asked[0] * scale), min(drawn[1], asked[1] * scale)
    return (width - wide) / 2, (height - high) / 2, (width + wide) / 2, (height + high) / 2
