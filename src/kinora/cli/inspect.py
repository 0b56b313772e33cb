"""`kinora inspect FILE`: what a file holds and what its credentials say."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", type=Path, help="a video file")


def run(arguments: argparse.Namespace) -> None:
    """Print what the file says."""
    from kinora.provenance.inspection import inspect

    print(inspect(arguments.file))
