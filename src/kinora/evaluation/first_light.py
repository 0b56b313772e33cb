"""`python -m kinora.evaluation.first_light`: every figure of the shipped weights, measured here and now.

Prints a Markdown table a measure; `--out` writes the same as JSON, with the command, the seed, hashes and the machine.
"""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from kinora.evaluation import making, pictures, signs, sounds, texts
from kinora.evaluation.figures import LEVEL, Figure, table
from kinora.evaluation.looks import look, read_prompts
from kinora.evaluation.machine import machine_facts
from kinora.evaluation.subject import SEED, Subject, from_frozen, from_weights, through_sound, through_video
from kinora.media.files import whole_file
from kinora.models.weights import SHIPPED

Measure = Callable[[], list[Figure]]


def measures(subject: Subject, num: int) -> dict[str, tuple[str, Measure | None]]:
    """Return every measure by name: its title, and how it is taken, None where the part it is about is missing."""
    video = None if subject.video is None else partial(through_video, subject.video)
    sound = None if subject.sound is None else partial(through_sound, subject.sound)
    text, weights = subject.text, subject.weights
    return {
        "clips": (
            "Video autoencoder, unseen clips of two blocks",
            None if video is None else lambda: pictures.measure("clips", pictures.clips(num), video),
        ),
        "stills": (
            "Video autoencoder, unseen stills",
            None if video is None else lambda: pictures.measure("stills", pictures.stills(num), video),
        ),
        "signs": (
            "Signs read after the video autoencoder",
            None if video is None else lambda: signs.measure(num, video),
        ),
        "sound": ("Sound autoencoder", None if sound is None else lambda: sounds.measure(num, sound)),
        "text": (
            "Text encoder, held-out scenes",
            None if text is None else lambda: texts.measure(num * texts.CAPTIONS_PER_CLIP, text),
        ),
        "generation": ("Generation", None if weights is None else lambda: making.measure(weights)),
    }


def build_parser() -> argparse.ArgumentParser:
    """Return the command's parser."""
    parser = argparse.ArgumentParser(prog="python -m kinora.evaluation.first_light", description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--weights", type=Path, default=SHIPPED, help="the file to measure (default: the shipped one)")
    source.add_argument("--frozen", type=Path, metavar="FOLDER", help="measure the parts frozen in a folder instead")
    parser.add_argument("--clips", type=int, default=100, metavar="N", help="unseen scenes a measure (default: 100)")
    parser.add_argument("--only", default="", metavar="NAMES", help="clips,stills,signs,sound,text,generation")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--prompts", type=Path, metavar="FILE", help="generate a clip for each line of a file instead")
    parser.add_argument("--sheet", type=Path, default=Path("first_light.png"), help="contact sheet of those clips")
    return parser


def main() -> None:
    """Measure, print and write."""
    arguments = build_parser().parse_args()
    try:
        run(arguments)
    except ValueError as error:
        sys.exit(f"first_light: {error}")


def run(arguments: argparse.Namespace) -> None:
    """Take the measures asked for, or generate the clips of a file of prompts."""
    subject = from_frozen(arguments.frozen) if arguments.frozen else from_weights(arguments.weights)
    if arguments.prompts:
        if subject.model is None or subject.weights is None:
            raise ValueError("clips need whole weights: give --weights")
        _say(f"wrote {look(read_prompts(arguments.prompts), subject.model, subject.weights, arguments.sheet)}")
        return
    every = measures(subject, arguments.clips)
    chosen = arguments.only.split(",") if arguments.only else list(every)
    if unknown := set(chosen) - set(every):
        raise ValueError(f"there is no measure {', '.join(sorted(unknown))}: choose from {', '.join(every)}")
    # Taken before anything runs, so that the load is that of others.
    report = {**_facts(subject, arguments.clips), "measures": {}}
    for name in chosen:
        report["measures"][name] = _take(*every[name])
        if arguments.out:
            _write(arguments.out, report)


def _take(title: str, measure: Measure | None) -> dict[str, object]:
    """Take one measure and print it; returns it as plain values."""
    if measure is None:
        _say(f"## {title}\n\nnot measured: this part is missing\n")
        return {"title": title, "figures": []}
    began = time.perf_counter()
    figures = measure()
    _say(table(title, figures))
    return {
        "title": title,
        "seconds": round(time.perf_counter() - began, 1),
        "figures": [figure.to_json() for figure in figures],
    }


def _facts(subject: Subject, num: int) -> dict[str, object]:
    return {
        "command": shlex.join(["python", "-m", "kinora.evaluation.first_light", *sys.argv[1:]]),
        "seed": SEED,
        "clips": num,
        "interval": f"{LEVEL:.0%}: bootstrap over scenes; shares: the wider of that and Wilson's",
        "sha256": subject.hashes,
        "machine": machine_facts(),
    }


def _write(path: Path, report: dict[str, object]) -> None:
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
