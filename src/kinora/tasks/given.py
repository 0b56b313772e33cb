"""What is given of a shot, as an engine is shown it: files fitted to its grid, their sound at the model's loudness."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from kinora.engines.engine import Given
from kinora.flow.grid import SOUND_S
from kinora.media.clip import Frames
from kinora.media.scale import laid
from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ
from kinora.request import Condition, Request, Shot
from kinora.tasks.sources import Sources, for_the_model
from kinora.tasks.story import drawn_sights, known_latents

Pictured = Callable[[Condition], Frames]
"""Gives the picture of a reference, (H, W, 3)."""


def given_of(request: Request, shot: Shot, pictured: Pictured | None = None) -> Given:
    """Return what the conditions of a shot give; `pictured` are references that are no files. Raises ValueError where a
    file ends too early, MediaError where one can't be opened."""
    sources, sights = Sources(), drawn_sights(request, shot)
    sources.check(request)
    drawn, size = (shot.height, shot.width), request.shown_size

    def frames(wanted: Collection[int]) -> Iterator[Frames | None]:
        shown = sources.frames([sight if number in wanted else None for number, sight in enumerate(sights)])
        return (None if frame is None else laid(frame, drawn, size) for frame in shown)

    shown = [condition for condition in shot.conditions if condition.kind == "reference"]
    known = Given(
        files=tuple(sight.file if sight else "" for sight in sights),
        frames=frames,
        references=tuple((pictured or sources.picture)(condition) for condition in shown),
        loose=request.loose,
    )
    heard = sources.heard(request) if shot.sound else None
    if heard is None:
        return known
    done = known_latents(request, shot)
    wave = for_the_model(heard, round(len(done) * SAMPLE_RATE_HZ * SOUND_S))
    return replace(known, wave=wave, heard=tuple(done.tolist()))
