"""Long shots in overlapping windows: attention never reaches past the length the model was trained on."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Window:
    """Blocks [start, stop) of a shot, the first `given` of which an earlier window has made."""

    start: int
    stop: int
    given: int


def windows(num_blocks: int, trained_blocks: int) -> tuple[Window, ...]:
    """Return windows of the trained length that cover a shot; each but the first is given a third of a window, one
    block at least, by the one before. Weights trained on single blocks make each by itself."""
    overlap = min(max(1, trained_blocks // 3), trained_blocks - 1)
    made = min(num_blocks, trained_blocks)
    cover = [Window(start=0, stop=made, given=0)]
    while made < num_blocks:
        start = made - overlap
        stop = min(num_blocks, start + trained_blocks)
        cover.append(Window(start=start, stop=stop, given=overlap))
        made = stop
    return tuple(cover)
