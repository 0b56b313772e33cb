"""`kinora score CLIP`: new sound for a clip: what its picture sounds like, effects, ambience and music."""

import argparse
from pathlib import Path

from kinora.cli.flags import add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("clip", type=Path, help="the video to hear")
    parser.add_argument("--effects", default="", help='what to hear of effects and ambience, as in "rain, barking"')
    parser.add_argument("--music", dest="tune", default="", help='which music to hear, as in "soft piano"')
    parser.add_argument(
        "--from", dest="from_s", type=float, metavar="SECONDS", help="where the part begins that sounds anew"
    )
    parser.add_argument("--to", dest="to_s", type=float, metavar="SECONDS", help="where it ends (default: the end)")
    parser.add_argument("--keep", action="store_true", help="keep the clip's own sound under what is made")
    add_request_flags(parser, without=("seconds", "sound", "music", "size", "fps"))
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Make the clip with new sound."""
    from kinora.tasks.jobs import Source, score

    made = {"effects": arguments.effects, "music": arguments.tune, "keep": arguments.keep}
    part = {"from_s": arguments.from_s, "to_s": arguments.to_s}
    request = score(Source.of(arguments.clip), **made, **part, **asked_from(arguments))
    make_all(request, arguments, name=f"{arguments.clip.stem}-scored")
