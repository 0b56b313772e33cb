import subprocess
import tracemalloc

import av
import numpy as np
import pytest

from kinora.media.decode import Limits, MediaError, read_clip, read_sound, sound_length


@pytest.fixture
def tone(tmp_path):
    """A function that writes 1.5 s of a tone as ffmpeg does, by a file's name, and returns its path."""

    def write(name, *options):
        line = ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "sine=f=440:d=1.5:r=44100", *options]
        subprocess.run([*line, str(tmp_path / name)], check=True)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg", "a.m4a", "a.mkv"])
def test_sound_files_are_read_whole(tone, name):
    wave, sample_rate_hz = read_sound(tone(name))
    assert sample_rate_hz == 44_100 and wave.shape[0] == 1 and wave.dtype == np.float32
    assert wave.shape[1] / 44_100 == pytest.approx(1.5, abs=0.03)
    assert 400 < np.abs(np.fft.rfft(wave[0, :44_100])).argmax() < 480


def test_samples_of_a_wav_are_its_own(tone):
    wave, _ = read_sound(tone("a.wav"))
    raw = np.frombuffer(tone("a.pcm", "-f", "s16le").read_bytes(), np.int16)
    assert np.array_equal(wave[0], raw / np.float32(32768))


def test_two_channels_stay_two(tone):
    assert read_sound(tone("a.wav", "-ac", "2"))[0].shape == (2, 66_150)


def test_of_a_film_the_sound_begins_with_its_picture(tone, tmp_path):
    line = [
        "ffmpeg",
        "-v",
        "error",
        "-nostdin",
        "-f",
        "lavfi",
        "-i",
        "testsrc=d=1:s=64x64:r=12",
        "-i",
        str(tone("a.wav")),
    ]
    subprocess.run([*line, "-pix_fmt", "yuv420p", str(tmp_path / "a.mp4")], check=True)
    wave, sample_rate_hz = read_sound(tmp_path / "a.mp4")
    clip = read_clip(tmp_path / "a.mp4")
    assert sample_rate_hz == clip.sample_rate_hz and np.array_equal(wave, clip.sound[:, : wave.shape[1]])


def test_the_cover_of_a_record_is_no_film(tone):
    cover = (
        "-f",
        "lavfi",
        "-i",
        "color=red:s=64x64:d=1",
        "-frames:v",
        "1",
        "-c:v",
        "png",
        "-disposition:v:0",
        "attached_pic",
    )
    wave, _ = read_sound(tone("a.m4a", *cover, "-map", "0", "-map", "1"))
    assert wave.shape[1] / 44_100 == pytest.approx(1.5, abs=0.03)


def test_what_is_no_sound_says_so(tone, tmp_path):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=d=1", str(tmp_path / "a.mp4")], check=True
    )
    subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-nostdin",
            "-f",
            "lavfi",
            "-i",
            "testsrc=d=1",
            "-frames:v",
            "1",
            str(tmp_path / "a.png"),
        ],
        check=True,
    )
    for name in ("a.mp4", "a.png"):
        with pytest.raises(MediaError, match=f"{name} has no sound; give a file that has"):
            read_sound(tmp_path / name)
    (tmp_path / "text.wav").write_text("RIFF, not")
    with pytest.raises(MediaError, match=r"text.wav is not"):
        read_sound(tmp_path / "text.wav")
    torn = tmp_path / "torn.flac"
    torn.write_bytes(tone("b.flac").read_bytes()[:60])
    with pytest.raises(MediaError, match=r"torn.flac is damaged or cut short"):
        read_sound(torn)


def test_a_long_sound_is_refused(tone):
    with pytest.raises(MediaError, match=r"a.wav is too long to open"):
        read_sound(tone("a.wav"), limits=Limits(duration_s=1))


def quiet(path, *, seconds, gap_s=0):
    """A small file that is long: silence, or a gap between two frames."""
    with av.open(str(path), "w", format="matroska") as container:
        track = container.add_stream("flac", rate=48_000, layout="stereo")
        for number in range(seconds):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 48_000), np.int16), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = 48_000, 48_000 * (number + gap_s * (number > 0))
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


@pytest.mark.parametrize("told", [{"seconds": 60}, {"seconds": 2, "gap_s": 58}])
def test_how_long_a_sound_is_is_counted_without_keeping_any_of_it(tmp_path, told):
    path = quiet(tmp_path / "a.mka", **told)
    assert path.stat().st_size < 1 << 20
    wave, sample_rate_hz = read_sound(path)
    tracemalloc.start()
    try:
        length, peak_bytes = sound_length(path), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length == (wave.shape[1], sample_rate_hz) and wave.shape[1] / sample_rate_hz == pytest.approx(60, abs=0.1)
    assert peak_bytes < 1 << 20 < wave.nbytes / 20


def test_a_sound_that_is_only_counted_is_refused_alike(tone):
    with pytest.raises(MediaError, match="too long"):
        sound_length(tone("a.wav"), limits=Limits(duration_s=1))
    torn = tone("b.flac")
    torn.write_bytes(torn.read_bytes()[:200])
    for look in (read_sound, sound_length):
        with pytest.raises(MediaError):
            look(torn)
