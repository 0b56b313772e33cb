"""`kinora join FIRST SECOND [PROMPT]`: two clips become one, with a passage made between them."""

import argparse
from pathlib import Path

from kinora.cli.flags import CLIPS_OWN, add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("first", type=Path, help="the video that comes first")
    parser.add_argument("second", type=Path, help="the video that follows")
    parser.add_argument("prompt", nargs="?", default="", help="what to draw and to hear there; else what fits")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long the passage lasts (default: 2)")
    add_request_flags(parser, without=("seconds",), own=CLIPS_OWN)
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Make the joined clip."""
    from kinora.tasks.jobs import Source, join

    asked = asked_from(arguments)
    first, second = Source.of(arguments.first), Source.of(arguments.second)
    make_all(join(first, second, **asked), arguments, name=f"{arguments.first.stem}-{arguments.second.stem}")
