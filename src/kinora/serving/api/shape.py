"""How long and how large a video is to be, however it was said."""

from collections.abc import Mapping
from typing import Any

from kinora.serving.api.errors import refuse
from kinora.serving.api.fields import MOST_SECONDS, size_of


def seconds_asked(read: Mapping[str, Any], usual_fps: int) -> int | None:
    """Whole seconds by `seconds`, or by `num_frames` at `fps`, which is `usual_fps` where nothing is said; None where
    neither is given.

    A frame more than whole seconds is understood: models that think in blocks ask for 4 n + 1 frames.
    """
    seconds, frames, fps = read.get("seconds"), read.get("num_frames"), read.get("fps", usual_fps)
    if frames is None:
        return seconds
    counted = next((n // fps for n in (frames, frames - 1) if n >= fps and n % fps == 0), None)
    if counted is None or counted > MOST_SECONDS:
        nearest = min(max(round(frames / fps), 1), MOST_SECONDS) * fps
        refuse(f"num_frames is {frames}: at {fps} fps give {nearest}, whole seconds", param="num_frames")
    if seconds not in (None, counted):
        refuse(f"num_frames at {fps} fps makes {counted} s and seconds says {seconds}; give one", param="num_frames")
    return counted


def whole_seconds(seconds: float) -> int:
    """The nearest whole number of seconds that a video can have, as answers say it."""
    return min(max(round(seconds), 1), MOST_SECONDS)


def size_asked(read: Mapping[str, Any]) -> str | None:
    """ "WIDTHxHEIGHT" by `size`, or by `width` and `height`; None where nothing is given."""
    width, height, size = read.get("width"), read.get("height"), read.get("size")
    if width is None and height is None:
        return size
    if width is None or height is None:
        absent = "width" if width is None else "height"
        refuse(f"{absent} is missing; give width and height, or size", param=absent)
    return _agreed(width, height, size)


def _agreed(width: int, height: int, size: str | None) -> str:
    try:
        said = size_of(width, height)
    except ValueError as error:
        refuse(f"size {error}", param="width" if width % 2 else "height", code="invalid_value")
    if size not in (None, said):
        refuse(f"width and height say {said} and size says {size}; give one of them", param="size")
    return said
