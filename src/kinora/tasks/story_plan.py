"""The plan of a story: which shots, how long, from which seed, in which words. Text only, no model.

Frames are drawn ones, 12 a second.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate

from kinora.request import DRAWN_FPS, MAX_SECONDS, MAX_SEED, Request
from kinora.tasks.script import (
    LONGEST_TAKE_S,
    SHOT_S,
    Script,
    Told,
    check_letters,
    check_people,
    described,
    lengths,
    num_takes,
    read_script,
    views,
)

LEAST_SENTENCE_S = 2.0
"""A prompt of several sentences is a story where each has this long; in less it is one picture, told at length."""

SENTENCE_S = 12.0
"""How long a story of a single sentence lasts where nothing is said: three shots."""

LIGHTS = ("dawn", "noon", "sunset", "night")
_LIT = re.compile(
    r"\b(?:dawn|daybreak|sunrise|mornings?|noon|midday|day(?:time|light)?|afternoons?|sunny|sunlit|sunset|dusk|twilight"
    r"|evenings?|night(?:time|fall)?|midnight|moonlit|moonlight|starlit|starry|dark)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class PlannedShot:
    """One shot: what it shows, as it was told, how many frames it has, and the seed it is drawn from."""

    prompt: str
    num_frames: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story in shots. `request` is the film's: its size, rate, seconds, seed and all that shots share; `line` is
    told with every shot, and `characters` say who the names in it are."""

    request: Request
    shots: tuple[PlannedShot, ...]
    line: str = ""
    characters: Mapping[str, str] = field(default_factory=dict)

    def text_of(self, number: int) -> str:
        """The words of a shot, counted from 0, as the model is told them: everyone described, and the line."""
        said = [part for part in (self.shots[number].prompt, self.line) if part]
        return described(", ".join(said), self.characters)

    @property
    def starts(self) -> tuple[int, ...]:
        """The drawn frames at which the shots begin, and the one after the last."""
        return (0, *accumulate(shot.num_frames for shot in self.shots))

    @property
    def borders(self) -> tuple[int, ...]:
        """The frames of the file at which the shots begin, and how many it has."""
        # Halves always up, so that a shot of whole seconds has as many frames wherever it stands.
        return tuple((2 * start * self.request.fps + DRAWN_FPS) // (2 * DRAWN_FPS) for start in self.starts)

    def request_of(self, number: int) -> Request:
        """The request whose file would be this shot alone."""
        start, stop = self.borders[number : number + 2]
        seconds, shot = (stop - start) / self.request.fps, self.shots[number]
        return replace(self.request, prompt=self.text_of(number), seconds=seconds, seed=shot.seed)

    def with_seed(self, number: int, seed: int) -> "Story":
        """The same with another seed for one shot, counted from 0."""
        changed = replace(self.shots[number], seed=seed)
        return replace(self, shots=(*self.shots[:number], changed, *self.shots[number + 1 :]))


def is_story(request: Request) -> bool:
    """Return whether a request is told in shots: it has blocks as in `[0-4s]`, or several sentences with two seconds
    each, or longer than eight seconds; and nothing is given."""
    if request.conditions or not request.prompt.strip():
        return False
    script = read_script(request.prompt)
    many = len(script.shots) > 1 and request.seconds >= LEAST_SENTENCE_S * len(script.shots)
    return script.has_lengths or many or request.seconds > LONGEST_TAKE_S


def usual_seconds(prompt: str) -> float:
    """Return how long a prompt's story lasts where nothing is said."""
    script = read_script(prompt)
    if script.has_lengths:
        return script.shots[-1].end_s or SHOT_S
    return min(SHOT_S * len(script.shots), MAX_SECONDS) if len(script.shots) > 1 else SENTENCE_S


def plan_story(request: Request, seed: int, *, one_shot: bool = False) -> Story:
    """Return the plan of a prompt: its blocks as they are, else its sentences in even shares, each in several shots
    where it has longer than eight seconds; or all of it in one. Raises ValueError, with the remedy, where that cannot
    be."""
    script = read_script(request.prompt)
    if one_shot:
        if script.has_lengths:
            raise ValueError("the prompt has shots of its own, as in [0-4s]: leave --one-shot away, or them")
        return planned(Script(shots=(Told(prompt=" ".join(request.prompt.split())),)), request, seed)
    if script.has_lengths:
        end_s = script.shots[-1].end_s
        if request.seconds not in (end_s, Request.seconds):
            raise ValueError(f"the shots end at {end_s:g} s and {request.seconds:g} s are asked for: make them agree")
        return planned(script, request, seed)
    takes = num_takes(request.seconds / len(script.shots))
    if takes > 1:
        told = (view for shot in script.shots for view in views(lit(shot.prompt, script.line, seed), takes))
        script = replace(script, shots=tuple(Told(prompt=view) for view in told))
    return planned(script, request, seed)


def lit(prompt: str, line: str, seed: int) -> str:
    """Return a sentence with a light of the seed's choice where neither it nor the story's line names one: left open,
    every view of it would choose its own."""
    return prompt if _LIT.search(f"{prompt} {line}") else f"{prompt}, at {LIGHTS[seed % len(LIGHTS)]}"


def planned(script: Script, request: Request, seed: int) -> Story:
    """Return the plan of a script: whole frames, and a seed for every shot, the story's own for the first.

    Raises ValueError, with the remedy, for shots that overlap, leave holes or are too short, for too long a story, in
    seconds or in letters, and for names that nobody can have.
    """
    check_people(script.characters)
    counts = lengths(script.shots, request.seconds)
    seeds = [
        (seed + number) % (MAX_SEED + 1) if shot.seed is None else shot.seed for number, shot in enumerate(script.shots)
    ]
    shots = tuple(
        PlannedShot(prompt=shot.prompt, num_frames=count, seed=seed)
        for shot, count, seed in zip(script.shots, counts, seeds, strict=True)
    )
    story = Story(request=request, shots=shots, line=script.line, characters=script.characters)
    # The same plan is the same request, however it was told.
    told = replace(request, prompt=_told_in_full(story), seconds=sum(counts) / DRAWN_FPS, seed=seed)
    return replace(story, request=told)


def _told_in_full(story: Story) -> str:
    """The words of all shots, a line each. Raises ValueError at the first that is more than a prompt may have."""
    told, letters = list[str](), -1
    for number in range(len(story.shots)):
        told.append(story.text_of(number))
        letters += 1 + len(told[-1])
        check_letters(letters)
    return "\n".join(told)
