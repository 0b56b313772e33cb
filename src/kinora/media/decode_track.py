"""Inside the disposable process: the sound of a film, under its picture, or of a sound file, whole."""

from typing import Any, BinaryIO

from av import AudioStream
from av.stream import Disposition

from kinora.media.decode_film import ODD_RATE_BECOMES_HZ, SAMPLE_RATES_HZ, SOUND_DECODERS, Film
from kinora.media.decode_messages import RefusedError, send, send_facts


def answer_track(file: BinaryIO, demuxer: str, request: dict[str, Any]) -> None:
    """Answer for the sound of a film or a sound file."""
    track = SoundTrack(file, demuxer, request)
    source = Film(file, demuxer, request) if track.has_picture else track
    send_facts({"sample_rate_hz": source.rate_hz, "num_channels": source.num_channels})
    source.send_sound()


class SoundTrack(Film):
    """An opened file of which only the sound counts, from its first sample to its last."""

    def __init__(self, file: BinaryIO, demuxer: str, request: dict[str, Any]) -> None:
        self.file, self.demuxer, self.request = file, demuxer, request
        self.container = self.reopen()
        sound = self.container.streams.best("audio")
        if not isinstance(sound, AudioStream):
            raise RefusedError("sound")
        if sound.codec_context is None or sound.codec_context.name not in SOUND_DECODERS:
            raise RefusedError("codec")
        self.sound, rate_hz = sound, sound.codec_context.sample_rate
        self.num_channels = min(sound.codec_context.channels, 2)
        self.rate_hz = rate_hz if rate_hz in SAMPLE_RATES_HZ else ODD_RATE_BECOMES_HZ
        pictures = self.container.streams.video
        self.has_picture = any(not stream.disposition & Disposition.attached_pic for stream in pictures)
        first = next(self.decoded(sound), None)
        if first is None:
            raise RefusedError("damaged")
        self.start_s = (first.pts or 0) * first.time_base

    def send_sound(self) -> None:
        """Send all samples as interleaved float32, silence where they have gaps."""
        sample_bytes, done = 4 * self.num_channels, 0
        most = self.request["duration_s"] * self.rate_hz
        for at, samples in self.placed_sound():
            count = len(samples) // sample_bytes
            if max(at, done) + count > most:
                raise RefusedError("long")
            if at > done:
                send(b"S", bytes((at - done) * sample_bytes))
                done = at
            kept = samples[max(0, done - at) * sample_bytes :]
            if kept:
                send(b"S", kept)
                done += len(kept) // sample_bytes
