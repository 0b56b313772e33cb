"""`kinora evaluate --suite tasks`: do every job on bare rendered clips, measure, report. A stopped run goes on.

What a job is done on is a function of its number; no figure chooses anything, no clip is made twice, none is left out.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kinora.evaluation.figures import LEVEL
from kinora.evaluation.jobs.asked import NUM_SHOTS
from kinora.evaluation.jobs.attempt import FIRST_SEED, key_of, rounded
from kinora.evaluation.jobs.bridges import try_extend, try_fill, try_join, try_loop
from kinora.evaluation.jobs.films import LENGTHS_S, try_cost, try_storyboard
from kinora.evaluation.jobs.footage import FIRST_INDEX
from kinora.evaluation.jobs.keeping import WAYS, try_given
from kinora.evaluation.jobs.makings import try_animate, try_score, try_shape, try_take
from kinora.evaluation.jobs.tables import tables_of
from kinora.evaluation.machine import machine_facts
from kinora.evaluation.rows import Row, all_rows, tried
from kinora.evaluation.seeing.witnesses import cutter_version
from kinora.evaluation.subject import SEED
from kinora.evaluation.trials.gallery import Setting, model_of
from kinora.evaluation.trials.report import markdown
from kinora.evaluation.trials.trial import judge_of
from kinora.media.files import whole_file

# A change to how jobs are done or measured needs rows of another name.
MEASURING = 2
COUNT = 200
# A film has five cuts, and sixty seconds take as long as fifteen clips.
CUTS, TAKE = NUM_SHOTS - 1, 20
# Whether what is given stays the same is not a matter of chance: each way of giving is tried a tenth as often.
GIVEN = 10
INTERVAL = f"Intervals of {LEVEL:.0%} by bootstrap over clips; shares: the wider of that and Wilson's"

TRIES: dict[str, Callable[[int, Setting], Row]] = {
    "extend": try_extend,
    "fill": try_fill,
    "loop": try_loop,
    "join": try_join,
    "given": try_given,
    "animate": try_animate,
    "score": try_score,
    "storyboard": try_storyboard,
    "shape": try_shape,
    "cost": try_cost,
    "take": try_take,
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many clips a job is done on, and in how many processes. Fewer of what is long: films of five cuts each count
    as five, 60 s in one take as twenty, and each of the other ways of giving is tried a tenth as often; of costs there
    is one run each."""

    count: int = COUNT
    workers: int = 2
    jobs: tuple[str, ...] = tuple(TRIES)

    def numbers(self, job: str) -> range:
        """Return the numbers of the clips of a job."""
        counts = {"storyboard": -(-self.count // CUTS), "take": -(-self.count // TAKE), "cost": len(LENGTHS_S)}
        counts["given"] = len(WAYS) * -(-self.count // GIVEN)
        return range(counts.get(job, self.count))


def try_job(job: tuple[str, int], setting: Setting) -> Row:
    """Return the row of a job done on the clip of a number."""
    name, number = job
    row = {"key": key_of(name, number, setting, MEASURING), "job": name, "number": number}
    return rounded({**row, **TRIES[name](number, setting)})


def rows_of(plan: Plan, setting: Setting) -> list[Row]:
    """Return the row of every job of a plan, in its order; those that are on disk already are not made again."""
    # By number, so that a run that is stopped has as many of one job as of another.
    wanted = sorted(((job, number) for job in plan.jobs for number in plan.numbers(job)), key=lambda one: one[1])
    jobs = {key_of(*job, setting, MEASURING): job for job in wanted}
    return all_rows(jobs, setting.out, lambda left: _tried(left, setting, plan.workers), "job")


def _tried(jobs: Sequence[tuple[str, int]], setting: Setting, workers: int) -> Iterator[Row]:
    """Yield rows as they are done; what is timed has the machine to itself."""
    done = partial(try_job, setting=setting)
    alone = [job for job in jobs if job[0] == "cost"]
    yield from map(done, alone)
    yield from tried([job for job in jobs if job not in alone], done, workers)


def evaluate_jobs(plan: Plan, setting: Setting, command: str) -> Path:
    """Do, measure and report; returns the report. The same arguments go on where an earlier run stopped.

    Raises ValueError where weights or judge are missing or the folder can't be written.
    """
    facts = _facts(plan, setting, command)
    setting.out.mkdir(parents=True, exist_ok=True)
    rows = rows_of(plan, setting)
    found = tables_of(rows)
    report = {**facts, "tables": [table.to_json() for table in found], "keys": [row["key"] for row in rows]}
    _write(setting.out / "report.json", json.dumps(report, indent=1) + "\n")
    _write(setting.out / "report.md", f"{markdown(found, facts)}\n{facts['seeds']}\n")
    return setting.out / "report.md"


def _facts(plan: Plan, setting: Setting, command: str) -> dict[str, Any]:
    model, judge = model_of(setting.weights), judge_of(setting.judge)
    return {
        "command": command,
        "weights": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "judge": {"sha256": judge.networks.sha256},
        "witnesses": {"cuts": cutter_version()},
        "count": {job: len(plan.numbers(job)) for job in plan.jobs},
        "seeds": (
            f"Seeds: scenes are those of the drawn world's seed {SEED}, from index {FIRST_INDEX} on, which no recipe "
            f"trains on; a job's number is added to its index and to the seed {FIRST_SEED} that its clip is made from."
        ),
        "steps": setting.steps,
        "guidance": setting.guidance,
        "interval": INTERVAL,
        "machine": machine_facts(),
    }


def _write(path: Path, text: str) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
