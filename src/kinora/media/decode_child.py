"""The disposable process that opens other people's files: it loads little and is expected to die.

It reads the file from standard input and answers on standard output (`decode_messages.py`). Modules are loaded first,
then the walls go up, then the file is read.
"""

import json
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from kinora.media.decode_messages import RefusedError, send
from kinora.media.decode_walls import limit, shut

FILMS = {b"ftyp": "mov", b"moov": "mov", b"mdat": "mov", b"wide": "mov", b"free": "mov", b"skip": "mov"}
"""First boxes of the MP4 family. Nothing that lists other files (playlists, concat scripts) is ever recognised."""

STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
MP3 = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xfa", b"\xff\xf2")
SOUNDS = {**dict.fromkeys(MP3, "mp3"), b"\xff\xf1": "aac", b"\xff\xf9": "aac", b"fLaC": "flac", b"OggS": "ogg"}
"""How sound files begin that hold no picture."""


def main() -> None:
    """Serve the one request in argv: {"want": "facts" | "sound" | "frames" | "packets" | "track", and the limits}."""
    request = json.loads(sys.argv[1])
    limit(memory_bytes=request["memory_bytes"], cpu_s=request["cpu_s"])
    file = open(0, "rb", closefd=False)  # noqa: SIM115
    try:
        answer = recognised(file, request["want"])
        shut()
        answer(file, request)
        send(b"Z")
    # A decoder's own words may carry addresses or an attacker's text, so only codes ever leave this process.
    except RefusedError as refused:
        send(b"E", str(refused).encode())
    except MemoryError:
        send(b"E", b"large")
    except Exception:
        send(b"E", b"damaged")


def recognised(file: BinaryIO, want: str) -> Callable[[BinaryIO, dict[str, Any]], None]:
    """What opens a file that begins like this one, its libraries loaded; nothing is guessed from a name."""
    head = file.read(16)
    file.seek(0)
    riff = head[8:12] if head[:4] == b"RIFF" else b""
    if head[:8] == b"\x89PNG\r\n\x1a\n" or head[:3] == b"\xff\xd8\xff" or riff == b"WEBP":
        if want == "track":
            raise RefusedError("sound")
        from kinora.media.decode_still import answer_still

        return answer_still
    if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
        raise RefusedError("still")
    sound = "wav" if riff == b"WAVE" else next((SOUNDS[begin] for begin in SOUNDS if head.startswith(begin)), None)
    film = "matroska" if head[:4] == b"\x1aE\xdf\xa3" else FILMS.get(head[4:8])
    demuxer = film or sound
    if demuxer is None:
        raise RefusedError("format")
    if want == "track":
        from kinora.media.decode_track import answer_track

        return lambda file, request: answer_track(file, demuxer, request)
    if film is None:
        raise RefusedError("picture")
    from kinora.media.decode_film import answer_film

    return lambda file, request: answer_film(file, film, request)
