"""`python -m kinora.evaluation.first_light`: every figure of the shipped weights, measured here and now.

Prints a Markdown table a measure; `--out` writes the same as JSON, with the command, the seed, hashes and the machine.
"""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kinora.evaluation.benchmark import making
from kinora.evaluation.figures import LEVEL, Figure, table
from kinora.evaluation.machine import machine_facts
from kinora.evaluation.parts import pictures, signs, sounds, texts
from kinora.evaluation.parts.looks import look, read_prompts
from kinora.evaluation.subject import SEED, Subject, from_frozen, from_weights, through_sound, through_video
from kinora.media.files import whole_file
from kinora.models.weights import SHIPPED

Measure = Callable[[Any], list[Figure]]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A measure that can be taken: its title, what it is taken of (None where that is missing), and how."""

    title: str
    part: Any
    measure: Measure


def measures(subject: Subject, num: int) -> dict[str, Planned]:
    """Return every measure by name, over `num` scenes."""
    video = None if subject.video is None else partial(through_video, subject.video)
    sound = None if subject.sound is None else partial(through_sound, subject.sound)
    return {
        "clips": Planned(
            title="Video autoencoder, unseen clips of two blocks",
            part=video,
            measure=partial(pictures.measure, "clips", pictures.clips(num)),
        ),
        "stills": Planned(
            title="Video autoencoder, unseen stills",
            part=video,
            measure=partial(pictures.measure, "stills", pictures.stills(num)),
        ),
        "signs": Planned(
            title="Signs read after the video autoencoder", part=video, measure=partial(signs.measure, num)
        ),
        "sound": Planned(title="Sound autoencoder", part=sound, measure=partial(sounds.measure, num)),
        "text": Planned(
            title="Text encoder, held-out scenes",
            part=subject.text,
            measure=partial(texts.measure, num * texts.CAPTIONS_PER_CLIP),
        ),
        "generation": Planned(title="Generation", part=subject.weights, measure=making.measure),
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
        if subject.model is None:
            raise ValueError("clips need whole weights: give --weights")
        _say(f"wrote {look(read_prompts(arguments.prompts), subject.model, arguments.sheet)}")
        return
    every = measures(subject, arguments.clips)
    chosen = arguments.only.split(",") if arguments.only else list(every)
    if unknown := set(chosen) - set(every):
        raise ValueError(f"there is no measure {', '.join(sorted(unknown))}: choose from {', '.join(every)}")
    # Taken before anything runs, so that the load is that of others.
    facts, taken = _facts(subject, arguments.clips), {}
    for name in chosen:
        taken[name] = _take(every[name])
        if arguments.out:
            _write(arguments.out, {**facts, "measures": taken})


def _take(planned: Planned) -> dict[str, object]:
    """Take one measure and print it; returns it as plain values."""
    if planned.part is None:
        _say(f"## {planned.title}\n\nnot measured: this part is missing\n")
        return {"title": planned.title, "figures": []}
    began = time.perf_counter()
    figures = planned.measure(planned.part)
    seconds = round(time.perf_counter() - began, 1)
    _say(table(planned.title, figures))
    return {"title": planned.title, "seconds": seconds, "figures": [figure.to_json() for figure in figures]}


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
