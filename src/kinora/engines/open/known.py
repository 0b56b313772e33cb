"""What a window is given: frames that a file shows, and frames that the windows before it made. Memory does not grow
with the shot."""

from collections.abc import Sequence
from itertools import islice

from kinora.engines.engine import Given
from kinora.engines.windows import Window
from kinora.media.clip import Frames


class Known:
    """Known frames by their number in the shot (H, W, 3), as far as the window in hand and the next reach.

    Files are read once, in order, and only what some window covers of them.
    """

    def __init__(self, given: Given, cover: Sequence[Window]) -> None:
        covered = {number for window in cover for number in range(window.start, window.stop)}
        self._by_file = given.known
        self._files = enumerate(given.frames({number for number in covered if given.known[number]}))
        self._read = 0
        self._held: dict[int, Frames] = {}

    def of(self, window: Window) -> dict[int, Frames]:
        """Return what is known of a window, by number within it. Windows are asked for in order."""
        for number, frame in islice(self._files, max(0, window.stop - self._read)):
            if frame is not None:
                self._held[number] = frame
        self._read = max(self._read, window.stop)
        self._held = {number: frame for number, frame in self._held.items() if number >= window.start}
        return {number - window.start: frame for number, frame in self._held.items() if number < window.stop}

    def add(self, window: Window, frames_THW3: Frames, start: int) -> None:
        """Hold what a window made from frame `start` of the shot on, save what files show."""
        for number in range(max(window.start, start), window.stop):
            if not self._by_file[number]:
                self._held[number] = frames_THW3[number - window.start]
