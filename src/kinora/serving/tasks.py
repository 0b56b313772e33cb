"""What the tasks of the API take and need: plain facts, for the API that accepts them and the workers that do them."""

from collections.abc import Iterable

from kinora.engines.abilities import Ability

JOBS = ("reference", "extend", "fill", "mend", "smooth", "loop", "join", "score")
"""Tasks that begin from files; but for the first, which animates pictures, each is the function of
`kinora.tasks.jobs` that has its name."""

CALLED = {
    "video": "source",
    "input_reference": "first",
    "first_frame": "first",
    "last_frame": "last",
    "sound": "track",
    "from": "from_s",
    "to": "to_s",
}
"""What those functions call an argument to which clients give another name."""

KEYFRAME = "keyframe_"
"""Begins the names of pictures in between, which are numbered from 1."""

LANDED = frozenset({"generate", "remix", "storyboard", "redo", *JOBS})

NOT_YET = {
    "edit": "editing a video has not landed yet; remix it, or fill, extend, loop, join or score it",
    "character": "characters from videos have not landed yet; say who appears, or name a storyboard's characters",
}

NEEDS: dict[str, Ability] = {
    **dict.fromkeys(("generate", "remix", "storyboard", "redo"), "text"),
    "extend": "prefix",
    **dict.fromkeys(("fill", "mend", "loop", "join"), "range"),
    "smooth": "keyframes",
    "score": "soundtrack",
}
GIVING: dict[str, Ability] = {
    "input_reference": "first frame",
    "first_frame": "first frame",
    "last_frame": "last frame",
    "sound": "given sound",
}


def needed(task: str, given: Iterable[str], *, before: bool = False) -> set[Ability]:
    """Return what an engine must be able to do for a task to which files are given under these names."""
    if before:
        return {"suffix"}
    if task in NEEDS:
        return {NEEDS[task]}
    giving = {GIVING.get(name, "keyframes") for name in given if name in GIVING or name.startswith(KEYFRAME)}
    ends = {"first frame", "last frame"}
    return (giving - ends) | {"both ends"} if ends <= giving else giving
