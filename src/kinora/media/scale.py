"""A clip made to measure: exact pixels, an exact rate, and the same sound.

Axes: T frames, H height, W width.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from PIL import Image

from kinora.media.clip import Clip, Frames
from kinora.media.geometry import shown_box


def fitted(clip: Clip, *, height: int, width: int, fps: Fraction, num_frames: int) -> Clip:
    """Return a clip of exactly these pixels and frames; `clip` itself where it has them already.

    The picture is cut in the middle, by as little as possible, to the shape asked for, and scaled (Lanczos). Each new
    frame is the one of `clip` shown at its instant, held or dropped, never blended. A frame that is held is scaled
    once, and one is in memory at a time. Raises ValueError where `clip` is shorter than the frames asked for.
    """
    if num_frames / fps > clip.duration_s:
        raise ValueError(
            f"{num_frames} frames at {fps} fps last longer than the {float(clip.duration_s):g} s there are"
        )
    if (height, width, fps, num_frames) == (clip.height, clip.width, clip.fps, clip.num_frames):
        return clip
    return replace(
        clip,
        num_frames=num_frames,
        height=height,
        width=width,
        fps=fps,
        frames=lambda: _frames(clip, (height, width), fps, num_frames),
    )


def scaled(frame_HW3: Frames, height: int, width: int) -> Frames:
    """Return the middle of a uint8 frame at another size; the frame itself where it has that size."""
    if frame_HW3.shape[:2] == (height, width):
        return frame_HW3
    box = shown_box(frame_HW3.shape[:2], (height, width))
    return np.asarray(Image.fromarray(frame_HW3).resize((width, height), Image.Resampling.LANCZOS, box))


def _frames(clip: Clip, size: tuple[int, int], fps: Fraction, num_frames: int) -> Iterator[Frames]:
    """Yield blocks of one frame, each drawn frame as often as it is shown."""
    made = 0
    for number, frame in enumerate(frame for block in clip.frames() for frame in block):
        # The new frames before the instant at which the next drawn one appears.
        due = min(num_frames, -int(-(number + 1) * fps // clip.fps))
        if due > made:
            yield from [scaled(frame, *size)[None]] * (due - made)
            made = due
        if made == num_frames:
            return
