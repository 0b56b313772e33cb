"""What is said of other people's files: facts as far as they are believed, what one may cost, what to do about it."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


class MediaError(ValueError):
    """A file that cannot be used, with the remedy in one line of at most 200 printable characters."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one file may cost: its bytes, pixels of a frame and of all, seconds of film, the child's memory and time."""

    size_bytes: int = 4 << 30
    pixels: int = 50_000_000
    total_pixels: int = 4_000_000_000
    frames: int = 20_000
    duration_s: int = 180
    memory_bytes: int = 3 << 30
    cpu_s: int = 120
    wall_s: int = 120


USUAL = Limits()


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
    quarter_turns: int = 0
    """How often the picture was turned, anticlockwise, to stand as `width` and `height` say."""

    @property
    def duration_s(self) -> Fraction:
        """How long the picture lasts, in seconds."""
        return self.num_frames / self.fps


@dataclass(frozen=True, kw_only=True)
class RawPacket:
    """A coded packet as it lies in a file: what it holds, and when in ticks of its track's clock."""

    data: bytes
    start: int
    length: int
    is_key: bool
    is_shown: bool


@dataclass(frozen=True, kw_only=True)
class Track:
    """One coded stream of a file, in file order; `parameters` is what its decoder needs beforehand."""

    tick_s: Fraction
    parameters: bytes
    packets: tuple[RawPacket, ...]


REMEDIES = {
    "empty": "is empty; export or download it again",
    "file": "is not a file; give the path of a video or a picture",
    "format": "is not an MP4, MOV, WebM, MKV, PNG, JPEG or WebP file; convert it to MP4 first",
    "still": "is an AVIF or HEIC picture, which is not opened here; convert it to PNG or JPEG first",
    "codec": "holds a kind of picture or sound that is not opened here; convert it to H.264 and AAC first",
    "picture": "holds no picture; give a video or an image",
    "sound": "has no sound; give a file that has",
    "large": "has frames too large to open; scale it down to 1920x1080 first",
    "long": "is too long to open; cut it to a minute or scale it down first",
    "damaged": "is damaged or cut short; export or download it again",
    "time": "takes too long to decode; convert it to H.264 at 1920x1080 or less first",
    "changed": "changed while it was being read; start again",
}


def checked_facts(told: dict[str, Any], limits: Limits) -> Facts:
    """Believe the child's facts as far as they are possible; ValueError, KeyError or TypeError otherwise."""
    facts = Facts(
        container=plain(told["container"]),
        picture_codec=plain(told["picture_codec"]),
        width=int(told["width"]),
        height=int(told["height"]),
        fps=Fraction(*map(int, told["fps"])),
        num_frames=int(told["num_frames"]),
        sound_codec=plain(told.get("sound_codec", "")),
        sample_rate_hz=int(told.get("sample_rate_hz", 0)),
        num_channels=int(told.get("num_channels", 0)),
        comment=plain(told.get("comment", "")),
        quarter_turns=int(told.get("quarter_turns", 0)),
    )
    possible = (
        min(facts.width, facts.height, facts.num_frames) >= 1
        and facts.width * facts.height <= limits.pixels
        and facts.width * facts.height * facts.num_frames <= limits.total_pixels
        and 1 <= facts.fps <= 120
        # The grid may round up by half a frame.
        and facts.duration_s <= max(1, limits.duration_s) + 1
        and (facts.num_channels == 0 or (facts.num_channels in (1, 2) and 8_000 <= facts.sample_rate_hz <= 192_000))
        and facts.quarter_turns in range(4)
    )
    if not possible:
        raise ValueError("impossible facts")
    return facts


def checked_sound_facts(told: dict[str, Any]) -> tuple[int, int]:
    """The sample rate and the number of channels that the child tells of a sound; errors as in `checked_facts`."""
    sample_rate_hz, num_channels = int(told["sample_rate_hz"]), int(told["num_channels"])
    if not 8_000 <= sample_rate_hz <= 192_000 or num_channels not in (1, 2):
        raise ValueError("impossible facts")
    return sample_rate_hz, num_channels


def plain(text: str, most: int = 200) -> str:
    """At most so many printable characters, so that a file cannot write to a terminal."""
    return "".join(letter for letter in str(text)[:most] if letter.isprintable())


def media_error(name: str, remedy: str) -> MediaError:
    """The one line about a file of this name."""
    return MediaError(f"{plain(name, 80) or 'this'} {remedy}")
