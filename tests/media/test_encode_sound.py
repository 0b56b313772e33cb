"""Copied AAC packets, joined to encoded ones among drums, where the encoder's windows change all the time."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from kinora.media import encode_sound
from kinora.media.clip import Clip
from kinora.media.encode_sound import SoundEncoder, coded_sound
from kinora.media.packets import SAMPLES_PER_PACKET, Coded, Copied

RATE_HZ, FPS = 24_000, Fraction(24)
LIMIT = 0.04
"""Of full scale: between what two codings of the same drums differ by (0.03), and a window that does not fit (0.06)."""


def drums(num_frames, draw, num_channels):
    time_s = np.arange(num_frames * 1000) / RATE_HZ
    wave = 0.1 * np.sin(2 * np.pi * 300 * time_s)
    for at_s in np.cumsum(0.03 + 0.15 * draw.random(200)):
        after = np.exp(-90 * np.clip(time_s - at_s, 0, None)) * (time_s >= at_s)
        wave += 0.7 * after * draw.standard_normal(len(time_s))
    return np.stack([wave, 0.8 * wave][:num_channels]).clip(-1, 1).astype(np.float32)


def heard(packets, encoder):
    """What a decoder makes of packets, from sample 0 on."""
    context = av.CodecContext.create("aac", "r")
    context.extradata = encoder.parameters
    pieces = [frame.to_ndarray() for packet in packets for frame in context.decode(av.Packet(packet.data))]
    return np.concatenate(pieces, axis=1)[:, -packets[0].start :]


def film(num_frames, draw, num_channels):
    """A film of sound alone: its packets, and what they decode to."""
    encoder = SoundEncoder(RATE_HZ, num_channels, 5)
    packets = encoder.encode(drums(num_frames, draw, num_channels), 0)
    shape = {"num_frames": num_frames, "height": 2, "width": 2, "fps": FPS, "sample_rate_hz": RATE_HZ}
    wave = heard(packets, encoder)[:, : num_frames * 1000]
    return encoder, Coded(**shape, sound=tuple(packets), sound_parameters=encoder.parameters, wave=wave)


def new_part(num_frames, wave):
    return Clip.from_array(np.zeros((num_frames, 2, 2, 3), np.uint8), fps=FPS, sound=wave)


def worst_exit(seed):
    """The largest step away from the copied film's own sound, in the one packet in which new and copied overlap."""
    draw, num_channels = np.random.default_rng(seed), 1 + seed % 2
    encoder, coded = film(48, draw, num_channels)
    num_new = 40 + seed % 7
    packets, _ = coded_sound(new_part(num_new, drums(num_new, draw, num_channels)), Copied(after=coded), encoder)
    begin = num_new * 1000
    return np.abs(heard(packets, encoder)[:, begin : begin + 8192] - coded.wave[:, :8192]).max()


def test_windows_meet_where_copied_packets_go_on():
    assert max(map(worst_exit, range(24))) < LIMIT


def test_windows_that_do_not_meet_are_heard(monkeypatch):
    """The measure above can fail: it does where any border will do."""
    monkeypatch.setattr(encode_sound, "_end_of_window", lambda data: (False, 0))
    assert max(map(worst_exit, range(24))) > LIMIT


@pytest.mark.parametrize("seed", range(6))
def test_no_copied_packet_reaches_into_new_sound(seed):
    draw, num_channels = np.random.default_rng(seed), 1 + seed % 2
    encoder, coded = film(50 + seed, draw, num_channels)
    new, begin = drums(48, draw, num_channels), coded.wave.shape[1]
    packets, _ = coded_sound(new_part(48, new), Copied(before=coded), encoder)
    kept = [packet for packet in packets if packet in coded.sound]
    assert kept[-1].start + 2 * SAMPLES_PER_PACKET <= begin < kept[-1].start + 12 * SAMPLES_PER_PACKET
    error = np.abs(heard(packets, encoder)[:, begin : begin + new.shape[1]] - new)
    assert error[:, :4096].max() < 2 * error[:, 8192:].max()


def test_an_encoder_that_goes_on_is_as_good_as_one_that_went_all_the_way():
    """Fed with what was decoded, and then with the same wave, it is as near to it as in one go, packet by packet."""
    draw, rate_hz, begin = np.random.default_rng(0), 48_000, 96_000
    tone = 0.3 * np.sin(2 * np.pi * 330 * np.arange(2 * begin) / rate_hz)
    wave = (tone + 0.05 * draw.standard_normal((2, 2 * begin))).astype(np.float32)
    encoder = SoundEncoder(rate_hz, 2, 5)
    packets = encoder.encode(wave, 0)
    whole = heard(packets, encoder)
    shape = {"num_frames": 48, "height": 2, "width": 2, "fps": FPS, "sample_rate_hz": rate_hz}
    sound = tuple(packet for packet in packets if packet.start < begin)
    before = Coded(**shape, sound=sound, sound_parameters=encoder.parameters, wave=whole[:, :begin])
    new = replace(new_part(48, wave[:, begin:]), sample_rate_hz=rate_hz)
    made, num_samples = coded_sound(new, Copied(before=before), encoder)
    assert num_samples == 2 * begin and [p.data for p in made[:82]] == [p.data for p in packets[:82]]
    near = slice(begin - 12 * SAMPLES_PER_PACKET, begin + 24 * SAMPLES_PER_PACKET)
    errors = [(sound[:, near] - wave[:, near]).reshape(2, -1, 1024) for sound in (heard(made, encoder), whole)]
    joined_db, whole_db = (10 * np.log10((error**2).mean(axis=(0, 2))) for error in errors)
    # Where the same samples went through twice, they are at most as far off as two codings in a row.
    assert (joined_db - whole_db).max() < 4


def test_sound_of_another_kind_is_encoded_from_its_samples():
    encoder, coded = film(48, np.random.default_rng(0), 1)
    new = new_part(24, drums(24, np.random.default_rng(1), 1))
    for part in (replace(coded, sound_parameters=b"other"), replace(coded, sound=())):
        packets, num_samples = coded_sound(new, Copied(before=part), encoder)
        whole = np.concatenate([coded.wave, new.sound], axis=1)
        assert num_samples == 72_000 and packets == encoder.encode(whole, 0)
