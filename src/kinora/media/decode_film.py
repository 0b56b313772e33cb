"""Inside the disposable process: films. Loading this module loads all that PyAV may need later.

Frames are given as they are coded: fields stay woven, pixels are taken for square, and HDR keeps its own curve, so that
it looks flat. Sound is mixed down to two channels.
"""

import json
import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, BinaryIO

# PyAV loads the modules for subtitles when it meets some, which the walls would not let it do.
import av.subtitles.codeccontext
import av.subtitles.stream
from av import AudioFrame, AudioStream, VideoFrame, VideoStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from kinora.media.decode_messages import RefusedError, check_budget, send, send_facts

PICTURE_DECODERS = ("h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "mpeg4")
SOUND_DECODERS = (
    *("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "ac3", "eac3"),
    *("pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le"),
)
NUM_THREADS = 2
SAMPLE_RATES_HZ = range(8_000, 192_001)
ODD_RATE_BECOMES_HZ = 48_000
GAP_S = Fraction(1, 10)
"""Silence between two pieces of sound that is kept; less is the jitter of their clocks."""


def answer_film(file: BinaryIO, demuxer: str, request: dict[str, Any]) -> None:
    """Answer for a film."""
    film = Film(file, demuxer, request)
    send_facts(film.facts())
    if request["want"] == "sound" and film.sound is not None:
        film.send_sound()
    elif request["want"] == "frames":
        film.send_frames()
    elif request["want"] == "packets":
        film.send_packets()


class Film:
    """An opened film on a constant frame grid that begins with its first frame."""

    def __init__(self, file: BinaryIO, demuxer: str, request: dict[str, Any]) -> None:
        self.file, self.demuxer, self.request = file, demuxer, request
        self.container = self.reopen()
        self.picture, self.sound = self.streams()
        self.check_codecs()
        context = self.picture.codec_context
        self.width, self.height = context.width, context.height
        check_budget(self.width, self.height, 1, request)
        self.fps = self.frame_rate()
        self.start_s, end_s = self.span(request)
        self.num_frames = max(1, round((end_s - self.start_s) * self.fps))
        check_budget(self.width, self.height, self.num_frames, request)
        self.turns = self.quarter_turns()
        if self.sound is not None:
            rate_hz, self.num_channels = self.sound.codec_context.sample_rate, min(self.sound.codec_context.channels, 2)
            self.rate_hz = rate_hz if rate_hz in SAMPLE_RATES_HZ else ODD_RATE_BECOMES_HZ

    def reopen(self) -> InputContainer:
        """The file from its beginning; no other is ever opened, whatever it refers to, nor a decoder off the lists."""
        options = {
            "protocol_whitelist": "none",
            "enable_drefs": "0",
            "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,mp3,flac,ogg,aac",
            "codec_whitelist": ",".join(PICTURE_DECODERS + SOUND_DECODERS),
        }
        if self.demuxer != "mov":
            del options["enable_drefs"]
        self.file.seek(0)
        return av.open(self.file, "r", format=self.demuxer, options=options, metadata_errors="replace")

    def streams(self) -> tuple[VideoStream, AudioStream | None]:
        """The picture and the sound that players would choose; the cover of a record is no film."""
        picture, sound = self.container.streams.best("video"), self.container.streams.best("audio")
        if not isinstance(picture, VideoStream) or picture.disposition & Disposition.attached_pic:
            raise RefusedError("picture")
        return picture, sound if isinstance(sound, AudioStream) else None

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
            # Only of the last is the duration believed: MP4 has those between frames as they are decoded, not shown.
            shown = (packet.pts, packet.duration or 1 / self.fps / tick_s)
            first = packet.pts if first is None else min(first, packet.pts)
            last = shown if last is None else max(last, shown)
            if (sum(last) - first) * tick_s > request["duration_s"] or num_packets > request["frames"]:
                raise RefusedError("long")
        # A header that promises more than there is means a file cut short.
        if first is None or last is None or num_packets < self.picture.frames:
            raise RefusedError("damaged")
        return first * tick_s, sum(last) * tick_s

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

    def decoded(self, stream: VideoStream | AudioStream) -> Iterator[Any]:
        """The stream's frames from its beginning."""
        # Opened afresh, because after seeking some containers give the sound's first moments differently.
        with self.reopen() as container:
            fresh = container.streams[stream.index]
            fresh.codec_context.thread_count = NUM_THREADS
            fresh.codec_context.thread_type = "AUTO"
            # A stream may grow in the middle; the decoder refuses before it makes room.
            fresh.codec_context.options = {"max_pixels": str(self.request["pixels"])}
            yield from container.decode(fresh)

    def facts(self) -> dict[str, Any]:
        """What the parent is told first."""
        upright = (self.height, self.width) if self.turns % 2 else (self.width, self.height)
        facts = {
            "container": "webm/mkv" if "matroska" in self.container.format.name else "mp4/mov",
            "picture_codec": self.picture.codec_context.codec.canonical_name,
            **{"width": upright[0], "height": upright[1], "quarter_turns": self.turns},
            "fps": [self.fps.numerator, self.fps.denominator],
            "num_frames": self.num_frames,
            "comment": str(self.container.metadata.get("comment", self.container.metadata.get("COMMENT", ""))),
        }
        if self.sound is not None:
            facts["sound_codec"] = self.sound.codec_context.codec.canonical_name
            facts["sample_rate_hz"] = self.rate_hz
            facts["num_channels"] = self.num_channels
        return facts

    def send_frames(self) -> None:
        """Send exactly `num_frames` frames: each instant of the grid shows the newest frame that has begun."""
        grid = self.on_grid()
        num_at_once = max(1, self.request["block_bytes"] // (self.width * self.height * 3))
        while block := list(islice(grid, min(self.request["block_frames"], num_at_once))):
            send(b"F", *block)

    def send_packets(self) -> None:
        """Send the coded streams as they lie in the file, picture first; of a file that is too large no packets."""
        too_large = self.file.seek(0, 2) > self.request["packets_bytes"]
        with self.reopen() as container:
            wanted = [stream for stream in (self.picture, self.sound) if stream is not None]
            send(b"T", json.dumps([self.told(stream) for stream in wanted]).encode())
            streams = [] if too_large else [container.streams[stream.index] for stream in wanted]
            for packet in container.demux(streams) if streams else ():
                if packet.size and packet.pts is not None:
                    number = int(packet.stream_index != self.picture.index)
                    flags = packet.is_keyframe + 2 * packet.is_discard
                    send(b"P", struct.pack("<BBqq", number, flags, packet.pts, packet.duration or 0), bytes(packet))

    def told(self, stream: VideoStream | AudioStream) -> dict[str, Any]:
        """A stream's clock, and what its decoder needs before the first packet."""
        tick_s = stream.time_base or Fraction(1)
        parameters = bytes(stream.codec_context.extradata or b"").hex()
        return {"tick_s": [tick_s.numerator, tick_s.denominator], "parameters": parameters}

    def on_grid(self) -> Iterator[bytes]:
        """The frames, held or dropped onto the constant grid."""
        shown, num_sent, num_due = None, 0, 0
        reformatter = VideoReformatter()
        for frame in self.decoded(self.picture):
            index = round((frame.pts * frame.time_base - self.start_s) * self.fps)
            while shown is not None and num_sent < min(index, self.num_frames):
                yield shown
                num_sent += 1
            shown = self.to_rgb(frame, reformatter)
            num_due = index + round((frame.duration or 0) * frame.time_base * self.fps)
        # Some decoders keep a last frame or two to themselves.
        if shown is None or num_due < self.num_frames - max(2, self.num_frames // 10):
            raise RefusedError("damaged")
        for _ in range(self.num_frames - num_sent):
            yield shown

    def to_rgb(self, frame: VideoFrame, reformatter: VideoReformatter) -> bytes:
        """RGB bytes of a frame, by the matrix the file names, or else the one players assume for its size."""
        unspecified = frame.colorspace not in set(Colorspace)
        matrix = (Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601) if unspecified else frame.colorspace
        rgb = reformatter.reformat(
            frame,
            width=self.width,
            height=self.height,
            format="rgb24",
            src_colorspace=matrix,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
        )
        plane, row_bytes = memoryview(rgb.planes[0]), self.width * 3
        step = rgb.planes[0].line_size
        if step == row_bytes:
            return bytes(plane[: row_bytes * self.height])
        return b"".join(plane[start : start + row_bytes] for start in range(0, step * self.height, step))

    def send_sound(self) -> None:
        """Send the sound under the picture as interleaved float32, beginning with the first frame."""
        begin, end = 0, round(self.num_frames / self.fps * self.rate_hz)
        for at, samples in self.placed_sound():
            sample_bytes = 4 * self.num_channels
            if at > begin:
                silence = min(at, end) - begin
                send(b"S", bytes(silence * sample_bytes))
                begin += silence
            kept = samples[max(0, begin - at) * sample_bytes : max(0, end - at) * sample_bytes]
            if kept:
                send(b"S", kept)
                begin += len(kept) // sample_bytes
            if begin >= end:
                return

    def placed_sound(self) -> Iterator[tuple[int, bytes]]:
        """Pieces of sound and the sample they begin at, counted from the first frame (so the first may be negative)."""
        layout = "mono" if self.num_channels == 1 else "stereo"
        to_float = av.AudioResampler(format="flt", layout=layout, rate=self.rate_hz)
        assert self.sound is not None
        at: int | None = None
        for frame in self.decoded(self.sound):
            if frame.pts is not None:
                due = round((frame.pts * frame.time_base - self.start_s) * self.rate_hz)
                at = due if at is None or due - at > GAP_S * self.rate_hz else at
            for piece in to_float.resample(frame):
                yield at or 0, self.samples(piece)
                at = (at or 0) + piece.samples
        for piece in to_float.resample(None):
            yield at or 0, self.samples(piece)

    def samples(self, piece: AudioFrame) -> bytes:
        """A piece's samples without the padding behind them."""
        return bytes(piece.planes[0])[: piece.samples * self.num_channels * 4]
