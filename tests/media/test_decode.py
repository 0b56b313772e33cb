import os
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from kinora.media.clip import FRAMES_PER_BLOCK
from kinora.media.decode import Limits, MediaError, probe, read_clip
from kinora.media.encode import write_mp4


@pytest.fixture
def film(bouncing, tmp_path):
    path = tmp_path / "film.mp4"
    write_mp4(bouncing(), path, comment="drawn \x1b[31mred")
    return path


def write_film(path, frames, *, codec, fps=12, times=None, wave=None, sound_codec="libopus", rotation=0):
    """A film of the given codecs, written without our encoder."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream(codec, rate=fps)
        picture.height, picture.width, picture.pix_fmt = frames.shape[1], frames.shape[2], "yuv420p"
        picture.codec_context.time_base = Fraction(1, fps)
        if rotation:
            picture.set_display_rotation(rotation)
        sound = container.add_stream(sound_codec, rate=48_000, layout="mono") if wave is not None else None
        for time, rgb in zip(times or range(len(frames)), frames, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, fps)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        if sound:
            for start in range(0, wave.shape[1], 960):
                frame = av.AudioFrame.from_ndarray(wave[:, start : start + 960].copy(), format="flt", layout="mono")
                frame.sample_rate, frame.pts = 48_000, start
                container.mux(sound.encode(frame))
            container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    "shape",
    [
        {"num_frames": 40},
        {"num_frames": 50, "fps": Fraction(30_000, 1001), "sample_rate_hz": 48_000, "num_channels": 2},
        {"num_frames": 1, "fps": Fraction(24)},
        {"num_frames": 10, "fps": Fraction(8), "num_channels": 0},
    ],
)
def test_what_is_written_is_read_back(bouncing, tmp_path, shape):
    clip = bouncing(**shape)
    write_mp4(clip, tmp_path / "a.mp4")
    back = read_clip(tmp_path / "a.mp4")
    assert (back.num_frames, back.height, back.width, back.fps) == (clip.num_frames, clip.height, clip.width, clip.fps)
    assert all(len(block) <= FRAMES_PER_BLOCK for block in back.frames())
    error = np.abs(back.array().astype(int) - clip.array())
    # Luma is exact to a few steps; colour bleeds two pixels over an edge.
    assert error.mean() < 2 and np.median(error) <= 2
    if clip.sound is None:
        assert back.sound is None
    else:
        assert back.sound.shape == clip.sound.shape and back.sample_rate_hz == clip.sample_rate_hz
        if clip.num_frames > 1:
            assert np.abs(back.sound).max(axis=1).min() > 0.5
            # The clicks are where they were.
            for i in np.flatnonzero(clip.sound[0] > 0.5):
                assert abs(int(np.argmax(np.abs(back.sound[0, i - 50 : i + 50]))) - 50) <= 1


def test_probe_tells_the_facts(film):
    facts = probe(film)
    assert (facts.container, facts.picture_codec, facts.sound_codec) == ("mp4/mov", "h264", "aac")
    assert (facts.width, facts.height, facts.num_frames, facts.fps) == (128, 96, 25, 12)
    assert (facts.sample_rate_hz, facts.num_channels) == (24_000, 1)
    assert facts.duration_s == Fraction(25, 12)
    assert facts.comment == "drawn [31mred"


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libvpx-vp9"), ("a.mkv", "libx264"), ("a.mov", "libx264")])
def test_other_containers_and_codecs(bouncing, tmp_path, name, codec):
    clip = bouncing(num_frames=24, sample_rate_hz=48_000)
    sound_codec = "aac" if name == "a.mov" else "libopus"
    back = read_clip(write_film(tmp_path / name, clip.array(), codec=codec, wave=clip.sound, sound_codec=sound_codec))
    assert (back.num_frames, back.fps) == (24, 12)
    assert np.abs(back.array().astype(int) - clip.array()).mean() < 4
    assert back.sound.shape == (1, 96_000)
    for i in np.flatnonzero(clip.sound[0] > 0.5):
        assert abs(int(np.argmax(np.abs(back.sound[0, i - 50 : i + 50]))) - 50) <= 4


def test_an_uneven_clock_is_held_onto_an_even_one(bouncing, tmp_path):
    times = [0, 1, 2, 5, 6, 10]
    frames = bouncing(num_frames=6).array()
    back = read_clip(write_film(tmp_path / "a.mkv", frames, codec="libx264", times=times))
    assert back.fps == 12
    shown = [max(i for i, time in enumerate(times) if time <= k) for k in range(back.num_frames)]
    assert np.abs(back.array().astype(int) - frames[shown]).mean() < 4


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_a_film_made_sideways_stands_upright(bouncing, tmp_path, rotation):
    frames = bouncing(num_frames=2).array()
    back = read_clip(write_film(tmp_path / "a.mp4", frames, codec="libx264", rotation=rotation)).array()
    assert np.abs(back[0].astype(int) - np.rot90(frames[0], rotation // 90)).mean() < 4


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_still_is_a_clip_of_one_frame(bouncing, tmp_path, name):
    rgb = bouncing(num_frames=1).array()[0]
    Image.fromarray(rgb).save(tmp_path / name, quality=95)
    clip = read_clip(tmp_path / name)
    assert (clip.num_frames, clip.fps, clip.sound) == (1, 1, None)
    assert np.abs(clip.array()[0].astype(int) - rgb).mean() < 6


def test_transparency_lies_on_white_and_exif_is_obeyed(tmp_path):
    Image.new("RGBA", (20, 10), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert (read_clip(tmp_path / "a.png").array() == 255).all()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (20, 10)).save(tmp_path / "a.jpg", exif=exif)
    assert read_clip(tmp_path / "a.jpg").array().shape == (1, 20, 10, 3)


# What is refused, and how.


def refusal(path, **limits):
    with pytest.raises(MediaError) as error:
        read_clip(path, limits=Limits(**limits)).array()
    message = str(error.value)
    assert "\n" not in message and path.name in message and ";" in message
    return message


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(100),
        b"%PDF-1.4",
        bytes(1000),
    ],
)
def test_other_kinds_of_files_are_not_even_tried(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    assert "is not an MP4" in refusal(tmp_path / "a.mp4")


@pytest.mark.parametrize("keep", [12, 700, 0.5, 0.9])
def test_a_file_cut_short_is_refused(film, keep):
    data = film.read_bytes()
    film.write_bytes(data[: keep if isinstance(keep, int) else int(keep * len(data))])
    assert "damaged" in refusal(film)


def test_damage_anywhere_is_at_worst_a_refusal(film):
    data = film.read_bytes()
    draw = np.random.default_rng(0)
    for _ in range(12):
        bad = bytearray(data)
        for place in draw.integers(8, len(data), 8):
            bad[place] ^= 1 << int(draw.integers(8))
        film.write_bytes(bad)
        try:
            clip = read_clip(film)
            assert clip.array().shape == (clip.num_frames, clip.height, clip.width, 3)
        except MediaError as error:
            assert "\n" not in str(error)


def test_a_codec_off_the_list_is_refused(bouncing, tmp_path):
    assert "convert it to H.264" in refusal(
        write_film(tmp_path / "a.mkv", bouncing(num_frames=3).array(), codec="ffv1")
    )


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"pixels": 128 * 96 - 1}, "too large"),
        ({"total_pixels": 25 * 128 * 96 - 1}, "too long"),
        ({"duration_s": 2}, "too long"),
        ({"frames": 24}, "too long"),
        ({"size_bytes": 1000}, "too long"),
        ({"memory_bytes": 1 << 27}, "damaged"),
        ({"wall_s": 0}, "too long to decode"),
    ],
)
def test_every_limit_holds(film, limits, word):
    assert word in refusal(film, **limits)


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"\0\0\0\x1cftypavif", "AVIF or HEIC"),
        (b"\0\0\0\x1cftypheic", "AVIF or HEIC"),
        (b"RIFF\0\0\0\0WAVE", "holds no picture"),
        (b"ID3\x04", "holds no picture"),
        (b"RIFF\0\0\0\0AVI ", "is not an MP4"),
    ],
)
def test_what_is_known_and_not_opened_is_called_by_its_name(tmp_path, head, word):
    (tmp_path / "a.bin").write_bytes(head + bytes(100))
    assert word in refusal(tmp_path / "a.bin")


def test_what_is_not_a_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo.mp4")
    (tmp_path / "link.mp4").symlink_to("/dev/zero")
    (tmp_path / "empty.mp4").touch()
    assert "No such file" in refusal(tmp_path / "none.mp4")
    assert "not a file" in refusal(tmp_path)
    assert "not a file" in refusal(tmp_path / "fifo.mp4")
    assert "not a file" in refusal(tmp_path / "link.mp4")
    assert "is empty" in refusal(tmp_path / "empty.mp4")


@pytest.mark.parametrize(
    "name", ["3f2a" * 16, "no extension", "film.png", "-i", "concat:a|b", "a\nb\x1b[31m.mp4", "é" * 99]
)
def test_names_mean_nothing(film, name):
    other = film.rename(film.with_name(name))
    assert probe(other).num_frames == 25
    (film.with_name("link")).symlink_to(other)
    assert probe(film.with_name("link")).num_frames == 25
    other.write_bytes(b"damaged")
    with pytest.raises(MediaError) as error:
        probe(other)
    assert str(error.value).isprintable() and len(str(error.value)) <= 200


def test_a_file_that_changes_between_passes_is_noticed(film, bouncing):
    clip, kept = read_clip(film), film.read_bytes()
    write_mp4(bouncing(num_frames=5), film)
    with pytest.raises(MediaError, match="changed"):
        clip.array()
    clip = read_clip(film)
    film.write_bytes(kept[:1000])
    with pytest.raises(MediaError, match="changed"):
        clip.array()


def test_no_process_is_left_when_a_reader_stops_early(film):
    frames = read_clip(film).frames()
    next(frames)
    process = frames.gi_frame.f_locals["child"]._process
    frames.close()
    assert process.returncode is not None
