"""`kinora storybook`: render clips of the drawn world, each with its whole truth beside it."""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kinora.cli.flags import check_counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinora.storybook.write import Written

REMEDY = "install the storybook extra: pip install -e '.[storybook]' and the system's libEGL and libGL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--count", type=int, default=1, help="how many clips (default: 1)")
    parser.add_argument("--out", type=Path, default=Path("storybook"), help="folder to write to (default: storybook)")
    parser.add_argument("--seed", type=int, default=0, help="which of the endless sets of clips (default: 0)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each clip (default: 4)")
    parser.add_argument(
        "--size", default="16:9", help="16:9, 9:16, 1:1, 4:3, 3:4, 21:9 or WIDTHxHEIGHT (default: 16:9)"
    )
    parser.add_argument("--fps", type=int, default=12, help="frames a second (default: 12)")
    parser.add_argument("--workers", type=int, default=1, help="render processes (default: 1)")
    parser.add_argument("--split", choices=("train", "held-out"), default="train", help="which combinations to show")


def run(arguments: argparse.Namespace) -> None:
    """Render."""
    try:
        from kinora.request import parse_size
        from kinora.storybook.write import Order, whole_frames, write_clips
    except ImportError as error:
        raise ValueError(f"{REMEDY} ({error})") from error
    check_counts(arguments, "count", "workers", "fps")
    height, width = parse_size(arguments.size)
    order = Order(
        seed=arguments.seed,
        split=arguments.split,
        num_frames=whole_frames(arguments.seconds, arguments.fps),
        height=height,
        width=width,
        fps=arguments.fps,
    )
    written = write_clips(order, range(arguments.count), arguments.out, workers=arguments.workers)
    print(_summary(list(_with_progress(written, arguments.count)), arguments.out))


def _with_progress(written: "Iterator[Written]", count: int) -> "Iterator[Written]":
    """Pass the clips on, keeping one line on stderr up to date."""
    began_s, rendered = time.monotonic(), 0
    for done, clip in enumerate(written, start=1):
        rendered += clip.num_frames > 0
        clips_per_s = rendered / max(1e-9, time.monotonic() - began_s)
        left = f"{(count - done) / clips_per_s:.0f} s left" if rendered else "there already"
        print(f"\r{done}/{count} clips, {clips_per_s:.2f} clips/s, {left}   ", end="", file=sys.stderr, flush=True)
        yield clip
    print(file=sys.stderr)


def _summary(clips: "list[Written]", out: Path) -> str:
    num_frames, render_s = sum(clip.num_frames for clip in clips), sum(clip.render_s for clip in clips)
    where = str(clips[0].folder) if len(clips) == 1 else f"{len(clips)} clips in {out}"
    if not num_frames:
        return f"{where} (all there already)"
    return f"{where}; rendered at {num_frames / render_s:.0f} frames/s a core"
