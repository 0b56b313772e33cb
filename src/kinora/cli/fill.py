"""`kinora fill CLIP [PROMPT]`: a part of a clip is made anew, its damaged frames are, or frames between its own."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.cli.flags import CLIPS_OWN, add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all

if TYPE_CHECKING:
    from kinora.request import Request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("clip", type=Path, help="the video to fill")
    parser.add_argument("prompt", nargs="?", default="", help="what to draw and to hear there; else what fits")
    parser.add_argument("--from", dest="from_s", type=float, metavar="SECONDS", help="where the part begins")
    parser.add_argument("--to", dest="to_s", type=float, metavar="SECONDS", help="where it ends")
    parser.add_argument("--frames", type=frames, help="damaged frames, counted from 0, as in 3,7-9")
    parser.add_argument(
        "--fps", dest="smooth", type=int, help="frames a second; the clip's own stay, the others are made between them"
    )
    add_request_flags(parser, without=("seconds", "fps"), own=CLIPS_OWN)
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Make the filled clip."""
    make_all(request_from(arguments), arguments, name=f"{arguments.clip.stem}-filled")


def request_from(arguments: argparse.Namespace) -> "Request":
    """Return the request for what is to be filled. Raises ValueError unless it is said in one way."""
    is_range = arguments.from_s is not None and arguments.to_s is not None
    is_half = (arguments.from_s is None) != (arguments.to_s is None)
    if is_half or is_range + (arguments.frames is not None) + (arguments.smooth is not None) != 1:
        raise ValueError("say what to fill: --from and --to, or --frames, or --fps")
    from kinora.tasks.jobs import Source, fill, mend, smooth

    asked, source = asked_from(arguments), Source.of(arguments.clip)
    if is_range:
        return fill(source, from_s=arguments.from_s, to_s=arguments.to_s, **asked)
    if arguments.frames is not None:
        return mend(source, frames=arguments.frames, **asked)
    return smooth(source, fps=arguments.smooth, **asked)


def frames(text: str) -> frozenset[int]:
    """Return the numbers in "3,7-9". Raises ValueError for anything else."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", part.strip())
        if match is None:
            raise ValueError(f"{text[:40]!r} does not name frames")
        numbers.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return frozenset(numbers)
