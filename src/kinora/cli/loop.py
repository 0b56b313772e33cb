"""`kinora loop CLIP [PROMPT]`: a clip that flows from its end back into its beginning."""

import argparse
from pathlib import Path

from kinora.cli.flags import CLIPS_OWN, add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("clip", type=Path, help="the video to close")
    parser.add_argument("prompt", nargs="?", default="", help="what to draw and to hear there; else what fits")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long the way back lasts (default: 2)")
    add_request_flags(parser, without=("seconds",), own=CLIPS_OWN)
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Make the looped clip."""
    from kinora.tasks.jobs import Source, loop

    asked, source = asked_from(arguments), Source.of(arguments.clip)
    make_all(loop(source, **asked), arguments, name=f"{arguments.clip.stem}-looped")
