"""Long shots in overlapping windows: attention never reaches past the length the model was trained on."""

from dataclasses import dataclass

WINDOW_BLOCKS = 6
OVERLAP_BLOCKS = 2


@dataclass(frozen=True, kw_only=True)
class Window:
    """Blocks [start, stop) of a shot, the first `given` of which an earlier window has made."""

    start: int
    stop: int
    given: int


def windows(num_blocks: int) -> tuple[Window, ...]:
    """Return windows that cover a shot; every one but the first is given its overlap with the one before."""
    made = min(num_blocks, WINDOW_BLOCKS)
    cover = [Window(start=0, stop=made, given=0)]
    while made < num_blocks:
        start = made - OVERLAP_BLOCKS
        stop = min(num_blocks, start + WINDOW_BLOCKS)
        cover.append(Window(start=start, stop=stop, given=OVERLAP_BLOCKS))
        made = stop
    return tuple(cover)
