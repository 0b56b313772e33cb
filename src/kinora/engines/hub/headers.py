"""The head of a safetensors file: which tensors it says it holds, against the bytes it has. No tensor is read."""

import json
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

MOST_HEADER_BYTES = 100 << 20
BYTES_OF = {"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2}
BYTES_OF |= {"I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8}


def header_of(path: Path) -> Mapping[str, Any]:
    """Return a file's tensors by name: dtype, shape and data_offsets each.

    Raises ValueError where the file is shorter or longer than its head says, or has none.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        num_bytes = int.from_bytes(file.read(8), "little")
        if size_bytes < 8 or not 2 <= num_bytes <= min(MOST_HEADER_BYTES, size_bytes - 8):
            raise ValueError(f"{path.name} is no whole safetensors file")
        try:
            table = json.loads(file.read(num_bytes))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path.name} is no whole safetensors file") from error
    tensors = {name: row for name, row in table.items() if name != "__metadata__"} if isinstance(table, dict) else {}
    if _end(tensors) != size_bytes - 8 - num_bytes:
        raise ValueError(f"{path.name} is cut off: its head and its length do not agree")
    return tensors


def num_parameters(path: Path) -> int:
    """Return how many numbers a file holds. Raises ValueError as `header_of`."""
    return sum(prod(row["shape"]) for row in header_of(path).values())


def _end(tensors: Mapping[str, Any]) -> int:
    """Bytes of all tensors; -1 where they overlap, leave gaps, or are of other sizes than they say."""
    end = 0
    try:
        for row in sorted(tensors.values(), key=lambda row: row["data_offsets"]):
            start, stop = row["data_offsets"]
            if start != end or stop - start != prod(row["shape"]) * BYTES_OF.get(row["dtype"], -1):
                return -1
            end = stop
    except (KeyError, TypeError, ValueError):
        return -1
    return end
