"""Sound for pictures the model can't read: it follows words, cuts and motion, and leaves what is heard already."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kinora.engines.engine import Given, Told
from kinora.engines.native.given import UnlikeWorldError
from kinora.engines.native.imagined import MOST_DB, gain, imagined
from kinora.media.motion import Course
from kinora.request import Shot

FOX = Told(prompt="a red fox jumps", steps=1)
FRAMES = 48
"""Of a film, 12 a second; twice as many latents of sound."""


def course(*cuts, motion_T=None):
    motion_T = np.ones(FRAMES) if motion_T is None else motion_T
    return Course(cuts_s=tuple(cut / 12 for cut in cuts), motion_T=np.asarray(motion_T, float), fps=12.0)


@pytest.fixture
def heard(engine):
    """A function from a film's cuts to its track."""

    def make(*cuts, told=FOX, seed=5, track=None):
        return imagined(course(*cuts), track or engine.voice.silent(FRAMES), (0, FRAMES), told, seed, engine.voice)

    return make


def test_all_of_a_film_is_heard_and_the_same_again(heard):
    track, again = heard(15), heard(15)
    assert track["sound"].shape[0] == 2 * FRAMES and track["done"].all() and len(track["gain"]) == 2 * FRAMES
    assert torch.equal(track["sound"], again["sound"])


@pytest.mark.parametrize("cut", [12, 15, 27, 36])
def test_sound_changes_at_a_cut_and_not_before(heard, cut):
    whole, other = heard()["sound"], heard(cut)["sound"]
    assert torch.equal(whole[: 2 * cut], other[: 2 * cut])
    assert not any(torch.equal(one, two) for one, two in zip(whole[2 * cut :], other[2 * cut :], strict=True))


def test_a_later_cut_changes_only_what_it_parts(heard):
    """A window of sound is made as one, so that what ends at the cut may change with it."""
    one, two = heard(14)["sound"], heard(14, 29)["sound"]
    assert torch.equal(one[:28], two[:28]) and not torch.equal(one[58:], two[58:])


@pytest.mark.parametrize(("cuts", "counted"), [((11,), ()), ((37,), ()), ((12, 18, 23), (12,)), ((6, 14, 24), (14,))])
def test_for_less_than_a_second_sound_does_not_begin_anew(heard, cuts, counted):
    assert torch.equal(heard(*cuts)["sound"], heard(*counted)["sound"])


def test_sound_follows_words_and_seed(heard):
    sounds = [
        heard()["sound"],
        heard(told=replace(FOX, prompt="two bears at night"))["sound"],
        heard(told=replace(FOX, music=False))["sound"],
        heard(seed=6)["sound"],
    ]
    assert not any(torch.equal(a, b) for n, a in enumerate(sounds) for b in sounds[:n])


@pytest.mark.parametrize("known", [(0, 30), (50, 96), (13, 31), (0, 96), (95, 96)])
def test_what_is_heard_already_is_untouched(engine, heard, known):
    """Wherever it begins and ends; and what is made goes on from it."""
    numbers = torch.arange(2 * FRAMES)
    done = (numbers >= known[0]) & (numbers < known[1])
    draw = torch.Generator().manual_seed(1)
    sound = torch.randn(2 * FRAMES, 4, generator=draw).where(done[:, None], 0.0)
    track = heard(15, 32, track={"sound": sound, "done": done})
    assert torch.equal(track["sound"][done], sound[done]) and track["done"].all()
    free = track["sound"][~done]
    assert (free.abs().sum(dim=1) > 0).all()
    if known[0] > 0 and known[1] - known[0] > 1:
        louder = heard(15, 32, track={"sound": 2 * sound, "done": done})
        assert not torch.equal(louder["sound"][~done], free)


# A thousandth of a grey level, on average over the picture, is less than one pixel's.
MOTION = st.lists(st.integers(0, 100_000).map(lambda n: n / 1000), min_size=2, max_size=60).filter(any)


@given(MOTION)
def test_more_motion_is_never_softer(motion):
    rising = gain(course(motion_T=sorted(motion)), 2 * len(motion)).numpy()
    assert (np.diff(rising) >= -1e-6).all()
    falling = gain(course(motion_T=sorted(motion, reverse=True)), 2 * len(motion)).numpy()
    assert (np.diff(falling) <= 1e-6).all()


@given(MOTION)
def test_motion_makes_no_more_of_the_sound_than_is_stated(motion):
    most = 10 ** (MOST_DB / 20)
    levels = gain(course(motion_T=motion), 2 * len(motion))
    assert levels.min() >= 1 / most - 1e-6 and levels.max() <= most + 1e-6


@given(st.floats(0.5, 50), st.integers(2, 60))
def test_what_is_usual_in_a_film_leaves_its_sound_as_it_is(step, num_frames):
    assert gain(course(motion_T=[step] * num_frames), 2 * num_frames).numpy() == pytest.approx(1)
    assert gain(course(motion_T=[0] * num_frames), 2 * num_frames).numpy() == pytest.approx(1)


def test_a_burst_of_motion_is_heard_where_it_is():
    levels = gain(course(motion_T=[4] * 30 + [16] * 15 + [4] * 45), 180)
    assert levels[75] > 1.4 and levels[:40] == pytest.approx(1) and levels[-60:] == pytest.approx(1)


def noise(num_frames, shape=(96, 96, 3)):
    return np.random.default_rng(0).integers(0, 256, (num_frames, *shape), np.uint8)


def shot_and_given(known=True, num_blocks=3, **facts):
    shot = Shot(prompt="", num_blocks=num_blocks, height=96, width=96, seed=5, sound=True)
    films = noise(shot.num_frames)
    files = tuple("noise.mkv" if known is True or number in known else "" for number in range(shot.num_frames))

    def frames(wanted):
        return (film if files[n] and n in wanted else None for n, film in enumerate(films))

    return shot, Given(files=files, frames=frames, **facts)


def test_footage_the_model_can_not_read_is_heard_in_words_and_that_is_said(engine):
    shot, given_ = shot_and_given()
    latents = engine.fill(shot, FOX, given_)
    assert latents["done"].all() and latents["sound"].shape[0] == 48 and "video" not in latents
    assert "from outside the drawn world" in engine.said(latents) and "\n" not in engine.said(latents)
    wave, sample_rate_hz = engine.wave(latents)
    assert wave.shape == (1, 48_000) and sample_rate_hz == 24_000 and wave.any() and np.abs(wave).max() <= 1


def test_without_words_there_is_nothing_to_hear_it_by(engine):
    shot, given_ = shot_and_given()
    with pytest.raises(ValueError, match=r"noise.mkv is drawn unlike this world.*effects") as refused:
        engine.fill(shot, replace(FOX, prompt=""), given_)
    assert "\n" not in str(refused.value)


def test_pictures_are_not_drawn_to_what_can_not_be_read(engine):
    """Only sound is made all the same: where a frame is to be drawn, or nothing to be heard, it is refused as ever."""
    shot, given_ = shot_and_given(known=range(20))
    with pytest.raises(UnlikeWorldError):
        engine.fill(shot, FOX, given_)
    loose = engine.fill(shot, FOX, replace(given_, loose=True))
    assert engine.said(loose) == "" and loose.keys() == {"video", "sound"}


def test_given_sound_stays_under_footage_from_outside(engine):
    wave = (0.2 * np.sin(np.arange(48_000) / 9))[None].astype(np.float32)
    shot, given_ = shot_and_given(wave=wave, heard=(True,) * 20 + (False,) * 28)
    latents = engine.fill(shot, FOX, given_)
    own = engine.voice.track_of(given_, shot.num_frames)
    assert own["done"].sum() == 20 and torch.equal(latents["sound"][:20], own["sound"][:20])
    assert latents["done"].all() and not torch.equal(latents["sound"][20:], own["sound"][20:])
