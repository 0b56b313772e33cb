"""AAC: a wave becomes packets, and copied packets are continued so that nobody hears where.

An AAC packet is a transform over 2048 samples, 1024 of which it shares with the next; the shared ones come out right
where both were given the same wave and window (Princen and Bradley, 1986). So the encoder begins on the copied sound's
own decoded samples, a few packets before the join, and takes over at a border where its window is the copied one.

Axes: C channels, L samples.
"""

from fractions import Fraction

import av
import numpy as np

from kinora.media.clip import Clip, Wave, fit_sound
from kinora.media.packets import SAMPLES_PER_PACKET, Coded, Copied, Packet

AAC_OPTIONS = {"aac_coder": "fast", "aac_pns": "0"}
"""FFmpeg's default coder lifts a drum's peak by up to 3 dB; this one stays within 0.3 dB, about 10 dB cleaner."""

APART = 2
"""Packets at least between a border and the new sound, so that none that is copied reaches into it."""

SOUGHT = 8
"""Borders among which one is sought."""

SETTLING = 24
"""Packets that the encoder is given before, and that are dropped: its first sixteen are up to 15 dB coarser."""

SINGLE, PAIR, FILL = 0, 1, 6
START, SHORT = 1, 2
"""Elements of a packet, and the windows that end in short slopes (ISO/IEC 14496-3, tables 4.85 and 4.108)."""


class SoundEncoder:
    """One way to compress sound: samples a second, channels, and bits a sample."""

    def __init__(self, rate_hz: int, num_channels: int, bits_per_sample: int) -> None:
        self._rate_hz, self._layout = rate_hz, "mono" if num_channels == 1 else "stereo"
        self._bit_rate = bits_per_sample * rate_hz * num_channels
        opened = self._opened()
        opened.open()
        self.parameters = bytes(opened.extradata or b"")

    def stream_in(self, container: av.container.OutputContainer) -> av.AudioStream:
        """A new stream for packets made this way."""
        stream = container.add_stream("aac", rate=self._rate_hz, layout=self._layout, options=AAC_OPTIONS)
        stream.codec_context.bit_rate = self._bit_rate
        return stream

    def encode(self, wave: Wave, origin: int) -> list[Packet]:
        """The packets of `wave` (C, L) whose first sample is number `origin`; the first begins 1024 before it."""
        context, packets = self._opened(), list[av.Packet]()
        for at in range(0, wave.shape[1], SAMPLES_PER_PACKET):
            chunk = np.ascontiguousarray(wave[:, at : at + SAMPLES_PER_PACKET])
            frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout=self._layout)
            frame.sample_rate, frame.pts, frame.time_base = self._rate_hz, at, Fraction(1, self._rate_hz)
            packets += context.encode(frame)
        packets += context.encode(None)
        starts = range(origin - SAMPLES_PER_PACKET, origin + wave.shape[1], SAMPLES_PER_PACKET)
        return [Packet(data=bytes(packet), start=start) for packet, start in zip(packets, starts, strict=True)]

    def _opened(self) -> av.AudioCodecContext:
        context = av.CodecContext.create("aac", "w")
        context.sample_rate, context.layout, context.format = self._rate_hz, self._layout, "fltp"
        context.time_base, context.bit_rate, context.options = Fraction(1, self._rate_hz), self._bit_rate, AAC_OPTIONS
        return context


def coded_sound(clip: Clip, copied: Copied, encoder: SoundEncoder) -> tuple[list[Packet], int]:
    """The AAC packets of the whole film, as many as can be of the copied parts' own; and how many samples it has."""
    if copied.picture and copied.new:
        wave_CL, (begin, end) = _mended_wave(clip, copied.picture, copied.new), copied.new
        packets = _placed(copied.picture, 0, encoder)
        before, after = packets if begin else [], packets if end < wave_CL.shape[1] else []
    else:
        wave_CL, begin, end = _whole_wave(clip, copied)
        before, after = (_placed(part, at, encoder) for part, at in ((copied.before, 0), (copied.after, end)))
    # Where no window fits, or the two parts' packets lie on two grids, less is copied.
    nothing: list[Packet] = []
    choices = ((before, after), (before, nothing), (nothing, after), (nothing, nothing))
    tries = (_continued(wave_CL, (begin, end), first, last, encoder) for first, last in choices)
    return next(packets for packets in tries if packets), wave_CL.shape[1]


def _whole_wave(clip: Clip, copied: Copied) -> tuple[Wave, int, int]:
    """The film's decoded sound as it shall be, and where the clip's own begins and ends."""
    assert clip.sound is not None
    num_frames = [part.num_frames if part else 0 for part in (copied.before, copied.after)]
    counts = (num_frames[0], num_frames[0] + clip.num_frames, sum(num_frames) + clip.num_frames)
    begin, end, num_samples = (round(count / clip.fps * clip.sample_rate_hz) for count in counts)
    nothing = np.zeros((len(clip.sound), 0), np.float32)
    lengths = (begin, end - begin, num_samples - end)
    waves = [part.wave if part and part.wave is not None else nothing for part in (copied.before, copied.after)]
    pieces = zip((waves[0], clip.sound, waves[1]), lengths, strict=True)
    return np.concatenate([fit_sound(wave, length) for wave, length in pieces], axis=1), begin, end


def _mended_wave(clip: Clip, coded: Coded, new: tuple[int, int]) -> Wave:
    """A film's own decoded sound, with the clip's in the place of its new samples."""
    assert clip.sound is not None
    if coded.wave is None or len(coded.wave) != len(clip.sound) or coded.sample_rate_hz != clip.sample_rate_hz:
        return clip.sound
    wave_CL = fit_sound(coded.wave, clip.num_samples).copy()
    wave_CL[:, slice(*new)] = clip.sound[:, slice(*new)]
    return wave_CL


def _placed(part: Coded | None, at: int, encoder: SoundEncoder) -> list[Packet]:
    """A part's packets on the film's clock, the part beginning with sample `at`; none of another kind than ours."""
    if part is None or part.sound_parameters != encoder.parameters:
        return []
    return [packet.moved(at) for packet in part.sound]


def _continued(
    wave_CL: Wave, new: tuple[int, int], first: list[Packet], last: list[Packet], encoder: SoundEncoder
) -> list[Packet]:
    """Copied packets, then encoded ones around the `new` samples (begin, end), then copied ones; none if no window
    fits. All lie on one grid of 1024 samples."""
    step, num_samples = SAMPLES_PER_PACKET, wave_CL.shape[1]
    phase = (first or last)[0].start % step if first or last else 0
    if last and (last[0].start % step != phase or last[-1].start + step < num_samples):
        return []
    start = origin = -(-phase % step)
    if first:
        latest = new[0] - APART * step
        latest -= (latest - phase) % step
        start = max(origin, latest - (SOUGHT + SETTLING) * step)
    earliest = new[1] + (phase - new[1]) % step
    stop = min(num_samples, earliest + SOUGHT * step) if last else num_samples
    fed_CL = np.pad(wave_CL[:, max(0, start) : stop], ((0, 0), (max(0, -start), 0)))
    packets = encoder.encode(fed_CL, start)
    if first:
        packets = _joined(first, packets, range(latest, max(start, latest - SOUGHT * step) - 1, -step))
    return _joined(packets, last, range(earliest, stop, step)) if last else packets


def _joined(first: list[Packet], second: list[Packet], borders: range) -> list[Packet]:
    """`first` up to a border and `second` from there on: the nearest at which both came with the same window, so that
    what follows in one meets what went before in the other; none where there is no such border."""
    ends, begins = ({packet.start: packet for packet in packets} for packets in (first, second))
    for border in borders:
        pair = [packets.get(border - SAMPLES_PER_PACKET) for packets in (ends, begins)]
        slopes = [None if packet is None else _end_of_window(packet.data) for packet in pair]
        if border in begins and slopes[0] is not None and slopes[0] == slopes[1]:
            return [p for p in first if p.start < border] + [p for p in second if p.start >= border]
    return []


def _end_of_window(data: bytes) -> tuple[bool, int] | None:
    """How a packet's window ends: whether in a short slope, and which shape; None where its two channels differ.

    Before the sound there may be a filling, which names the encoder (ISO/IEC 14496-3, 4.4.2).
    """
    bits = "".join(f"{byte:08b}" for byte in data[:300])
    at = 0
    while _number(bits, at, 3) == FILL:
        count = _number(bits, at + 3, 4)
        at += 7 + 8 * (count if count < 15 else 15 + _number(bits, at + 7, 8))
    # An element's name and number, then a single channel's gain, or whether a pair shares its window.
    info = {SINGLE: at + 15, PAIR: at + 8 if _number(bits, at + 7, 1) else None}.get(_number(bits, at, 3))
    if info is None or info + 4 > len(bits):
        return None
    return _number(bits, info + 1, 2) in (START, SHORT), _number(bits, info + 3, 1)


def _number(bits: str, at: int, size: int) -> int:
    return int(bits[at : at + size] or "0", 2)
