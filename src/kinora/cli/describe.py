"""`kinora describe`: what the drawn world knows, read from the shipped weights; neither renderer nor network is
loaded."""

import argparse
import json
import textwrap
from typing import Any

WIDTH = 100
NAME_WIDTH = 14
SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Scenery", (("places", "place"), ("lights", "light"), ("weathers", "weather"))),
    ("Looks", (("patterns", "pattern"), ("accessories", "worn"))),
    ("Composition", (("relations", "relation"), ("camera_moves", "camera"), ("camera_frames", "framing"))),
    ("Sound", (("effects", "effects"), ("ambiences", "ambience"))),
    ("Music", (("instruments", "instrument"), ("moods", "mood"), ("tempos", "tempo"))),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print everything as JSON, synonyms and stand-ins included")


def run(arguments: argparse.Namespace) -> None:
    """Print the world."""
    from kinora.models.weights import vocabulary

    world = vocabulary()
    print(json.dumps(world, indent=2) if arguments.json else describe(world))


def describe(world: dict[str, Any]) -> str:
    """Return the world for people: grouped, one fact a paragraph, at most 100 columns wide."""
    parts = [_kinds(world["kinds"])]
    for title, rows in SECTIONS:
        parts.append("\n".join([title, *(_row(name, world[key]) for key, name in rows)]))
    return "\n\n".join([*parts, _signs(world["sign_letters"]), _words(world)])


def _kinds(kinds: dict[str, dict[str, list[str]]]) -> str:
    """The kinds by what they have in common: those of one set of actions and colours share a paragraph."""
    colours = sorted({colour for kind in kinds.values() for colour in kind["colours"]})
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for name, kind in kinds.items():
        groups.setdefault((tuple(kind["actions"]), tuple(sorted(kind["colours"]))), []).append(name)
    lines = ["Who and what, and what they do", _row("colours", colours)]
    for (actions, own), names in groups.items():
        lines += [_wrap(", ".join(names), indent=2), _row("", actions)]
        lines += [] if list(own) == colours else [_row("", [f"only {', '.join(own)}"])]
    return "\n".join(lines)


def _signs(letters: str) -> str:
    text = f'1 to 8 letters of {letters}, in double quotes: a sign that says "HELLO"'
    return "\n".join(["Signs", _wrap(text, indent=2)])


def _words(world: dict[str, Any]) -> str:
    num_synonyms = sum(len(others) for words in world["synonyms"].values() for others in words.values())
    text = (
        f"{num_synonyms} words and phrases are understood for these, and {len(world['near'])} more are read as the "
        "nearest of them, which is always said. `kinora describe --json` lists them."
    )
    return "\n".join(["Other words", _wrap(text, indent=2)])


def _row(name: str, words: list[str] | tuple[str, ...]) -> str:
    first = f"  {name}".ljust(NAME_WIDTH)
    return textwrap.fill(
        ", ".join(words), WIDTH, initial_indent=first, subsequent_indent=" " * NAME_WIDTH, break_on_hyphens=False
    )


def _wrap(text: str, *, indent: int) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)
