import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.media.decode import MediaError, read_clip
from kinora.request import Condition, Request
from kinora.tasks.sources import Heard, Sources, for_the_model, mirrored, resampled, with_channels
from kinora.tasks.story import Sight


def test_frames_are_found_by_instant_forwards_and_back(film):
    path = film(12).path
    frames = read_clip(path).array()
    times = [0.0, 1 / 24, 1 / 12, 1 / 12, 0.5, 11 / 12, 0.25]
    found = list(Sources().frames([Sight(str(path), time) for time in times]))
    assert [int(np.flatnonzero([np.array_equal(frame, one) for one in frames])[0]) for frame in found] == [
        *(0, 0, 1, 1, 6, 11, 3)
    ]
    assert found[2] is found[3]


def test_files_take_turns(film):
    paths = [str(film(4, f"{number}.mkv", seed=number).path) for number in range(2)]
    sights = [Sight(paths[n % 2], n // 2 / 12) if n % 3 else None for n in range(8)]
    clips = [read_clip(film(4, f"{number}.mkv", seed=number).path).array() for number in range(2)]
    for number, frame in enumerate(Sources().frames(sights)):
        if sights[number] is None:
            assert frame is None
        else:
            assert np.array_equal(frame, clips[number % 2][number // 2])


@given(known=st.lists(st.booleans(), min_size=2, max_size=200), reach=st.integers(1, 60), seed=st.integers(0, 9))
def test_a_mirror_shows_nothing_but_what_is_known(known, reach, seed):
    known = np.array(known)
    wave = np.random.default_rng(seed).uniform(-1, 1, (1, len(known))).astype(np.float32)
    other = np.where(known, wave, 0.5).astype(np.float32)
    shown = mirrored(wave, known, reach)
    assert np.array_equal(shown, mirrored(other, known, reach))
    assert np.array_equal(shown[:, known], wave[:, known])
    assert set(shown[0, ~known].tolist()) <= {0.0, *wave[0, known].tolist()}


def test_a_mirror_at_each_border():
    known = np.array([True] * 4 + [False] * 6 + [True] * 3)
    wave = np.arange(13, dtype=np.float32)[None]
    assert mirrored(wave, known, 2)[0].tolist() == [0, 1, 2, 3, 3, 2, 0, 0, 11, 10, 10, 11, 12]
    assert mirrored(wave, known, 9)[0].tolist() == [0, 1, 2, 3, 3, 2, 1, 12, 11, 10, 10, 11, 12]


def test_sound_is_heard_at_its_place(film):
    one, two = film(12, "1.mkv"), film(24, "2.mkv", seed=1)
    spans = (
        Condition(kind="given", stream="sound", start_s=0.5, end_s=1.0, file=str(one.path), file_start_s=0.25),
        Condition(kind="given", stream="sound", start_s=2.0, end_s=3.0, file=str(two.path)),
    )
    heard = Sources().heard(Request(prompt="", seconds=4, conditions=spans))
    waves = [read_clip(source.path).sound for source in (one, two)]
    assert heard.wave.shape == (1, 96_000) and heard.known.sum() == 36_000
    assert np.array_equal(heard.wave[:, 12_000:24_000], waves[0][:, 6_000:18_000])
    assert np.array_equal(heard.wave[:, 48_000:72_000], waves[1][:, :24_000])
    assert Sources().heard(Request(prompt="a fox")) is None


def test_the_model_hears_one_channel_at_its_rate_and_loudness():
    wave = np.stack([0.3 * np.sin(np.arange(96_000) / 20), np.zeros(96_000)]).astype(np.float32)
    heard = Heard(wave=wave, sample_rate_hz=48_000, known=np.arange(96_000) < 72_000)
    shown = for_the_model(heard, 64_000)
    assert shown.shape == (1, 64_000) and shown.dtype == np.float32
    middle = slice(1_000, 35_000)
    mean = heard.gain * wave.mean(axis=0)[::2][middle]
    assert np.allclose(shown[0, middle], mean, atol=2e-3)
    # Past the end of the story, to where the last block reaches, what is there goes on.
    assert shown[0, 48_000:56_000].any() == shown[0, 40_000:48_000].any()


def test_rates_and_channels():
    wave = np.ones((1, 100), np.float32)
    assert resampled(wave, 24_000, 24_000) is wave and resampled(wave, 24_000, 48_000).shape == (1, 200)
    assert with_channels(wave, 2).shape == (2, 100) and with_channels(with_channels(wave, 2), 1).shape == (1, 100)


def test_a_file_without_sound_says_so(film):
    with pytest.raises(MediaError, match=r"film.mkv has no sound; give a file that has"):
        Sources().sound(str(film(4, sound=False).path))
