"""A story in shots becomes one film: drawn shot after shot, heard as one, written with a cut before each shot.

Every shot is a request of its own, on its own block grid from its own zero, so that its frames are those of the same
shot made alone. One shot can be made again; all that is coded of the others stays as it is, bit for bit.

C channels, L samples.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from kinora import policy
from kinora.engines.engine import Engine, Latents, Progress, Voice
from kinora.engines.reading import Reading
from kinora.media.clip import Clip, Frames, Wave, fit_sound
from kinora.media.packets import Coded, Copied, read_coded
from kinora.media.sound import SILENCE_LUFS, limit, loudness_lufs
from kinora.provenance.release import Record, not_copyable
from kinora.request import Condition, Request, Shot
from kinora.tasks.cast import seen_before
from kinora.tasks.generate import plan
from kinora.tasks.given import given_of
from kinora.tasks.paste import CROSSFADE_S, crossfade
from kinora.tasks.render import Stage, finished, quality_of, record_of, released, told_of
from kinora.tasks.room import check_room, free_beside
from kinora.tasks.sources import Sources
from kinora.tasks.splice import Splice
from kinora.tasks.story import Sight
from kinora.tasks.story_plan import Story

PARTS = 100
"""In how many parts the progress of a shot is told."""

TRACK = "track "
"""Begins the names of the story's sound among its latents."""


def render_story(
    story: Story,
    engine: Engine,
    path: Path,
    *,
    saved: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[Stage]:
    """Make a film. Stages are "read" (a `Reading` a shot), "fill" (latents: a picture a shot, one sound) and "release"
    (the path); those in `saved` are not repeated.

    `progress` is called with hundredths of shots done and to do, and may raise. Raises ValueError for a bad request,
    before any work.
    """
    saved = saved or {}
    for number in range(0 if "fill" in saved else len(story.shots)):
        check_room(story.request, shot_of(story, number), engine, free_beside(path))
    readings = saved.get("read") or read_shots(story, engine)
    yield Stage(name="read", result=readings)
    latents = saved.get("fill")
    if latents is None:
        latents = fill_story(story, readings, engine, progress)
    yield Stage(name="fill", result=latents)
    clip = film(story, latents, engine)
    released(Splice(clip=clip, quality=quality_of(story.request)), path, _record(story, engine))
    yield Stage(name="release", result=path)


def read_shots(story: Story, engine: Engine) -> tuple[Reading, ...]:
    """Return every shot's words as they are drawn. Raises ValueError for what is not made, naming the shot where a
    strict story would have to be read otherwise than told."""
    readings = []
    for number in range(len(story.shots)):
        request = story.request_of(number)
        policy.check(request.prompt)
        try:
            readings.append(engine.read(request))
        except ValueError as error:
            raise ValueError(f"shot {number + 1}: {error}") from None
    return tuple(readings)


def fill_story(
    story: Story, readings: Sequence[Reading], engine: Engine, progress: Progress | None = None
) -> dict[str, Tensor]:
    """Return the latents of a film: each shot's under its number, as in "1 video", and its track, as in "track sound",
    where it has a sound."""
    voice, latents = voice_of(story, engine), dict[str, Tensor]()
    track = voice.silent(story.starts[-1]) if voice else {}
    for number, reading in enumerate(readings):
        take = Take(story, number, reading, partial(_middle, story, dict(latents), engine))
        watch = partial(_walked, progress or (lambda done, total: None), number, len(readings))
        picture, track = _shot(take, engine, track, watch)
        latents |= picture
    return latents | {TRACK + name: x for name, x in track.items()}


def voice_of(story: Story, engine: Engine) -> Voice | None:
    """Return what gives a story its sound; None for a silent one. Raises ValueError where the engine has none."""
    if story.request.sound and engine.voice is None:
        raise ValueError(f"{engine.name} is silent: ask for no sound")
    return engine.voice if story.request.sound else None


class Take(NamedTuple):
    """A shot of a story that is to be drawn, as it is read; `shown` gives a picture of another shot, (H, W, 3)."""

    story: Story
    number: int
    reading: Reading
    shown: Callable[[int], Frames]


def _walked(progress: Progress, number: int, num_shots: int, done: int, total: int) -> None:
    progress(PARTS * number + PARTS * done // total, PARTS * num_shots)


def _shot(take: Take, engine: Engine, track: Latents, progress: Progress) -> tuple[dict[str, Tensor], Latents]:
    """Return a shot's picture as if it stood alone, but that engines which can are shown who was seen before; and the
    story's track with its sound."""
    story, number, reading, shown = take
    request, voice = with_cast(story, number, engine), voice_of(story, engine)
    (shot,) = plan(request, story.shots[number].seed)
    known = given_of(request, shot, lambda condition: shown(int(condition.file) - 1))
    drawn = replace(shot, sound=shot.sound and not (voice and voice.is_apart))
    latents = engine.fill(drawn, told_of(request, reading), known, progress)
    if voice:
        span = story.starts[number], story.starts[number + 1]
        track = voice.scored(track, span, shot, latents, told_of(request, reading))
    return {f"{number + 1} {name}": x for name, x in latents.items() if not name.startswith("sound")}, track


def with_cast(story: Story, number: int, engine: Engine) -> Request:
    """Return the request of a shot, with a reference to each earlier one, named by its number from 1, that shows who is
    in it; without where the engine can't be shown any."""
    seen = seen_before(story, number) if "references" in engine.can else ()
    cast = tuple(Condition(kind="reference", file=str(other + 1)) for other in seen)
    return replace(story.request_of(number), conditions=cast)


def _middle(story: Story, latents: Latents, engine: Engine, number: int) -> Frames:
    """Return the drawn frame in the middle of a shot that is made."""
    shot = shot_of(story, number)
    block, inside = divmod(shot.num_frames // 2, shot.block_frames)
    *_, frames = engine.frames(part_of(latents, f"{number + 1} "), shot, {block})
    assert frames is not None, "the block is wanted"
    return frames[inside]


def shot_of(story: Story, number: int) -> Shot:
    """Return a shot as it is drawn."""
    (shot,) = plan(story.request_of(number), story.shots[number].seed)
    return shot


def part_of(latents: Latents, prefix: str) -> dict[str, Tensor]:
    """Return the latents whose names begin like this, without it."""
    return {name.removeprefix(prefix): x for name, x in latents.items() if name.startswith(prefix)}


def film(story: Story, latents: Latents, engine: Engine) -> Clip:
    """Return the whole film, which decodes block by block as it is read, with a cut before every shot but the first."""
    clips = [picture_of(story, number, latents, engine) for number in range(len(story.shots))]
    pictures = replace(
        clips[0],
        num_frames=story.borders[-1],
        frames=lambda: (block for clip in clips for block in clip.frames()),
        cuts=story.borders[1:-1],
    )
    voice = voice_of(story, engine)
    if voice is None:
        return pictures
    return replace(pictures, sound=voice.wave(part_of(latents, TRACK)), sample_rate_hz=voice.sample_rate_hz)


def picture_of(story: Story, number: int, latents: Latents, engine: Engine) -> Clip:
    """Return the picture of one shot, as the film shows it."""
    return finished(part_of(latents, f"{number + 1} "), story.request_of(number), engine)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A film as it is: its packets, its sound (1, L), or None, and the gain at which the model hears that."""

    coded: Coded
    wave: Wave | None
    gain: float = 1.0


class Again(NamedTuple):
    """A shot of a film, counted from 0, that is to be made again as the plan now has it."""

    story: Story
    number: int
    film: Path


def redo(
    again: Again,
    engine: Engine,
    path: Path,
    *,
    saved: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[Stage]:
    """Make one shot of a film again; the packets of all others are copied.

    Its sound goes on from what is heard before it and leads up to what is heard after it. Stages as for `render_story`,
    those in `saved` are not repeated. Raises ValueError, with the remedy, where the film is not the one planned.
    """
    (story, number, source), saved = again, saved or {}
    old, readings = made_film(story, engine, source), saved.get("read") or read_shots(story, engine)
    yield Stage(name="read", result=readings)
    latents = saved.get("fill")
    if latents is None:
        around = _heard_around(story, number, old, engine)
        take = Take(story, number, readings[number], partial(_shown_in, story, Sources(), source))
        picture, track = _shot(take, engine, around, progress or (lambda done, total: None))
        latents = picture | {TRACK + name: x for name, x in track.items()}
    yield Stage(name="fill", result=latents)
    clip, voice = picture_of(story, number, latents, engine), voice_of(story, engine)
    if voice and old.wave is not None:
        wave = voice.wave(part_of(latents, TRACK)) / np.float32(old.gain)
        sound = _faded(story, number, old.wave, wave, voice)
        clip = replace(clip, sound=sound, sample_rate_hz=voice.sample_rate_hz)
    quality = quality_of(story.request)
    if why := not_copyable(old.coded, clip, quality=quality):
        raise ValueError(f"{source.name} is not as it was made, {why}: make the whole film anew")
    (start, stop), end = story.borders[number : number + 2], story.borders[-1]
    copied = Copied(
        before=old.coded.cut(0, start) if start else None, after=old.coded.cut(stop, end) if stop < end else None
    )
    # A film of a single shot has no neighbours whose level it would keep to.
    splice = Splice(clip=clip, quality=quality, copied=copied if copied != Copied() else None)
    released(splice, path, _record(story, engine), sources=[source])
    yield Stage(name="release", result=path)


def _shown_in(story: Story, sources: Sources, film: Path, number: int) -> Frames:
    """Return the frame of a film in the middle of a shot."""
    middle_s = sum(story.borders[number : number + 2]) / 2 / story.request.fps
    (frame,) = sources.frames([Sight(str(film), middle_s)])
    assert frame is not None, "the film shows it"
    return frame


def made_film(story: Story, engine: Engine, source: Path) -> Made:
    """Return the film of a plan. Raises ValueError, with the remedy, unless it is cut where the plan says."""
    coded, wanted, voice = read_coded(source), set(story.borders), voice_of(story, engine)
    if coded.flaw or coded.num_frames != story.borders[-1] or not wanted <= set(coded.borders):
        raise ValueError(f"{source.name} is not cut as planned: make the whole film anew")
    if voice is None:
        return Made(coded=coded.silent(), wave=None)
    wave = coded.wave
    if wave is None or coded.sample_rate_hz != voice.sample_rate_hz or len(wave) != 1:
        raise ValueError(f"{source.name} does not sound as planned: make the whole film anew")
    return Made(coded=coded, wave=wave, gain=_gain(wave, voice.sample_rate_hz, voice.usual_lufs))


def _gain(wave: Wave, sample_rate_hz: int, wanted_lufs: float | None) -> float:
    """Return what brings a wave to a loudness; 1 for silence, and where none is wanted."""
    loudness = loudness_lufs(wave, sample_rate_hz)
    return 1.0 if wanted_lufs is None or loudness <= SILENCE_LUFS else 10 ** ((wanted_lufs - loudness) / 20)


def _heard_around(story: Story, number: int, old: Made, engine: Engine) -> Latents:
    """Return a film's track, as the model hears it, but for that of one shot."""
    voice = voice_of(story, engine)
    if voice is None:
        return {}
    if old.wave is None or len(story.shots) == 1:
        return voice.silent(story.starts[-1])
    hole = story.starts[number], story.starts[number + 1]
    return voice.around(old.wave * np.float32(old.gain), story.starts[-1], hole)


def _faded(story: Story, number: int, old: Wave, new: Wave, voice: Voice) -> Wave:
    """Return a shot's new sound (1, L), which at either cut takes 20 ms to come out of, or go back into, the old one:
    that is what the neighbours go on from. Where nothing is known of its loudness, it takes that of the film."""
    sample_rate_hz = voice.sample_rate_hz
    begin, end = (round(frame / story.request.fps * sample_rate_hz) for frame in story.borders[number : number + 2])
    old, new = (fit_sound(wave, round(story.borders[-1] / story.request.fps * sample_rate_hz)) for wave in (old, new))
    if voice.usual_lufs is None:
        new = new * np.float32(_gain(new[:, begin:end], sample_rate_hz, loudness_lufs(old, sample_rate_hz)))
    is_new = np.zeros(old.shape[1], bool)
    is_new[begin:end] = True
    share = crossfade(is_new, round(CROSSFADE_S * sample_rate_hz))
    return (share * limit(new, sample_rate_hz) + (1 - share) * old)[:, begin:end].clip(-1, 1).astype(np.float32)


def _record(story: Story, engine: Engine) -> Record:
    return record_of(story.request, engine, story.request.seed or 0)
