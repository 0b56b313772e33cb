"""The `kinora` command. Each sub-command is a short file; heavy modules are imported only by the one that runs."""

import argparse
import os
import sys
from importlib import import_module
from typing import NoReturn

COMMANDS = {
    "generate": "make a signed video with sound from a sentence",
    "extend": "make a clip longer, at its end or its beginning",
    "fill": "make a part of a clip anew, mend damaged frames, or make frames between its own",
    "loop": "make a clip flow from its end back into its beginning",
    "join": "make one clip of two, with a passage between them",
    "score": "make new sound for a clip",
    "storyboard": "make a film of several shots from a plan, or from a prompt that tells them",
    "describe": "list what the drawn world knows",
    "engines": "list what draws: what each can do, what it needs, what is on disk; pull, verify, remove weights",
    "serve": "serve the Videos API that Sora's clients speak, and make what they ask for",
    "work": "make videos for a server, on this machine or another",
    "inspect": "show what a video file says about itself",
    "storybook": "render clips of the drawn world, with their whole truth",
    "train": "train a stage of the model",
    "evaluate": "mark what the model makes of a suite of prompts, beside controls, and write a page",
    "benchmark": "measure what a file costs on this machine, and what fewer steps lose",
}


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line, like everything else here."""

    def error(self, message: str) -> NoReturn:
        """End with exit status 2."""
        self.exit(2, f"kinora: {message}; see `{self.prog} --help`\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    parser = Parser(prog="kinora", description="A prompt becomes a signed video with synchronised sound.")
    parser.add_argument("--version", action="version", version="kinora 0.3.0")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        import_module(f"kinora.cli.{name}").add_arguments(command)
    return parser


def main() -> None:
    """Run a command; a mistake of the user's is one line on stderr and exit status 2."""
    arguments = build_parser().parse_args()
    try:
        import_module(f"kinora.cli.{arguments.command}").run(arguments)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, FileNotFoundError, FileExistsError, PermissionError, ConnectionError) as error:
        sys.exit(_complain(error))
    except KeyboardInterrupt:
        sys.exit(_complain("stopped; nothing half-written was left behind", 130))


def _complain(error: object, status: int = 2) -> int:
    print(f"kinora: {error}", file=sys.stderr)
    return status
