"""What is asked of jobs that make a film of words: prompts of the suite that the drawn world has a scene for, and the
marks of what was made, by what was asked and by what strangers ask.

T frames, H W pixels.
"""

from functools import cache

import numpy as np

from kinora.evaluation.few_steps import SILENCE, asks_of
from kinora.evaluation.jobs.footage import FIRST_INDEX
from kinora.evaluation.measures.sync import SOUNDS
from kinora.evaluation.measures.verdicts import Evidence, judged
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.seeing.sight import LOOK_EVERY
from kinora.evaluation.subject import SEED
from kinora.evaluation.trials.staging import scene_for
from kinora.evaluation.trials.suite import Prompt, load_suite, strangers
from kinora.evaluation.trials.trial import by_strangers
from kinora.request import DRAWN_FPS
from kinora.storybook.scene import Scene

NUM_SHOTS, SHOT_S, SCORED_S = 6, 10, 4.0
# How far apart in the suite films begin: six shots that differ from their neighbours are found among about so many.
STRIDE = 10


@cache
def sounding() -> tuple[Prompt, ...]:
    """Return the prompts of the suite that ask for effects and that the drawn world has a scene for: those first whose
    sounds can be timed, one after one of the others."""
    able = [prompt for prompt in drawable(SCORED_S) if prompt.asks.get("sounds")]
    timed = [prompt for prompt in able if prompt.asks.get("action") in SOUNDS]
    others = [prompt for prompt in able if prompt not in timed]
    pairs = [prompt for pair in zip(timed, others, strict=False) for prompt in pair]
    return (*pairs, *(prompt for prompt in able if prompt not in pairs))


@cache
def drawable(seconds: float) -> tuple[Prompt, ...]:
    """Return the prompts of the suite that the drawn world has a scene for, in its order of chance."""
    return tuple(prompt for prompt in load_suite() if _can_draw(prompt, seconds))


def _can_draw(prompt: Prompt, seconds: float) -> bool:
    try:
        drawn_for(prompt, seconds)
    except ValueError:
        return False
    return True


def drawn_for(prompt: Prompt, seconds: float) -> Scene:
    """Return the scene of what a prompt asks for. Raises ValueError where there is none."""
    return scene_for(prompt.asks, SEED, FIRST_INDEX + prompt.id, duration_s=seconds)


def shots_of(number: int) -> list[Prompt]:
    """Return the prompts of a film's shots. Neighbours name two places and, where both name one, two lights: a cut
    between two shots that look alike is none."""
    able = drawable(SHOT_S)
    # Of a pair of prompts that differ in a colour, the second comes far from the first.
    able = (*able[::2], *able[1::2])
    begin = STRIDE * number % len(able)
    shots: list[Prompt] = []
    for prompt in (*able[begin:], *able[:begin]):
        if not shots or _look_apart(shots[-1], prompt):
            shots.append(prompt)
        if len(shots) == NUM_SHOTS:
            return shots
    raise AssertionError("the suite has six prompts that differ")


def _look_apart(one: Prompt, other: Prompt) -> bool:
    places, lights = ({prompt.asks.get(thing) for prompt in (one, other)} for thing in ("place", "light"))
    return None not in places and len(places) == 2 and (None in lights or len(lights) == 2)


@cache
def _strangers() -> dict[int, dict[str, object]]:
    return strangers(load_suite())


def marks_of(prompt: Prompt, frames_THW3: np.ndarray, judge: Judge) -> tuple[float, float]:
    """Return which share the judge sees in uint8 frames, in percent, of what a prompt asks for that counts, and of what
    strangers ask in its place: the same reading, one thing at a time, all else as asked."""
    looked, asks = np.arange(0, len(frames_THW3), LOOK_EVERY), asks_of(prompt)
    sight = judge.see(frames_THW3[looked], [frame / DRAWN_FPS for frame in looked.tolist()])
    evidence = Evidence(sight, SILENCE, frames_THW3, DRAWN_FPS)
    others = {thing: value for thing, value in _strangers()[prompt.id].items() if thing in asks}
    own, theirs = judged(asks, evidence), by_strangers(lambda wanted: judged(wanted, evidence), asks, others)
    return _percent([own[thing] for thing in asks]), _percent([theirs[thing][thing] for thing in others])


def _percent(marks: list[float]) -> float:
    return 100 * float(np.mean(marks))
