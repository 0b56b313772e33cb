"""The `kinora` command. Each sub-command is a short file; heavy modules are imported only by the one that runs."""

import argparse
import errno
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from kinora.provenance.version import VERSION

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

REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space, or write to another one",
    errno.EDQUOT: "your share of the disk is used up: free some space, or write to another one",
    errno.EFBIG: "the file would be larger than is allowed here: raise `ulimit -f`, or ask for something shorter",
    errno.EROFS: "the disk is read-only: write to another one",
    errno.EACCES: "reading or writing here is not permitted: change the permissions, or use another folder",
    errno.EPERM: "reading or writing here is not permitted: change the permissions, or use another folder",
    errno.EIO: "the disk has an error: write to another one",
    errno.EMFILE: "too many files are open: raise `ulimit -n`",
    errno.ENOMEM: "there is too little memory: ask for something smaller, or close other programs",
}


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line, like everything else here."""

    def error(self, message: str) -> NoReturn:
        """End with exit status 2."""
        self.exit(2, f"kinora: {message}; see `{self.prog} --help`\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    parser = Parser(prog="kinora", description="A prompt becomes a signed video with synchronised sound.")
    parser.add_argument("--version", action="version", version=f"kinora {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        import_module(f"kinora.cli.{name}").add_arguments(command)
    return parser


def main() -> None:
    """Run a command; a mistake of the user's is one line on stderr and exit status 2."""
    try:
        arguments = build_parser().parse_args()
        import_module(f"kinora.cli.{arguments.command}").run(arguments)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ValueError as error:
        sys.exit(_complain(error))
    except OSError as error:
        sys.exit(_complain(remedy_of(error)))
    except SystemExit:
        # Its reason was said already, even where that was Ctrl-C.
        raise
    except BaseException as error:
        if not was_stopped(error):
            raise
        sys.exit(_complain("stopped; nothing half-written was left behind", 130))


def was_stopped(error: BaseException | None) -> bool:
    """Return whether an error is Ctrl-C, or follows from it, as an import does that was broken off."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def remedy_of(error: OSError) -> str:
    """Return in one line what the system refused, and what to do about it."""
    remedy = REMEDIES.get(error.errno or 0)
    if remedy is None:
        return str(error)
    if not error.filename:
        return remedy
    place = Path(os.fsdecode(error.filename)).absolute()
    # Temporary files and folders are nobody's business: they lie where the file was to be.
    while place.name.startswith(".kinora-") or place.suffix == ".part":
        place = place.parent
    return f"{place}: {remedy}"


def _complain(error: object, status: int = 2) -> int:
    print(f"kinora: {error}", file=sys.stderr)
    return status
