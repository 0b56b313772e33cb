"""`kinora evaluate`: make the clips, judge them and the controls, and write the report. A stopped run goes on.

Every clip's row is kept as soon as it is judged; what is made later depends on nothing but the prompt's own seed. No
figure chooses anything here: no clip is made twice, none is left out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np

from kinora.engines.engine import Told
from kinora.engines.native.fill import num_steps
from kinora.evaluation.figures import LEVEL
from kinora.evaluation.machine import machine_facts
from kinora.evaluation.rows import ROWS, Row, all_rows, processes, tried
from kinora.evaluation.subject import SEED
from kinora.evaluation.trials import copying
from kinora.evaluation.trials.gallery import Setting, model_of
from kinora.evaluation.trials.page import page, write_sheet
from kinora.evaluation.trials.report import markdown, tables_of, tallies
from kinora.evaluation.trials.staging import scene_for
from kinora.evaluation.trials.suite import (
    FIRST_SEED,
    LONG_SUITE,
    SUITE,
    Prompt,
    counts,
    load_long,
    load_suite,
    strangers,
)
from kinora.evaluation.trials.tables import clips_of
from kinora.evaluation.trials.testimony import witnesses
from kinora.evaluation.trials.trial import ORACLE, Job, judge_of, keep_picture, key_of, read_small, strip, try_one
from kinora.media.files import whole_file

# How many prompts each control takes, and how many scenes of training a clip is compared with.
NUM_CONTROLS, NUM_TRAINING = 140, 1000
# What few prompts ask for: those that do are controls before all others.
RARE = {"physics", "relation", "sign"}
NUM_NEAR = 6
INTERVAL = f"Intervals of {LEVEL:.0%}: bootstrap over written prompts; shares: the wider of that and Wilson's"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is evaluated: how many prompts, of which files, with which controls, in how many processes."""

    num_prompts: int | None = None
    controls: bool = True
    workers: int = 2
    suite: Path = SUITE
    long_suite: Path | None = LONG_SUITE
    num_controls: int = NUM_CONTROLS
    num_training: int = NUM_TRAINING


def prompts_of(plan: Plan) -> tuple[Prompt, ...]:
    """Return the prompts of a plan: the first of the suite's fixed order of chance."""
    return load_suite(plan.suite)[: plan.num_prompts]


def jobs_of(plan: Plan) -> list[Job]:
    """Return every clip to judge, in the order in which they are judged."""
    prompts = prompts_of(plan)
    others = strangers(prompts)
    jobs = [Job(arm="made", prompt=prompt, strangers=others[prompt.id]) for prompt in prompts]
    if not plan.controls:
        return jobs
    controls = controls_of(prompts, plan.num_controls)
    jobs += [Job(arm="truth", prompt=prompt, strangers=others[prompt.id]) for prompt in controls]
    jobs += [Job(arm=ORACLE, prompt=prompt) for prompt in controls]
    jobs += [Job(arm="round trip", prompt=prompt) for prompt in controls]
    jobs += [Job(arm="noise", prompt=prompt) for prompt in controls]
    return jobs + [Job(arm="long", prompt=prompt) for prompt in _long_prompts(plan)]


def controls_of(prompts: Sequence[Prompt], num: int) -> list[Prompt]:
    """Return the prompts that controls take: of each written one the first clip, what few ask for before the rest.

    Of those that ask for it, what the drawn world has no scene for is left out; the rest keep the suite's order of
    chance. Nothing here has read a figure.
    """
    firsts = list({prompt.written: prompt for prompt in reversed(prompts)}.values())[::-1]
    rare = [prompt for prompt in firsts if RARE & set(prompt.asks)]
    others = [prompt for prompt in firsts if not RARE & set(prompt.asks)]
    return [*filter(_can_be_drawn, rare), *others][:num]


def _can_be_drawn(prompt: Prompt) -> bool:
    try:
        return bool(scene_for(prompt.asks, SEED, prompt.id))
    except ValueError:
        return False


def _long_prompts(plan: Plan) -> Sequence[Prompt]:
    return load_long(plan.long_suite) if plan.long_suite else ()


def rows_of(plan: Plan, setting: Setting) -> list[Row]:
    """Return the row of every clip of a plan, in its order; those that are on disk already are not made again."""
    jobs = {key_of(job, setting): job for job in jobs_of(plan)}
    return all_rows(jobs, setting.out, lambda left: tried(left, partial(try_one, setting=setting), plan.workers), "arm")


def evaluate(plan: Plan, setting: Setting, command: str) -> Path:
    """Make, judge and report; returns the folder's page. The same arguments go on where an earlier run stopped.

    Raises ValueError where weights or judge are missing or the folder can't be written.
    """
    facts = _facts(plan, setting, command)
    setting.out.mkdir(parents=True, exist_ok=True)
    _sweep(setting.out)
    rows = rows_of(plan, setting)
    copies = copies_of(plan, setting, rows) if plan.controls else {}
    found = tables_of(rows, copying.figures(copies, plan.num_training) if copies else ())
    facts |= {**tallies(rows), "rows": ROWS}
    report = {**facts, "tables": [table.to_json() for table in found], "keys": [row["key"] for row in rows]}
    write_sheet(rows, setting.out)
    _write(setting.out / "report.json", json.dumps(report, indent=1) + "\n")
    _write(setting.out / "report.md", markdown(found, facts))
    _write(setting.out / "index.html", page(facts, found, rows, copies))
    return setting.out / "index.html"


def copies_of(plan: Plan, setting: Setting, rows: Sequence[Row]) -> dict[str, Any]:
    """Return how near made and drawn clips come to training, and the made ones that come nearest, with pictures."""
    arms = {arm: clips_of(rows, arm) for arm in ("made", "truth")}
    if not all(arms.values()):
        return {}
    pool_N = _training_pool(plan)
    found = {
        arm: copying.nearest(np.stack([read_small(setting.out / row["small"]) for row in some]), pool_N)
        for arm, some in arms.items()
    }
    made, drawn = found["made"], {row["id"] for row in arms["truth"]}
    is_matched = np.array([row["id"] in drawn for row in arms["made"]])
    first = [
        {
            "prompt": arms["made"][number]["prompt"],
            "small": arms["made"][number]["small"],
            "distance": float(made.distance_K[number]),
            "training": keep_picture(
                strip(pool_N[made.number_K[number]]), setting.out, f"small/training-{made.number_K[number]}.png"
            ),
        }
        for number in made.distance_K.argsort()[:NUM_NEAR]
    ]
    distances = {arm: near.distance_K for arm, near in found.items()}
    return {**distances, "matched": made.distance_K[is_matched], "nearest": first}


def _training_pool(plan: Plan) -> np.ndarray:
    if plan.workers == 1:
        return copying.training_pool(plan.num_training)
    with processes(plan.workers) as pool:
        return copying.training_pool(plan.num_training, pool)


def _facts(plan: Plan, setting: Setting, command: str) -> dict[str, Any]:
    model, judge = model_of(setting.weights), judge_of(setting.judge)
    return {
        "command": command,
        "weights": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "judge": {"sha256": judge.networks.sha256},
        "witnesses": witnesses(),
        "suite": counts(prompts_of(plan)),
        "seeds": f"{FIRST_SEED} and the id of the written prompt; controls {SEED}",
        "steps": num_steps(Told(prompt="steps", steps=setting.steps), model),
        "guidance": setting.guidance,
        "interval": INTERVAL,
        "machine": machine_facts(),
    }


def _sweep(out: Path) -> None:
    """Take away what a killed run left half-made."""
    for path in (*out.glob("*/.kinora-*"), *out.glob("*/.*.part"), *out.glob(".*.part")):
        rmtree(path) if path.is_dir() else path.unlink()


def _write(path: Path, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
