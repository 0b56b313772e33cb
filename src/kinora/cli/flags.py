"""Command-line flags derived from the fields of `Request`: one definition for every door."""

import argparse
import types
from dataclasses import MISSING, fields
from typing import Any, get_args, get_origin, get_type_hints

from kinora.request import Request


def add_request_flags(parser: argparse.ArgumentParser) -> None:
    """Add a positional prompt and a flag for every described field."""
    parser.add_argument("prompt", help='what to draw and to hear, as in "a red fox jumps in the snow, soft piano"')
    kinds = get_type_hints(Request)
    for spec in fields(Request):
        if "help" in spec.metadata:
            _add_flag(parser, spec.name, kinds[spec.name], spec.default, spec.metadata["help"])


def _add_flag(parser: argparse.ArgumentParser, name: str, kind: Any, default: Any, text: str) -> None:  # noqa: ANN401
    flag = "--" + name.replace("_", "-")
    if kind is bool and default is True:
        parser.add_argument(f"--no-{name}", dest=name, action="store_false", help=f"do not {text}")
    elif kind is bool:
        parser.add_argument(flag, action="store_true", help=text)
    else:
        shown = (
            ""
            if default in (None, MISSING)
            else f" (default: {default:g})"
            if kind is float
            else f" (default: {default})"
        )
        parser.add_argument(flag, type=_plain(kind), default=default, help=text + shown)


def _plain(kind: Any) -> Any:  # noqa: ANN401
    options = [option for option in get_args(kind) if option is not types.NoneType]
    return options[0] if get_origin(kind) in (types.UnionType,) else kind


def check_counts(arguments: argparse.Namespace, *names: str) -> None:
    """Raise ValueError where a count that was given is below 1."""
    for name in names:
        count = getattr(arguments, name)
        if count is not None and count < 1:
            raise ValueError(f"--{name} must be at least 1; it is {count}")


def request_from(arguments: argparse.Namespace) -> Request:
    """Return the checked request that the flags describe."""
    names = [spec.name for spec in fields(Request) if hasattr(arguments, spec.name)]
    return Request(**{name: getattr(arguments, name) for name in names})
