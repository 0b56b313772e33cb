"""`kinora work`: one more worker for a server's videos, on this machine or another."""

import argparse
from pathlib import Path

PLACES = ("data", "database", "store", "steps")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_place_arguments(parser)
    # What `kinora serve` tells the workers it starts.
    parser.add_argument("--host", help=argparse.SUPPRESS)
    parser.add_argument("--id", help=argparse.SUPPRESS)
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where videos are written down and kept: `serve` and `work` must be told the same."""
    parser.add_argument("--data", type=Path, help="folder of config.toml, databases and videos (default: kinora-data)")
    parser.add_argument(
        "--database", metavar="URL", help="sqlite:////file or postgresql://... (default: in the folder)"
    )
    parser.add_argument("--store", metavar="URL", help="file:///folder or s3://bucket/prefix (default: in the folder)")
    parser.add_argument(
        "--steps",
        metavar="URL",
        help="database of the workers' steps (default: in the folder, or the PostgreSQL given)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Work until told to stop."""
    from kinora.serving.config import load_config

    config = load_config({name: getattr(arguments, name) for name in (*PLACES, "host")})
    from kinora.serving.api.logs import configure_logs
    from kinora.serving.work.worker import run as work

    configure_logs()
    work(config, worker=arguments.id, parent=arguments.parent)
