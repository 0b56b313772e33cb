import argparse

import pytest

from kinora.cli.flags import CLIPS_OWN, PROMPT, add_request_flags, asked_from
from kinora.cli.main import build_parser
from kinora.request import Request

FLAGS = ("--seconds", "--size", "--fps", "--seed", "--steps", "--guidance", "--no-sound", "--no-music", "--variations")
SWITCHES = ("--strict", "--loose")


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("prompt", help=PROMPT)
    add_request_flags(parser)
    return parser


def test_the_flags_are_these(parser):
    """They derive from `Request`; a change here is a change of the command line."""
    options = [
        action.option_strings[0] for action in parser._actions if action.option_strings and action.dest != "help"
    ]
    assert tuple(options) == FLAGS + SWITCHES


def test_what_nobody_asks_for_is_not_there_and_is_the_requests_own_default(parser):
    asked = asked_from(parser.parse_args(["a fox"]))
    assert asked == {"prompt": "a fox"} and Request(**asked) == Request(prompt="a fox")


def test_defaults_are_shown(parser):
    text = " ".join(parser.format_help().split())
    for default in ("(default: 4)", "(default: 16:9)", "(default: 12)", "(default: 2)", "(default: 1)"):
        assert default in text
    of_a_clip = argparse.ArgumentParser()
    add_request_flags(of_a_clip, without=("seconds",), own=CLIPS_OWN)
    text = " ".join(of_a_clip.format_help().split())
    assert "--seconds" not in text and text.count("(default: the clip's own)") == 2


def test_every_flag_reaches_the_request(parser):
    line = [
        "a fox",
        "--seconds",
        "2.5",
        "--size",
        "1:1",
        "--seed",
        "7",
        "--steps",
        "3",
        "--guidance",
        "1",
        "--fps",
        "24",
    ]
    line += ["--no-sound", "--no-music", "--variations", "2", "--strict", "--loose"]
    wanted = {"seconds": 2.5, "size": "1:1", "seed": 7, "steps": 3, "guidance": 1.0, "sound": False, "music": False}
    wanted |= {"fps": 24, "variations": 2, "strict": True, "loose": True}
    assert asked_from(parser.parse_args(line)) == {"prompt": "a fox", **wanted}


def test_every_flag_is_explained():
    text = build_parser().format_help()
    assert all(name in text for name in ("generate", "extend", "fill", "loop", "join", "score", "inspect", "train"))
