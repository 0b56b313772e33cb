"""A story in shots becomes one film: drawn shot after shot, heard as one, written with a cut before each shot.

Every shot is a request of its own, on its own block grid from its own zero, so that its frames are those of the same
shot made alone. One shot can be made again; all that is coded of the others stays as it is, bit for bit.

C channels, L samples.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kinora import policy
from kinora.media.clip import Clip, Wave, fit_sound
from kinora.media.packets import Coded, Copied, read_coded
from kinora.media.sound import SILENCE_LUFS, limit, loudness_lufs
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.models.weights import Model
from kinora.provenance.credentials import prompt_sha256
from kinora.provenance.release import Record, not_copyable
from kinora.tasks.generate import plan
from kinora.tasks.paste import CROSSFADE_S, crossfade
from kinora.tasks.reading import Reading
from kinora.tasks.render import Latents, Progress, Stage, fill, finished, quality_of, read, released
from kinora.tasks.soundtrack import LATENTS_PER_FRAME, Heard, Picture, scored
from kinora.tasks.sources import LEARNED_LUFS
from kinora.tasks.splice import Splice
from kinora.tasks.story_plan import Story

SAMPLES_PER_LATENT = SAMPLE_RATE_HZ // 24


def render_story(
    story: Story,
    model: Model,
    path: Path,
    *,
    saved: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Iterator[Stage]:
    """Make a film. Stages are "read" (a `Reading` a shot), "fill" (latents: a picture a shot, one sound) and "release"
    (the path); those in `saved` are not repeated.

    `progress` is called with shots done and to do. Raises ValueError for a bad request, before any work.
    """
    saved = saved or {}
    readings = saved.get("read") or read_shots(story, model)
    yield Stage(name="read", result=readings)
    latents = saved.get("fill")
    if latents is None:
        latents = fill_story(story, readings, model, progress)
    yield Stage(name="fill", result=latents)
    clip = film(story, latents, model)
    released(Splice(clip=clip, quality=quality_of(story.request)), path, _record(story, model))
    yield Stage(name="release", result=path)


def read_shots(story: Story, model: Model) -> tuple[Reading, ...]:
    """Return every shot's words as they are drawn. Raises ValueError for what is not made, naming the shot where a
    strict story would have to be read otherwise than told."""
    readings = []
    for number in range(len(story.shots)):
        request = story.request_of(number)
        policy.check(request.prompt)
        try:
            readings.append(read(request, model))
        except ValueError as error:
            raise ValueError(f"shot {number + 1}: {error}") from None
    return tuple(readings)


def fill_story(
    story: Story, readings: Sequence[Reading], model: Model, progress: Progress | None = None
) -> dict[str, Tensor]:
    """Return the latents of a film: "video 1", "video 2", ... (L, Z), and "sound" (K, Z) on the story's time."""
    latents, heard = dict[str, Tensor](), Heard.silent(LATENTS_PER_FRAME * story.starts[-1], model)
    for number, reading in enumerate(readings):
        video, heard = _shot(story, number, reading, heard, model)
        latents[video_of(number)] = video
        if progress is not None:
            progress(number + 1, len(readings))
    return latents | ({"sound": heard.sound_KZ} if story.request.sound else {})


def video_of(number: int) -> str:
    """Return the name under which a shot's picture is kept; shots are counted from 0, and named from 1."""
    return f"video {number + 1}"


def _shot(story: Story, number: int, reading: Reading, heard: Heard, model: Model) -> tuple[Tensor, Heard]:
    """Return a shot's picture as if it stood alone, and the story with its sound. Alone, a sound is made along with its
    picture; among others, it goes on from theirs."""
    request = story.request_of(number)
    (shot,) = plan(request, story.shots[number].seed)
    made = fill(shot, reading.prompt, request, model)
    if not shot.sound:
        return made["video"], heard
    start, stop = (LATENTS_PER_FRAME * frame for frame in story.starts[number : number + 2])
    if not any(heard.done):
        return made["video"], heard.with_sound(start, made["sound"][: stop - start])
    picture = Picture(shot=shot, video_LZ=made["video"], start=start, stop=stop)
    return made["video"], scored(heard, picture, reading.prompt, request, model)


def film(story: Story, latents: Latents, model: Model) -> Clip:
    """Return the whole film, which decodes block by block as it is read, with a cut before every shot but the first."""
    clips = [picture_of(story, number, latents[video_of(number)], model) for number in range(len(story.shots))]
    return replace(
        clips[0],
        num_frames=story.borders[-1],
        frames=lambda: (block for clip in clips for block in clip.frames()),
        cuts=story.borders[1:-1],
        sound=wave_of(latents["sound"], model) if "sound" in latents else None,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )


def picture_of(story: Story, number: int, video: Tensor, model: Model) -> Clip:
    """Return the picture of one shot, as the film shows it."""
    return finished({"video": video}, story.request_of(number), model)


@torch.no_grad()
def wave_of(sound_KZ: Tensor, model: Model) -> Wave:
    """Return latents of sound as a wave (1, L)."""
    wave = model.sound.decode_in_pieces(sound_KZ.to(next(model.sound.parameters()).device).float().T[None])[0]
    return wave[None].clamp(-1, 1).cpu().numpy().astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A film as it is: its packets, its sound (1, L), or None, and the gain at which the model hears that."""

    coded: Coded
    wave: Wave | None
    gain: float = 1.0


def redo(story: Story, number: int, model: Model, source: Path, path: Path) -> Iterator[Stage]:
    """Make one shot of a film again, counted from 0, as the plan now has it; the packets of all others are copied.

    Its sound goes on from what is heard before it and leads up to what is heard after it. Stages as for `render_story`.
    Raises ValueError, with the remedy, where the film is not the one that is planned.
    """
    made, readings = made_film(story, source), read_shots(story, model)
    yield Stage(name="read", result=readings)
    video, heard = _shot(story, number, readings[number], _heard_around(story, number, made, model), model)
    yield Stage(name="fill", result={video_of(number): video, "sound": heard.sound_KZ})
    clip = picture_of(story, number, video, model)
    if made.wave is not None:
        sound = wave_of(heard.sound_KZ, model) / np.float32(made.gain)
        clip = replace(clip, sound=_faded(story, number, made.wave, sound), sample_rate_hz=SAMPLE_RATE_HZ)
    quality = quality_of(story.request)
    if why := not_copyable(made.coded, clip, quality=quality):
        raise ValueError(f"{source.name} is not as it was made, {why}: make it anew, without --redo")
    (start, stop), end = story.borders[number : number + 2], story.borders[-1]
    copied = Copied(
        before=made.coded.cut(0, start) if start else None, after=made.coded.cut(stop, end) if stop < end else None
    )
    # A film of a single shot has no neighbours whose level it would keep to.
    splice = Splice(clip=clip, quality=quality, copied=copied if copied != Copied() else None)
    released(splice, path, _record(story, model), source=source)
    yield Stage(name="release", result=path)


def made_film(story: Story, source: Path) -> Made:
    """Return the film of a plan. Raises ValueError, with the remedy, unless it is cut where the plan says."""
    coded, wanted = read_coded(source), set(story.borders)
    if coded.flaw or coded.num_frames != story.borders[-1] or not wanted <= set(coded.borders):
        raise ValueError(f"{source.name} is not cut as planned: make it anew, without --redo")
    wave = coded.wave if story.request.sound else None
    if story.request.sound and (wave is None or coded.sample_rate_hz != SAMPLE_RATE_HZ or len(wave) != 1):
        raise ValueError(f"{source.name} does not sound as planned: make it anew, without --redo")
    if wave is None:
        return Made(coded=coded.silent(), wave=None)
    loudness = loudness_lufs(wave, SAMPLE_RATE_HZ)
    gain = 10 ** ((LEARNED_LUFS - loudness) / 20) if loudness > SILENCE_LUFS else 1.0
    return Made(coded=coded, wave=wave, gain=gain)


def _heard_around(story: Story, number: int, made: Made, model: Model) -> Heard:
    """Return a film's sound as the model hears it, but for that of one shot."""
    heard = Heard.silent(LATENTS_PER_FRAME * story.starts[-1], model)
    if made.wave is None or len(story.shots) == 1:
        return heard
    wave = fit_sound(made.wave * np.float32(made.gain), len(heard.done) * SAMPLES_PER_LATENT)
    with torch.no_grad():
        sound_KZ = model.sound.encode(torch.from_numpy(wave).to(heard.sound_KZ.device))[0].T
    start, stop = (LATENTS_PER_FRAME * frame for frame in story.starts[number : number + 2])
    return Heard(sound_KZ=sound_KZ, done=tuple(not start <= latent < stop for latent in range(len(heard.done))))


def _faded(story: Story, number: int, old: Wave, new: Wave) -> Wave:
    """Return a shot's new sound (1, L), which at either cut takes 20 ms to come out of, or go back into, the old one:
    that is what the neighbours go on from."""
    begin, end = (round(frame / story.request.fps * SAMPLE_RATE_HZ) for frame in story.borders[number : number + 2])
    old, new = (fit_sound(wave, round(story.borders[-1] / story.request.fps * SAMPLE_RATE_HZ)) for wave in (old, new))
    is_new = np.zeros(old.shape[1], bool)
    is_new[begin:end] = True
    share = crossfade(is_new, round(CROSSFADE_S * SAMPLE_RATE_HZ))
    return (share * limit(new, SAMPLE_RATE_HZ) + (1 - share) * old)[:, begin:end].clip(-1, 1).astype(np.float32)


def _record(story: Story, model: Model) -> Record:
    asked = story.request
    return Record(
        prompt_sha256=prompt_sha256(asked.prompt), model=model.name, model_version=model.version, seed=asked.seed or 0
    )
