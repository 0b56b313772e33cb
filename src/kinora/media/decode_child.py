"""The disposable process that opens other people's files: run by path, free of Kinora's own modules, expected to die.

It reads the file from standard input and answers on standard output in messages of one tag byte, a 32-bit little-endian
length and a payload: H facts (JSON), S sound (float32, interleaved), F frames (uint8 RGB), Z the end, E a refusal (its
code).
"""

import json
import resource
import struct
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from av import AudioStream, VideoFrame, VideoStream
    from av.container import InputContainer

DEMUXERS = {b"ftyp": "mov", b"moov": "mov", b"mdat": "mov", b"wide": "mov", b"free": "mov", b"skip": "mov"}
STILLS = ("PNG", "JPEG", "WEBP")
PICTURE_DECODERS = ("h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4")
SOUND_DECODERS = (
    *("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac"),
    *("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_f32le"),
)
BLOCK_BYTES = 1 << 26
NUM_THREADS = 2


class RefusedError(Exception):
    """The file is not opened; the only argument is a code that the parent has a sentence for."""


def main() -> None:
    """Serve the one request in argv: {"want": "facts" | "sound" | "frames", and the limits}."""
    request = json.loads(sys.argv[1])
    lock_down(request)
    try:
        serve(request)
        send(b"Z")
    # A decoder's own words may carry addresses or an attacker's text, so only codes ever leave this process.
    except RefusedError as refused:
        send(b"E", str(refused).encode())
    except MemoryError:
        send(b"E", b"large")
    except Exception:
        send(b"E", b"damaged")


def lock_down(request: dict[str, int]) -> None:
    """Give up memory, processor time, writing and open files beyond what one decode needs."""
    for what, most in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_CPU, request["cpu_s"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        # The processor's soft limit comes first, because its signal tells the parent why.
        resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))


def serve(request: dict[str, Any]) -> None:
    """Recognise the file by its first bytes and answer the request; nothing is guessed from its name."""
    file = open(0, "rb", closefd=False)  # noqa: SIM115
    head = file.read(16)
    file.seek(0)
    if head[:8] == b"\x89PNG\r\n\x1a\n" or head[:3] == b"\xff\xd8\xff" or (head[:4], head[8:12]) == (b"RIFF", b"WEBP"):
        serve_still(file, request)
    elif head[:4] == b"\x1aE\xdf\xa3":
        serve_video(file, "matroska", request)
    elif head[4:8] in DEMUXERS:
        serve_video(file, DEMUXERS[head[4:8]], request)
    else:
        raise RefusedError("format")


def serve_still(file: BinaryIO, request: dict[str, Any]) -> None:
    """Answer for a picture: one frame at one frame a second, upright, on white where it is transparent."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(file, formats=STILLS) as opened:
        # From the header alone, before anything is decoded.
        check_budget(opened.width, opened.height, 1, request)
        name = (opened.format or "").lower()
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")
    facts = {"container": name, "picture_codec": name, "width": picture.width, "height": picture.height}
    send_facts({**facts, "fps": [1, 1], "num_frames": 1})
    if request["want"] == "frames":
        send(b"F", picture.tobytes())


def serve_video(file: BinaryIO, demuxer: str, request: dict[str, Any]) -> None:
    """Answer for a film."""

    def reopen() -> "InputContainer":
        import av

        # Nothing but this file is ever opened, whatever it refers to, and nothing but these decoders is ever started.
        options = {
            "protocol_whitelist": "file",
            "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm",
            "codec_whitelist": ",".join(PICTURE_DECODERS + SOUND_DECODERS),
        }
        file.seek(0)
        return av.open(file, "r", format=demuxer, options=options, metadata_errors="replace")

    film = Film(reopen, request)
    send_facts(film.facts())
    if request["want"] == "sound" and film.sound is not None:
        film.send_sound()
    elif request["want"] == "frames":
        film.send_frames()


class Film:
    """An opened film on a constant frame grid that begins with its first frame."""

    def __init__(self, reopen: "Callable[[], InputContainer]", request: dict[str, Any]) -> None:
        self.reopen = reopen
        self.container = container = reopen()
        if not container.streams.video:
            raise RefusedError("picture")
        self.picture = container.streams.video[0]
        self.sound = container.streams.audio[0] if container.streams.audio else None
        self.check_codecs()
        context = self.picture.codec_context
        check_budget(context.width, context.height, 1, request)
        self.start_s, end_s = self.span(request)
        self.fps = self.frame_rate()
        self.num_frames = max(1, round((end_s - self.start_s) * self.fps))
        check_budget(context.width, context.height, self.num_frames, request)
        self.turns = self.quarter_turns()
        self.width, self.height = context.width, context.height
        if self.turns % 2:
            self.width, self.height = self.height, self.width

    def check_codecs(self) -> None:
        """Refuse streams whose decoder is not on the list."""
        streams = [(self.picture, PICTURE_DECODERS), (self.sound, SOUND_DECODERS)]
        for stream, allowed in streams:
            if stream is not None and (stream.codec_context is None or stream.codec_context.name not in allowed):
                raise RefusedError("codec")

    def span(self, request: dict[str, Any]) -> tuple[Fraction, Fraction]:
        """First and last instant of the picture in seconds, from the packets' clocks; nothing is decoded."""
        first, last, num_packets = None, None, 0
        tick_s = self.picture.time_base or Fraction(1)
        for packet in self.container.demux(self.picture):
            num_packets += packet.size > 0
            if packet.pts is None or packet.is_discard:
                continue
            end = packet.pts + (packet.duration or 0)
            first = packet.pts if first is None else min(first, packet.pts)
            last = end if last is None else max(last, end)
            if (last - first) * tick_s > request["duration_s"] or num_packets > request["frames"]:
                raise RefusedError("long")
        # A header that promises more than there is means a file cut short.
        if first is None or last is None or num_packets < self.picture.frames:
            raise RefusedError("damaged")
        return first * tick_s, last * tick_s

    def frame_rate(self) -> Fraction:
        """The nearest honest constant rate of the file."""
        rate = self.picture.guessed_rate or self.picture.average_rate or Fraction(24)
        return min(max(Fraction(rate).limit_denominator(1001), Fraction(1)), Fraction(120))

    def quarter_turns(self) -> int:
        """How often to turn the picture by 90 degrees, anticlockwise: telephones film sideways and leave a note."""
        frame = next(self.decoded(self.picture), None)
        if frame is None:
            raise RefusedError("damaged")
        return round(frame.rotation / 90) % 4

    def decoded(self, stream: "VideoStream | AudioStream") -> Iterator[Any]:
        """The stream's frames from its beginning."""
        # Opened afresh, because after seeking some containers give the sound's first moments differently.
        with self.reopen() as container:
            fresh = container.streams[stream.index]
            fresh.codec_context.thread_count = NUM_THREADS
            fresh.codec_context.thread_type = "AUTO"
            yield from container.decode(fresh)

    def facts(self) -> dict[str, Any]:
        """What the parent is told first."""
        facts = {
            "container": "webm/mkv" if "matroska" in self.container.format.name else "mp4/mov",
            "picture_codec": self.picture.codec_context.codec.canonical_name,
            "width": self.width,
            "height": self.height,
            "fps": [self.fps.numerator, self.fps.denominator],
            "num_frames": self.num_frames,
            "comment": str(self.container.metadata.get("comment", self.container.metadata.get("COMMENT", ""))),
        }
        if self.sound is not None:
            facts["sound_codec"] = self.sound.codec_context.codec.canonical_name
            facts["sample_rate_hz"] = self.sound.codec_context.sample_rate
            facts["num_channels"] = min(self.sound.codec_context.channels, 2)
        return facts

    def send_frames(self) -> None:
        """Send exactly `num_frames` frames: each instant of the grid shows the newest frame that has begun."""
        per_block = min(16, max(1, BLOCK_BYTES // (self.width * self.height * 3)))
        block: list[bytes] = []
        for rgb in self.on_grid():
            block.append(rgb)
            if len(block) == per_block:
                send(b"F", *block)
                block.clear()
        if block:
            send(b"F", *block)

    def on_grid(self) -> Iterator[bytes]:
        """The frames, held or dropped onto the constant grid."""
        shown, num_sent = None, 0
        for frame in self.decoded(self.picture):
            index = round((frame.pts * frame.time_base - self.start_s) * self.fps)
            while shown is not None and num_sent < min(index, self.num_frames):
                yield shown
                num_sent += 1
            shown = self.to_rgb(frame)
        if shown is None or num_sent < self.num_frames - max(2, self.num_frames // 10):
            raise RefusedError("damaged")
        for _ in range(self.num_frames - num_sent):
            yield shown

    def to_rgb(self, frame: "VideoFrame") -> bytes:
        """RGB bytes of a frame, by the matrix the file names, or else the one players assume for its size."""
        import numpy as np
        from av.video.reformatter import ColorRange, Colorspace, Interpolation

        unspecified = frame.colorspace not in set(Colorspace)
        matrix = (Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601) if unspecified else frame.colorspace
        rgb = frame.to_ndarray(
            format="rgb24",
            src_colorspace=matrix,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
        )
        turned = np.rot90(rgb, self.turns)
        if turned.shape != (self.height, self.width, 3):
            raise RefusedError("damaged")
        return turned.tobytes()

    def send_sound(self) -> None:
        """Send the sound under the picture as interleaved float32, beginning with the first frame."""
        import av

        assert self.sound is not None
        rate_hz, num_channels = self.sound.codec_context.sample_rate, min(self.sound.codec_context.channels, 2)
        to_float = av.AudioResampler(format="flt", layout="mono" if num_channels == 1 else "stereo", rate=rate_hz)
        skip: int | None = None
        left = round(self.num_frames / self.fps * rate_hz)
        for frame in self.decoded(self.sound):
            if skip is None:
                skip = round((self.start_s - (frame.pts or 0) * frame.time_base) * rate_hz)
                silence = min(max(0, -skip), left)
                left -= silence
                if silence:
                    send(b"S", bytes(4 * num_channels * silence))
            for piece in to_float.resample(frame):
                samples = piece.to_ndarray().reshape(-1, num_channels)
                kept = samples[max(0, skip) :][:left]
                skip = max(0, skip - len(samples))
                left -= len(kept)
                if len(kept):
                    send(b"S", kept.tobytes())
            if left <= 0:
                return


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


if __name__ == "__main__":
    main()
