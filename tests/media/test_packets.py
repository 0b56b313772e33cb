import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kinora.media import decode
from kinora.media.decode import MediaError, read_clip, read_tracks
from kinora.media.encode import write_mp4
from kinora.media.packets import Packet, nal_units, read_coded

needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")
SHAPES = [
    {"num_frames": 60},
    {"num_frames": 130, "fps": Fraction(30_000, 1001), "sample_rate_hz": 44_100, "num_channels": 2},
    {"num_frames": 49, "num_channels": 0},
    {"num_frames": 1, "fps": Fraction(24)},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_packets_are_those_a_demuxer_finds_on_whole_frames_and_samples(bouncing, tmp_path, shape):
    clip, path = bouncing(**shape), tmp_path / "a.mp4"
    write_mp4(clip, path)
    coded = read_coded(path)
    assert (coded.num_frames, coded.height, coded.width, coded.fps) == (clip.num_frames, 96, 128, clip.fps)
    assert coded.flaw == "" and coded.borders[0] == 0 and coded.borders[-1] == clip.num_frames
    with av.open(str(path)) as container:
        assert coded.picture_parameters == container.streams.video[0].codec_context.extradata
        found = {"video": [], "audio": []}
        for packet in container.demux():
            if packet.size:
                found[packet.stream.type].append((bytes(packet), packet.pts * packet.time_base))
    for kind, held, rate in (("video", coded.picture, clip.fps), ("audio", coded.sound, clip.sample_rate_hz)):
        assert [(packet.data, packet.start) for packet in held] == [(data, time * rate) for data, time in found[kind]]
    if clip.sound is not None:
        assert np.array_equal(coded.wave, read_clip(path).sound)


def test_groups_begin_where_no_later_packet_is_shown_earlier_nor_any_earlier_one_later(bouncing, tmp_path):
    write_mp4(bouncing(num_frames=130), tmp_path / "a.mp4")
    coded = read_coded(tmp_path / "a.mp4")
    assert len(coded.borders) > 4
    starts = [packet.start for packet in coded.picture]
    for border in coded.borders[:-1]:
        at = starts.index(border)
        assert sorted(starts[:at]) == [*range(border)] and coded.picture[at].is_key


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_cuts_add_up(long_film, data):
    coded = long_film
    start, middle, stop = sorted(
        data.draw(st.lists(st.sampled_from(coded.borders), min_size=3, max_size=3, unique=True))
    )
    whole, left, right = coded.cut(start, stop), coded.cut(start, middle), coded.cut(middle, stop)
    moved = tuple(packet.moved(left.num_frames) for packet in right.picture)
    assert left.picture + moved == whole.picture
    assert whole.borders == tuple(border - start for border in coded.borders if start <= border <= stop)
    assert np.array_equal(np.concatenate([left.wave, right.wave], axis=1), whole.wave)
    # What decoding its samples takes: the packets that hold them, and the one before.
    held = [packet.start for packet in whole.sound]
    assert -2048 < held[0] <= -1024 and whole.wave.shape[1] - 1024 <= held[-1] < whole.wave.shape[1]
    assert {packet.data for packet in whole.sound} <= {packet.data for packet in coded.sound}


@pytest.fixture(scope="module")
def long_film(tmp_path_factory):
    from tests.media.test_splice import film

    path = tmp_path_factory.mktemp("film") / "a.mp4"
    write_mp4(film(num_frames=150), path)
    return read_coded(path)


@pytest.mark.parametrize(("start", "stop"), [(1, 24), (0, 25), (24, 24), (48, 24), (-24, 24), (0, 96)])
def test_cuts_elsewhere_are_refused_by_name(bouncing, tmp_path, start, stop):
    write_mp4(bouncing(num_frames=60), tmp_path / "a.mp4")
    coded = read_coded(tmp_path / "a.mp4")
    with pytest.raises(ValueError, match=r"groups of pictures begin at \(0, "):
        coded.cut(start, stop)


def test_an_open_group_is_no_border(bouncing, tmp_path):
    write_mp4(bouncing(num_frames=60), tmp_path / "a.mp4")
    coded = read_coded(tmp_path / "a.mp4")
    border = coded.borders[1]
    # The next frame in the file's order comes before the key frame in time, as in an open group.
    trade = {border: border + 1, border + 1: border}
    swapped = [replace(packet, start=trade.get(packet.start, packet.start)) for packet in coded.picture]
    assert set(replace(coded, picture=tuple(swapped)).borders) == set(coded.borders) - {border}


X264 = ["-c:v", "libx264", "-preset", "veryfast"]
PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=1.2"]
FLAWED = {
    "another codec": ([*PICTURE, "-c:v", "mpeg4"], "a.mp4", "mpeg4, not H.264"),
    "uneven": ([*PICTURE, *X264, "-vf", "select='not(mod(n,3))+lt(n,6)'", "-fps_mode", "vfr"], "a.mp4", "evenly"),
    "milliseconds": ([*PICTURE, *X264, "-r", "30"], "a.mkv", "evenly"),
}


@needs_ffmpeg
@pytest.mark.parametrize("name", FLAWED)
def test_what_cannot_be_copied_says_why(tmp_path, name):
    arguments, file, word = FLAWED[name]
    subprocess.run(["ffmpeg", "-v", "error", *arguments, str(tmp_path / file)], check=True)
    coded = read_coded(tmp_path / file)
    assert word in coded.flaw and coded.num_frames == read_clip(tmp_path / file).num_frames


@needs_ffmpeg
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["-ss", "0.7", "-i", "in.mp4", "-c", "copy"], "hides"),
        (["-i", "in.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90"], "side"),
    ],
)
def test_files_that_players_show_otherwise_than_they_are_coded(bouncing, tmp_path, arguments, word):
    write_mp4(bouncing(num_frames=60), tmp_path / "in.mp4")
    subprocess.run(["ffmpeg", "-v", "error", *arguments, "out.mp4"], cwd=tmp_path, check=True)
    assert word in read_coded(tmp_path / "out.mp4").flaw


def test_a_picture_and_a_large_file_have_no_packets(bouncing, tmp_path, monkeypatch):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    assert "still" in read_coded(tmp_path / "a.png").flaw
    write_mp4(bouncing(), tmp_path / "a.mp4")
    monkeypatch.setattr(decode, "PACKETS_BYTES", (tmp_path / "a.mp4").stat().st_size - 1)
    coded = read_coded(tmp_path / "a.mp4")
    assert "larger" in coded.flaw and coded.borders == () and coded.num_frames == 25


def test_a_damaged_file_stays_a_media_error(bouncing, tmp_path):
    write_mp4(bouncing(), tmp_path / "a.mp4")
    (tmp_path / "a.mp4").write_bytes((tmp_path / "a.mp4").read_bytes()[:3000])
    with pytest.raises(MediaError, match="damaged"):
        read_coded(tmp_path / "a.mp4")


HEADER = """
import json, struct, sys
def send(tag, data=b""):
    sys.stdout.buffer.write(tag + struct.pack("<I", len(data)) + data); sys.stdout.flush()
facts = {"container": "mp4", "picture_codec": "h264", "width": 128, "height": 96, "fps": [12, 1], "num_frames": 2}
send(b"H", json.dumps(facts).encode())
if json.loads(sys.argv[1])["want"] == "sound": send(b"Z"); sys.exit()
"""
LIES = {
    "no JSON": "send(b'T', b'{'); send(b'Z')",
    "a clock that stands": "send(b'T', b'[{\"tick_s\": [1, 0], \"parameters\": \"\"}]'); send(b'Z')",
    "parameters that are no bytes": "send(b'T', b'[{\"tick_s\": [1, 12], \"parameters\": \"zz\"}]'); send(b'Z')",
    "half a head": "send(b'T', b'[{\"tick_s\": [1, 12], \"parameters\": \"\"}]'); send(b'P', b'123'); send(b'Z')",
    "another message": "send(b'T', b'[]'); send(b'F', b'123'); send(b'Z')",
    "no end": "send(b'T', b'[]')",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_child_is_not_believed(bouncing, tmp_path, monkeypatch, lie):
    write_mp4(bouncing(num_frames=2), tmp_path / "a.mp4")
    monkeypatch.setattr(decode, "CHILD", HEADER + LIES[lie])
    with pytest.raises(MediaError, match="damaged"):
        read_tracks(tmp_path / "a.mp4")


@given(st.lists(st.binary(min_size=1, max_size=40)), st.sampled_from([1, 2, 4]))
def test_pieces_come_out_as_they_went_in(units, length_bytes):
    data = b"".join(len(unit).to_bytes(length_bytes) + unit for unit in units)
    assert [*nal_units(data, bytes([1, 0, 0, 0, 0xFC | (length_bytes - 1)]))] == units


@given(st.binary(max_size=60))
def test_any_bytes_come_to_an_end(data):
    assert sum(map(len, nal_units(data, b""))) <= len(data)
    assert Packet(data=data, start=3).moved(-3).start == 0
