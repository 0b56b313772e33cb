"""`kinora generate PROMPT`: a sentence becomes a signed MP4 with sound."""

import argparse
import re
import secrets
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.cli.flags import add_request_flags, request_from
from kinora.request import LONGEST_DRAWN, Request

if TYPE_CHECKING:
    from kinora.models.weights import Model

SLUG_LENGTH = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_request_flags(parser)
    parser.add_argument("-o", "--out", type=Path, help="the file to write (default: the prompt as a file name)")
    parser.add_argument("--preview", action="store_true", help="write a contact sheet (PNG) beside the video too")
    parser.add_argument(
        "--estimate", action="store_true", help="say how long it would take and how much memory, and stop"
    )
    parser.add_argument("--weights", type=Path, help="another weights file than the shipped one")


def run(arguments: argparse.Namespace) -> None:
    """Generate every variation asked for."""
    request = request_from(arguments)
    # Every bad argument is found before torch is loaded.
    from kinora import policy

    policy.check(request.prompt)
    paths = [out_path(arguments.out, request, number) for number in range(request.variations)]
    for path in paths:
        check_writable(path)

    from kinora.models.memory import keep_memory
    from kinora.models.weights import SHIPPED, load_model

    keep_memory()
    model = load_model(arguments.weights or SHIPPED)
    if arguments.estimate:
        from kinora.tasks.estimate import estimate

        cost = estimate(request, model)
        print(
            f"about {cost.seconds * request.variations:.0f} s and {cost.peak_bytes / 1e9:.1f} GB of memory at the peak"
        )
        return
    say_scale(request)
    first_seed = secrets.randbelow(2**31) if request.seed is None else request.seed
    for number, path in enumerate(paths):
        make(request, model, path, first_seed + number, preview=arguments.preview)
    print(repeat_command(request, first_seed, arguments.out, arguments.weights))


def make(request: Request, model: "Model", path: Path, seed: int, *, preview: bool) -> None:
    """Make one file, with a progress bar on stderr."""
    from tqdm import tqdm

    from kinora.tasks.render import finished, render

    with tqdm(total=request.steps, unit="step", desc=path.name, file=sys.stderr, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        for stage in render(request, model, path, seed, progress=progress):
            if stage.name == "read" and stage.result.line:
                bar.write(f"the drawn world {stage.result.line}", file=sys.stderr)
            if stage.name == "fill":
                latents = stage.result
                bar.set_postfix_str("decoding and signing")
    print(f"wrote {path}")
    if preview:
        from kinora.media.sheet import preview as sheet
        from kinora.media.sheet import write_png

        picture = path.with_suffix(".png")
        write_png(sheet(finished(latents, request, model, longest=LONGEST_DRAWN)), picture)
        print(f"wrote {picture}")


def say_scale(request: Request) -> None:
    """Say in one line on stderr that a clip is scaled, where it is."""
    from kinora.tasks.render import scaled_from

    drawn = scaled_from(request)
    if drawn:
        print(f"drawn at {drawn}, scaled up to {request.size}", file=sys.stderr)


def slug(prompt: str) -> str:
    """Return a file name made of the prompt's words."""
    words = re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")
    return words[:SLUG_LENGTH].rstrip("-") or "kinora"


def out_path(asked: Path | None, request: Request, number: int) -> Path:
    """Return where a variation goes: what was asked for, numbered when there are several; a free name when nothing
    was asked."""
    base = asked or Path(f"{slug(request.prompt)}.mp4")
    if request.variations > 1:
        base = base.with_name(f"{base.stem}-{number + 1}{base.suffix}")
    if asked is None:
        free, count = base, 2
        while free.exists():
            free, count = base.with_name(f"{base.stem}-{count}{base.suffix}"), count + 1
        return free
    return base


def check_writable(path: Path) -> None:
    """Refuse a bad place before any work is done."""
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"{path.name} must end in .mp4")
    if not path.parent.is_dir():
        raise ValueError(f"folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; give a file name that ends in .mp4")


def repeat_command(request: Request, seed: int, out: Path | None, weights: Path | None) -> str:
    """Return the command that makes the same files again."""
    plain = Request(prompt=request.prompt)
    words = ["kinora", "generate", shlex.quote(request.prompt), "--seed", str(seed)]
    for name in ("seconds", "size", "fps", "steps", "guidance", "variations"):
        value = getattr(request, name)
        if value != getattr(plain, name):
            words += [f"--{name}", str(value).removesuffix(".0")]
    words += [f"--no-{name}" for name in ("sound", "music") if not getattr(request, name)]
    words += ["--strict"] if request.strict else []
    words += ["--weights", shlex.quote(str(weights))] if weights else []
    words += ["-o", shlex.quote(str(out))] if out else []
    return " ".join(words)
