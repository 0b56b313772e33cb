"""A clip made to measure: exact pixels, an exact rate, and the same sound.

Axes: T frames, H height, W width.
"""

import math
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


def laid(frame_HW3: Frames, drawn: tuple[int, int], shown: tuple[int, int]) -> Frames:
    """Return a uint8 frame on a drawn (height, width) of which the middle is seen, in the shape of `shown`: `scaled` to
    that shows it in its place. Around the middle go what is left of the frame, and then its edges."""
    height, width = frame_HW3.shape[:2]
    seen, place = shown_box((height, width), shown), shown_box(drawn, shown)
    scale = (seen[3] - seen[1]) / (place[3] - place[1])
    left, top = seen[0] - place[0] * scale, seen[1] - place[1] * scale
    right, bottom = left + drawn[1] * scale, top + drawn[0] * scale
    # A hair of slack: a shape that fits is not padded for the last bit of a quotient.
    missing = [max(0, math.ceil(side - 1e-6)) for side in (-top, bottom - height, -left, right - width)]
    padded = np.pad(frame_HW3, ((missing[0], missing[1]), (missing[2], missing[3]), (0, 0)), mode="edge")
    high, wide = padded.shape[:2]
    box = (
        max(0.0, left + missing[2]),
        max(0.0, top + missing[0]),
        min(float(wide), right + missing[2]),
        min(float(high), bottom + missing[0]),
    )
    if (high, wide) == drawn and box == (0, 0, wide, high):
        return padded
    return np.asarray(Image.fromarray(padded).resize(drawn[::-1], Image.Resampling.LANCZOS, box))


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
