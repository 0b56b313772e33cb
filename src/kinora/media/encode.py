"""A clip becomes an MP4: H.264 and AAC, exact in time and colour.

Axes: T frames, H height, W width, C channels, L samples.
"""

import math
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from kinora.media.clip import Clip, Wave, fit_sound
from kinora.media.files import whole_file
from kinora.request import neighbours

SAMPLES_PER_PACKET = 1024
"""AAC's frame length."""

ENCODER_THREADS = 4
"""Fixed, because x264's bytes depend on how many threads it has, not on how they are scheduled."""

KEYFRAME_EVERY_S = 2

X264_CODE = ":asm=SSE4.2" if platform.machine().lower() in ("x86_64", "amd64") else ""
"""x264's AVX-512 code gave other bytes for the same frames once in a few hundred clips (docs/LOG.md); without it, none
did. At 144 lines this is no slower, and the bytes are the same."""

AAC_OPTIONS = {"aac_coder": "fast", "aac_pns": "0"}
"""FFmpeg's default coder lifts a drum's peak by up to 3 dB; this one stays within 0.3 dB, about 10 dB cleaner."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How an MP4 is compressed: x264's rate factor (lower is better) and preset, AAC's bits a sample (6 at most)."""

    crf: int = 17
    preset: str = "medium"
    sound_bits_per_sample: int = 5


STANDARD = Quality()


def write_mp4(clip: Clip, path: Path, *, quality: Quality = STANDARD, comment: str = "") -> None:
    """Write `clip` to `path` as H.264 (yuv420p, BT.709, limited range) and AAC, ready to stream (moov before mdat).

    Both streams last exactly num_frames / fps; the sound is cut or padded to that and begins with the first frame. The
    same clip gives the same bytes. The file appears whole or not at all. `comment` goes into the file's metadata.
    Raises ValueError for odd sizes, a missing folder, or frames that are not what the clip announced.
    """
    check_even(clip.height, clip.width)
    with (
        whole_file(path) as temporary,
        av.open(temporary, "w", format="mp4", options=_muxer_options(clip)) as container,
    ):
        if comment:
            container.metadata["comment"] = comment
        picture = _Picture(container, clip, quality)
        sound = None if clip.sound is None else _Sound(container, clip, clip.sound, quality)
        for index, frame in enumerate(_checked_frames(clip), start=1):
            container.mux(picture.encode(frame))
            # The two streams are written side by side, so that the muxer never holds more than a moment of either.
            if sound:
                container.mux(sound.encode_until(index / clip.fps))
        container.mux(picture.flush())
        if sound:
            container.mux(sound.flush())


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
        self._stream = container.add_stream("libx264", rate=clip.fps, options=_x264_options(clip, quality))
        self._stream.width, self._stream.height, self._stream.pix_fmt = clip.width, clip.height, "yuv420p"
        context = self._stream.codec_context
        context.time_base = 1 / clip.fps
        context.thread_count = ENCODER_THREADS
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._time_base = 1 / clip.fps
        self._index = count()
        self._reformatter = VideoReformatter()

    def encode(self, rgb_HWC: np.ndarray) -> list[av.Packet]:
        """Encode the next frame."""
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
        frame.pts, frame.time_base, frame.duration = next(self._index), self._time_base, 1
        return self._stream.encode(frame)

    def flush(self) -> list[av.Packet]:
        """The packets still inside the encoder."""
        return self._stream.encode(None)


class _Sound:
    """The sound stream: the clip's wave in, AAC packets out, as far as the picture has come."""

    def __init__(self, container: av.container.OutputContainer, clip: Clip, wave: Wave, quality: Quality) -> None:
        self._layout = "mono" if wave.shape[0] == 1 else "stereo"
        self._rate_hz = clip.sample_rate_hz
        self._stream = container.add_stream("aac", rate=self._rate_hz, layout=self._layout, options=AAC_OPTIONS)
        self._stream.codec_context.bit_rate = quality.sound_bits_per_sample * self._rate_hz * wave.shape[0]
        self._wave = fit_sound(wave, clip.num_samples)
        self._done = 0

    def encode_until(self, time_s: Fraction) -> list[av.Packet]:
        """Encode the AAC frames that begin before `time_s`; the last one may be short."""
        packets = []
        while self._done < min(time_s * self._rate_hz, self._wave.shape[1]):
            packets += self._encode_next()
        return packets

    def flush(self) -> list[av.Packet]:
        """Encode what is left and empty the encoder."""
        return self.encode_until(Fraction(self._wave.shape[1], self._rate_hz)) + self._stream.encode(None)

    def _encode_next(self) -> list[av.Packet]:
        chunk = np.ascontiguousarray(self._wave[:, self._done : self._done + SAMPLES_PER_PACKET])
        frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate_hz, self._done, Fraction(1, self._rate_hz)
        self._done += chunk.shape[1]
        return self._stream.encode(frame)


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
