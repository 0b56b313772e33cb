"""Every job as what it gives: short pure functions from sources and arguments to a `Request`.

What is not asked for is the source's own: size, frame rate, whether there is sound; where there is none, the canvas's.
Seconds run from where the file begins. `asked` are fields of `Request`.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from kinora.engines.windows import runs
from kinora.media.decode import Facts, probe, read_sound, sound_length
from kinora.request import (
    LONGEST,
    MAX_FPS,
    MAX_SECONDS,
    MIN_FPS,
    MIN_SECONDS,
    MOST_CUT,
    Canvas,
    Condition,
    Request,
    Size,
    StreamName,
    check_bounds,
    nearest_sizes,
)

BRIDGE_S = 2.0
"""How long what joins two clips, or the ends of one, lasts where nothing is said: three blocks."""

EXTENSION_S = 4.0
LEAST_MISSING_S = 1 / 24
"""What a sound may end before its picture and still be whole: one moment of the model's."""

LEAD_S = 2.0
"""How much of what follows a bridge it is led to."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A video or picture, and what it holds."""

    path: Path
    facts: Facts

    @classmethod
    def of(cls, path: Path) -> Self:
        """Look into a file. Raises MediaError, with the remedy, where it cannot be opened."""
        return cls(path=path, facts=probe(path))

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.facts.duration_s)

    @property
    def is_still(self) -> bool:
        """Whether it is a picture."""
        return self.facts.num_frames == 1

    @property
    def has_sound(self) -> bool:
        """Whether it is heard."""
        return self.facts.num_channels > 0

    def heard_s(self) -> float:
        """Return how long its sound lasts: as its picture, where less than a moment is missing. Raises
        MediaError, with the remedy, where it can't be listened to."""
        num_samples, sample_rate_hz = sound_length(self.path)
        heard_s = num_samples / sample_rate_hz
        return heard_s if heard_s < self.seconds - LEAST_MISSING_S else self.seconds


@dataclass(frozen=True, kw_only=True)
class Track:
    """A sound file, or a video's sound, and how many seconds it lasts."""

    path: Path
    seconds: float

    @classmethod
    def of(cls, path: Path) -> Self:
        """Listen to a file. Raises MediaError, with the remedy, where it cannot be opened or is silent."""
        wave, sample_rate_hz = read_sound(path)
        return cls(path=path, seconds=wave.shape[1] / sample_rate_hz)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of a source: `seconds` from `from_s` on, at `at_s` of the file."""

    source: Source
    at_s: float
    seconds: float
    from_s: float = 0.0


def animate(
    prompt: str,
    *,
    first: Source | None = None,
    last: Source | None = None,
    keyframes: Sequence[tuple[float, Source]] = (),
    track: Track | None = None,
    **asked: Any,  # noqa: ANN401
) -> Request:
    """Return the request for a clip of which single frames are given, the first, the last, or those at some seconds; or
    all of its sound; or both. Raises ValueError for a keyframe outside the clip, and for pictures of several shapes
    where no size is asked for."""
    canvas = asked.get("canvas", Canvas())
    pictures = [source for source in (first, *(source for _, source in keyframes), last) if source]
    if "size" not in asked:
        _check_shapes(pictures)
    length = {} if track is None else {"seconds": max(track.seconds, MIN_SECONDS)}
    fields = {
        "seconds": Request.seconds,
        "fps": canvas.fps,
        **(own_size(pictures[0], canvas) if pictures else {}),
        **length,
        **asked,
    }
    if track is not None and fields["seconds"] > MAX_SECONDS:
        raise ValueError(f"{track.path.name} lasts {track.seconds:g} s: give seconds, at most {MAX_SECONDS:g}")
    check_bounds(fields)
    stills = [(0.0, first), *keyframes, (fields["seconds"], last)]
    frames = [_still(source, time_s, fields) for time_s, source in stills if source]
    heard = []
    if track is not None and fields.get("sound", True):
        heard = [
            Condition(kind="given", stream="sound", end_s=min(track.seconds, fields["seconds"]), file=str(track.path))
        ]
    return Request(prompt=prompt, conditions=(*frames, *heard), **fields)


def extend(source: Source, prompt: str, *, seconds: float = EXTENSION_S, before: bool = False, **asked: Any) -> Request:  # noqa: ANN401
    """Return the request for a clip that goes on after its end, or begins earlier, by some seconds."""
    made_s = _to_make(seconds, own_fps(source) | asked)
    span = Span(source=source, at_s=made_s if before else 0.0, seconds=source.seconds)
    return _told(
        prompt, [span], border_s=made_s if before else source.seconds, seconds=source.seconds + made_s, **asked
    )


def fill(source: Source, prompt: str = "", *, from_s: float, to_s: float, **asked: Any) -> Request:  # noqa: ANN401
    """Return the request for a clip of which a range of seconds is made anew, picture and sound. Raises ValueError for
    a range that is not inside it."""
    _check_part(source, from_s, to_s)
    start_s, stop_s = (_on_frames(border_s, own_fps(source) | asked) for border_s in (from_s, to_s))
    spans = [
        Span(source=source, at_s=0.0, seconds=start_s),
        Span(source=source, at_s=stop_s, from_s=stop_s, seconds=source.seconds - stop_s),
    ]
    return _told(prompt, spans, border_s=start_s, seconds=source.seconds, **asked)


def mend(source: Source, prompt: str = "", *, frames: Collection[int], **asked: Any) -> Request:  # noqa: ANN401
    """Return the request for a clip of which damaged frames, counted from 0, are made anew; its sound stays. Drawn at
    its own rate, so that no frame falls between two. Raises ValueError for frames it does not have."""
    last = source.facts.num_frames - 1
    if not frames or min(frames) < 0 or max(frames) > last or len(set(frames)) > last:
        raise ValueError(f"{source.path.name} has frames 0 to {last}: name some of them, not all")
    fps = own_fps(source)["fps"]
    known = [number not in set(frames) for number in range(last + 1)]
    rate = source.facts.fps
    spans = [
        Span(source=source, at_s=float(a / rate), from_s=float(a / rate), seconds=float((b - a) / rate))
        for a, b in runs(known)
    ]
    request = _told(prompt, spans, border_s=0.0, seconds=source.seconds, slow_fps=fps, **asked)
    return _with_sound_of(source, request)


def smooth(source: Source, prompt: str = "", *, fps: int, **asked: Any) -> Request:  # noqa: ANN401
    """Return the request for a clip with frames made between its own, which all stay, as does its sound. Raises
    ValueError unless the rate is a multiple of its own."""
    own = source.facts.fps
    if own.denominator != 1 or fps % own or fps <= own or fps > MAX_FPS:
        multiples = [str(rate) for rate in range(MIN_FPS, MAX_FPS + 1) if not rate % own and rate > own]
        remedy = f"give {' or '.join(multiples)}" if multiples else f"that has no multiple up to {MAX_FPS}"
        raise ValueError(f"{source.path.name} has {float(own):g} frames a second, and {fps} is no multiple: {remedy}")
    span = Condition(kind="given", end_s=source.seconds, file=str(source.path), fps=int(own))
    fields = {**own_size(source, asked.get("canvas")), **asked, "fps": fps, "slow_fps": fps, "sound": source.has_sound}
    request = Request(prompt=prompt, seconds=_checked(source.seconds, [source]), conditions=(span,), **fields)
    return _with_sound_of(source, request)


def loop(source: Source, prompt: str = "", *, seconds: float = BRIDGE_S, **asked: Any) -> Request:  # noqa: ANN401
    """Return the request for a clip and some seconds after it that lead back to its beginning."""
    made_s = _to_make(seconds, own_fps(source) | asked)
    again = Span(source=source, at_s=source.seconds + made_s, seconds=min(LEAD_S, source.seconds))
    spans = [Span(source=source, at_s=0.0, seconds=source.seconds), again]
    return _told(prompt, spans, border_s=source.seconds, seconds=source.seconds + made_s, **asked)


def join(first: Source, second: Source, prompt: str = "", *, seconds: float = BRIDGE_S, **asked: Any) -> Request:  # noqa: ANN401
    """Return the request for two clips and some seconds that lead from one to the other. Raises ValueError for clips of
    two sizes where none is asked for."""
    sizes = [f"{source.facts.width}x{source.facts.height}" for source in (first, second)]
    if sizes[0] != sizes[1] and "size" not in asked:
        raise ValueError(
            f"{first.path.name} is {sizes[0]} and {second.path.name} {sizes[1]}: give a size, and both are fitted to it"
        )
    made_s = _to_make(seconds, own_fps(first) | asked)
    spans = [
        Span(source=first, at_s=0.0, seconds=first.seconds),
        Span(source=second, at_s=first.seconds + made_s, seconds=second.seconds),
    ]
    total_s = first.seconds + made_s + second.seconds
    return _told(prompt, spans, border_s=first.seconds, seconds=total_s, **asked)


def score(
    source: Source,
    *,
    effects: str = "",
    music: str = "",
    keep: bool = False,
    from_s: float | None = None,
    to_s: float | None = None,
    **asked: Any,  # noqa: ANN401
) -> Request:
    """Return the request for a clip with new sound: what its picture sounds like, with the effects, ambience and music
    that are described; without music where only effects are. With `keep` its own sound stays under that.

    Between `from_s` (else its beginning) and `to_s` (else its end), where one of them is said, only that part of its
    sound is new, and what its sound lacks of its picture's length. Raises ValueError for a range that is no part of it.
    """
    is_part = from_s is not None or to_s is not None
    if (keep or is_part) and not source.has_sound:
        raise ValueError(f"{source.path.name} has no sound to keep; leave {'a range' if is_part else 'keep'} away")
    if keep and is_part:
        raise ValueError("around a range the clip's sound stays as it is, and in it none does: leave keep away")
    span = Condition(kind="given", end_s=source.seconds, file=str(source.path))
    heard = _heard_around(source, from_s or 0.0, source.seconds if to_s is None else to_s) if is_part else ()
    fields = {"music": bool(music) or not effects, **own_shape(source, asked), **asked, "sound": True}
    return Request(
        prompt=", ".join(part for part in (effects, music) if part),
        seconds=_checked(source.seconds, [source]),
        conditions=(span, *heard),
        under=str(source.path) if keep else "",
        **fields,
    )


def _heard_around(source: Source, from_s: float, to_s: float) -> tuple[Condition, ...]:
    """A clip's own sound before and after a part of it, as far as there is any."""
    _check_part(source, from_s, to_s)
    heard_s, file = source.heard_s(), str(source.path)
    return tuple(
        Condition(kind="given", stream="sound", start_s=start_s, end_s=end_s, file=file, file_start_s=start_s)
        for start_s, end_s in ((0.0, min(from_s, heard_s)), (to_s, heard_s))
        if start_s < end_s
    )


def _check_part(source: Source, from_s: float, to_s: float) -> None:
    if not 0 <= from_s < to_s <= source.seconds + 1e-6 or to_s - from_s > source.seconds - 1e-6:
        raise ValueError(
            f"{from_s:g} to {to_s:g} s is no part of {source.path.name}, which lasts {source.seconds:g} s: "
            "give a range inside it"
        )


def _check_shapes(pictures: Sequence[Source]) -> None:
    for picture in pictures[1:]:
        first, other = (each.facts for each in (pictures[0], picture))
        if not alike((first.height, first.width), (other.height, other.width)):
            raise ValueError(
                f"{pictures[0].path.name} is {first.width}x{first.height} and {picture.path.name} "
                f"{other.width}x{other.height}: give a size, and both are fitted to it"
            )


def alike(size: Size, other: Size) -> bool:
    """Return whether two sizes have one shape, but for what is hardly seen."""
    shapes = sorted(height / width for height, width in (size, other))
    return shapes[1] <= shapes[0] * (1 + MOST_CUT)


def cut_of(request: Request) -> str:
    """Return, in one line, what is cut to be fitted to a file's size; "" for nothing."""
    height, width = request.shown_size
    files = dict.fromkeys(condition.file for condition in request.conditions if condition.stream == "video")
    sources = [Source.of(Path(file)) for file in files]
    cut = [
        f"{source.path.name} is {source.facts.width}x{source.facts.height}"
        for source in sources
        if not alike((source.facts.height, source.facts.width), (height, width))
    ]
    return f"{' and '.join(cut)}: cut in the middle to {width}x{height}" if cut else ""


def own_shape(source: Source, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the size and frame rate of a source as fields of a request."""
    return {**own_size(source, asked.get("canvas")), **own_fps(source)}


def own_size(source: Source, canvas: Canvas | None = None) -> dict[str, str]:
    """Return the size of a source as a field of a request: the nearest with sides that can be made, in its shape where
    it is too large."""
    height, width = source.facts.height, source.facts.width
    shrunk = min(1.0, LONGEST / max(height, width))
    height, width = nearest_sizes(round(height * shrunk), round(width * shrunk), canvas or Canvas())[0]
    return {"size": f"{width}x{height}"}


def own_fps(source: Source) -> dict[str, int]:
    """Return the frame rate of a source as a field of a request: the nearest that can be made."""
    if source.is_still:
        raise ValueError(
            f"{source.path.name} is a picture; give a video, or generate one that has it as its first frame"
        )
    return {"fps": min(max(round(source.facts.fps), MIN_FPS), MAX_FPS)}


def _told(prompt: str, spans: Sequence[Span], *, border_s: float, seconds: float, **asked: Any) -> Request:  # noqa: ANN401
    """Return the request in which these spans are given, picture and sound. A block begins at the border, with the
    first made frame: blocks that are known as a whole are known best."""
    sources = [span.source for span in spans]
    fields = {**own_shape(sources[0], asked), "sound": any(s.has_sound for s in sources), **asked}
    canvas = asked.get("canvas", Canvas())
    # A drawn frame that is shown on both sides of the border is made.
    whole = math.ceil(border_s * canvas.fps - 1e-6) if spans[0].at_s else math.floor(border_s * canvas.fps + 1e-6)
    begin_s = -whole % canvas.block_frames / canvas.fps
    conditions = [
        Condition(
            kind="given",
            stream=stream,
            start_s=begin_s + span.at_s,
            end_s=begin_s + span.at_s + span.seconds,
            file=str(span.source.path),
            file_start_s=span.from_s,
        )
        for span in spans
        for stream in _streams(span.source, bool(fields["sound"]))
        if span.seconds > 0
    ]
    return Request(
        prompt=prompt, seconds=_checked(seconds, sources), begin_s=begin_s, conditions=tuple(conditions), **fields
    )


def _streams(source: Source, sound: bool) -> tuple[StreamName, ...]:
    return ("video", "sound") if sound and source.has_sound else ("video",)


def _with_sound_of(source: Source, request: Request) -> Request:
    """Return the request with a source's sound given as a whole."""
    picture = tuple(condition for condition in request.conditions if condition.stream == "video")
    if not request.sound:
        return replace(request, conditions=picture)
    end_s = request.begin_s + source.seconds
    whole = Condition(kind="given", stream="sound", start_s=request.begin_s, end_s=end_s, file=str(source.path))
    return replace(request, conditions=(*picture, whole))


def _still(source: Source, time_s: float, fields: dict[str, Any]) -> Condition:
    """A picture as the drawn frame that is shown at an instant of the file; the last one for those without end."""
    seconds, fps, drawn_fps = fields["seconds"], fields["fps"], fields.get("canvas", Canvas()).fps
    if not 0 <= time_s <= seconds:
        raise ValueError(
            f"a keyframe at {time_s:g} s is outside the clip, which lasts {seconds:g} s: move it or lengthen the clip"
        )
    drawn = min(round(seconds * fps) - 1, round(time_s * fps)) * drawn_fps // fps
    return Condition(kind="given", start_s=drawn / drawn_fps, end_s=(drawn + 1) / drawn_fps, file=str(source.path))


def _to_make(seconds: float, fields: dict[str, Any]) -> float:
    """Return how long a new part lasts, a frame at least. Raises ValueError for what is none."""
    if not 0 < seconds < math.inf or not (made_s := _on_frames(seconds, fields)):
        raise ValueError(f"{seconds:g} s is no time to make: give some seconds, as in 2")
    return made_s


def _on_frames(seconds: float, fields: dict[str, Any]) -> float:
    """Return the nearest whole number of frames, in seconds."""
    check_bounds({"fps": fields["fps"]})
    return round(seconds * fields["fps"]) / fields["fps"]


def _checked(seconds: float, sources: Sequence[Source]) -> float:
    """Return the length of a file. Raises ValueError where it can't be that long or short."""
    names = " and ".join(sorted({source.path.name for source in sources}))
    if seconds > MAX_SECONDS:
        raise ValueError(f"with {names} it would last {seconds:g} s, and {MAX_SECONDS:g} is the most: cut it first")
    if seconds < MIN_SECONDS:
        raise ValueError(f"with {names} it would last {seconds:g} s, and {MIN_SECONDS:g} is the least: make it longer")
    return seconds
