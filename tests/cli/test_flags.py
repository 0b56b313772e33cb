"""One definition for every door: what the command line, the API and Python calls take is frozen here."""

import argparse
from dataclasses import fields
from inspect import signature

import pytest

from kinora.cli.flags import CLIPS_OWN, PROMPT, add_request_flags, asked_from
from kinora.cli.main import build_parser
from kinora.request import BOUNDS, Request
from kinora.serving.api.calls import BRIDGE_SECONDS, CALLS, SHOT
from kinora.serving.api.fields import ASKED_AS, DEFAULT_SECONDS, FIELDS
from kinora.serving.api.wishes import BESIDE
from kinora.serving.tasks import CALLED
from kinora.tasks import jobs, story_file, story_plan

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
    for default in (
        "(default: 4)",
        "(default: 16:9)",
        "(default: 12, or the engine's own)",
        "(default: 2, or the engine's own)",
        "(default: 1)",
    ):
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


ALIKE = {
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "no_sound": "generate_sound",
    "no_music": "music",
    "keyframe": "keyframes",
    "clip": "video",
}
"""What the API calls a flag or an argument of the command line under another name."""

COMMAND_LINE = {"help", "out", "preview", "estimate", "weights", "engine", "variations", "loose"}
"""Of one command's run: where files go, what is shown, who draws on this machine, and how many are made."""

ONLY_API = {"model", "priority", "width", "height", "num_frames", "input_reference", "image_reference"}
"""What clients of OpenAI's or of other servers say in words of their own, or what belongs to a queue."""

MAKING = ("generate_sound", "guidance_scale", "music", "num_inference_steps", "seed", "strict")
CLIP = ("fps", "prompt", "seconds", "size", "video")
PICTURES = ("first_frame", "keyframes", "last_frame", "one_shot", "sound")
GOLDEN = {
    "generate": {*MAKING, *PICTURES, "fps", "prompt", "seconds", "size"},
    "extend": {*MAKING, *CLIP, "before"},
    "fill": {*MAKING, *CLIP, "from", "to", "frames"} - {"seconds"},
    "loop": {*MAKING, *CLIP},
    "join": {*MAKING, *CLIP, "first", "second"} - {"video"},
    "score": {*MAKING, "effects", "from", "keep", "to", "video"} - {"generate_sound"},
}
"""What each job can be told, in the API's words: a change here is a change of all three doors."""

API_ONLY_SIZE = {"score": {"size"}}
CALLS_OF = {"generate": "create"}
FUNCTIONS = {
    "generate": ("animate",),
    "fill": ("fill", "mend", "smooth"),
    **{name: (name,) for name in ("extend", "loop", "join", "score")},
}


def told_on_the_command_line(command):
    """What a command can be told, in the API's words."""
    parser = build_parser()._subparsers._group_actions[0].choices[command]
    names = set()
    for action in parser._actions:
        option = next((each for each in action.option_strings if each.startswith("--")), action.dest)
        names.add(option.removeprefix("--").replace("-", "_"))
    return {ALIKE.get(name, name) for name in names - COMMAND_LINE}


def told_to_the_api(command):
    """What a call can be told that does the same."""
    call = CALLS[CALLS_OF.get(command, command)]
    beside = BESIDE.get(CALLS_OF.get(command, command), ())
    return {*call.fields, *call.files, *beside} - ONLY_API - {"characters"} - API_ONLY_SIZE.get(command, set())


def told_in_python(command):
    """What the functions of a job can be told, and the requests that they make."""
    back = {ours: theirs for theirs, ours in CALLED.items() if theirs != "input_reference"}
    functions = [getattr(jobs, each) for each in FUNCTIONS[command]]
    if command == "generate":
        functions.append(story_plan.plan_story)
    parameters = {name for each in functions for name in signature(each).parameters}
    asked = {theirs for theirs, ours in ASKED_AS.items()} | {"size", "seed", "prompt", "seconds"}
    if command == "join":
        back |= {"first": "first", "second": "second"}
    return {back.get(name, name) for name in parameters - {"asked"}} | asked


@pytest.mark.parametrize("command", GOLDEN)
def test_command_line_api_and_python_take_the_same(command):
    assert told_on_the_command_line(command) == GOLDEN[command]
    assert told_to_the_api(command) == GOLDEN[command]
    assert told_in_python(command) >= GOLDEN[command]


STORYBOARD = {*MAKING, "fps", "one_shot", "redo", "seconds", "size", "story"}
"""What a story's command can be told; a plan or the API tell of shots instead."""


def test_what_a_story_s_command_can_be_told_is_this():
    assert told_on_the_command_line("storyboard") == STORYBOARD
    ours = {ALIKE.get(name, name) for name in signature(story_plan.plan_story).parameters}
    assert STORYBOARD - {*ours, *ASKED_AS, "prompt", "size", "seconds", "story"} == {"redo"}


def test_a_story_is_told_in_the_same_words_in_a_file_and_in_the_api():
    ours = {ASKED_AS.get(name, name) for name in CALLS["storyboard"].fields if name not in ONLY_API}
    assert ours == {*story_file._STORY} - {"loose"}
    assert {*SHOT} == {*story_file._SHOT} - {"from", "to"}
    assert {ALIKE.get(name, name) for name in CALLS["redo"].fields} - ONLY_API == {"shot", "prompt", "seed"}


def test_the_api_asks_for_every_field_of_a_request_that_has_a_flag():
    flags = {spec.name for spec in fields(Request) if "help" in spec.metadata}
    assert {*ASKED_AS.values(), "seconds", "size", "seed"} == flags - {"variations", "loose"}


def test_the_api_s_bounds_are_the_request_s():
    for name, (low, high) in BOUNDS.items():
        theirs = next((theirs for theirs, ours in ASKED_AS.items() if ours == name), name)
        if theirs in FIELDS:
            number = FIELDS[theirs].schema["anyOf"][0]
            assert (number["minimum"], number["maximum"]) == (low, high), name


def test_lengths_where_nothing_is_said_are_the_same():
    assert BRIDGE_SECONDS == jobs.BRIDGE_S and DEFAULT_SECONDS == Request.seconds == jobs.EXTENSION_S
