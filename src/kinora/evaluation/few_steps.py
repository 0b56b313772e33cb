"""`python -m kinora.evaluation.few_steps`: what jumps are worth, at equal steps and from the same noise.

A prompt is drawn by taught jumps, by Euler steps that a second evaluation guides, and by plain ones without guidance,
all with the same network unless another is named for the plain steps; the judge marks each clip. T frames, H W pixels.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from tqdm import tqdm

from kinora.engines.native.engine import NativeEngine
from kinora.evaluation.figures import Figure, mean, table
from kinora.evaluation.measures.verdicts import verdicts
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.seeing.sight import LOOK_EVERY, Hearing
from kinora.evaluation.trials.suite import Asks, Prompt, load_suite
from kinora.models.judge import SHIPPED_JUDGE
from kinora.models.weights import SHIPPED, Model, load_model
from kinora.request import DRAWN_FPS, Request
from kinora.tasks.render import decoded, made

STEPS = (1, 2, 4, 8)
ATTRIBUTES = ("place", "light", "kind", "colour")
ANY = Request(prompt="any")
SILENCE = Hearing(onsets={}, ambience=(), instrument="", mood="", tempo="")


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """A way to take steps: by jumps or not, with the request's guidance or none; evaluations a step in words."""

    name: str
    jumps: bool
    guided: bool
    evaluations: str


JUMPS = Sampler(name="few-step", jumps=True, guided=True, evaluations="one evaluation a step")
EULER = (
    Sampler(name="Euler, guided", jumps=False, guided=True, evaluations="two evaluations a step while guided"),
    Sampler(name="Euler", jumps=False, guided=False, evaluations="one evaluation a step, no guidance"),
)


def compare(
    model: Model,
    judge: Judge,
    prompts: Sequence[Prompt],
    *,
    plain: Model | None = None,
    steps: Sequence[int] = STEPS,
    request: Request = ANY,
) -> list[Figure]:
    """Return, for each number of steps, every sampler's score and how much more jumps score, over the prompts that ask
    for any of `ATTRIBUTES`. `plain` takes the Euler steps in the model's place; `request` says all but the prompt.

    A clip's score is the share of what was asked of it, in percent; a difference is between clips of one prompt and one
    seed, in points, its interval a bootstrap over prompts. Raises ValueError where the model was not taught to jump so.
    """
    if missing := sorted(set(steps) - set(model.few_steps)):
        raise ValueError(f"these weights were not taught {missing[0]} jumps: ask for some of {list(model.few_steps)}")
    of = {JUMPS: model, **dict.fromkeys(EULER, plain or model)}
    asked = [prompt for prompt in prompts if asks_of(prompt)]
    figures = []
    for num_steps in steps:
        scores = {sampler: np.zeros(len(asked)) for sampler in (JUMPS, *EULER)}
        ways = list(product(enumerate(asked), scores))
        for (row, prompt), sampler in tqdm(ways, desc=f"{num_steps} steps", unit="clip"):
            wish = replace(request, prompt=prompt.text, steps=num_steps)
            scores[sampler][row] = score(of[sampler], judge, wish, prompt, sampler)
        figures += _figures(num_steps, scores)
    return figures


def asks_of(prompt: Prompt) -> Asks:
    """Return what a prompt asks for that counts here."""
    return {name: prompt.asks[name] for name in ATTRIBUTES if prompt.asks.get(name)}


def score(model: Model, judge: Judge, request: Request, prompt: Prompt, sampler: Sampler) -> float:
    """Return which share of what was asked the judge sees in the clip, in percent."""
    return mark(judge, prompt, draw(model, request, prompt.seed, sampler))


def mark(judge: Judge, prompt: Prompt, frames_THW3: np.ndarray) -> float:
    """Return which share of what a prompt asks for the judge sees in uint8 frames, in percent."""
    looked = np.arange(0, len(frames_THW3), LOOK_EVERY)
    sight = judge.see(frames_THW3[looked], [frame / DRAWN_FPS for frame in looked.tolist()])
    found = verdicts(asks_of(prompt), sight, SILENCE, frames_THW3, DRAWN_FPS)
    return 100 * float(np.mean([found[name] for name in asks_of(prompt)]))


def draw(model: Model, request: Request, seed: int, sampler: Sampler) -> np.ndarray:
    """Return the uint8 frames (T, H, W, 3) that the model makes of a request in a sampler's way."""
    if not sampler.jumps:
        model = replace(model, facts={**model.facts, "few_steps": ()})
    if not sampler.guided:
        request = replace(request, guidance=1.0)
    engine = NativeEngine(model)
    latents = made(request, engine.read(request), engine, seed)
    return decoded({"video": latents["video"]}, request, engine).array()


def _figures(num_steps: int, scores: Mapping[Sampler, np.ndarray]) -> list[Figure]:
    plural = "step" if num_steps == 1 else "steps"
    each = [
        mean(f"{sampler.name}, {num_steps} {plural}", marks, unit="%", note=sampler.evaluations)
        for sampler, marks in scores.items()
    ]
    more = [
        mean(f"few-step minus {other.name}, {num_steps} {plural}", scores[JUMPS] - scores[other], unit="points")
        for other in EULER
    ]
    return each + more


def main() -> None:
    """Compare, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m kinora.evaluation.few_steps", description=__doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="the model (default: the shipped one)")
    parser.add_argument("--plain", type=Path, help="weights for the plain steps (default: the same)")
    parser.add_argument("--judge", type=Path, default=SHIPPED_JUDGE, help="the judge (default: the shipped one)")
    parser.add_argument("--prompts", type=int, default=100, metavar="N", help="prompts of the suite (default: 100)")
    parser.add_argument("--steps", type=int, nargs="+", default=list(STEPS), help="numbers of steps (default: all)")
    arguments = parser.parse_args()
    # Of each pair of prompts the first: the second is nearly the same.
    prompts = load_suite()[::2][: arguments.prompts]
    try:
        model, judge = load_model(arguments.weights), Judge.load(arguments.judge)
        plain = load_model(arguments.plain) if arguments.plain else None
        figures = compare(model, judge, prompts, plain=plain, steps=arguments.steps)
    except ValueError as error:
        sys.exit(f"few_steps: {error}")
    title = f"Few steps: {', '.join(ATTRIBUTES)} as the judge sees them, {model.name} {model.version}"
    sys.stdout.write(table(title, figures) + "\n")


if __name__ == "__main__":
    main()
