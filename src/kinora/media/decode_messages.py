"""What the decoding process says: messages of one tag byte, a 32-bit little-endian length and a payload.

H facts (JSON), S sound (float32, interleaved), F frames (uint8 RGB, before they are turned upright), T tracks (JSON)
and P their packets, Z the end, E a refusal (its code).
"""

import json
import struct
import sys
from typing import Any


class RefusedError(Exception):
    """The file is not opened; the only argument is a code that the parent has a sentence for."""


def check_budget(width: int, height: int, num_frames: int, request: dict[str, int]) -> None:
    """Refuse more pixels than were asked for, before they are decoded."""
    if min(width, height) < 1:
        raise RefusedError("damaged")
    if width * height > request["pixels"]:
        raise RefusedError("large")
    if width * height * num_frames > request["total_pixels"]:
        raise RefusedError("long")


def send_facts(facts: dict[str, Any]) -> None:
    """Send the H message."""
    send(b"H", json.dumps(facts).encode())


def send(tag: bytes, *parts: bytes) -> None:
    """Send one message."""
    out = sys.stdout.buffer
    out.write(tag + struct.pack("<I", sum(map(len, parts))))
    for part in parts:
        out.write(part)
    out.flush()
