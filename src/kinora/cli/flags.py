"""Command-line flags derived from the fields of `Request`: one definition for every door."""

import argparse
import types
from collections.abc import Collection
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

from kinora.engines.catalog import NATIVE
from kinora.engines.finding import find_engine
from kinora.request import Request

CLIPS_OWN = ("size", "fps")
PROMPT = 'what to draw and to hear, as in "a red fox jumps in the snow, soft piano"'


def add_request_flags(
    parser: argparse.ArgumentParser, *, without: Collection[str] = (), own: Collection[str] = ()
) -> None:
    """Add a flag for every described field. What nobody asks for is not there afterwards: of a clip's `own` fields a
    job knows better than the defaults."""
    kinds = get_type_hints(Request)
    for spec in fields(Request):
        if "help" in spec.metadata and spec.name not in without:
            default = "the clip's own" if spec.name in own else spec.metadata.get("default", spec.default)
            _add_flag(parser, spec.name, kinds[spec.name], default, spec.metadata["help"])


def _add_flag(parser: argparse.ArgumentParser, name: str, kind: Any, default: Any, text: str) -> None:  # noqa: ANN401
    flag, missing = "--" + name.replace("_", "-"), argparse.SUPPRESS
    if kind is bool and default is True:
        parser.add_argument(f"--no-{name}", dest=name, action="store_false", default=missing, help=f"do not {text}")
    elif kind is bool:
        parser.add_argument(flag, action="store_true", default=missing, help=text)
    else:
        shown = f" (default: {default:g})" if isinstance(default, float) else f" (default: {default})"
        parser.add_argument(flag, type=_plain(kind), default=missing, help=text + shown * (default is not None))


def _plain(kind: Any) -> Any:  # noqa: ANN401
    options = [option for option in get_args(kind) if option is not types.NoneType]
    return options[0] if get_origin(kind) in (types.UnionType,) else kind


def check_counts(arguments: argparse.Namespace, *names: str) -> None:
    """Raise ValueError where a count that was given is below 1."""
    for name in names:
        count = getattr(arguments, name)
        if count is not None and count < 1:
            raise ValueError(f"--{name} must be at least 1; it is {count}")


def asked_from(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a request that flags ask for, and the canvas of the engine that is to draw."""
    asked = {spec.name: getattr(arguments, spec.name) for spec in fields(Request) if hasattr(arguments, spec.name)}
    engine = getattr(arguments, "engine", NATIVE)
    return asked if engine == NATIVE else {**asked, "canvas": find_engine(engine).canvas}
