"""Files made of copied and new parts: what is copied is the same to the bit, and nobody hears where the new begins."""

import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinora.media.clip import Clip
from kinora.media.decode import read_clip
from kinora.media.encode import Quality, not_copyable, write_mp4
from kinora.media.encode_sound import _end_of_window
from kinora.media.packets import Coded, Copied, read_coded

SHAPES = [
    {"num_frames": 120},
    {"num_frames": 150, "fps": Fraction(24), "sample_rate_hz": 48_000, "num_channels": 2},
    {"num_frames": 200, "fps": Fraction(30_000, 1001), "sample_rate_hz": 44_100, "num_channels": 2},
    {"num_frames": 60, "num_channels": 0},
]


def film(num_frames, fps=Fraction(12), sample_rate_hz=24_000, num_channels=1, seed=0):
    """Noise that moves, and a song with drums, so that every window of the encoder is used."""
    draw = np.random.default_rng(seed)
    texture = draw.integers(0, 200, (64, 96 + 2 * num_frames, 3)).astype(np.uint8)
    frames = np.stack([texture[:, 2 * i : 2 * i + 96] for i in range(num_frames)])
    sound = None
    if num_channels:
        time_s = np.arange(round(num_frames / fps * sample_rate_hz)) / sample_rate_hz
        song = 0.2 * np.sin(2 * np.pi * (220 + 30 * seed) * time_s * (1 + 0.02 * np.sin(time_s)))
        drum = 0.5 * draw.standard_normal(len(time_s)) * np.exp(-60 * (time_s % 0.37))
        sound = np.stack([song + drum * (1 - 0.3 * channel) for channel in range(num_channels)])
        sound = sound.clip(-1, 1).astype(np.float32)
    return Clip.from_array(frames, fps=fps, sound=sound, sample_rate_hz=sample_rate_hz)


def packets(path, kind):
    with av.open(str(path)) as container:
        return [(p.pts, p.dts, p.duration, bytes(p)) for p in container.demux(**{kind: 0}) if p.size]


def payloads(path, kind):
    return [packet[3] for packet in packets(path, kind)]


@pytest.fixture(scope="module", params=range(len(SHAPES)))
def source(request, tmp_path_factory):
    """A film, its file, and the file's packets."""
    clip, path = film(**SHAPES[request.param]), tmp_path_factory.mktemp("source") / "source.mp4"
    write_mp4(clip, path)
    return clip, path, read_coded(path)


def middle(clip: Clip, coded: Coded, start: int, stop: int, seed=None) -> Clip:
    """The frames between two borders, with their own sound, or with new sound where there is a seed."""
    begin, end = coded.sample_at(start), coded.sample_at(stop)
    cut = Clip.from_array(clip.array()[start:stop], fps=clip.fps, sample_rate_hz=clip.sample_rate_hz)
    if clip.sound is None:
        return cut
    if seed is None:
        return replace(cut, sound=clip.sound[:, begin:end])
    other = film(stop - start, clip.fps, clip.sample_rate_hz, len(clip.sound), seed)
    return replace(cut, sound=other.sound)


def test_a_gap_is_filled_between_packets_that_stay(source, tmp_path):
    clip, path, coded = source
    start, stop = coded.borders[1], coded.borders[2]
    new = middle(clip, coded, start, stop, seed=5)
    copied = Copied(before=coded.cut(0, start), after=coded.cut(stop, clip.num_frames))
    write_mp4(new, tmp_path / "a.mp4", copied=copied)
    was, now = payloads(path, "video"), payloads(tmp_path / "a.mp4", "video")
    assert now[:start] == was[:start] and now[stop - clip.num_frames :] == was[stop - clip.num_frames :]
    was, now = read_clip(path), read_clip(tmp_path / "a.mp4")
    assert now.num_frames == clip.num_frames
    different = (was.array() != now.array()).any(axis=(1, 2, 3))
    assert not different[:start].any() and not different[stop:].any()
    if clip.sound is None:
        return
    # Two or three packets beside the new sound, and more only where no window fits.
    reach, begin, end = 4 * 1024, coded.sample_at(start), coded.sample_at(stop)
    heard = np.flatnonzero((was.sound != now.sound).any(axis=0))
    assert begin - reach < heard[0] and heard[-1] < end + reach
    was, now = payloads(path, "audio"), payloads(tmp_path / "a.mp4", "audio")
    assert now[: begin // 1024 - 3] == was[: begin // 1024 - 3] and now[end // 1024 + 6 :] == was[end // 1024 + 6 :]


def test_clocks_are_exact_and_rise(source, tmp_path):
    clip, _, coded = source
    before, after = coded.cut(0, coded.borders[1]), coded.cut(coded.borders[2], clip.num_frames)
    new = film(7, clip.fps, clip.sample_rate_hz, 0 if clip.sound is None else len(clip.sound), seed=3)
    write_mp4(new, tmp_path / "a.mp4", copied=Copied(before=before, after=after))
    num_frames = before.num_frames + 7 + after.num_frames
    frame_ticks = {round(duration) for _, _, duration, _ in packets(tmp_path / "a.mp4", "video")}
    times = packets(tmp_path / "a.mp4", "video")
    assert len(frame_ticks) == 1 and sorted(t[0] for t in times) == [i * times[0][2] for i in range(num_frames)]
    assert all(first[1] < second[1] for first, second in pairwise(times)) and all(t[1] <= t[0] for t in times)
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as container:
        picture = container.streams.video[0]
        assert picture.frames == num_frames and picture.duration * picture.time_base == num_frames / clip.fps
        for sound in container.streams.audio:
            assert sound.duration == round(num_frames / clip.fps * clip.sample_rate_hz)
            assert next(container.decode(sound)).pts == 0


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="needs ffmpeg")
@pytest.mark.parametrize("num_new", [1, 2, 3, 30])
def test_ffmpeg_finds_no_fault(source, tmp_path, num_new):
    clip, _, coded = source
    new = film(num_new, clip.fps, clip.sample_rate_hz, 0 if clip.sound is None else len(clip.sound), seed=3)
    start, stop = coded.borders[1], coded.borders[2]
    parts = (coded.cut(0, start), None, coded.cut(start, stop)), (None, coded.cut(stop, clip.num_frames), coded)
    for before, after in zip(*parts, strict=True):
        write_mp4(new, tmp_path / "a.mp4", copied=Copied(before=before, after=after))
        command = ["ffmpeg", "-v", "warning", "-xerror", "-i", str(tmp_path / "a.mp4"), "-f", "null", "-"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv"]
        told = subprocess.run([*command, str(tmp_path / "a.mp4")], capture_output=True, text=True)
        num_frames = num_new + sum(part.num_frames for part in (before, after) if part)
        assert told.stderr == "" and f"stream,{num_frames}\n" in told.stdout


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_the_join_is_as_good_as_the_rest(shape, tmp_path):
    """The same wave goes on across the joins: what comes out there is as near to it as elsewhere, without a click."""
    clip = film(**shape)
    write_mp4(clip, tmp_path / "source.mp4")
    coded = read_coded(tmp_path / "source.mp4")
    start, stop = coded.borders[1], coded.borders[2]
    copied = Copied(before=coded.cut(0, start), after=coded.cut(stop, clip.num_frames))
    write_mp4(middle(clip, coded, start, stop), tmp_path / "a.mp4", copied=copied)
    errors = [(sound - clip.sound)[:, 24 * 1024 :] for sound in (coded.wave, read_clip(tmp_path / "a.mp4").sound)]
    loudness = [_loudest_db(error, 512) for error in errors]
    assert np.max(loudness[1]) < np.max(loudness[0]) + 1
    # Two codings of the same samples differ by about as much as each from the wave; a click would be far more.
    for at in (coded.sample_at(start), coded.sample_at(stop)):
        block = (at - 24 * 1024) // 512
        near = slice(block - 8, block + 8)
        assert np.median(loudness[1][near] - loudness[0][near]) < 2
        assert np.max(loudness[1][near] - loudness[0][near]) < 10
    peaks = [np.abs(np.diff(error, axis=1)).max() for error in errors]
    assert peaks[1] < 1.2 * peaks[0]


def _loudest_db(error, size):
    num_blocks = error.shape[1] // size
    power = (error[:, : num_blocks * size].reshape(len(error), num_blocks, size) ** 2).mean(axis=2).max(axis=0)
    return 10 * np.log10(power + 1e-12)


def test_a_whole_film_follows_new_sound_and_keeps_its_packets(tmp_path):
    """Without a part before, the packets' grid is laid so that those of the part after fit."""
    clip = film(60)
    write_mp4(clip, tmp_path / "source.mp4")
    coded = read_coded(tmp_path / "source.mp4")
    new = film(31, seed=4)
    write_mp4(new, tmp_path / "a.mp4", copied=Copied(after=coded))
    was, now = read_clip(tmp_path / "source.mp4"), read_clip(tmp_path / "a.mp4")
    assert np.array_equal(now.array()[31:], was.array())
    assert np.array_equal(now.sound[:, new.num_samples + 8 * 1024 :], was.sound[:, 8 * 1024 :])
    assert payloads(tmp_path / "a.mp4", "audio")[-60:] == payloads(tmp_path / "source.mp4", "audio")[-60:]
    assert np.abs(now.sound[:, 8192 : new.num_samples - 8192] - new.sound[:, 8192:-8192]).mean() < 0.03


def test_sound_on_another_grid_is_encoded_anew_in_its_place(tmp_path):
    clip = film(60)
    write_mp4(clip, tmp_path / "source.mp4")
    coded = read_coded(tmp_path / "source.mp4")
    new = film(7, seed=4)
    write_mp4(new, tmp_path / "a.mp4", copied=Copied(before=coded, after=coded))
    was, now = read_clip(tmp_path / "source.mp4"), read_clip(tmp_path / "a.mp4")
    assert np.array_equal(now.array()[:60], was.array()) and np.array_equal(now.array()[67:], was.array())
    assert np.array_equal(now.sound[:, : 108 * 1024], was.sound[:, : 108 * 1024])
    later = now.sound[:, 67 * 2000 :]
    shifts = [np.corrcoef(later[0, 4096 + by : 60_000 + by], was.sound[0, 4096:60_000])[0, 1] for by in (-1, 0, 1)]
    assert shifts[1] > 0.98 and np.argmax(shifts) == 1


def test_a_copied_picture_gets_the_clips_sound(source, tmp_path):
    clip, path, coded = source
    new = film(clip.num_frames, clip.fps, seed=7)

    def never():
        raise AssertionError("no frame may be asked for")

    write_mp4(replace(new, frames=never), tmp_path / "a.mp4", copied=Copied(picture=coded))
    write_mp4(replace(clip, sound=new.sound, sample_rate_hz=24_000), tmp_path / "b.mp4")
    assert payloads(tmp_path / "a.mp4", "video") == payloads(path, "video")
    assert payloads(tmp_path / "a.mp4", "audio") == payloads(tmp_path / "b.mp4", "audio")


def test_a_silent_part_stays_silent_beside_sound(tmp_path):
    write_mp4(film(24, num_channels=0), tmp_path / "source.mp4")
    new = film(12, seed=2)
    write_mp4(new, tmp_path / "a.mp4", copied=Copied(before=read_coded(tmp_path / "source.mp4")))
    sound = read_clip(tmp_path / "a.mp4").sound
    assert np.abs(sound[:, :44_000]).max() < 1e-3 and np.abs(sound[:, 50_000:]).mean() > 0.05


def test_the_same_parts_give_the_same_bytes_and_a_joined_file_is_copyable_again(source, tmp_path):
    clip, _, coded = source
    new = middle(clip, coded, coded.borders[1], coded.borders[2])
    copied = Copied(before=coded.cut(0, coded.borders[1]))
    for name in ("a.mp4", "b.mp4"):
        write_mp4(new, tmp_path / name, copied=copied)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    again = read_coded(tmp_path / "a.mp4")
    assert not_copyable(again, new) == "" and again.borders[:3] == coded.borders[:3]
    write_mp4(new, tmp_path / "b.mp4", copied=Copied(before=again))
    assert payloads(tmp_path / "b.mp4", "video")[: again.num_frames] == payloads(tmp_path / "a.mp4", "video")


CHANGES = {
    "128x96": lambda clip: replace(clip, width=128, height=96),
    "frames a second": lambda clip: replace(clip, fps=Fraction(24)),
    "the new part has none": lambda clip: replace(clip, sound=None),
    "another rate": lambda clip: replace(clip, sample_rate_hz=48_000),
}


@pytest.mark.parametrize("word", CHANGES)
def test_parts_that_do_not_fit_are_refused_before_anything_is_written(tmp_path, word):
    write_mp4(film(24), tmp_path / "source.mp4")
    coded, clip = read_coded(tmp_path / "source.mp4"), CHANGES[word](film(12))
    assert word in not_copyable(coded, clip)
    with pytest.raises(ValueError, match=word):
        write_mp4(clip, tmp_path / "a.mp4", copied=Copied(before=coded))
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


def test_another_quality_is_another_stream(tmp_path):
    write_mp4(film(24), tmp_path / "source.mp4", quality=Quality(preset="veryfast"))
    coded = read_coded(tmp_path / "source.mp4")
    assert "another way" in not_copyable(coded, film(12))
    assert not_copyable(coded, film(12), quality=Quality(preset="veryfast")) == ""
    assert not_copyable(replace(coded, flaw="it is blue"), film(12)) == "it is blue"


def test_a_copied_picture_stands_alone_and_is_as_long_as_the_clip(tmp_path):
    write_mp4(film(24), tmp_path / "source.mp4")
    coded = read_coded(tmp_path / "source.mp4")
    for clip, copied in [(film(25), Copied(picture=coded)), (film(24), Copied(picture=coded, before=coded))]:
        with pytest.raises(ValueError, match=r"2[45] frames"):
            write_mp4(clip, tmp_path / "a.mp4", copied=copied)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_wherever_it_is_cut_what_is_copied_stays(one_film, tmp_path_factory, data):
    coded = one_film
    borders = st.lists(st.sampled_from(coded.borders), min_size=2, max_size=2, unique=True).map(sorted)
    parts = [data.draw(st.none() | borders.map(lambda pair: coded.cut(*pair))) for _ in range(2)]
    new = film(data.draw(st.integers(1, 30)), seed=8)
    out = tmp_path_factory.mktemp("out") / "a.mp4"
    write_mp4(new, out, copied=Copied(before=parts[0], after=parts[1]))
    now, num_new = payloads(out, "video"), [part.num_frames if part else 0 for part in parts]
    assert now[: num_new[0]] == [packet.data for packet in (parts[0].picture if parts[0] else ())]
    assert now[num_new[0] + new.num_frames :] == [packet.data for packet in (parts[1].picture if parts[1] else ())]
    back = read_clip(out)
    assert back.num_frames == sum(num_new) + new.num_frames
    begin = coded.sample_at(num_new[0])
    for part, at in ((parts[0], 0), (parts[1], begin + new.num_samples)):
        if part:
            heard = back.sound[:, at : at + part.wave.shape[1]]
            assert np.corrcoef(heard[0], part.wave[0])[0, 1] > 0.97


@pytest.fixture(scope="module")
def one_film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    write_mp4(film(150), path)
    return read_coded(path)


@given(st.binary(max_size=400))
def test_any_packet_has_a_window_or_none(data):
    found = _end_of_window(data)
    assert found is None or (found[0] in (True, False) and found[1] in (0, 1))
