"""`kinora generate PROMPT`: a sentence becomes a signed MP4 with sound, around pictures or a sound that are given."""

import argparse
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.cli.flags import PROMPT, add_request_flags, asked_from
from kinora.cli.making import add_making_flags, make_all, out_path, repeat_command, seed_of, slug
from kinora.cli.storyboard import check_story, tell
from kinora.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinora.engines.engine import Engine, Progress
    from kinora.tasks.render import Stage
    from kinora.tasks.story_plan import Story


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
    parser.add_argument(
        "--one-shot", action="store_true", help="make one take of what would be told in several shots, with cuts"
    )
    add_request_flags(parser)
    add_making_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Generate every variation asked for: in several shots where the prompt tells of them, or has longer than one."""
    from kinora.tasks.jobs import Source, Track, animate
    from kinora.tasks.story_plan import is_story

    asked = asked_from(arguments)
    request = animate(
        asked.pop("prompt"),
        first=Source.of(arguments.first_frame) if arguments.first_frame else None,
        last=Source.of(arguments.last_frame) if arguments.last_frame else None,
        keyframes=[(time_s, Source.of(path)) for time_s, path in arguments.keyframe],
        track=Track.of(arguments.track) if arguments.track else None,
        **asked,
    )
    if is_story(request) and not arguments.one_shot:
        tell_all(request, arguments)
    else:
        make_all(request, arguments)


def tell_all(request: Request, arguments: argparse.Namespace) -> None:
    """Make every variation of a story."""
    from kinora.tasks.story_plan import plan_story

    first_seed = secrets.randbelow(2**31) if request.seed is None else request.seed
    stories = [plan_story(request, seed_of(first_seed, number)) for number in range(request.variations)]
    named = Path(f"{slug(request.prompt)}.mp4")
    paths = [out_path(arguments.out, named, request, number) for number in range(request.variations)]
    for story, path in zip(stories, paths, strict=True):
        check_story(story, path, arguments.engine)

    from kinora.engines.opening import open_engine

    engine = open_engine(arguments.engine, weights=arguments.weights)
    if arguments.estimate:
        from kinora.tasks.estimate import estimate_story

        print(estimate_story(stories[0], engine).line(request.variations))
        return
    for story, path in zip(stories, paths, strict=True):
        tell(story, partial(_rendered, story, engine, path), path, arguments)
    print(repeat_command(sys.argv[1:], None if request.seed is not None else first_seed))


def _rendered(story: "Story", engine: "Engine", path: Path, progress: "Progress") -> "Iterator[Stage]":
    from kinora.tasks.storyboard import render_story

    return render_story(story, engine, path, progress=progress)


def keyframe(text: str) -> tuple[float, Path]:
    """Return the second and the picture of "2.5=p.png"."""
    time_s, _, path = text.partition("=")
    if not path:
        raise ValueError("say T=PICTURE")
    return float(time_s), Path(path)
