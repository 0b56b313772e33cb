"""What all commands that make files share: where they go, what is said on the way, the line that makes them again."""

import argparse
import re
import secrets
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.engines.catalog import NATIVE
from kinora.request import MAX_SEED, Request

if TYPE_CHECKING:
    from kinora.engines.engine import Engine

SLUG_LENGTH = 60
PREVIEW_SIDE = 336


def add_making_flags(parser: argparse.ArgumentParser) -> None:
    """Declare what is no part of a request."""
    parser.add_argument(
        "-o", "--out", type=Path, help="the file to write (default: a new one, named for what it shows)"
    )
    parser.add_argument("--preview", action="store_true", help="write a contact sheet (PNG) beside the video too")
    parser.add_argument(
        "--estimate", action="store_true", help="say how long it would take and how much memory, and stop"
    )
    add_engine_flags(parser)


def add_engine_flags(parser: argparse.ArgumentParser) -> None:
    """Declare who draws."""
    parser.add_argument(
        "--engine",
        default=NATIVE,
        help=f"who draws: a name that `kinora engines` lists, or a folder (default: {NATIVE})",
    )
    parser.add_argument("--weights", type=Path, help=f"another weights file than the shipped one, for {NATIVE}")


def make_all(request: Request, arguments: argparse.Namespace, *, name: str = "") -> None:
    """Make every variation of a request. Where no file is asked for, they are named for the prompt, or as said."""
    # Every bad argument is found before torch is loaded.
    from kinora import policy

    policy.check(request.prompt)
    check_engine(request, arguments.engine)
    named = Path(f"{name or slug(request.prompt)}.mp4")
    paths = [out_path(arguments.out, named, request, number) for number in range(request.variations)]
    for path in paths:
        check_writable(path)

    from kinora.engines.opening import open_engine

    engine = open_engine(arguments.engine, weights=arguments.weights)
    if arguments.estimate:
        from kinora.tasks.estimate import estimate

        print(estimate(request, engine).line(request.variations))
        return
    say_scale(request)
    first_seed = secrets.randbelow(2**31) if request.seed is None else request.seed
    for number, path in enumerate(paths):
        make(request, engine, path, seed_of(first_seed, number), preview=arguments.preview)
    print(repeat_command(sys.argv[1:], None if request.seed is not None else first_seed))


def check_engine(request: Request, name: str) -> None:
    """Refuse what an engine can't do, and name one that can, before anything is loaded."""
    from kinora.engines.finding import find_engine
    from kinora.tasks.needs import check_needs

    check_needs(request, find_engine(name))


def make(request: Request, engine: "Engine", path: Path, seed: int, *, preview: bool) -> None:
    """Make one file, with a progress bar on stderr."""
    from tqdm import tqdm

    from kinora.tasks.render import finished, render

    with tqdm(total=request.steps, unit="step", desc=path.name, file=sys.stderr, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        for stage in render(request, engine, path, seed, progress=progress):
            if stage.name == "read" and stage.result.said:
                bar.write(stage.result.said, file=sys.stderr)
            if stage.said:
                bar.write(stage.said, file=sys.stderr)
            if stage.name == "fill":
                latents = stage.result
                bar.set_postfix_str("decoding and signing")
    print(f"wrote {path}")
    if preview:
        from kinora.media.sheet import preview as sheet
        from kinora.media.sheet import write_png

        picture = free_path(path.with_suffix(".png"))
        write_png(sheet(finished(latents, request, engine, longest=PREVIEW_SIDE)), picture)
        print(f"wrote {picture}")


def say_scale(request: Request) -> None:
    """Say in a line each on stderr that a clip is scaled, and what it is given cut to fit, where that is so."""
    from kinora.tasks.jobs import cut_of
    from kinora.tasks.render import scaled_from

    if cut := cut_of(request):
        print(cut, file=sys.stderr)

    drawn = scaled_from(request)
    if drawn:
        height, width = request.shown_size
        print(f"drawn at {drawn}, scaled to {width}x{height}", file=sys.stderr)


def slug(prompt: str) -> str:
    """Return a file name made of the prompt's words."""
    words = re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")
    return words[:SLUG_LENGTH].rstrip("-") or "kinora"


def out_path(asked: Path | None, named: Path, request: Request, number: int) -> Path:
    """Return where a variation goes: what was asked for, numbered when there are several; a free name like `named` when
    nothing was asked."""
    base = asked or named
    if request.variations > 1:
        base = base.with_name(f"{base.stem}-{number + 1}{base.suffix}")
    return free_path(base) if asked is None else base


def free_path(path: Path) -> Path:
    """Return a path at which nothing is, numbered where something is at this one: for names that nobody asked for."""
    free, count = path, 2
    while free.exists():
        free, count = path.with_name(f"{path.stem}-{count}{path.suffix}"), count + 1
    return free


def check_writable(path: Path) -> None:
    """Refuse a bad place before any work is done."""
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"{path.name} must end in .mp4")
    if not path.parent.is_dir():
        raise ValueError(f"folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give a file name that ends in .mp4")


def seed_of(first: int, number: int) -> int:
    """Return the seed of a variation: one after the other, and after the last the first there is."""
    return (first + number) % (MAX_SEED + 1)


def repeat_command(words: Sequence[str], seed: int | None) -> str:
    """Return the command that makes the same files again: what was said, and the seed where that was drawn."""
    drawn = [] if seed is None else ["--seed", str(seed)]
    return shlex.join(["kinora", *words[:1], *drawn, *words[1:]])
