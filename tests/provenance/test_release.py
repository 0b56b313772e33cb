import json
from dataclasses import replace
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest

from kinora.media.decode import read_clip
from kinora.media.packets import Copied, read_coded
from kinora.media.sound import loudness_lufs, true_peak_dbtp
from kinora.provenance import release as door
from kinora.provenance.credentials import read
from kinora.provenance.release import release


def test_what_leaves_is_signed_mastered_and_whole(clip, record, tmp_path):
    path = release(clip, tmp_path / "a.mp4", record)
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]
    assert read(path).state == "valid" and read(path).record == record
    back = read_clip(path)
    assert (back.num_frames, back.fps) == (clip.num_frames, clip.fps)
    assert back.array().shape == (13, 96, 96, 3)
    assert loudness_lufs(back.sound, back.sample_rate_hz) == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("rate_hz", [24_000, 48_000])
def test_peaks_stay_below_the_ceiling_in_the_decoded_file(clip, record, tmp_path, rate_hz):
    draw = np.random.default_rng(2)
    time_s = np.arange(round(13 / 12 * rate_hz)) / rate_hz
    hiss = draw.standard_normal(time_s.size)
    bursts = hiss * np.exp(-10 * (time_s % 0.25)) * 0.3
    drum = np.sin(2 * np.pi * 60 * time_s) * np.exp(-12 * (time_s % 0.5)) + 0.5 * hiss * np.exp(-60 * (time_s % 0.5))
    for wave in (bursts, drum):
        loud = replace(clip, sound=wave[None].clip(-1, 1).astype(np.float32), sample_rate_hz=rate_hz)
        back = read_clip(release(loud, tmp_path / "a.mp4", record))
        assert true_peak_dbtp(back.sound, rate_hz) <= -1


def test_a_silent_film_leaves_too(clip, record, tmp_path):
    path = release(replace(clip, sound=None), tmp_path / "a.mp4", record)
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert read(path).state == "valid"


@pytest.mark.parametrize("step", ["master", "write_mp4", "sign", "read"])
@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt])
def test_nothing_is_left_by_a_failure_at_any_step(clip, record, tmp_path, monkeypatch, step, failure):
    (tmp_path / "a.mp4").write_text("the file before")
    real = getattr(door, step)

    def fail_afterwards(*arguments, **named):
        real(*arguments, **named)
        raise failure

    monkeypatch.setattr(door, step, fail_afterwards)
    with pytest.raises(failure):
        release(clip, tmp_path / "a.mp4", record)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the file before"]


def test_an_unverified_file_never_leaves(clip, record, tmp_path, monkeypatch):
    def tampering(src, dst, *arguments, **named):
        data = bytearray(Path(src).read_bytes())
        Path(dst).write_bytes(data)

    monkeypatch.setattr(door, "sign", tampering)
    with pytest.raises(ValueError, match="does not verify"):
        release(clip, tmp_path / "a.mp4", record)
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_goes_on_keeps_its_packets_its_level_and_its_credentials(clip, record, tmp_path):
    first = release(clip, tmp_path / "first.mp4", record)
    coded, quiet = read_coded(first), replace(clip, sound=(clip.sound * 0.5).astype(np.float32))
    assert door.not_copyable(coded, quiet) == ""
    path = release(quiet, tmp_path / "a.mp4", record, sources=[first], copied=Copied(before=coded))
    assert read(path).state == "valid" and read(path).record == record
    assert len(json.loads(c2pa.Reader(str(path)).json())["manifests"]) == 2
    again = read_coded(path)
    assert [packet.data for packet in again.picture[:13]] == [packet.data for packet in coded.picture]
    half = coded.wave.shape[1]
    assert np.array_equal(again.wave[:, : half - 12_000], coded.wave[:, : half - 12_000])
    assert loudness_lufs(again.wave[:, half:], 24_000) == pytest.approx(loudness_lufs(quiet.sound, 24_000), abs=0.5)


def test_peaks_beside_given_sound_are_kept_down_and_nothing_else(clip, record, tmp_path):
    loud = replace(clip, sound=np.clip(clip.sound * 60, -1, 1).astype(np.float32))
    for now, louder in ((clip, False), (loud, True)):
        back = read_clip(release(now, tmp_path / "a.mp4", record, copied=Copied()))
        assert true_peak_dbtp(back.sound, 24_000) <= -1
        change = loudness_lufs(back.sound, 24_000) - loudness_lufs(now.sound[:, : now.num_samples], 24_000)
        assert change < -2 if louder else abs(change) < 0.5


def test_new_sound_under_a_copied_picture_is_mastered(clip, record, tmp_path):
    first = release(replace(clip, sound=None), tmp_path / "first.mp4", record)
    path = release(clip, tmp_path / "a.mp4", record, sources=[first], copied=Copied(picture=read_coded(first)))
    back = read_coded(path)
    assert [packet.data for packet in back.picture] == [packet.data for packet in read_coded(first).picture]
    assert loudness_lufs(back.wave, 24_000) == pytest.approx(-16, abs=0.5)


def test_parts_that_do_not_fit_stop_the_file(clip, record, tmp_path):
    first = release(clip, tmp_path / "first.mp4", record)
    with pytest.raises(ValueError, match="cannot be copied"):
        release(replace(clip, fps=clip.fps * 2), tmp_path / "a.mp4", record, copied=Copied(before=read_coded(first)))
    assert [path.name for path in tmp_path.iterdir()] == ["first.mp4"]


def test_wrong_names_and_sizes_stop_before_any_work(clip, record, tmp_path):
    def never():
        raise AssertionError("no frame may be asked for")

    clip = replace(clip, frames=never)
    for changed, name, word in [
        (clip, "a.webm", "must end in .mp4"),
        (clip, "none/a.mp4", "make it first"),
        (replace(clip, width=95), "a.mp4", "94x96 and 96x96"),
    ]:
        with pytest.raises(ValueError, match=word):
            release(changed, tmp_path / name, record)
