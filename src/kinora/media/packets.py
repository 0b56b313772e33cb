"""What a file holds as coded packets: cut and copied without being decoded, so that it stays what it was, bit for bit.

Axes: C channels, L samples.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Self

from kinora.media.clip import Wave, fit_sound
from kinora.media.decode import PACKETS_BYTES, Facts, Limits, RawPacket, Track, read_tracks

SAMPLES_PER_PACKET = 1024
"""AAC's frame length. A packet's transform reaches over the next one, whose samples need both."""

IDR = 5
"""The kind of slice in a picture that nothing reaches across (H.264, table 7-1)."""


UNTRUSTED = Limits()


@dataclass(frozen=True, kw_only=True)
class Packet:
    """A coded picture or AAC frame, and the frame or sample of the film at which it is first seen or heard."""

    data: bytes
    start: int
    is_key: bool = False

    def moved(self, by: int) -> Self:
        """The same, so many ticks later."""
        return replace(self, start=self.start + by)


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A film as coded packets on whole frames and samples: pictures in decoding order, sound as AAC, and decoded.

    The first AAC packets begin before sample 0: decoding it takes them. `sound` is empty where it is no even row of AAC
    packets under the whole picture, or there is none. `flaw` says why the pictures cannot be copied, and is "" if they
    can be.
    """

    num_frames: int
    height: int
    width: int
    fps: Fraction
    picture: tuple[Packet, ...] = ()
    picture_parameters: bytes = b""
    sound: tuple[Packet, ...] = ()
    sound_parameters: bytes = b""
    wave: Wave | None = None
    sample_rate_hz: int = 24_000
    flaw: str = ""

    @cached_property
    def borders(self) -> tuple[int, ...]:
        """The frames before which it may be cut, its two ends included: there a group of pictures begins, closed, so
        that no packet before depends on what follows, nor the other way round."""
        # What comes first on the screen, of this packet and all that follow it in the file.
        earliest = list(accumulate((packet.start for packet in reversed(self.picture)), min))[::-1]
        pairs = zip(self.picture, earliest, strict=True)
        starts = [packet.start for packet, least in pairs if packet.is_key and packet.start == least]
        return (*starts, self.num_frames) if self.picture else ()

    def cut(self, start: int, stop: int) -> Self:
        """The frames from `start` up to `stop` with their sound. Raises ValueError unless both are borders."""
        if start not in self.borders or stop not in self.borders or start >= stop:
            raise ValueError(f"cannot cut from frame {start} to {stop}; groups of pictures begin at {self.borders}")
        begin, num_samples = self.sample_at(start), self.sample_at(stop - start)
        heard = range(begin - 2 * SAMPLES_PER_PACKET + 1, begin + num_samples)
        return replace(
            self,
            num_frames=stop - start,
            picture=tuple(packet.moved(-start) for packet in self.picture if start <= packet.start < stop),
            sound=tuple(packet.moved(-begin) for packet in self.sound if packet.start in heard),
            wave=None if self.wave is None else fit_sound(self.wave[:, begin:], num_samples),
        )

    def silent(self) -> Self:
        """The same without sound."""
        return replace(self, sound=(), sound_parameters=b"", wave=None)

    def sample_at(self, frame: int) -> int:
        """The sample that is heard when a frame begins."""
        return round(frame / self.fps * self.sample_rate_hz)


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What of a new file is copied: the film before the new part and the one after it, or all of the picture; under
    which all sound is new, or only its `new` samples [start, stop)."""

    before: Coded | None = None
    after: Coded | None = None
    picture: Coded | None = None
    new: tuple[int, int] | None = None


def read_coded(path: Path, *, limits: Limits = UNTRUSTED) -> Coded:
    """The video at `path` as coded packets; nothing of its picture is decoded, and that in a disposable process.

    Raises MediaError, with the remedy, where it cannot be opened. A file that opens and cannot be copied has a `flaw`.
    """
    facts, wave, tracks = read_tracks(path, limits=limits)
    coded = Coded(num_frames=facts.num_frames, height=facts.height, width=facts.width, fps=facts.fps, wave=wave)
    if wave is not None:
        coded = replace(coded, sample_rate_hz=facts.sample_rate_hz)
    if flaw := _flaw(facts, tracks):
        return replace(coded, flaw=flaw)
    picture, *sounds = tracks
    start_s = min(packet.start for packet in picture.packets) * picture.tick_s
    coded = replace(
        coded, picture=_on_clock(picture, start_s, facts.fps, _is_idr), picture_parameters=picture.parameters
    )
    if [*sorted(packet.start for packet in coded.picture)] != [*range(facts.num_frames)] or 0 not in coded.borders:
        return replace(coded, flaw="its frames are not evenly spaced from a key frame on")
    for track in sounds if facts.sound_codec == "aac" else ():
        sound = _on_clock(track, start_s, Fraction(facts.sample_rate_hz))
        if _is_whole(sound, coded.sample_at(facts.num_frames)):
            coded = replace(coded, sound=sound, sound_parameters=track.parameters)
    return coded


def _flaw(facts: Facts, tracks: tuple[Track, ...]) -> str:
    """Why no packet of a file can be copied; "" where they may be."""
    packets = tracks[0].packets if tracks else ()
    flaws = {
        "it is a still picture": not tracks,
        f"its picture is {facts.picture_codec}, not H.264": facts.picture_codec != "h264",
        f"it is larger than {PACKETS_BYTES >> 20} MB": not packets,
        "its picture lies on its side": facts.quarter_turns != 0,
        "it hides some of its frames": not all(packet.is_shown for packet in packets),
    }
    return next((flaw for flaw, holds in flaws.items() if holds), "")


def _on_clock(
    track: Track, start_s: Fraction, rate: Fraction, is_key: Callable[[RawPacket, bytes], bool] | None = None
) -> tuple[Packet, ...]:
    """A track's packets counted in ticks of `rate` from `start_s` on; none where one lies between two ticks."""
    starts = [(packet.start * track.tick_s - start_s) * rate for packet in track.packets]
    if any(start.denominator != 1 for start in starts):
        return ()
    return tuple(
        Packet(data=raw.data, start=int(start), is_key=is_key is not None and is_key(raw, track.parameters))
        for raw, start in zip(track.packets, starts, strict=True)
    )


def _is_whole(sound: tuple[Packet, ...], num_samples: int) -> bool:
    """Whether AAC packets lie end to end, and all that decoding samples 0 to `num_samples` takes is among them."""
    starts, step = [packet.start for packet in sound], SAMPLES_PER_PACKET
    even = all(later - start == step for start, later in pairwise(starts))
    return bool(starts) and even and starts[0] <= -step and starts[-1] + step >= num_samples


def _is_idr(packet: RawPacket, parameters: bytes) -> bool:
    """Whether nothing reaches across a picture."""
    return packet.is_key and any(unit[0] & 31 == IDR for unit in nal_units(packet.data, parameters))


def nal_units(data: bytes, parameters: bytes) -> Iterator[bytes]:
    """The pieces of a coded H.264 picture, each of which has its length before it (ISO/IEC 14496-15, 5.3.2)."""
    at, length_bytes = 0, (parameters[4] & 3) + 1 if len(parameters) > 4 else 4
    while at + length_bytes < len(data):
        end = at + length_bytes + int.from_bytes(data[at : at + length_bytes])
        if unit := data[at + length_bytes : end]:
            yield unit
        at = end
