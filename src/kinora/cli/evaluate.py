"""`kinora evaluate`: clips of every prompt of the suite, marked by a judge beside controls, as figures and a page."""

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.cli.flags import check_counts
from kinora.cli.storybook import REMEDY
from kinora.engines.catalog import CATALOG, NATIVE
from kinora.request import Request

if TYPE_CHECKING:
    from kinora.evaluation.trials.gallery import Setting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--weights", type=Path, help="another weights file than the shipped one")
    parser.add_argument("--judge", type=Path, metavar="FILE", help="another judge's weights than the shipped ones")
    parser.add_argument(
        "--suite", choices=("prompts", "tasks"), default="prompts", help="clips of prompts, or jobs done on clips"
    )
    parser.add_argument(
        "--count", type=int, metavar="N", help="of the suite of tasks: how many clips a job (default: 200)"
    )
    parser.add_argument("--jobs", help="of the suite of tasks: only these, as in extend,fill (default: all)")
    parser.add_argument("--prompts", type=int, metavar="N", help="only the first N clips of the suite, a fair sample")
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), help="folder; a stopped run goes on there (default: evaluation)"
    )
    parser.add_argument("--steps", type=int, help="solver steps (default: as few as the model has learned)")
    parser.add_argument(
        "--guidance",
        type=float,
        default=CATALOG[NATIVE].guidance,
        help=f"how strictly the prompt is followed (default: {CATALOG[NATIVE].guidance:g})",
    )
    parser.add_argument(
        "--controls",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure rendered truth, round trips, noise, copying and long clips too (default: yes)",
    )
    parser.add_argument("--workers", type=int, default=2, help="processes, each with one thread (default: 2)")


def run(arguments: argparse.Namespace) -> None:
    """Make, judge, report."""
    check_counts(arguments, "prompts", "workers", "count")
    # Every bad argument is found before torch is loaded.
    Request(prompt="plain", steps=arguments.steps, guidance=arguments.guidance)
    if not arguments.out.absolute().parent.is_dir():
        raise ValueError(f"folder {arguments.out.absolute().parent} does not exist; make it first")
    _check_suite(arguments)
    try:
        from kinora.evaluation.trials.evaluate import Plan, evaluate
        from kinora.evaluation.trials.gallery import Setting
    except ImportError as error:
        raise ValueError(f"{REMEDY} ({error})") from error
    from kinora.models.judge import SHIPPED_JUDGE
    from kinora.models.weights import SHIPPED

    setting = Setting(
        weights=arguments.weights or SHIPPED,
        judge=arguments.judge or SHIPPED_JUDGE,
        out=arguments.out,
        steps=arguments.steps,
        guidance=arguments.guidance,
    )
    command = shlex.join(["kinora", *sys.argv[1:]])
    if arguments.suite == "tasks":
        print(f"wrote {_evaluate_jobs(arguments, setting, command)}")
        return
    plan = Plan(num_prompts=arguments.prompts, controls=arguments.controls, workers=arguments.workers)
    print(f"wrote {evaluate(plan, setting, command)}")


def _check_suite(arguments: argparse.Namespace) -> None:
    """Raise ValueError for a flag of the other suite."""
    flags = {"tasks": ("count", "jobs"), "prompts": ("prompts",)}
    for suite, names in flags.items():
        for name in names:
            if suite != arguments.suite and getattr(arguments, name) is not None:
                raise ValueError(f"--{name} is for --suite {suite}: leave it away, or say that")


def _evaluate_jobs(arguments: argparse.Namespace, setting: "Setting", command: str) -> Path:
    """Do the jobs that are asked for, and report. Raises ValueError for a job that there is none of."""
    from kinora.evaluation.jobs.suite import COUNT, TRIES, Plan, evaluate_jobs

    jobs = tuple(arguments.jobs.split(",")) if arguments.jobs else tuple(TRIES)
    if unknown := [job for job in jobs if job not in TRIES]:
        raise ValueError(f"there is no job {unknown[0]!r}: give some of {', '.join(TRIES)}")
    plan = Plan(count=arguments.count or COUNT, workers=arguments.workers, jobs=jobs)
    return evaluate_jobs(plan, setting, command)
