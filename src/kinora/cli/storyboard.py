"""`kinora storyboard STORY`: a film of several shots, from a plan in YAML or from words, and the plan beside it."""

import argparse
import secrets
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.cli.flags import add_request_flags, asked_from
from kinora.cli.making import (
    add_engine_flags,
    check_engine,
    check_writable,
    free_path,
    out_path,
    repeat_command,
    say_scale,
    slug,
)
from kinora.engines.catalog import NATIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kinora.engines.engine import Progress
    from kinora.tasks.render import Stage
    from kinora.tasks.story_plan import Story

    Making = Callable[[Progress], Iterator[Stage]]

PLAN = ".story.yaml"
BAR = "{desc}: {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}{postfix}]"
STORY = 'a plan (a YAML file), or a prompt: sentences, or "[0-4s] a fox runs [4-8s] a bear sleeps"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("story", help=STORY)
    parser.add_argument("--one-shot", action="store_true", help="make one long take of a prompt, without cuts")
    parser.add_argument(
        "--redo", type=int, metavar="N", help="make shot N of a plan's film again; the others stay as they are"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=argparse.SUPPRESS,
        help="length of a prompt's film, 1 to 60 (default: as its shots say, or 4 for each sentence, 12 for one)",
    )
    add_request_flags(parser, without=("seconds", "variations"))
    parser.add_argument("-o", "--out", type=Path, help="the file to write (default: named for the story)")
    parser.add_argument("--preview", action="store_true", help="write a contact sheet (PNG) beside the video too")
    add_engine_flags(parser)


def run(arguments: argparse.Namespace) -> None:
    """Plan, say so, make the film, and save the plan beside it."""
    # Every bad argument is found before torch is loaded.
    story = story_from(arguments)
    path = film_path(arguments, story)
    check_story(story, path, arguments.engine)
    old = film_of(arguments.story)
    if arguments.redo is not None and not old.is_file():
        raise ValueError(f"there is no {old} to change: make the plan's film first")

    from kinora.engines.opening import open_engine
    from kinora.tasks.storyboard import Again, redo, render_story

    engine = open_engine(arguments.engine, weights=arguments.weights)
    if arguments.redo is None:
        tell(story, lambda progress: render_story(story, engine, path, progress=progress), path, arguments)
        drawn = story.request.seed
    else:
        again = Again(story, arguments.redo - 1, old)
        tell(story, lambda progress: redo(again, engine, path, progress=progress), path, arguments)
        drawn = story.shots[again.number].seed
    print(repeat_command(sys.argv[1:], None if hasattr(arguments, "seed") else drawn))


def check_story(story: "Story", path: Path, engine: str) -> None:
    """Refuse what can't be made or written, before anything is loaded."""
    from kinora import policy

    policy.check(story.request.prompt)
    check_writable(path)
    for number in range(len(story.shots)):
        check_engine(story.request_of(number), engine)


def tell(story: "Story", making: "Making", path: Path, arguments: argparse.Namespace) -> None:
    """Make a film with a progress bar on stderr, save its plan beside it, and say how to change it."""
    from kinora.tasks.story_file import save_story

    say_scale(story.request)
    follow(story, making, path.name)
    save_story(story, plan_of(path))
    print(f"wrote {path}\nwrote {plan_of(path)}")
    if arguments.preview:
        preview(path, free_path(path.with_suffix(".png")))
    print(f"to change it: {shlex.join(['kinora', 'storyboard', str(plan_of(path)), *engine_words(arguments)])}")


def story_from(arguments: argparse.Namespace) -> "Story":
    """Return the plan: the file's or the prompt's, changed by flags, with a new seed for a shot to redo."""
    from kinora.request import Canvas, Request
    from kinora.tasks.story_file import read_story
    from kinora.tasks.story_plan import plan_story, usual_seconds

    asked, seed = asked_from(arguments), secrets.randbelow(2**31)
    if Path(arguments.story).suffix.lower() in (".yaml", ".yml"):
        if arguments.one_shot or "seconds" in asked:
            raise ValueError("a plan says itself which shots it has and how long: leave --one-shot and --seconds away")
        wanted = asked.pop("seed", seed) if arguments.redo is not None else None
        story = read_story(Path(arguments.story), drawn_seed=seed, **asked)
        return story if wanted is None else story.with_seed(checked_number(arguments.redo, story), wanted)
    if arguments.redo is not None:
        raise ValueError(f"--redo needs the film's plan: give the {PLAN} file beside it")
    fps = asked.get("canvas", Canvas()).fps
    fields = {"seconds": usual_seconds(arguments.story), "fps": fps, "seed": seed, **asked}
    request = Request(prompt=arguments.story, **fields)
    return plan_story(request, fields["seed"], one_shot=arguments.one_shot)


def engine_words(arguments: argparse.Namespace) -> list[str]:
    """Return the flags that say again who draws."""
    engine = [] if arguments.engine == NATIVE else ["--engine", arguments.engine]
    return [*engine, *(["--weights", str(arguments.weights)] if arguments.weights else [])]


def checked_number(number: int, story: "Story") -> int:
    """Return the number, from 0, of a shot that people count from 1. Raises ValueError where there is none."""
    if not 1 <= number <= len(story.shots):
        raise ValueError(f"there is no shot {number}: the story has shots 1 to {len(story.shots)}")
    return number - 1


def film_path(arguments: argparse.Namespace, story: "Story") -> Path:
    """Return where the film goes: as asked, over the one that is changed, or a free name like the story's."""
    if arguments.out or arguments.redo is not None:
        return arguments.out or film_of(arguments.story)
    is_plan = Path(arguments.story).suffix.lower() in (".yaml", ".yml")
    named = film_of(arguments.story) if is_plan else Path(f"{slug(arguments.story)}.mp4")
    return out_path(None, named, story.request, 0)


def film_of(plan: str) -> Path:
    """Return the film that lies beside a plan: fox.mp4 beside fox.story.yaml or fox.yaml."""
    path = Path(plan)
    return path.with_name(f"{path.stem.removesuffix('.story')}.mp4")


def plan_of(film: Path) -> Path:
    """Return where a film's plan is saved: fox.story.yaml beside fox.mp4."""
    return film.with_name(film.stem + PLAN)


def follow(story: "Story", making: "Making", name: str) -> None:
    """Run the stages under a bar, and print the plan once it is read."""
    from tqdm import tqdm

    with tqdm(desc=name, bar_format=BAR, file=sys.stderr, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        for stage in making(progress):
            if stage.name == "read":
                bar.write("\n".join(table(story, [reading.prompt for reading in stage.result])), file=sys.stdout)
                for number, reading in enumerate(stage.result, start=1):
                    if reading.said:
                        bar.write(f"shot {number}: {reading.said}", file=sys.stderr)
            if stage.name == "fill":
                bar.set_postfix_str("decoding and signing")


def table(story: "Story", drawn: list[str]) -> list[str]:
    """Return the plan as lines: number, seconds, frames of the file, seed, and the words as they are drawn."""
    rows = [("shot", "seconds", "frames", "seed", "drawn as")]
    fps = story.request.fps
    for number, shot in enumerate(story.shots):
        start, stop = story.borders[number : number + 2]
        seconds = f"{start / fps:.4g}-{stop / fps:.4g}"
        rows.append((str(number + 1), seconds, f"{start}-{stop - 1}", str(shot.seed), drawn[number]))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join([*(cell.rjust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in rows]


def preview(film: Path, picture: Path) -> None:
    """Write a contact sheet of a film."""
    from kinora.media.decode import read_clip
    from kinora.media.sheet import preview as sheet
    from kinora.media.sheet import write_png

    write_png(sheet(read_clip(film)), picture)
    print(f"wrote {picture}")
