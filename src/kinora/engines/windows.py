"""Long shots in overlapping windows: attention never reaches past the length the model was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, kw_only=True)
class Window:
    """Blocks [start, stop) of a shot; the first `given` are there to lead up to what it makes."""

    start: int
    stop: int
    given: int


def windows(
    num_blocks: int, trained_blocks: int, free: Sequence[bool] | None = None, overlap: int | None = None
) -> tuple[Window, ...]:
    """Return windows of the trained length at most that cover the blocks of a shot in which something is `free` (None:
    all of them), in order.

    Each is given a third of a window, one block at least, or `overlap` blocks, of what is known or made before it, and
    as much after it, where there is any and room for it. Weights trained on single blocks make each by itself.
    """
    overlap = min(max(1, trained_blocks // 3) if overlap is None else overlap, trained_blocks - 1)
    todo = [block for block in range(num_blocks) if free is None or free[block]]
    cover = []
    while todo:
        cover.append(_next(todo, num_blocks, trained_blocks, overlap))
        todo = [block for block in todo if block >= cover[-1].stop]
    return tuple(cover)


def _next(todo: Sequence[int], num_blocks: int, trained_blocks: int, overlap: int) -> Window:
    first = todo[0]
    start = max(0, first - overlap)
    most = min(num_blocks, start + trained_blocks)
    stops = (stop for stop in range(most, first, -1) if _is_led_out(stop, todo, num_blocks, overlap))
    return Window(start=start, stop=next(stops, most), given=first - start)


def _is_led_out(stop: int, todo: Sequence[int], num_blocks: int, overlap: int) -> bool:
    """Whether a window that ends here has, after the last block it makes, all there is of `overlap` known ones; true
    where the next block is still to be made, so that there is nothing to be led to yet."""
    after = max(block for block in todo if block < stop) + 1
    known_until = min((block for block in todo if block >= after), default=num_blocks)
    return stop - after >= min(overlap, known_until - after)


def runs(holds: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the spans [start, stop) in which something holds."""
    numbered = groupby(enumerate(holds), key=lambda pair: bool(pair[1]))
    spans = [(holds, [number for number, _ in run]) for holds, run in numbered]
    return [(numbers[0], numbers[-1] + 1) for holds, numbers in spans if holds]
