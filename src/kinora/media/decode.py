"""Other people's files become clips, decoded in a disposable child process that can be lost without harm.

The child (`decode_child.py`) has little memory, little time, a short list of decoders and, where the kernel knows how,
no way to open a file, a socket or another process. Frames come back through a pipe as plain bytes, and what it says is
checked before it is believed.

Axes: T frames, H height, W width, C channels, L samples.
"""

import contextlib
import json
import os
import select
import signal
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from kinora.media.clip import FRAMES_PER_BLOCK, Clip, Frames, Wave, fit_sound
from kinora.media.decode_facts import (
    REMEDIES,
    USUAL,
    Facts,
    Limits,
    MediaError,
    RawPacket,
    Track,
    checked_facts,
    checked_sound_facts,
    media_error,
)

Told = TypeVar("Told")

# Behind all else on the path, so that nothing of ours can stand in for a library. -c, because the modules it imports
# are kept compiled, and a script would be compiled at every start.
CHILD = f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); "
CHILD += "from kinora.media.decode_child import main; main()"

BLOCK_BYTES = 1 << 26
"""The most one message of several frames holds."""

PACKETS_BYTES = 1 << 28
"""The largest file whose coded packets are handed over."""

PIECE_BYTES = 1 << 16
"""How much is read at once of what is only counted."""

PACKET_HEAD = struct.Struct("<BBqq")


__all__ = [
    "Facts",
    "Limits",
    "MediaError",
    "RawPacket",
    "Track",
    "probe",
    "read_clip",
    "read_sound",
    "read_tracks",
    "sound_length",
]


def probe(path: Path, *, limits: Limits = USUAL) -> Facts:
    """What the file at `path` holds. Raises MediaError, with the remedy, where it cannot be opened."""
    with _opened(path, limits) as file, _Child(path.name, file, "facts", limits) as child:
        facts = child.facts()
        child.expect_end()
    return facts


def read_clip(path: Path, *, limits: Limits = USUAL) -> Clip:
    """The video or picture at `path` as a clip at a constant frame rate, its sound in one or two channels.

    Sound is read at once; frames are decoded anew, in blocks, each time `frames()` is called, which raises MediaError
    where the file has changed or proves damaged. Raises MediaError, with the remedy, where it cannot be opened.
    """
    with _opened(path, limits) as file, _Child(path.name, file, "sound", limits) as child:
        seen = _identity(file)
        facts = child.facts()
        sound = _read_sound(child, facts)
    return Clip(
        num_frames=facts.num_frames,
        height=facts.height,
        width=facts.width,
        fps=facts.fps,
        frames=lambda: _read_frames(path, seen, facts, limits),
        sound=sound,
        sample_rate_hz=Clip.sample_rate_hz if sound is None else facts.sample_rate_hz,
    )


def read_sound(path: Path, *, limits: Limits = USUAL) -> tuple[Wave, int]:
    """The sound at `path`, of a video or a sound file, in one or two channels (C, L), and its sample rate.

    Raises MediaError, with the remedy, where it cannot be opened or has no sound.
    """
    with _opened(path, limits) as file, _Child(path.name, file, "track", limits) as child:
        sample_rate_hz, num_channels = child.told(checked_sound_facts)
        return _read_wave(child, num_channels, limits.duration_s * sample_rate_hz), sample_rate_hz


def sound_length(path: Path, *, limits: Limits = USUAL) -> tuple[int, int]:
    """How many samples `read_sound` would return, and the sample rate; none is kept. Raises MediaError likewise."""
    with _opened(path, limits) as file, _Child(path.name, file, "track", limits) as child:
        sample_rate_hz, num_channels = child.told(checked_sound_facts)
        most_samples = limits.duration_s * sample_rate_hz
        return child.count(b"S", unit_bytes=num_channels * 4, most_units=most_samples), sample_rate_hz


def read_tracks(path: Path, *, limits: Limits = USUAL) -> tuple[Facts, Wave | None, tuple[Track, ...]]:
    """What the file at `path` holds, its sound as in `read_clip`, and its coded picture and sound, nothing decoded.

    A still has no tracks, and those of a file beyond PACKETS_BYTES are empty. Raises MediaError as `read_clip` does.
    """
    with _opened(path, limits) as file:
        seen = _identity(file)
        with _Child(path.name, file, "sound", limits) as child:
            facts = child.facts()
            sound = _read_sound(child, facts)
        # The two share one place in the file.
        os.lseek(file, 0, os.SEEK_SET)
        with _Child(path.name, file, "packets", limits) as child:
            if child.facts() != facts or _identity(file) != seen:
                raise child.error("changed")
            tracks = child.tracks()
    return facts, sound, tracks


@contextlib.contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[int]:
    """A handle on the file, if it is one; a pipe or a device is neither waited for nor read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise media_error(path.name, f"cannot be read ({os.strerror(error.errno or 0)}); check the path") from None
    except ValueError:
        raise media_error(path.name, REMEDIES["file"]) from None
    try:
        about = os.fstat(handle)
        refusals = {
            "file": not stat.S_ISREG(about.st_mode),
            "empty": about.st_size == 0,
            "long": about.st_size > limits.size_bytes,
        }
        for code in (code for code, holds in refusals.items() if holds):
            raise media_error(path.name, REMEDIES[code])
        yield handle
    finally:
        os.close(handle)


def _identity(handle: int) -> tuple[int, ...]:
    """What changes when a file is replaced or written to."""
    about = os.fstat(handle)
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


def _read_sound(child: "_Child", facts: Facts) -> Wave | None:
    """The S messages as float32 (C, L), exactly as long as the picture; None without sound."""
    if not facts.num_channels:
        child.expect_end()
        return None
    num_samples = round(facts.duration_s * facts.sample_rate_hz)
    return fit_sound(_read_wave(child, facts.num_channels, num_samples), num_samples)


def _read_wave(child: "_Child", num_channels: int, most_samples: int) -> Wave:
    """The S messages as float32 (C, L)."""
    pieces = [np.zeros((0, num_channels), np.float32)]
    for payload in child.messages(b"S", unit_bytes=num_channels * 4, most_units=most_samples):
        pieces.append(np.frombuffer(payload, "<f4").reshape(-1, num_channels))
    wave = np.ascontiguousarray(np.concatenate(pieces).T, dtype=np.float32)
    # Lossy codecs overshoot full scale now and then; NaN can only come from a crafted file.
    return np.clip(np.nan_to_num(wave, nan=0.0), -1, 1)


def _read_frames(path: Path, seen: tuple[int, ...], facts: Facts, limits: Limits) -> Iterator[Frames]:
    """The F messages as blocks (T, H, W, 3)."""
    frame_bytes = facts.height * facts.width * 3
    as_coded = (facts.width, facts.height, 3) if facts.quarter_turns % 2 else (facts.height, facts.width, 3)
    num_at_once = min(FRAMES_PER_BLOCK, max(1, BLOCK_BYTES // frame_bytes))
    num_seen = 0
    with _opened(path, limits) as file, _Child(path.name, file, "frames", limits) as child:
        if _identity(file) != seen or child.facts() != facts:
            raise child.error("changed")
        for payload in child.messages(b"F", unit_bytes=frame_bytes, most_units=facts.num_frames, at_once=num_at_once):
            block_THWC = np.frombuffer(payload, np.uint8).reshape(-1, *as_coded)
            num_seen += len(block_THWC)
            yield np.ascontiguousarray(np.rot90(block_THWC, facts.quarter_turns, axes=(1, 2)))
        if num_seen != facts.num_frames:
            raise child.error("damaged")


class _Child:
    """One run of the child on one file. Whatever goes wrong becomes a MediaError; leaving the block ends it."""

    def __init__(self, name: str, file: int, want: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._left_s = float(limits.wall_s)
        blocks = {"block_bytes": BLOCK_BYTES, "block_frames": FRAMES_PER_BLOCK, "packets_bytes": PACKETS_BYTES}
        request = json.dumps({"want": want, **asdict(limits), **blocks})
        # -I: no environment, no user packages, no current folder. The file is handed over open, not by path.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", CHILD, request],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_clean_environment(),
            bufsize=0,
        )
        assert self._process.stdout is not None
        # Not select(), which cannot hear handles past 1023, and a busy server has those.
        self._ear = select.poll()
        self._ear.register(self._process.stdout, select.POLLIN)

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def facts(self) -> Facts:
        """What the first message tells of a film or a picture."""
        return self.told(lambda told: checked_facts(told, self._limits))

    def told(self, believed: Callable[[dict[str, Any]], Told]) -> Told:
        """What is believed of the first message."""
        tag, payload = self._message(most_bytes=1 << 16)
        if tag != b"H":
            raise self.error("damaged")
        # All that reading JSON and numbers of a stranger's choice can raise; the last for brackets nested too deep.
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return believed(json.loads(payload))
        raise self.error("damaged")

    def messages(
        self, tag: bytes, *, unit_bytes: int, most_units: int, at_once: int | None = None
    ) -> Iterator[bytearray]:
        """The payloads with this tag up to the end: each some whole units, and no more than `most_units` in all."""
        while True:
            seen, size = self._head(most_bytes=unit_bytes * min(most_units, at_once or most_units))
            payload = self._read(size)
            if seen == b"Z":
                return
            most_units -= self._whole_units(seen == tag, size, unit_bytes)
            yield payload

    def count(self, tag: bytes, *, unit_bytes: int, most_units: int) -> int:
        """How many units `messages` would give; they are read in small pieces, and dropped."""
        num_units = 0
        while True:
            seen, size = self._head(most_bytes=unit_bytes * (most_units - num_units))
            for start in range(0, size, PIECE_BYTES):
                self._read(min(PIECE_BYTES, size - start))
            if seen == b"Z":
                return num_units
            num_units += self._whole_units(seen == tag, size, unit_bytes)

    def _whole_units(self, expected: bool, size: int, unit_bytes: int) -> int:
        num_units, rest = divmod(size, unit_bytes)
        if not expected or num_units == 0 or rest:
            raise self.error("damaged")
        return num_units

    def tracks(self) -> tuple[Track, ...]:
        """The T message, if there is one, and the P messages."""
        tag, payload = self._message(most_bytes=1 << 20)
        if tag == b"Z":
            return ()
        sent = [*self.messages(b"P", unit_bytes=1, most_units=2 * PACKETS_BYTES, at_once=PACKETS_BYTES)]
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
            packets = [_packet(packet) for packet in sent]
            return tuple(
                Track(
                    tick_s=Fraction(*map(int, told["tick_s"])),
                    parameters=bytes.fromhex(told["parameters"]),
                    packets=tuple(packet for owner, packet in packets if owner == number),
                )
                for number, told in enumerate(json.loads(payload)[:2])
            )
        raise self.error("damaged")

    def expect_end(self) -> None:
        """The last message."""
        if self._message(most_bytes=0)[0] != b"Z":
            raise self.error("damaged")

    def error(self, code: str) -> MediaError:
        """The sentence for a code; the child's own words are never shown."""
        return media_error(self._name, REMEDIES.get(code, REMEDIES["damaged"]))

    def _message(self, *, most_bytes: int) -> tuple[bytes, bytearray]:
        tag, size = self._head(most_bytes=most_bytes)
        return tag, self._read(size)

    def _head(self, *, most_bytes: int) -> tuple[bytes, int]:
        """A message's tag and size; what it holds is to be read next."""
        head = self._read(5)
        tag, size = bytes(head[:1]), struct.unpack("<I", head[1:])[0]
        if tag == b"E":
            raise self.error(self._read(min(size, 100)).decode("ascii", "replace"))
        if size > most_bytes:
            raise self.error("damaged")
        return tag, size

    def _read(self, size: int) -> bytearray:
        """Exactly `size` bytes. Only waiting counts against the wall clock, not what the caller does in between."""
        stream = self._process.stdout
        assert stream is not None
        buffer = bytearray(size)
        done = 0
        while done < size:
            began_s = time.monotonic()
            heard = self._ear.poll(max(0.0, self._left_s) * 1000)
            self._left_s -= time.monotonic() - began_s
            if not heard:
                raise self.error("time")
            count = stream.readinto(memoryview(buffer)[done:])  # type: ignore[attr-defined]
            if not count:
                raise self.error(self._reason_of_silence())
            done += count
        return buffer

    def _reason_of_silence(self) -> str:
        """Why nothing more comes; a child that fell silent and lives on is not waited for longer than any other."""
        try:
            return "time" if self._process.wait(max(0.0, self._left_s)) == -signal.SIGXCPU else "damaged"
        except subprocess.TimeoutExpired:
            return "time"


def _packet(payload: bytearray) -> tuple[int, RawPacket]:
    """A packet and the number of its track; ValueError where there is less than its head."""
    if len(payload) < PACKET_HEAD.size:
        raise ValueError("a packet without a head")
    number, flags, start, length = PACKET_HEAD.unpack_from(payload)
    data = bytes(memoryview(payload)[PACKET_HEAD.size :])
    shown = {"is_key": bool(flags & 1), "is_shown": not flags & 2}
    return number, RawPacket(data=data, start=start, length=length, **shown)


def _clean_environment() -> dict[str, str]:
    """Nothing of the user's but where libraries lie; one thread for number crunching."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
