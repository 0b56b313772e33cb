"""What a worker draws with: the stages of `tasks/render.py`, one at a time, with results that can be written down.

This module alone loads torch, when a worker starts, and the model with its first job.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kinora.media.sheet import spritesheet, thumbnail
from kinora.models.memory import keep_memory
from kinora.models.weights import SHIPPED, Model, load_model
from kinora.request import Request
from kinora.tasks.jobs import Source, animate, extend
from kinora.tasks.reading import Reading
from kinora.tasks.render import finished, notes_of, pack_latents, render, unpack_latents

# Long sides of the frames from which pictures are made; a sheet's tiles need no more.
THUMBNAIL_FROM, SPRITES_FROM = 640, 336


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """A clip as pictures: WebP and JPEG files."""

    thumbnail: bytes
    spritesheet: bytes


GIVEN = {"reference": "reference", "extend": "source"}
"""The file that a task begins from, by its name in a wish; other tasks need none."""


def request_of(task: str, fields: Mapping[str, Any], file: Path | None) -> Request:
    """Return what a task asks of the model: fields of a request, and the file of a task in `GIVEN`.

    Whatever world a file is from, it is taken as it is: whoever sent it can't be asked back. Raises ValueError, in one
    line, where it can't be used.
    """
    if file is None:
        return Request(**fields)
    source, asked = Source.of(file), {**fields, "loose": True}
    prompt, seconds = asked.pop("prompt"), asked.pop("seconds")
    if task == "extend":
        return extend(source, prompt, seconds=max(1, seconds - round(source.seconds)), **asked)
    return animate(prompt, first=source, seconds=seconds, **asked)


class Engine:
    """The shipped model, or the one in another weights file."""

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights or SHIPPED

    @cached_property
    def _model(self) -> Model:
        keep_memory()
        return load_model(self._weights)

    def read(self, request: Request) -> dict[str, Any]:
        """Return what the model makes of the prompt, as JSON facts. Raises PolicyError, and ValueError where the
        request is strict and words had to go."""
        reading: Reading = self._stage("read", request, {})
        return reading.as_json()

    def fill(self, request: Request, reading: Mapping[str, Any], progress: Callable[[int, int], None]) -> bytes:
        """Return the packed latents. `progress` is called with solver steps done and to do; it may raise."""
        saved = {"read": Reading.from_json(reading)}
        return pack_latents(self._stage("fill", request, saved, progress=progress))

    def release(self, request: Request, reading: Mapping[str, Any], latents: bytes, path: Path) -> None:
        """Write the signed file, which appears whole. Raises ValueError for torn latents."""
        saved = {"read": Reading.from_json(reading), "fill": unpack_latents(latents)}
        self._stage("release", request, saved, path=path)

    def pictures(self, request: Request, latents: bytes) -> Pictures:
        """Return what shows the clip at a glance."""
        made = unpack_latents(latents)
        return Pictures(
            thumbnail=thumbnail(finished(made, request, self._model, longest=THUMBNAIL_FROM)),
            spritesheet=spritesheet(finished(made, request, self._model, longest=SPRITES_FROM)),
        )

    def notes(self, request: Request, reading: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the client should know of the file, as JSON facts."""
        return notes_of(request, self._model, Reading.from_json(reading))

    def _stage(
        self,
        name: str,
        request: Request,
        saved: Mapping[str, Any],
        *,
        path: Path = Path(),
        progress: Callable[[int, int], None] | None = None,
    ) -> Any:  # noqa: ANN401  a stage's own result
        assert request.seed is not None, "a request's seed is chosen when it is accepted"
        stages = render(request, self._model, path, request.seed, saved=saved, progress=progress)
        return next(stage.result for stage in stages if stage.name == name)
