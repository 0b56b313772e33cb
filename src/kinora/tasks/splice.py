"""Which packets of a source a file can keep: those of known frames around what is made, or of the whole picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kinora.media.clip import Clip, Frames
from kinora.media.packets import Coded, Copied, read_coded
from kinora.provenance.release import FAITHFUL, STANDARD, Quality, not_copyable
from kinora.request import Request
from kinora.tasks.paste import CROSSFADE_S
from kinora.tasks.story import SLACK_S, Sight, given, known_samples


@dataclass(frozen=True, kw_only=True)
class Splice:
    """What is encoded of a file, what is copied beside it (None where nothing is given), at which quality; and `why` a
    source is encoded again, "" where none is."""

    clip: Clip
    copied: Copied | None = None
    quality: Quality = STANDARD
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Frames [start, stop) of the file that are frames of a source, from its frame `from_frame` on."""

    file: str
    start: int
    stop: int
    from_frame: int


def spliced(clip: Clip, request: Request, shown: Sequence[Sight | None], quality: Quality) -> Splice:
    """Return how a finished clip, of which `shown` is known, becomes a file: packets of its sources are kept as far as
    they can be, and what can't be is encoded at the faithful quality."""
    copied, whys = Copied(), dict[str, None]()
    for stretch in _ends(shown[: clip.num_frames], request.fps):
        coded = read_coded(Path(stretch.file))
        if coded.num_frames == 1:
            # A picture has no packets; it is not encoded again but for the first time.
            continue
        coded = coded if clip.sound is not None else coded.silent()
        why = _why_not(coded, clip, request, stretch)
        copied, why = (copied, why) if why else _with(copied, coded, stretch, clip.num_frames)
        if why:
            whys[f"{Path(stretch.file).name} is encoded again: {why}"] = None
    if copied.picture and given(request.conditions, "sound"):
        copied = replace(copied, new=_new_samples(clip, request))
    # What is given was mastered when it was made; what is made keeps to it.
    is_mastered = copied != Copied() or bool(given(request.conditions, "sound"))
    return Splice(
        clip=_between(clip, copied),
        copied=copied if is_mastered else None,
        quality=FAITHFUL if whys and copied == Copied() else STANDARD if whys or copied != Copied() else quality,
        why="; ".join(whys),
    )


def _new_samples(clip: Clip, request: Request) -> tuple[int, int]:
    """Which samples of a file's sound are not as they were given: what is made, and the crossfades around it."""
    free = np.flatnonzero(~known_samples(request, clip.sample_rate_hz))
    if not len(free):
        return 0, 0
    fade = round(CROSSFADE_S * clip.sample_rate_hz)
    return max(0, int(free[0]) - fade), min(clip.num_samples, int(free[-1]) + 1 + fade)


def _ends(shown: Sequence[Sight | None], fps: int) -> Iterator[Stretch]:
    """Yield the known stretches that a file begins and ends with; one where they are the same."""
    (first, *_), (*_, last) = shown, shown
    lead, tail, end = _lead(shown, fps, 1), _lead(shown[::-1], fps, -1), len(shown)
    if first is not None:
        yield Stretch(file=first.file, start=0, stop=lead, from_frame=round(first.at_s * fps))
    if last is not None and lead < end:
        yield Stretch(file=last.file, start=end - tail, stop=end, from_frame=round(last.at_s * fps) - tail + 1)


def _lead(shown: Sequence[Sight | None], fps: int, step: int) -> int:
    """How many frames follow each other in one file, as they do here."""
    first = shown[0]
    if first is None:
        return 0
    for number, sight in enumerate(shown):
        if sight is None or sight.file != first.file:
            return number
        if abs(sight.at_s - first.at_s - step * number / fps) > SLACK_S:
            return number
    return len(shown)


def _why_not(coded: Coded, clip: Clip, request: Request, stretch: Stretch) -> str:
    """Why none of a stretch can be copied; "" where some may be."""
    whole = stretch.stop - stretch.start == clip.num_frames
    if clip.sound is not None and not whole:
        start, stop = (round(frame / clip.fps * clip.sample_rate_hz) for frame in (stretch.start, stretch.stop))
        if coded.wave is None:
            return "it has no sound and the new file has"
        if not known_samples(request, clip.sample_rate_hz)[start:stop].all():
            return "its sound is made anew"
    return not_copyable(coded.silent() if whole else coded, clip)


def _with(copied: Copied, coded: Coded, stretch: Stretch, num_frames: int) -> tuple[Copied, str]:
    """What is copied, with the whole groups of pictures that a stretch holds; and why none, where it holds none."""
    end = stretch.from_frame + stretch.stop - stretch.start
    inside = [border for border in coded.borders if stretch.from_frame <= border <= end]
    if stretch.stop - stretch.start == num_frames:
        whole = (stretch.from_frame, end) == (0, coded.num_frames)
        return (replace(copied, picture=coded), "") if whole else (copied, "only a part of it is taken")
    outer = stretch.from_frame if stretch.start == 0 else end
    inner = max(inside, default=outer) if stretch.start == 0 else min(inside, default=outer)
    if outer not in inside or inner == outer:
        return copied, "no whole group of its pictures stays as it is"
    if stretch.start == 0:
        return replace(copied, before=coded.cut(outer, inner)), ""
    return replace(copied, after=coded.cut(inner, outer)), ""


def _between(clip: Clip, copied: Copied) -> Clip:
    """The part of a clip that is not copied."""
    start = copied.before.num_frames if copied.before else 0
    stop = clip.num_frames - (copied.after.num_frames if copied.after else 0)
    if stop - start == clip.num_frames:
        return clip
    first, last = (round(frame / clip.fps * clip.sample_rate_hz) for frame in (start, stop))
    sound = None if clip.sound is None else clip.sound[:, first:last]
    return replace(clip, num_frames=stop - start, frames=lambda: _cut(clip, start, stop), sound=sound)


def _cut(clip: Clip, start: int, stop: int) -> Iterator[Frames]:
    at = 0
    for block in clip.frames():
        part = block[max(0, start - at) : stop - at]
        if at < stop and len(part):
            yield part
        at += len(block)
