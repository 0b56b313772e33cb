import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from kinora.media.clip import Clip
from kinora.media.decode import read_clip
from kinora.media.encode import FAITHFUL, write_mp4
from kinora.media.packets import read_coded

SHAPES = [
    {"num_frames": 25},
    {"num_frames": 50, "fps": Fraction(30_000, 1001), "sample_rate_hz": 48_000, "num_channels": 2},
    {"num_frames": 1, "fps": Fraction(24), "sample_rate_hz": 44_100},
    {"num_frames": 10, "fps": Fraction(8), "num_channels": 0},
    {"num_frames": 7, "fps": Fraction(24), "sample_rate_hz": 24_000, "num_channels": 2, "size": (98, 130)},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_both_streams_last_exactly_as_long_as_the_clip(bouncing, tmp_path, shape):
    clip = bouncing(**shape)
    write_mp4(clip, tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        picture = container.streams.video[0]
        assert picture.frames == clip.num_frames
        assert picture.duration * picture.time_base == clip.duration_s
        for sound in container.streams.audio:
            assert sound.duration == clip.num_samples and sound.time_base == Fraction(1, clip.sample_rate_hz)
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [i / clip.fps for i in range(clip.num_frames)]


@pytest.mark.parametrize("extra", [-3000, 0, 3000])
@pytest.mark.parametrize(("rate_hz", "num_channels"), [(24_000, 1), (48_000, 2), (44_100, 2)])
def test_sound_begins_with_the_first_frame_and_ends_with_the_last(bouncing, tmp_path, rate_hz, num_channels, extra):
    clip = bouncing(num_frames=25, sample_rate_hz=rate_hz, num_channels=num_channels)
    sound = clip.sound[:, :extra] if extra < 0 else np.pad(clip.sound, ((0, 0), (0, extra)))
    write_mp4(replace(clip, sound=sound), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        frames = list(container.decode(audio=0))
        assert container.streams.audio[0].duration == clip.num_samples
    assert frames[0].pts == 0
    wave = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    for channel in wave:
        for i in range(100, sound.shape[1] - 500, rate_hz // 4):
            assert abs(int(np.argmax(np.abs(channel[i - 50 : i + 50]))) - 50) <= 1


@pytest.mark.parametrize(
    "rgb", [(200, 30, 40), (10, 180, 90), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128)]
)
def test_colours_are_bt709_in_limited_range(tmp_path, rgb):
    frames = np.broadcast_to(np.array(rgb, np.uint8), (2, 96, 96, 3))
    write_mp4(Clip.from_array(np.ascontiguousarray(frames), fps=Fraction(12)), tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
        planes = next(container.decode(video=0)).to_ndarray(format="yuv420p")
    # BT.709's own equations, not swscale's.
    r, g, b = (value / 255 for value in rgb)
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    expected = (16 + 219 * luma, 128 + 224 * (b - luma) / 1.8556, 128 + 224 * (r - luma) / 1.5748)
    seen = planes[48, 48], planes[96 + 12, 24], planes[96 + 24 + 12, 24]
    np.testing.assert_allclose(seen, expected, atol=1.6)


def test_the_index_comes_first_and_gops_are_closed(bouncing, tmp_path):
    write_mp4(bouncing(num_frames=80), tmp_path / "a.mp4", comment="rendered")
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["comment"] == "rendered"
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    keys = [i for i, packet in enumerate(packets) if packet.is_keyframe]
    assert len(keys) >= 80 // 24
    for key in keys:
        # In a closed group no frame after the key, in file order, is shown before it.
        assert min(packet.pts for packet in packets[key:]) == packets[key].pts
    ends = sorted(packet.pts for packet in packets)
    assert len(set(np.diff(ends))) == 1


def test_the_same_clip_gives_the_same_bytes(bouncing, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_mp4(bouncing(num_frames=40), tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_what_is_encoded_again_stays_within_40_db(tmp_path):
    """Fine texture that moves, as a film is read from a file, through one more file."""
    draw = np.random.default_rng(1)
    waves = sum(
        np.sin(np.add.outer(np.arange(96) * a, np.arange(200) * b)) for a, b in draw.uniform(0.05, 0.8, (40, 2))
    )
    grain = np.repeat(np.clip(128 + 12 * waves[..., None] + draw.normal(0, 4, (96, 200, 1)), 0, 255), 3, axis=2)
    frames = np.stack([grain[:, 2 * i : 2 * i + 128] for i in range(30)]).astype(np.uint8)
    write_mp4(Clip.from_array(frames, fps=Fraction(12)), tmp_path / "a.mp4")
    first = read_clip(tmp_path / "a.mp4")
    write_mp4(first, tmp_path / "b.mp4", quality=FAITHFUL)
    errors = first.array().astype(np.float64) - read_clip(tmp_path / "b.mp4").array()
    assert 10 * np.log10(255**2 / (errors**2).mean(axis=(1, 2, 3)).max()) > 40


def test_an_odd_size_names_the_nearest_even_ones(bouncing, tmp_path):
    with pytest.raises(ValueError, match="130x96 and 132x96"):
        write_mp4(bouncing(size=(96, 131)), tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_when_frames_fail(bouncing, tmp_path, failure):
    clip = bouncing(num_frames=40)

    def failing():
        blocks = clip.frames()
        yield next(blocks)
        raise failure

    (tmp_path / "a.mp4").write_text("the file before")
    with pytest.raises(failure):
        write_mp4(replace(clip, frames=failing), tmp_path / "a.mp4")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the file before"]


@pytest.mark.parametrize("change", [{"num_frames": 24}, {"num_frames": 26}, {"width": 130}])
def test_frames_other_than_announced_are_refused(bouncing, tmp_path, change):
    with pytest.raises(ValueError, match="announced"):
        write_mp4(replace(bouncing(), **change), tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", [{}, {"num_frames": 39}, {"num_frames": 41}])
def test_a_shot_is_coded_the_same_whatever_stands_before_it(bouncing, tmp_path, change):
    """And frames other than announced are refused, wherever the cuts are."""
    shots = [bouncing(num_frames=num_frames, num_channels=0).array() for num_frames in (11, 1, 28)]
    clip = Clip.from_array(np.concatenate([255 - shots[0], *shots[1:]]), fps=Fraction(12))
    clip = replace(clip, cuts=(11, 12), **change)
    if change:
        with pytest.raises(ValueError, match="announced"):
            write_mp4(clip, tmp_path / "a.mp4")
        return
    write_mp4(clip, tmp_path / "a.mp4")
    film = read_coded(tmp_path / "a.mp4")
    for start, stop in ((0, 11), (11, 12), (12, 40)):
        write_mp4(Clip.from_array(clip.array()[start:stop], fps=clip.fps), tmp_path / "alone.mp4")
        assert film.cut(start, stop).picture == read_coded(tmp_path / "alone.mp4").picture
    assert np.abs(read_clip(tmp_path / "a.mp4").array().astype(int) - clip.array()).mean() < 3


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
def test_ffprobe_agrees(bouncing, tmp_path):
    write_mp4(bouncing(), tmp_path / "a.mp4")
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=duration,nb_frames,color_space,color_range",
        "-of",
        "csv",
    ]
    told = subprocess.run([*command, str(tmp_path / "a.mp4")], capture_output=True, text=True, check=True).stdout
    assert told.count("2.083333") == 2 and "tv,bt709" in told and ",25" in told
