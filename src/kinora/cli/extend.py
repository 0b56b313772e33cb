"""`kinora extend CLIP PROMPT`: a clip goes on after its end, or begins earlier, picture and sound."""

import argparse
from pathlib import Path

from kinora.cli.flags import CLIPS_OWN, PROMPT, add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("clip", type=Path, help="the video to extend")
    parser.add_argument("prompt", help=PROMPT)
    parser.add_argument("--seconds", type=float, default=4.0, help="how much longer it gets (default: 4)")
    parser.add_argument("--before", action="store_true", help="begin earlier, instead of going on after the end")
    add_request_flags(parser, without=("seconds",), own=CLIPS_OWN)
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Make the longer clip."""
    from kinora.tasks.jobs import Source, extend

    asked, source = asked_from(arguments), Source.of(arguments.clip)
    make_all(extend(source, before=arguments.before, **asked), arguments, name=f"{arguments.clip.stem}-extended")
