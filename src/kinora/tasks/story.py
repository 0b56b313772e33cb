"""Which moments of a story are known, and what shows them: conditions looked up on any clock.

Seconds are the story's own: it begins with its first frame. T instants, K latents, L samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinora.flow.grid import SOUND_S
from kinora.request import Condition, Request, Shot, StreamName
from kinora.tasks.generate import first_drawn, num_drawn, num_frames, num_told

SLACK_S = 1e-6
"""Instants and borders are fractions kept as floats; closer than this they are the same."""

Known = NDArray[np.bool_]


@dataclass(frozen=True)
class Sight:
    """A picture that is known: the instant of a file, in seconds, that shows it."""

    file: str
    at_s: float


def sights(conditions: Sequence[Condition], times_s: Sequence[float] | NDArray[np.float64]) -> list[Sight | None]:
    """Return what shows each instant, or None where nothing is given; of several conditions the first."""
    times = np.asarray(times_s, dtype=float)
    found: list[Sight | None] = [None] * len(times)
    for condition in reversed(given(conditions, "video")):
        for number in np.flatnonzero(_inside(condition, times)):
            at_s = condition.file_start_s + float(times[number]) - condition.start_s
            found[number] = Sight(condition.file, at_s)
    return found


def drawn_sights(request: Request, shot: Shot) -> list[Sight | None]:
    """Return what shows each drawn frame of a shot, where all frames of the file that it stands for are known. Frames
    before the file and past the story's end, to which its first and last block reach, are known where the first and the
    last one are, and show the same."""
    first, last = first_drawn(request), num_told(request) - 1
    if last == first + num_drawn(request) - 1:
        # At a lower rate the last frames that are drawn may not be shown.
        last = first + (num_frames(request) - 1) * shot.fps // request.fps
    numbers = np.arange(shot.num_frames).clip(first, last)
    found = sights(shot.conditions, numbers / shot.fps)
    if request.fps <= shot.fps:
        return found
    shown = sights(shot.conditions, request.begin_s + np.arange(num_frames(request)) / request.fps)
    missing = {first + number * shot.fps // request.fps for number, sight in enumerate(shown) if sight is None}
    return [None if number in missing else sight for number, sight in enumerate(found)]


def known_latents(request: Request, shot: Shot) -> Known:
    """Return which latents of sound (K,) lie wholly inside a given span; beyond either end, as for frames."""
    first, end = (round(frames / shot.fps / SOUND_S) for frames in (first_drawn(request), num_told(request)))
    begins = np.arange(round(shot.num_frames / shot.fps / SOUND_S)).clip(first, end - 1) * SOUND_S
    known = np.zeros(len(begins), bool)
    for span in given(shot.conditions, "sound"):
        known |= _inside(span, begins) & (begins + SOUND_S <= _end_s(span) + SLACK_S)
    return known


def known_samples(request: Request, sample_rate_hz: int) -> Known:
    """Return which samples of the file's sound (L,) are given."""
    known = np.zeros(round(request.seconds * sample_rate_hz), bool)
    for span in given(request.conditions, "sound"):
        start, stop = ((edge_s - request.begin_s) * sample_rate_hz for edge_s in (span.start_s, _end_s(span)))
        known[max(0, round(start)) : max(0, round(min(stop, len(known))))] = True
    return known


def given(conditions: Sequence[Condition], stream: StreamName) -> list[Condition]:
    """Return the conditions that fix this stream."""
    return [condition for condition in conditions if condition.kind == "given" and condition.stream == stream]


def _inside(condition: Condition, times: NDArray[np.float64]) -> Known:
    inside = (times >= condition.start_s - SLACK_S) & (times < _end_s(condition) - SLACK_S)
    if condition.fps is not None:
        ticks = (times - condition.start_s) * condition.fps
        inside &= np.abs(ticks - ticks.round()) < SLACK_S * condition.fps
    return inside


def _end_s(condition: Condition) -> float:
    return np.inf if condition.end_s is None else condition.end_s
