"""One job done on one clip as a user would do it, and whether what was given came back untouched.

C channels, L samples.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from kinora.engines.native.engine import NativeEngine
from kinora.evaluation.jobs.seams import Course
from kinora.evaluation.rows import Row
from kinora.evaluation.trials.gallery import Setting, digest, model_of
from kinora.evaluation.trials.impressions import short
from kinora.evaluation.trials.trial import judge_of
from kinora.media.clip import Clip
from kinora.media.decode import read_clip
from kinora.media.packets import SAMPLES_PER_PACKET, Coded, read_coded
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import DRAWN_FPS, Request
from kinora.tasks.paste import CROSSFADE_S
from kinora.tasks.render import finished, render

# A job's clip is only ever made from this seed and its number.
FIRST_SEED = 40_000
# AAC packets this near a join may be others.
JOIN_PACKETS = 3


@dataclass(frozen=True, kw_only=True)
class Part:
    """Frames of a file, from `at` on, that are those of a source, from its frame `start` on."""

    at: int
    source: Path
    start: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a job made: the file, the clip as it was before it was encoded, and whether it was only made when asked to
    be loose about what it was given."""

    path: Path
    clip: Clip
    was_refused: bool

    def course(self) -> Course:
        """Return the file as it is seen and heard."""
        return course_of(self.path)


def do(request: Request, setting: Setting, name: str, number: int) -> Done:
    """Do a job, with the steps and the guidance that are set, into a file of this name."""
    request = replace(request, steps=setting.steps, guidance=setting.guidance)
    folder = setting.out / "clips"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{number:04d}.mp4"
    try:
        return Done(path=path, clip=_made(request, setting, path, number), was_refused=False)
    except ValueError:
        request = replace(request, loose=True)
        return Done(path=path, clip=_made(request, setting, path, number), was_refused=True)


def _made(request: Request, setting: Setting, path: Path, number: int) -> Clip:
    """Return what a request makes, before it is encoded; its file is written."""
    engine, latents = NativeEngine(model_of(setting.weights)), dict[str, Tensor]()
    for stage in render(request, engine, path, FIRST_SEED + number):
        latents = stage.result if stage.name == "fill" else latents
    return finished(latents, request, engine)


def course_of(path: Path) -> Course:
    """Return a file as it is seen and heard."""
    clip = read_clip(path)
    assert clip.fps == DRAWN_FPS and clip.sample_rate_hz == SAMPLE_RATE_HZ
    return Course(clip.array(), None if clip.sound is None else clip.sound.mean(axis=0))


def untouched(done: Done, parts: Sequence[Part], *, sound: bool = True) -> dict[str, float]:
    """Return whether what was given was taken at once, and whether it is the very same, each 1 or 0.

    Frames, and samples outside crossfades, before they are encoded; in the file, packets of all whole groups of
    pictures, and those of their sound but near joins. What nothing was given of is left out.
    """
    frames_THW3, made = done.clip.array(), read_coded(done.path)
    found: dict[str, list[bool]] = {"frames": [], "samples": [], "packets": [], "sound packets": []}
    for part in parts:
        source = read_clip(part.source)
        given = source.array()[part.start : part.start + part.count]
        found["frames"].append(np.array_equal(frames_THW3[part.at : part.at + part.count], given))
        if sound:
            found["samples"].append(_same_samples(done.clip, source, part))
        picture, heard = _same_packets(made, read_coded(part.source), part)
        found["packets"] += picture
        found["sound packets"] += heard if sound else []
    return {"taken": float(not done.was_refused)} | {name: float(all(same)) for name, same in found.items() if same}


def _same_samples(clip: Clip, source: Clip, part: Part) -> bool:
    assert clip.sound is not None and source.sound is not None
    fade, size = round(CROSSFADE_S * SAMPLE_RATE_HZ), SAMPLE_RATE_HZ // DRAWN_FPS
    begin = fade if part.at > 0 else 0
    end = part.count * size - (fade if part.at + part.count < clip.num_frames else 0)
    here, there = (offset * size for offset in (part.at, part.start))
    same = clip.sound[:, here + begin : here + end], source.sound[:, there + begin : there + end]
    return np.array_equal(*same)


def _same_packets(made: Coded, source: Coded, part: Part) -> tuple[list[bool], list[bool]]:
    """Return whether the whole groups of pictures at a file's ends are there byte by byte, and whether their sound is;
    nothing where it has none."""
    inside = [border for border in source.borders if part.start <= border <= part.start + part.count]
    is_end = part.at == 0 or part.at + part.count == made.num_frames
    if not is_end or len(inside) < 2 or source.flaw:
        return [], []
    begin, end = (part.at - part.start + border for border in (inside[0], inside[-1]))
    if not {begin, end} <= set(made.borders):
        return [False], [False]
    copy, original = made.cut(begin, end), source.cut(inside[0], inside[-1])
    near = JOIN_PACKETS * SAMPLES_PER_PACKET
    first, last = (near if begin else -near), original.sample_at(original.num_frames) - (near if part.at == 0 else 0)
    kept = {packet.data for packet in original.sound if first <= packet.start < last}
    return [copy.picture == original.picture], [kept <= {packet.data for packet in copy.sound}]


def key_of(job: str, number: int, setting: Setting, version: int) -> str:
    """Return the name of a row: everything that it depends on."""
    hashes = (model_of(setting.weights).sha256, judge_of(setting.judge).networks.sha256)
    return f"{job} {number} {digest(hashes, version, setting.steps, setting.guidance)}"


def rounded(row: Row) -> Row:
    """Return a row whose numbers have few digits and survive JSON."""
    return json.loads(json.dumps(row), parse_float=lambda text: short(float(text)))
