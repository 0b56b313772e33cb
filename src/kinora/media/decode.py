"""Other people's files become clips, decoded in a disposable child process that can be lost without harm.

The child (`decode_child.py`) has little memory, little time, no way to write files and a short list of decoders.
Frames come back through a pipe as plain bytes, and what it says is checked before it is believed.

Axes: T frames, H height, W width, C channels, L samples.
"""

import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from kinora.media.clip import Clip, Frames, Wave, fit_sound

CHILD = Path(__file__).with_name("decode_child.py")


class MediaError(ValueError):
    """A file that cannot be used, with the remedy in one line."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one file may cost: pixels of a frame, of all frames, seconds of film, and the child's memory and time."""

    pixels: int = 50_000_000
    total_pixels: int = 4_000_000_000
    frames: int = 20_000
    duration_s: int = 180
    memory_bytes: int = 3 << 30
    cpu_s: int = 120
    wall_s: int = 120


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a file holds. A still is one frame at one frame a second; sound facts are empty or 0 without sound."""

    container: str
    picture_codec: str
    width: int
    height: int
    fps: Fraction
    num_frames: int
    sound_codec: str = ""
    sample_rate_hz: int = 0
    num_channels: int = 0
    comment: str = ""

    @property
    def duration_s(self) -> Fraction:
        """How long the picture lasts, in seconds."""
        return self.num_frames / self.fps


REMEDIES = {
    "format": "is not an MP4, MOV, WebM, MKV, PNG, JPEG or WebP file; convert it to MP4 first",
    "codec": "holds a kind of picture or sound that is not opened here; convert it to H.264 and AAC first",
    "picture": "holds no picture; give a video or an image",
    "large": "has frames too large to open; scale it down to 1920x1080 first",
    "long": "is too long to open; cut it to a minute or scale it down first",
    "damaged": "is damaged or cut short; export or download it again",
    "time": "takes too long to decode; convert it to H.264 at 1920x1080 or less first",
}


def probe(path: Path, *, limits: Limits = Limits()) -> Facts:
    """What the file at `path` holds. Raises MediaError, with the remedy, where it cannot be opened."""
    with _Child(path, "facts", limits) as child:
        facts = child.facts()
        child.expect_end()
    return facts


def read_clip(path: Path, *, limits: Limits = Limits()) -> Clip:
    """The video or picture at `path` as a clip at a constant frame rate, its sound in one or two channels.

    Sound is read at once; frames are decoded anew, in blocks, each time `frames()` is called, which raises MediaError
    where the file turns out to be damaged. Raises MediaError, with the remedy, where it cannot be opened.
    """
    with _Child(path, "sound", limits) as child:
        facts = child.facts()
        sound = _read_sound(child, facts)
    return Clip(
        num_frames=facts.num_frames,
        height=facts.height,
        width=facts.width,
        fps=facts.fps,
        frames=lambda: _read_frames(path, facts, limits),
        sound=sound,
        **({"sample_rate_hz": facts.sample_rate_hz} if sound is not None else {}),
    )


def _read_sound(child: "_Child", facts: Facts) -> Wave | None:
    """The S messages as float32 (C, L), exactly as long as the picture; None without sound."""
    if not facts.num_channels:
        child.expect_end()
        return None
    num_samples = round(facts.duration_s * facts.sample_rate_hz)
    pieces = [np.zeros((0, facts.num_channels), np.float32)]
    for payload in child.messages(b"S", unit_bytes=facts.num_channels * 4, most_units=num_samples):
        pieces.append(np.frombuffer(payload, "<f4").reshape(-1, facts.num_channels))
    wave = np.ascontiguousarray(np.concatenate(pieces).T, dtype=np.float32)
    # Lossy codecs overshoot full scale now and then; NaN can only come from a crafted file.
    return fit_sound(np.clip(np.nan_to_num(wave, nan=0.0), -1, 1), num_samples)


def _read_frames(path: Path, facts: Facts, limits: Limits) -> Iterator[Frames]:
    """The F messages as blocks (T, H, W, 3)."""
    frame_bytes = facts.height * facts.width * 3
    num_seen = 0
    with _Child(path, "frames", limits) as child:
        if child.facts() != facts:
            raise MediaError(f"{path.name} changed while it was being read; start again")
        for payload in child.messages(b"F", unit_bytes=frame_bytes, most_units=facts.num_frames):
            block_THWC = np.frombuffer(payload, np.uint8).reshape(-1, facts.height, facts.width, 3)
            num_seen += len(block_THWC)
            yield block_THWC
        if num_seen != facts.num_frames:
            raise child.error("damaged")


class _Child:
    """One run of the child on one file. Whatever goes wrong becomes a MediaError; leaving the block ends it."""

    def __init__(self, path: Path, want: str, limits: Limits) -> None:
        self._name = path.name
        self._limits = limits
        self._left_s = float(limits.wall_s)
        request = json.dumps({"want": want, **asdict(limits)})
        try:
            with path.open("rb") as file:
                # -I: no environment, no user packages, no current folder. The file is handed over open, not by path.
                self._process = subprocess.Popen(
                    [sys.executable, "-I", str(CHILD), request],
                    stdin=file,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=_clean_environment(),
                    bufsize=0,
                )
        except OSError as error:
            raise MediaError(f"{path} cannot be read ({os.strerror(error.errno or 0)}); check the path") from None

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def facts(self) -> Facts:
        """The first message."""
        tag, payload = self._message(most_bytes=1 << 16)
        if tag != b"H":
            raise self.error("damaged")
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError):
            return _checked_facts(json.loads(payload), self._limits)
        raise self.error("damaged")

    def messages(self, tag: bytes, *, unit_bytes: int, most_units: int) -> Iterator[bytearray]:
        """The payloads with this tag up to the end: each some whole units, and no more than `most_units` in all."""
        while True:
            seen, payload = self._message(most_bytes=unit_bytes * most_units)
            if seen == b"Z":
                return
            num_units, rest = divmod(len(payload), unit_bytes)
            if seen != tag or num_units == 0 or rest:
                raise self.error("damaged")
            most_units -= num_units
            yield payload

    def expect_end(self) -> None:
        """The last message."""
        if self._message(most_bytes=0)[0] != b"Z":
            raise self.error("damaged")

    def error(self, code: str) -> MediaError:
        """The sentence for a code; the child's own words are never shown."""
        return MediaError(f"{self._name} {REMEDIES.get(code, REMEDIES['damaged'])}")

    def _message(self, *, most_bytes: int) -> tuple[bytes, bytearray]:
        head = self._read(5)
        tag, size = bytes(head[:1]), struct.unpack("<I", head[1:])[0]
        if tag == b"E":
            raise self.error(self._read(min(size, 100)).decode("ascii", "replace"))
        if size > most_bytes:
            raise self.error("damaged")
        return tag, self._read(size)

    def _read(self, size: int) -> bytearray:
        """Exactly `size` bytes. Only waiting counts against the wall clock, not what the caller does in between."""
        stream = self._process.stdout
        assert stream is not None
        buffer = bytearray(size)
        done = 0
        while done < size:
            began_s = time.monotonic()
            ready, _, _ = select.select([stream], [], [], max(0.0, self._left_s))
            self._left_s -= time.monotonic() - began_s
            if not ready:
                raise self.error("time")
            count = stream.readinto(memoryview(buffer)[done:])  # type: ignore[attr-defined]
            if not count:
                raise self.error("time" if self._process.wait() == -signal.SIGXCPU else "damaged")
            done += count
        return buffer


def _checked_facts(told: dict[str, Any], limits: Limits) -> Facts:
    """Believe the child's facts as far as they are possible; ValueError, KeyError or TypeError otherwise."""
    num_channels = int(told.get("num_channels", 0))
    facts = Facts(
        container=_plain(told["container"]),
        picture_codec=_plain(told["picture_codec"]),
        width=int(told["width"]),
        height=int(told["height"]),
        fps=Fraction(*map(int, told["fps"])),
        num_frames=int(told["num_frames"]),
        sound_codec=_plain(told.get("sound_codec", "")),
        sample_rate_hz=int(told.get("sample_rate_hz", 0)),
        num_channels=num_channels,
        comment=_plain(told.get("comment", "")),
    )
    possible = (
        1 <= facts.width * facts.height * facts.num_frames <= limits.total_pixels
        and min(facts.width, facts.height, facts.num_frames) >= 1
        and 1 <= facts.fps <= 120
        and (num_channels == 0 or (num_channels <= 2 and 8_000 <= facts.sample_rate_hz <= 192_000))
    )
    if not possible:
        raise ValueError("impossible facts")
    return facts


def _plain(text: str) -> str:
    """At most 200 printable characters, so that a file cannot write to a terminal."""
    return "".join(letter for letter in str(text)[:200] if letter.isprintable())


def _clean_environment() -> dict[str, str]:
    """Nothing of the user's but where libraries lie; one thread for number crunching."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
