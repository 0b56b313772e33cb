"""Opens an engine by its name, or by the folder its weights lie in; whatever is heavy is loaded only then."""

from pathlib import Path
from typing import TYPE_CHECKING

from kinora.engines.catalog import CATALOG, NATIVE
from kinora.engines.finding import find_engine

if TYPE_CHECKING:
    from kinora.engines.engine import Engine
    from kinora.engines.native.engine import NativeEngine


def open_engine(name: str = NATIVE, *, weights: Path | None = None) -> "Engine":
    """Return an engine, ready to draw: the model in the package or in another weights file of its kind, open weights
    that were pulled, or those in a folder. What is silent is given the voice of the model in the package.

    Raises ValueError, in one line with the remedy, where weights are not there, not whole, or too large for this
    machine.
    """
    native = open_native(weights)
    if name == NATIVE:
        return native
    from kinora.engines.hub.licence import check_accepted
    from kinora.engines.hub.shelf import folder_of
    from kinora.engines.open.opening import open_folder
    from kinora.engines.voiced import Voiced

    entry = find_engine(name)
    check_accepted(entry)
    drawn = open_folder(folder_of(name) if name in CATALOG else Path(name).expanduser(), entry)
    return drawn if drawn.can >= {"sound"} else Voiced(picture=drawn, native=native)


def open_native(weights: Path | None = None) -> "NativeEngine":
    """Return the model in the package, or in another weights file of its kind."""
    from kinora.engines.native.engine import NativeEngine
    from kinora.models.memory import keep_memory
    from kinora.models.weights import SHIPPED, load_model

    keep_memory()
    return NativeEngine(load_model(weights or SHIPPED))
