"""Whether a file fits into what is free, of memory while it is made and of the disk it is written to: reckoned before
any work, and nothing is timed."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from kinora.engines.engine import Engine
from kinora.engines.hub.memory import free_ram_bytes
from kinora.request import Request, Shot
from kinora.tasks.generate import num_frames

BYTES_PER_PIXEL = 130
"""What x264 holds of a picture."""

FILE_BYTES_PER_DRAWN, FILE_BYTES_PER_SHOWN = 0.1, 0.025
"""Of a file, for each pixel of its frames as they are drawn, and as they are shown: what is scaled up has no detail."""

COPIES = 2
"""A file and the signed one, which lie beside each other for a moment."""


@dataclass(frozen=True, kw_only=True)
class Free:
    """Bytes that may be taken: of memory, and of the disk on which a file is made."""

    memory_bytes: float
    disk_bytes: float


def free_beside(path: Path) -> Free:
    """Return what is free here, for a file at this path; one without a name is made in the folder for temporary ones.
    Raises ValueError where there is no such folder."""
    folder = path.parent if path.name else Path(gettempdir())
    try:
        disk_bytes = shutil.disk_usage(folder).free
    except OSError:
        raise ValueError(f"folder {folder} does not exist; make it first") from None
    return Free(memory_bytes=free_ram_bytes(), disk_bytes=disk_bytes)


def check_room(request: Request, shot: Shot, engine: Engine, free: Free) -> None:
    """Raise ValueError, in one line with the remedy, where a file drawn in such shots needs more than is free."""
    height, width = request.shown_size
    what = f"{width}x{height} for {request.seconds:g} s takes about"
    memory_bytes = engine.working_bytes(shot) + BYTES_PER_PIXEL * height * width
    if memory_bytes > free.memory_bytes:
        raise ValueError(
            f"{what} {_gb(memory_bytes)} of memory, and {_gb(free.memory_bytes)} are free: give a smaller size, or "
            "free some"
        )
    disk_bytes = COPIES * file_bytes(request)
    if disk_bytes > free.disk_bytes:
        raise ValueError(
            f"{what} {_gb(disk_bytes)} of disk while it is written, and {_gb(free.disk_bytes)} are free: give a "
            "smaller size or fewer seconds, or free some"
        )


def file_bytes(request: Request) -> float:
    """Return about how large a file gets, rather too large."""
    drawn, shown = (height * width for height, width in (request.drawn_size, request.shown_size))
    return num_frames(request) * (FILE_BYTES_PER_DRAWN * drawn + FILE_BYTES_PER_SHOWN * shown)


def _gb(num_bytes: float) -> str:
    return f"{num_bytes / 1e9:.2f} GB"
