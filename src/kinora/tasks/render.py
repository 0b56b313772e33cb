"""The one path from a request to a signed file: read, plan, fill, decode, release.

`render` yields named stages with their results, so that the command line runs them in a row, a worker can save
each and start again after the last, and a benchmark can time each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from kinora import policy
from kinora.engines.engine import Engine, Latents, Progress, Told
from kinora.engines.reading import Reading
from kinora.media.clip import Clip, Frames
from kinora.media.scale import fitted
from kinora.provenance.credentials import prompt_sha256
from kinora.provenance.release import STANDARD, Quality, Record, release
from kinora.request import LONGEST, Request, Shot
from kinora.tasks.generate import first_drawn, num_drawn, num_frames, plan
from kinora.tasks.given import given_of
from kinora.tasks.paste import heard_sound, laid_over, pasted_frames, sights_of, wanted_frames
from kinora.tasks.room import check_room, free_beside
from kinora.tasks.sources import Sources
from kinora.tasks.splice import Splice, spliced
from kinora.tasks.story import Sight

# What is scaled up has no fine detail: this is as good and as small (docs/LOG.md), in under half the time.
SCALED = Quality(preset="veryfast")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A finished stage, what it made, and what is to be said of it, "" for nothing."""

    name: str
    result: Any
    said: str = ""


def render(
    request: Request,
    engine: Engine,
    path: Path,
    seed: int,
    *,
    saved: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[Stage]:
    """Make a file. Stages are "read" (a `Reading`), "fill" (latents) and "release" (the path); those in `saved` are not
    repeated.

    `progress` is called with solver steps done and to do. Raises ValueError for a bad request, before any work.
    """
    saved = saved or {}
    policy.check(request.prompt)
    if "fill" not in saved:
        (shot,) = plan(request, seed)
        check_room(request, shot, engine, free_beside(path))
    reading = saved.get("read") or engine.read(request)
    yield Stage(name="read", result=reading)
    latents = saved.get("fill")
    if latents is None:
        latents = made(request, reading, engine, seed, progress)
    yield Stage(name="fill", result=latents, said=engine.said(latents))
    # Its packets as far as they can be kept, and a line where they could not.
    splice = spliced(finished(latents, request, engine), request, sights_of(request), quality_of(request))
    files = dict.fromkeys(condition.file for condition in request.conditions if condition.file)
    released(splice, path, record_of(request, engine, seed), sources=[Path(file) for file in files])
    yield Stage(name="release", result=path, said=splice.why)


def made(
    request: Request, reading: Reading, engine: Engine, seed: int, progress: Progress | None = None
) -> Mapping[str, Tensor]:
    """Return the latents of a request's one shot."""
    (shot,) = plan(request, seed)
    return engine.fill(shot, told_of(request, reading), given_of(request, shot), progress)


def told_of(request: Request, reading: Reading) -> Told:
    """Return how an engine is asked for a request's shot."""
    return Told(
        prompt=reading.prompt,
        instead=reading.instead,
        steps=request.steps,
        guidance=request.guidance,
        sound=request.sound,
        music=request.music,
    )


def record_of(request: Request, engine: Engine, seed: int) -> Record:
    """Return what the credentials of a file say of its making."""
    sha256 = prompt_sha256(request.prompt)
    return Record(prompt_sha256=sha256, model=engine.model, model_version=engine.model_version, seed=seed)


def released(splice: Splice, path: Path, record: Record, *, sources: Sequence[Path] = ()) -> None:
    """Write a file from what was made and what is copied beside it."""
    release(splice.clip, path, record, sources=sources, quality=splice.quality, copied=splice.copied)


def quality_of(request: Request) -> Quality:
    """Return how a file is compressed: quickly where most of its pixels were only scaled."""
    return SCALED if scaled_from(request) else STANDARD


def notes_of(request: Request, engine: Engine, reading: Reading) -> dict[str, Any]:
    """Return what a caller should know of a file, as JSON facts: who drew it, and what became of the prompt and the
    picture on the way."""
    return {
        "engine": engine.name,
        "model": engine.model,
        "model_version": engine.model_version,
        "seed": request.seed,
        "replaced": [[was, now] for was, now in reading.replaced if now],
        "left_out": [was for was, now in reading.replaced if not now],
        "dropped_words": reading.num_dropped,
        "drawn_instead": reading.prompt if reading.instead else None,
        "scaled_from": scaled_from(request),
        "native_fps": request.drawn_fps,
    }


def scaled_from(request: Request) -> str | None:
    """Return the size, as in "256x144", at which a file is drawn that is scaled or cut to the one asked for; None where
    it is not, or no picture is made."""
    height, width = request.drawn_size
    if (height, width) == request.shown_size or (request.conditions and all(sights_of(request)[: num_frames(request)])):
        return None
    return f"{width}x{height}"


def pack_latents(latents: Latents) -> bytes:
    """Return latents as the bytes of a safetensors file."""
    return save({name: x.detach().cpu().contiguous() for name, x in latents.items()})


def unpack_latents(data: bytes) -> dict[str, Tensor]:
    """Return what `pack_latents` packed, bit for bit. Raises ValueError where the bytes are torn."""
    try:
        return load(data)
    except SafetensorError as error:
        raise ValueError("the saved latents are torn: fill again") from error


def finished(latents: Latents, request: Request, engine: Engine, *, longest: int = LONGEST) -> Clip:
    """Return the clip as the file shows it: the pixels, the rate and the seconds asked for; block by block.

    A `longest` side makes a smaller one of the same shape, for pictures of it.
    """
    height, width = request.shown_size
    smaller = min(1, longest / max(height, width))
    size = round(height * smaller), round(width * smaller)
    rate, count, shown = Fraction(request.fps), num_frames(request), sights_of(request)
    clip = decoded(latents, request, engine)
    if any(shown):
        frames = partial(_pasted, latents, request, engine, shown, size)
        clip = replace(clip, num_frames=count, height=size[0], width=size[1], fps=rate, frames=frames)
    else:
        clip = fitted(clip, height=size[0], width=size[1], fps=rate, num_frames=count)
    return _with_given_sound(clip, request) if request.sound else clip


def _with_given_sound(clip: Clip, request: Request) -> Clip:
    """Return a finished clip with the sound that is given in its place, or under what was made."""
    sources = Sources()
    heard, under = sources.heard(request), sources.under(request)
    if under is not None and clip.sound is not None:
        sound = laid_over(clip.sound, clip.sample_rate_hz, under)
        return replace(clip, sound=sound, sample_rate_hz=under.sample_rate_hz)
    if heard is None:
        return clip
    begin, count = (round(seconds * heard.sample_rate_hz) for seconds in (request.begin_s, clip.duration_s))
    sound = heard_sound(clip.sound, clip.sample_rate_hz, heard, slice(begin, begin + count))
    return replace(clip, sound=sound, sample_rate_hz=heard.sample_rate_hz)


def decoded(latents: Latents, request: Request, engine: Engine) -> Clip:
    """Return what was drawn, which decodes block by block as it is read, so that memory does not grow with its length;
    with the sound from where its story begins."""
    (shot,) = plan(request, seed=0)
    frames, heard = first_drawn(request) + num_drawn(request), engine.wave(latents)
    clip = Clip(
        num_frames=frames,
        height=shot.height,
        width=shot.width,
        fps=Fraction(shot.fps),
        frames=partial(_blocks, latents, shot, engine, frames),
    )
    if heard is None:
        return clip
    wave, sample_rate_hz = heard
    return replace(clip, sound=wave[:, : round(frames / shot.fps * sample_rate_hz)], sample_rate_hz=sample_rate_hz)


def _blocks(latents: Latents, shot: Shot, engine: Engine, frames: int) -> Iterator[Frames]:
    """Yield the blocks of the first so many frames."""
    size = shot.block_frames
    for number, block in enumerate(engine.frames(latents, shot, range(-(-frames // size)))):
        assert block is not None, "every block is wanted"
        yield block[: frames - number * size]


def _pasted(
    latents: Latents, request: Request, engine: Engine, shown: Sequence[Sight | None], size: tuple[int, int]
) -> Iterator[Frames]:
    (shot,) = plan(request, seed=0)
    wanted = {number // shot.block_frames for number in wanted_frames(request, shown)}
    # Where all is known there is no picture to ask for.
    blocks = engine.frames(latents, shot, wanted) if wanted else iter(())
    return pasted_frames(request, _each(blocks, shot), shown, size)


def _each(blocks: Iterator[Frames | None], shot: Shot) -> Iterator[Frames | None]:
    """Yield the frames of blocks one at a time, and None beyond."""
    for block in blocks:
        yield from [None] * shot.block_frames if block is None else block
    yield from repeat(None)
