"""What a wish asks of an engine: one shot, a story of several, or one shot of a story's film made again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinora.request import Canvas, Request
from kinora.serving.tasks import CALLED, KEYFRAME
from kinora.tasks.jobs import Source, Track, animate, extend, fill, join, loop, mend, score, smooth
from kinora.tasks.script import Script, Told
from kinora.tasks.story_plan import Story, planned

JOBS: dict[str, Callable[..., Request]] = {
    "generate": animate,
    "remix": animate,
    "reference": animate,
    "extend": extend,
    "fill": fill,
    "mend": mend,
    "smooth": smooth,
    "loop": loop,
    "join": join,
    "score": score,
}
"""What makes a request of each task; stories apart."""

OLD_SOURCES = {"reference": "input_reference", "source": "video"}
"""Where wishes of earlier versions name their blobs. They may still lie in a ledger, and be made."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One shot, told by its request; or a story; of a story, one `shot`, counted from 0, to be made again in a film."""

    request: Request
    story: Story | None = None
    shot: int | None = None
    film: Path | None = None


def blobs_of(wish: Mapping[str, Any], task: str) -> dict[str, str]:
    """Return the blobs that a task begins from, by the names that its client knows."""
    if "sources" in wish:
        return dict(wish["sources"])
    old = {name: wish.get(key) for key, name in OLD_SOURCES.items()} if task in ("reference", "extend") else {}
    return {name: blob for name, blob in old.items() if blob}


def job_of(task: str, wish: Mapping[str, Any], files: Mapping[str, Path], canvas: Canvas) -> Job:
    """Return what a task asks of an engine with this canvas; `files` are by the names of `blobs_of`.

    Whatever world a file is from, it is taken as it is: whoever sent it can't be asked back. But for its sound, which
    follows other things where the picture is not recognised. Raises ValueError, in one line, where it can't be used.
    """
    asked, arguments = {**wish["request"], "canvas": canvas}, wish.get("arguments", {})
    if not wish.get("plan"):
        return Job(request=request_of(task, asked, arguments, files))
    story = story_of(wish["plan"], Request(**{"fps": canvas.fps, **asked}))
    shot = arguments["shot"] - 1 if task == "redo" else None
    return Job(request=story.request, story=story, shot=shot, film=files.get("video"))


def story_of(plan: Mapping[str, Any], request: Request) -> Story:
    """Return the story of a plan, as `kinora.serving.api.stories` tells it."""
    script = Script(
        line=plan.get("line", ""),
        characters=plan.get("characters", {}),
        shots=tuple(Told(**shot) for shot in plan["shots"]),
    )
    assert request.seed is not None, "a request's seed is chosen when it is accepted"
    return planned(script, request, request.seed)


def request_of(task: str, asked: Mapping[str, Any], arguments: Mapping[str, Any], files: Mapping[str, Path]) -> Request:
    """Return what the function of a task makes of fields of a request, its own arguments, and files."""
    job, given = JOBS[task], {**arguments, **opened(files, arguments)}
    if task == "extend" and "seconds" not in given:
        # Wishes of earlier versions say only how long the whole is.
        given["seconds"] = max(1, asked["seconds"] - round(given["video"].seconds))
    own = {CALLED.get(name, name): value for name, value in given.items()}
    # How long the whole is follows from the files; of words, scoring takes its own.
    untold = {animate: set(), score: {"seconds", "prompt"}}.get(job, {"seconds"})
    fields = {name: value for name, value in asked.items() if name not in untold | set(own)}
    return job(**fields, **own, loose=bool(files) and job is not score)


def opened(files: Mapping[str, Path], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return files as the functions of tasks take them, keyframes with their seconds. Raises MediaError, with the
    remedy, for one that can't be used."""
    stills = {name for name in files if name.startswith(KEYFRAME)}
    given: dict[str, Any] = {
        name: Track.of(path) if name == "sound" else Source.of(path)
        for name, path in files.items()
        if name not in stills
    }
    if stills:
        frames = (Source.of(files[f"{KEYFRAME}{number}"]) for number in range(1, len(stills) + 1))
        given["keyframes"] = list(zip(arguments["keyframes"], frames, strict=True))
    return given
