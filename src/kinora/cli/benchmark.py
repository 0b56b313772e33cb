"""`kinora benchmark`: what a file costs on this machine, stage by stage, and what fewer steps lose."""

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from kinora.cli.flags import check_counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--weights", type=Path, help="another weights file than the shipped one")
    parser.add_argument(
        "--only",
        default="",
        metavar="NAMES",
        help="stages,compute,steps,scaling,peers,variants,training,gpu (default: all)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON too")
    parser.add_argument("--runs", type=int, metavar="N", help="runs of everything that is timed (default: 5)")
    parser.add_argument("--prompts", type=int, metavar="N", help="prompts of the section steps (default: 8)")
    parser.add_argument("--quick", action="store_true", help="the least of everything, to see that it works")


def run(arguments: argparse.Namespace) -> None:
    """Measure, print and write."""
    check_counts(arguments, "runs", "prompts")
    if arguments.out and not arguments.out.parent.is_dir():
        raise ValueError(f"folder {arguments.out.parent} does not exist; make it first")
    from kinora.evaluation.benchmark.report import choose, measure, write
    from kinora.evaluation.benchmark.table import FULL, QUICK
    from kinora.models.memory import keep_memory
    from kinora.models.weights import SHIPPED

    keep_memory()
    effort = QUICK if arguments.quick else FULL
    asked = {"runs": arguments.runs, "num_prompts": arguments.prompts}
    effort = replace(effort, **{name: value for name, value in asked.items() if value is not None})
    report = measure(arguments.weights or SHIPPED, effort, choose(arguments.only), lambda text: print(text, flush=True))
    if arguments.out:
        write(arguments.out, {"command": shlex.join(["kinora", *sys.argv[1:]]), **report})
        print(f"wrote {arguments.out}")
