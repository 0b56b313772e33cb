"""What a worker draws with: the stages of `tasks/render.py` and `tasks/storyboard.py`, one at a time, with results that
can be written down.

This module alone loads torch, when a worker starts, and an engine with its first job.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from kinora.engines import engine as protocol
from kinora.engines.opening import open_engine
from kinora.engines.reading import Reading
from kinora.media.decode import Limits, read_clip
from kinora.media.sheet import spritesheet, thumbnail
from kinora.request import LONGEST, MAX_FPS, MAX_SECONDS, Canvas
from kinora.serving.work.wanted import Job
from kinora.tasks.render import Stage, finished, notes_of, pack_latents, render, unpack_latents
from kinora.tasks.storyboard import Again, redo, render_story

# Long sides of the frames from which pictures are made; a sheet's tiles need no more.
THUMBNAIL_FROM, SPRITES_FROM = 640, 336

OWN = Limits(total_pixels=round(LONGEST**2 * MAX_SECONDS * MAX_FPS), cpu_s=3600, wall_s=3600)
"""What a film of the server's own may cost: the largest, however slow the machine."""

Told = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""What was read, as JSON: a prompt, or those of a story's shots."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """A clip as pictures: WebP and JPEG files."""

    thumbnail: bytes
    spritesheet: bytes


class Engine:
    """One engine, opened with its first job."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _engine(self) -> protocol.Engine:
        return open_engine(self.name)

    @property
    def canvas(self) -> Canvas:
        """What it draws on. Raises ValueError where it can't be opened."""
        return self._engine.canvas

    def read(self, job: Job) -> Told:
        """Return what the engine makes of the words, as JSON facts. Raises PolicyError, and ValueError where the
        request is strict and words had to go."""
        read = self._stage("read", job, {})
        return read.as_json() if job.story is None else [reading.as_json() for reading in read]

    def fill(self, job: Job, told: Told, progress: Callable[[int, int], None]) -> bytes:
        """Return the packed latents. `progress` is called with steps done and to do; it may raise."""
        return pack_latents(self._stage("fill", job, {"read": readings(told)}, progress=progress))

    def release(self, job: Job, told: Told, latents: bytes, path: Path) -> None:
        """Write the signed file, which appears whole. Raises ValueError for torn latents."""
        self._stage("release", job, {"read": readings(told), "fill": unpack_latents(latents)}, path=path)

    def pictures(self, job: Job, latents: bytes, path: Path) -> Pictures:
        """Return what shows the clip at a glance, as it was drawn; a film as it was written."""
        if job.story is not None:
            film = read_clip(path, limits=OWN)
            return Pictures(thumbnail=thumbnail(film), spritesheet=spritesheet(film))
        made = unpack_latents(latents)
        return Pictures(
            thumbnail=thumbnail(finished(made, job.request, self._engine, longest=THUMBNAIL_FROM)),
            spritesheet=spritesheet(finished(made, job.request, self._engine, longest=SPRITES_FROM)),
        )

    def notes(self, job: Job, told: Told) -> dict[str, Any]:
        """Return what the client should know of the file, as JSON facts; of a story, what holds for its shots is
        counted together."""
        read = readings(told)
        if isinstance(read, Reading):
            return notes_of(job.request, self._engine, read) | _heard([read])
        each = [notes_of(job.request, self._engine, reading) for reading in read]
        instead = [notes["drawn_instead"] for notes in each if notes["drawn_instead"]]
        return {
            **each[0],
            **{name: [pair for notes in each for pair in notes[name]] for name in ("replaced", "left_out")},
            "dropped_words": sum(notes["dropped_words"] for notes in each),
            "drawn_instead": "; ".join(instead) or None,
            **_heard(read),
        }

    def said(self, latents: bytes) -> str:
        """Return what is to be said of what was made, in one line; "" for nothing. ValueError for torn latents."""
        return self._engine.said(unpack_latents(latents))

    def _stage(
        self,
        name: str,
        job: Job,
        saved: Mapping[str, Any],
        *,
        path: Path = Path(),
        progress: Callable[[int, int], None] | None = None,
    ) -> Any:  # noqa: ANN401  a stage's own result
        return next(stage.result for stage in self._stages(job, saved, path, progress) if stage.name == name)

    def _stages(
        self, job: Job, saved: Mapping[str, Any], path: Path, progress: Callable[[int, int], None] | None
    ) -> Iterator[Stage]:
        if job.story is None:
            assert job.request.seed is not None, "a request's seed is chosen when it is accepted"
            return render(job.request, self._engine, path, job.request.seed, saved=saved, progress=progress)
        if job.shot is None:
            return render_story(job.story, self._engine, path, saved=saved, progress=progress)
        assert job.film is not None, "a shot is made again in a film"
        return redo(Again(job.story, job.shot, job.film), self._engine, path, saved=saved, progress=progress)


class Engines:
    """Engines by their names, of which one at most is open."""

    def __init__(self) -> None:
        self._open: Engine | None = None

    def named(self, name: str) -> Engine:
        """Return an engine; whichever was open before lets go of its memory."""
        if self._open is None or self._open.name != name:
            self._open = None
            # Modules refer to themselves in circles.
            gc.collect()
            if torch.cuda.is_initialized():
                # What is let go of stays reserved for this process else, and another engine may be counted out.
                torch.cuda.empty_cache()
            self._open = Engine(name)
        return self._open


def _heard(read: Sequence[Reading]) -> dict[str, str]:
    """Which words the sound follows, of an engine whose sound follows others than its picture."""
    words = [reading.heard for reading in read if reading.heard is not None]
    return {"heard": "; ".join(filter(None, words))} if words else {}


def readings(told: Told) -> Reading | tuple[Reading, ...]:
    """Return what `Engine.read` wrote down."""
    return Reading.from_json(told) if isinstance(told, Mapping) else tuple(map(Reading.from_json, told))
