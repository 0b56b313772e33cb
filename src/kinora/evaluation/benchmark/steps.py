"""Quality against solver steps: from the same noise, how near a schedule comes to a walk of very many equal steps.

Near is not good: it says what fewer steps lose of what this network makes. L tokens, Z latent channels, T frames, H W
pixels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

import numpy as np
import torch
from torch import Tensor

from kinora.engines.engine import Told
from kinora.engines.native import decode
from kinora.engines.native.engine import NativeEngine
from kinora.engines.native.fill import GUIDANCE, velocity_for, window_state
from kinora.engines.windows import Window
from kinora.evaluation.benchmark.table import Bench, Cell, Effort, Table
from kinora.evaluation.benchmark.timing import seconds_of
from kinora.evaluation.few_steps import ATTRIBUTES, asks_of, mark
from kinora.evaluation.figures import Figure, psnr, ratio
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.trials.suite import Prompt, load_suite
from kinora.flow.guidance import GUIDE_ABOVE
from kinora.flow.schedule import linear, linear_quadratic, shifted
from kinora.flow.solve import solve
from kinora.models.judge import SHIPPED_JUDGE
from kinora.models.video_autoencoder import BLOCK_FRAMES
from kinora.models.weights import Model
from kinora.request import DRAWN_FPS, Request, Shot

SCHEDULES: dict[str, Callable[[int], Tensor]] = {
    "linear": linear,
    "linear-quadratic": linear_quadratic,
    "shifted": shifted,
}
FEW_STEP = "few-step"
HEIGHT, WIDTH = 144, 256


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A way from noise to data. One that jumps has guidance built in; the others ask twice where they are guided."""

    schedule: str
    num_steps: int

    @property
    def jumps(self) -> bool:
        """Whether each step is a jump that the network was taught."""
        return self.schedule == FEW_STEP

    @property
    def times(self) -> Tensor:
        """The points on the way, 1 to 0."""
        return SCHEDULES.get(self.schedule, shifted)(self.num_steps)

    @property
    def num_evaluations(self) -> int:
        """How often the network is asked."""
        return self.num_steps + (0 if self.jumps else int((self.times[:-1] >= GUIDE_ABOVE).sum()))


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a walk came to: latents by stream (L, Z), frames (T, H, W, 3) in 8 bits, and the seconds of the walk."""

    latents: Mapping[str, Tensor]
    frames_THW3: np.ndarray
    seconds: float


def grid(effort: Effort, few_steps: Sequence[int]) -> list[Walk]:
    """Return every schedule at every number of steps, the most of them in equal steps only, then the jumps that the
    network was taught. The longest linear walk, which all are held against, is the first."""
    most, *fewer = sorted(effort.steps, reverse=True)
    every = [Walk(schedule="linear", num_steps=most)]
    every += [Walk(schedule=name, num_steps=steps) for name in SCHEDULES for steps in fewer]
    return every + [Walk(schedule=FEW_STEP, num_steps=steps) for steps in few_steps]


def measure(bench: Bench) -> list[Table]:
    """Return a row a walk: how near its pictures and latents come to the first's, and what the judge says of them."""
    effort, model = bench.effort, bench.model
    # Of each pair of prompts the first: the second is nearly the same.
    prompts = [prompt for prompt in load_suite()[::2] if asks_of(prompt)][: effort.num_prompts]
    judge = Judge.load() if SHIPPED_JUDGE.exists() else None
    walks = grid(effort, model.few_steps)
    made = [[walk_down(walk, prompt, model, effort.num_blocks) for walk in walks] for prompt in prompts]
    rows = []
    for walk, here in zip(walks, zip(*made, strict=True), strict=True):
        row = _row(walk, [of[0] for of in made], here)
        rows.append({**row, "judge_pct": judged(judge, prompts, here), "n": len(here)})
    seconds = effort.num_blocks * BLOCK_FRAMES / DRAWN_FPS
    note = (
        f"{len(prompts)} prompts of the suite, {seconds:.2g} s of {WIDTH}x{HEIGHT} with sound each, guided "
        f"by {GUIDANCE:g} above time {GUIDE_ABOVE:g}. Held against {walks[0].num_steps} linear steps from the "
        "same noise: 8-bit PSNR of the decoded frames with its 95 % interval over prompts, and the percentage of the "
        f"latents' variance that is there. Judge: how much of the asked {', '.join(ATTRIBUTES)} it sees."
    )
    lacks = "" if model.few_steps else " No few-step rows: these weights were taught no jumps."
    lacks += "" if judge else " Not judged: there are no weights of a judge."
    return [Table(title="Quality against steps", rows=rows, note=note + lacks)]


def judged(judge: Judge | None, prompts: Sequence[Prompt], made: Sequence[Made]) -> float | None:
    """Return the mean score of clips in percent, None without a judge."""
    if judge is None:
        return None
    return mean(mark(judge, prompt, one.frames_THW3) for prompt, one in zip(prompts, made, strict=True))


@torch.no_grad()
def walk_down(walk: Walk, prompt: Prompt, model: Model, num_blocks: int) -> Made:
    """Return what a walk makes of a prompt; its noise follows from the prompt's seed alone."""
    said = NativeEngine(model).read(Request(prompt=prompt.text)).prompt
    shot = Shot(prompt=said, num_blocks=num_blocks, height=HEIGHT, width=WIDTH, seed=prompt.seed, sound=True)
    state = window_state(shot, Window(start=0, stop=num_blocks, given=0), model, {})
    velocity = velocity_for(Told(prompt=said), model, walk.times, jumping=walk.jumps)
    done = [state]

    def work() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            done.append(solve(velocity, state, walk.times))

    seconds = seconds_of(work)
    latents = {name: x[0].float() for name, x in done[-1].xs.items()}
    blocks = [block for block in decode.frames(latents, shot, model, range(num_blocks)) if block is not None]
    return Made(latents=latents, frames_THW3=np.concatenate(blocks), seconds=seconds)


def _row(walk: Walk, wanted: Sequence[Made], made: Sequence[Made]) -> dict[str, Cell]:
    pictures = picture_likeness(wanted, made)
    return {
        "schedule": walk.schedule,
        "steps": walk.num_steps,
        "evaluations": walk.num_evaluations,
        "median_s": median(one.seconds for one in made),
        "psnr_db": pictures.value,
        "low": pictures.low,
        "high": pictures.high,
        "picture_variance_pct": latent_likeness("video", wanted, made),
        "sound_variance_pct": latent_likeness("sound", wanted, made),
    }


def picture_likeness(wanted: Sequence[Made], made: Sequence[Made]) -> Figure:
    """Return the PSNR of frames against those wanted, infinite where they are the same."""
    errors = [np.square(w.frames_THW3.astype(float) - m.frames_THW3).mean() for w, m in zip(wanted, made, strict=True)]
    return ratio("frames", errors, np.ones(len(errors)), unit="dB", scale=psnr)


def latent_likeness(stream: str, wanted: Sequence[Made], made: Sequence[Made]) -> float:
    """Return the percentage of the wanted latents' variance that is there: 100 where they are the same, no number where
    the wanted do not vary."""
    pairs = [(w.latents[stream], m.latents[stream]) for w, m in zip(wanted, made, strict=True)]
    missing, whole = sum(float((m - w).square().mean()) for w, m in pairs), sum(float(w.var()) for w, _ in pairs)
    return 100 * (1 - missing / whole) if whole > 0 else float("nan")
