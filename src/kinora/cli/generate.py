"""`kinora generate PROMPT`: a sentence becomes a signed MP4 with sound, around pictures or a sound that are given."""

import argparse
from pathlib import Path

from kinora.cli.flags import PROMPT, add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("prompt", help=PROMPT)
    parser.add_argument("--first-frame", type=Path, metavar="PICTURE", help="the picture that the clip begins with")
    parser.add_argument("--last-frame", type=Path, metavar="PICTURE", help="the picture that it ends with")
    parser.add_argument(
        "--keyframe",
        type=keyframe,
        action="append",
        default=[],
        metavar="T=PICTURE",
        help="the picture at a second of it; may be given several times",
    )
    parser.add_argument(
        "--sound", dest="track", type=Path, metavar="FILE", help="the sound, or a video's, for which to draw a picture"
    )
    add_request_flags(parser)
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Generate every variation asked for."""
    from kinora.tasks.jobs import Source, Track, animate

    asked = asked_from(arguments)
    request = animate(
        asked.pop("prompt"),
        first=Source.of(arguments.first_frame) if arguments.first_frame else None,
        last=Source.of(arguments.last_frame) if arguments.last_frame else None,
        keyframes=[(time_s, Source.of(path)) for time_s, path in arguments.keyframe],
        track=Track.of(arguments.track) if arguments.track else None,
        **asked,
    )
    make_all(request, arguments)


def keyframe(text: str) -> tuple[float, Path]:
    """Return the second and the picture of "2.5=p.png"."""
    time_s, _, path = text.partition("=")
    if not path:
        raise ValueError("say T=PICTURE")
    return float(time_s), Path(path)
