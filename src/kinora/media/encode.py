"""A clip becomes an MP4: H.264 and AAC, exact in time and colour.

Axes: T frames, H height, W width, C channels, L samples.
"""

import math
import platform
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from itertools import chain, islice, pairwise
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from kinora.media.clip import Clip
from kinora.media.encode_sound import SoundEncoder, coded_sound
from kinora.media.files import whole_file
from kinora.media.packets import SAMPLES_PER_PACKET, Coded, Copied, nal_units
from kinora.request import neighbours

ENCODER_THREADS = 4
"""Fixed, because x264's bytes depend on how many threads it has, not on how they are scheduled."""

KEYFRAME_EVERY_S = 2

X264_CODE = ":asm=SSE4.2" if platform.machine().lower() in ("x86_64", "amd64") else ""
"""x264's AVX-512 code gave other bytes for the same frames once in a few hundred clips (docs/LOG.md); without it, none
did. At 144 lines this is no slower, and the bytes are the same."""

START_CODE = b"\0\0\0\1"

LATE_FRAMES = 2
"""How many frames a picture is decoded ahead of its turn at most: x264 lets B-frames wait for one another once."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How an MP4 is compressed: x264's rate factor (lower is better) and preset, AAC's bits a sample (6 at most)."""

    crf: int = 17
    preset: str = "medium"
    sound_bits_per_sample: int = 5


STANDARD = Quality()

FAITHFUL = Quality(crf=10)
"""For footage that is encoded again: frames come out within 44 to 50 dB PSNR of films and 40 to 46 of drawings, whose
sharp coloured edges yuv420p cannot hold at any rate factor."""

NOTHING = Copied()


def write_mp4(
    clip: Clip, path: Path, *, quality: Quality = STANDARD, comment: str = "", copied: Copied = NOTHING
) -> None:
    """Write `clip` to `path` as H.264 (yuv420p, BT.709, limited range) and AAC, ready to stream (moov before mdat).

    Both streams last exactly num_frames / fps; the sound is cut or padded to that and begins with the first frame. The
    same clip gives the same bytes. The file appears whole or not at all. `comment` goes into the file's metadata.
    Where parts are `copied`, the film is the part before, the clip, and the part after, or the clip's sound, or some of
    it, under a copied picture; the copied pictures' packets are those of their file, and so are those of its sound but
    around the joins. Raises ValueError for odd sizes, a missing folder, frames that are not what the clip announced, or
    parts that `not_copyable` refuses.
    """
    check_even(clip.height, clip.width)
    _check_copied(clip, copied, quality)
    with (
        whole_file(path) as temporary,
        av.open(temporary, "w", format="mp4", options=_muxer_options(clip)) as container,
    ):
        if comment:
            container.metadata["comment"] = comment
        picture = _Picture(container, clip, quality)
        sound = None if clip.sound is None else _Sound(container, clip, copied, quality)
        # The two streams are written side by side, so that the muxer never holds more than a moment of either.
        for num_frames, packets in picture.packets(clip, copied):
            container.mux(packets)
            if sound:
                container.mux(sound.until(num_frames / clip.fps))
        if sound:
            container.mux(sound.rest())


def not_copyable(coded: Coded, clip: Clip, *, quality: Quality = STANDARD) -> str:
    """Why packets of `coded` cannot stand in one file with `clip` encoded at `quality`; "" where they can.

    They can where one decoder plays both: parameters of the picture, size and rate are equal, and so are the channels
    and the rate of the sound, if it has any.
    """
    if coded.flaw:
        return coded.flaw
    size, wanted = f"{coded.width}x{coded.height}", f"{clip.width}x{clip.height}"
    heard, wave = coded.wave, clip.sound
    reasons = {
        f"it is {size} and the new part {wanted}": size != wanted,
        f"it has {coded.fps} frames a second and the new part {clip.fps}": coded.fps != clip.fps,
        "it has sound and the new part has none": heard is not None and wave is None,
        "its sound has another rate or other channels than the new part's": (
            heard is not None
            and wave is not None
            and (coded.sample_rate_hz, len(heard)) != (clip.sample_rate_hz, len(wave))
        ),
    }
    if found := next((reason for reason, holds in reasons.items() if holds), ""):
        return found
    ours = _picture_parameters(clip.height, clip.width, clip.fps, quality)
    return "" if coded.picture_parameters == ours else "it was encoded in another way"


@lru_cache(maxsize=8)
def _picture_parameters(height: int, width: int, fps: Fraction, quality: Quality) -> bytes:
    """What a decoder of our pictures needs beforehand, as it stands in a file: read out of a file of one frame."""
    black = Clip.from_array(np.zeros((1, height, width, 3), np.uint8), fps=fps)
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        for _, packets in _Picture(container, black, quality).packets(black, NOTHING):
            container.mux(packets)
    file.seek(0)
    with av.open(file, "r", format="mp4") as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")


def _check_copied(clip: Clip, copied: Copied, quality: Quality) -> None:
    """Raise ValueError unless the copied parts and the clip make one film."""
    parts = [copied.before, copied.after, copied.picture and copied.picture.silent()]
    for reason in (not_copyable(part, clip, quality=quality) for part in parts if part):
        if reason:
            raise ValueError(f"the film's packets cannot be copied: {reason}")
    if copied.picture and (copied.before or copied.after or copied.picture.num_frames != clip.num_frames):
        raise ValueError(f"a copied picture must have the clip's {clip.num_frames} frames, and nothing stand around it")


def check_even(height: int, width: int) -> None:
    """Raise ValueError, naming the nearest right sizes, unless both sides are even (yuv420p halves colour)."""
    if height % 2 or width % 2:
        heights, widths = (neighbours(side, 2, low=2, high=2**14) for side in (height, width))
        nearest = " and ".join(f"{w}x{h}" for h in heights for w in widths)
        raise ValueError(
            f"size {width}x{height} is odd, which H.264 video cannot hold; the nearest even sizes are {nearest}"
        )


class _Picture:
    """The video stream: RGB in, H.264 packets out."""

    def __init__(self, container: av.container.OutputContainer, clip: Clip, quality: Quality) -> None:
        self._clip, self._options = clip, _x264_options(clip, quality)
        self._stream = container.add_stream("libx264", rate=clip.fps, options=self._options)
        self._set_up(self._stream.codec_context)
        self._frame_s = 1 / clip.fps
        self._reformatter = VideoReformatter()

    def _set_up(self, context: av.VideoCodecContext) -> None:
        context.width, context.height, context.pix_fmt = self._clip.width, self._clip.height, "yuv420p"
        context.time_base, context.framerate = 1 / self._clip.fps, self._clip.fps
        context.thread_count = ENCODER_THREADS
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709

    def _encoders(self) -> Iterator[av.VideoCodecContext]:
        """The stream's own encoder for the first shot, and one like it for each that follows: so a shot is coded the
        same whatever stands before it."""
        yield self._stream.codec_context
        while True:
            context = av.CodecContext.create("libx264", "w")
            self._set_up(context)
            context.options, context.flags = self._options, self._stream.codec_context.flags
            yield context

    def packets(self, clip: Clip, copied: Copied) -> Iterator[tuple[int, list[av.Packet]]]:
        """The packets of the whole film as they come, with the number of frames that went in so far."""
        made = [self._copied(copied.picture)] if copied.picture else self._encoded(clip)
        begin, num_frames, number = 0, 0, -LATE_FRAMES
        for part in chain([self._copied(copied.before)], made, [self._copied(copied.after)]):
            begin = num_frames
            for num_in_part, packets in part:
                num_frames = begin + num_in_part
                for packet in packets:
                    packet.pts, packet.dts, packet.duration = begin + (packet.pts or 0), number, 1
                    packet.time_base, packet.stream = self._frame_s, self._stream
                    number += 1
                yield num_frames, packets

    def _copied(self, part: Coded | None) -> Iterator[tuple[int, list[av.Packet]]]:
        """Packets as they were in another file."""
        if part is None:
            return
        for num_frames, coded in enumerate(part.picture, start=1):
            # The muxer expects them as x264 makes them, with marks between the pieces, and puts the lengths back.
            packet = av.Packet(b"".join(START_CODE + unit for unit in nal_units(coded.data, part.picture_parameters)))
            packet.pts, packet.is_keyframe = coded.start, coded.is_key
            yield num_frames, [packet]

    def _encoded(self, clip: Clip) -> Iterator[Iterator[tuple[int, list[av.Packet]]]]:
        """The clip's frames, encoded, shot by shot."""
        frames, encoders = _checked_frames(clip), self._encoders()
        for start, stop in pairwise((0, *clip.cuts, clip.num_frames)):
            # The last takes all that come, so that too many are noticed.
            shot = islice(frames, stop - start if stop < clip.num_frames else None)
            yield self._encoded_shot(shot, next(encoders))

    def _encoded_shot(
        self, frames: Iterator[np.ndarray], encoder: av.VideoCodecContext
    ) -> Iterator[tuple[int, list[av.Packet]]]:
        """One shot's frames, encoded; the encoder gives back later than it takes."""
        num_frames = 0
        for num_frames, rgb_HWC in enumerate(frames, start=1):
            yield num_frames, encoder.encode(self._converted(num_frames - 1, rgb_HWC))
        yield num_frames, encoder.encode(None)

    def _converted(self, index: int, rgb_HWC: np.ndarray) -> av.VideoFrame:
        source = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb_HWC), format="rgb24")
        # Without these the conversion would quietly use BT.601's matrix and the file's BT.709 flag would be a lie.
        frame = self._reformatter.reformat(
            source,
            format="yuv420p",
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_color_trc=ColorTrc.BT709,
            dst_color_primaries=ColorPrimaries.BT709,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT,
            threads=1,
        )
        frame.pts, frame.time_base, frame.duration = index, self._frame_s, 1
        return frame


class _Sound:
    """The sound stream: encoded at once, because it is small, and handed out as far as the picture has come."""

    def __init__(self, container: av.container.OutputContainer, clip: Clip, copied: Copied, quality: Quality) -> None:
        assert clip.sound is not None
        encoder = SoundEncoder(clip.sample_rate_hz, len(clip.sound), quality.sound_bits_per_sample)
        self._stream, self._sample_s = encoder.stream_in(container), Fraction(1, clip.sample_rate_hz)
        packets, self._num_samples = coded_sound(clip, copied, encoder)
        self._packets = deque(packets)

    def until(self, time_s: Fraction) -> list[av.Packet]:
        """The packets not handed out yet that an encoder would have given back for the sound before `time_s`."""
        late, packets = 2 * SAMPLES_PER_PACKET, []
        while self._packets and (self._packets[0].start + late) * self._sample_s < time_s:
            packets.append(self._next())
        return packets

    def rest(self) -> list[av.Packet]:
        """All that are left."""
        return [self._next() for _ in range(len(self._packets))]

    def _next(self) -> av.Packet:
        coded = self._packets.popleft()
        packet = av.Packet(coded.data)
        packet.pts = packet.dts = coded.start
        packet.duration = min(SAMPLES_PER_PACKET, self._num_samples - coded.start)
        packet.time_base, packet.stream, packet.is_keyframe = self._sample_s, self._stream, True
        return packet


def _checked_frames(clip: Clip) -> Iterator[np.ndarray]:
    """The clip's frames one by one; ValueError unless they are what the clip announced."""
    num_seen = 0
    for block_THWC in clip.frames():
        if block_THWC.dtype != np.uint8 or block_THWC.shape[1:] != (clip.height, clip.width, 3):
            raise ValueError(
                f"the clip announced uint8 frames of {clip.width}x{clip.height} but a block came as "
                f"{block_THWC.dtype} {block_THWC.shape}"
            )
        num_seen += len(block_THWC)
        if num_seen <= clip.num_frames:
            yield from block_THWC
    if num_seen != clip.num_frames:
        raise ValueError(f"the clip announced {clip.num_frames} frames but gave {num_seen}")


def _x264_options(clip: Clip, quality: Quality) -> dict[str, str]:
    keyframe_every = max(1, round(KEYFRAME_EVERY_S * clip.fps))
    return {
        "crf": str(quality.crf),
        "preset": quality.preset,
        "x264-params": f"keyint={keyframe_every}:open-gop=0:force-cfr=1{X264_CODE}",
    }


def _muxer_options(clip: Clip) -> dict[str, str]:
    """Clocks in which every duration is a whole number, so that nothing is rounded to milliseconds."""
    common = math.lcm(clip.fps.numerator, clip.sample_rate_hz)
    return {
        "movflags": "+faststart",
        "fflags": "+bitexact",
        "movie_timescale": str(common if common < 2**31 else 1_000_000),
        "video_track_timescale": str(clip.fps.numerator * -(-10_000 // clip.fps.numerator)),
    }
