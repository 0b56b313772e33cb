import argparse

import pytest

from kinora.cli.flags import add_request_flags, request_from
from kinora.cli.main import build_parser
from kinora.request import Request

FLAGS = {
    "prompt": None,
    "--seconds": 4.0,
    "--size": "16:9",
    "--fps": 12,
    "--seed": None,
    "--steps": None,
    "--guidance": 2.0,
    "--no-sound": True,
    "--no-music": True,
    "--variations": 1,
    "--strict": False,
}


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    add_request_flags(parser)
    return parser


def test_the_flags_are_these(parser):
    """They derive from `Request`; a change here is a change of the command line."""
    actions = [action for action in parser._actions if action.dest != "help"]
    assert {(action.option_strings or [action.dest])[0]: action.default for action in actions} == FLAGS


def test_no_flags_are_the_requests_own_defaults(parser):
    assert request_from(parser.parse_args(["a fox"])) == Request(prompt="a fox")


def test_every_flag_reaches_the_request(parser):
    line = ["a fox", "--seconds", "2.5", "--size", "1:1", "--seed", "7", "--steps", "3", "--guidance", "1"]
    line += ["--no-sound", "--no-music", "--variations", "2", "--strict"]
    wanted = {"seconds": 2.5, "size": "1:1", "seed": 7, "steps": 3, "guidance": 1.0, "sound": False, "music": False}
    assert request_from(parser.parse_args(line)) == Request(prompt="a fox", **wanted, variations=2, strict=True)


def test_every_flag_is_explained():
    text = build_parser().format_help()
    assert all(name in text for name in ("generate", "describe", "inspect", "storybook", "train"))
