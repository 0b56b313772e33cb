"""What is given comes back untouched: known frames and samples over what the model made, and no seam between them.

Where made frames follow or precede known ones, what the autoencoder lost of the known one beside them is given back to
them, less and less over eight drawn frames. Frames come and go one at a time, a moment of them ahead.

Axes: H height, W width, C channels, L samples.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kinora.media.clip import Frames, Wave, fit_sound
from kinora.media.scale import scaled
from kinora.media.sound import limit
from kinora.request import Request
from kinora.tasks.generate import first_drawn, num_frames, num_told
from kinora.tasks.sources import Heard, Known, Sources, resampled, with_channels
from kinora.tasks.story import Sight, sights

FADED_FRAMES = 8
"""Drawn frames over which what was lost of a known frame fades."""

CROSSFADE_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A frame of the file: the drawn frame it shows, what the model made of it (None where nothing was decoded), and
    what is known of it (None where nothing is)."""

    drawn: int
    made: Frames | None
    known: Frames | None


@dataclass(frozen=True, kw_only=True)
class Border:
    """A known frame beside made ones, and what the model's own version of it lacks (H, W, 3)."""

    drawn: int
    lost: NDArray[np.int16]


def sights_of(request: Request) -> list[Sight | None]:
    """Return what shows each frame of the file, and of the moment of its story after it, if there is one: what a last
    made frame leads to may lie beyond the end."""
    num_all = (num_told(request) - first_drawn(request)) * request.fps // request.drawn_fps
    count = max(num_frames(request), min(num_all, num_frames(request) + look_ahead(request)))
    return sights(request.conditions, request.begin_s + np.arange(count) / request.fps)


def look_ahead(request: Request) -> int:
    """Return how many frames of the file reach over all drawn frames that a border has a share in."""
    return math.ceil((FADED_FRAMES + 1) * request.fps / request.drawn_fps)


def wanted_frames(request: Request, shown: Sequence[Sight | None]) -> set[int]:
    """Return which drawn frames are looked at: those that are made, and the model's own version of the known ones next
    to them."""
    beside = [any(sight is None for sight in shown[max(0, number - 1) : number + 2]) for number in range(len(shown))]
    return {drawn_number(request, number) for number, near in enumerate(beside) if near}


def drawn_number(request: Request, number: int) -> int:
    """Return which drawn frame of the story a frame of the file shows."""
    return first_drawn(request) + number * request.drawn_fps // request.fps


def pasted_frames(
    request: Request, made: Iterator[Frames | None], shown: Sequence[Sight | None], size: tuple[int, int]
) -> Iterator[Frames]:
    """Yield the frames of the file (1, H, W, 3) from drawn frames and from what is known."""
    told = moments(request, made, shown, size)
    return islice(pasted(told, look_ahead(request)), num_frames(request))


def moments(
    request: Request, made: Iterator[Frames | None], shown: Sequence[Sight | None], size: tuple[int, int]
) -> Iterator[Moment]:
    """Yield the frames of the file, in this (height, width), from drawn frames and from what is known."""
    number, picture = -1, None
    before: tuple[Frames | None, Frames | None] = (None, None)
    for at, known in enumerate(Sources().frames(shown)):
        due = drawn_number(request, at)
        if due > number:
            *_, drawn = islice(made, due - number)
            number, picture = due, None if drawn is None else scaled(drawn, *size)
        if known is not before[0]:
            before = known, None if known is None else scaled(known, *size)
        yield Moment(drawn=number, made=picture, known=before[1])


def pasted(told: Iterable[Moment], ahead: int) -> Iterator[Frames]:
    """Yield frames (1, H, W, 3): known ones as they are, others with what their neighbours lost, looked for as many
    frames ahead."""
    rest, soon, last, first = iter(told), deque[Moment](), None, None
    soon.extend(islice(rest, ahead + 1))
    while soon:
        moment = soon.popleft()
        soon.extend(islice(rest, 1))
        if moment.known is not None:
            yield moment.known[None]
            next_is_made = bool(soon) and soon[0].known is None
            last, first = _border(moment) if next_is_made else None, None
            continue
        if first is None:
            first = next((_border(later) for later in soon if later.known is not None), None)
        yield _mended(moment, last, first)[None]


def _border(moment: Moment) -> Border | None:
    if moment.made is None or moment.known is None:
        return None
    return Border(drawn=moment.drawn, lost=moment.known.astype(np.int16) - moment.made)


def _mended(moment: Moment, last: Border | None, first: Border | None) -> Frames:
    """Return a made frame with its share of what was lost at the borders on either side of it."""
    assert moment.made is not None, "every frame that is not known is drawn"
    reach = FADED_FRAMES + 1
    if last and first:
        # In a short hole the two sides share.
        reach = min(reach, max(1, first.drawn - last.drawn))
    shares = [(1 - abs(moment.drawn - border.drawn) / reach, border.lost) for border in (last, first) if border]
    lost = sum(np.float32(share) * beside for share, beside in shares if share > 0)
    if isinstance(lost, int):
        return moment.made
    return (moment.made + lost).round().clip(0, 255).astype(np.uint8)


def heard_sound(made: Wave | None, made_hz: int, heard: Heard, span: slice = slice(None)) -> Wave:
    """Return the sound of a file, a span of its story's: known samples as they are, what was made (C, L at `made_hz`;
    None: nothing) at their loudness around them, and 20 ms of crossfade inside the known ones where they meet."""
    if made is None:
        return heard.wave[:, span]
    num_channels, num_samples = heard.wave.shape
    made = with_channels(resampled(made, made_hz, heard.sample_rate_hz), num_channels)
    made = limit(fit_sound(made, num_samples) / np.float32(heard.gain), heard.sample_rate_hz)
    # Nothing fades where the file begins or ends, though its story may go on there with what is not known.
    share = crossfade(heard.known[span], round(CROSSFADE_S * heard.sample_rate_hz))
    known, made = heard.wave[:, span], made[:, span]
    mixed = share * known + (1 - share) * made
    # Ones and zeros would do, but for a rounding: what is known stays as it is.
    return np.where(share == 1, known, mixed.clip(-1, 1)).astype(np.float32)


def laid_over(made: Wave, made_hz: int, under: Heard) -> Wave:
    """Return what was made (C, L at `made_hz`), as loud as a sound that stays under it, on top of that sound."""
    made = with_channels(resampled(made, made_hz, under.sample_rate_hz), len(under.wave))
    made = fit_sound(made, under.wave.shape[1]) / np.float32(under.gain)
    return limit(under.wave + made, under.sample_rate_hz).clip(-1, 1)


def crossfade(known: Known, size: int) -> NDArray[np.float32]:
    """Return the share (L,) of the known sound: 0 where nothing is known, 1 where it is, and at each border a ramp of
    `size` samples that lies in the known part."""
    share = known.astype(np.float32)
    for border in (np.flatnonzero(np.diff(known.astype(np.int8))) + 1).tolist():
        ramp = (np.arange(size) + 0.5) / size
        if known[border]:
            part = share[border : border + size]
            np.minimum(part, ramp[: len(part)], out=part)
        else:
            part = share[max(0, border - size) : border]
            np.minimum(part, ramp[::-1][size - len(part) :], out=part)
    return share
