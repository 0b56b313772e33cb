"""What a request needs of the engine that draws it, read off what it gives."""

from dataclasses import replace

import numpy as np

from kinora.engines.abilities import Ability, needed_by
from kinora.engines.able import lacks, remedy, said
from kinora.engines.catalog import Entry
from kinora.flow.grid import SOUND_S
from kinora.request import Request
from kinora.tasks.generate import num_told, plan
from kinora.tasks.story import drawn_sights, given, known_latents


def check_needs(request: Request, entry: Entry) -> None:
    """Raise ValueError, naming the engines that can, where an engine can't do what a request needs of it; it need not
    be opened for that."""
    (shot,) = plan(request, seed=0)
    needed = needs_of(request)
    if missing := lacks(entry, needed, shot.num_frames):
        raise ValueError(f"{entry.name} can't {said(missing)}: {remedy({*needed, *missing})}")


def needs_of(request: Request) -> set[Ability]:
    """Return what an engine has to be able to do."""
    (shot,) = plan(request, seed=0)
    known = [sight is not None for sight in drawn_sights(request, shot)][: num_told(request)]
    needed = needed_by(known)
    # A film's own sound stays beside what is made anew of it; only another's is drawn to.
    films = {condition.file for condition in given(shot.conditions, "video")}
    others = tuple(condition for condition in given(shot.conditions, "sound") if condition.file not in films)
    heard = known_latents(request, replace(shot, conditions=others))
    places = np.minimum((np.arange(len(known)) / shot.fps / SOUND_S).astype(int), len(heard) - 1)
    if any(heard[place] and not is_known for place, is_known in zip(places, known, strict=True)):
        needed.add("given sound")
    if any(condition.kind == "reference" for condition in request.conditions):
        needed.add("references")
    return needed
