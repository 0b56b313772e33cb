import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinora.media.sound import true_peak_dbtp
from kinora.request import Condition, Request
from kinora.tasks.paste import (
    FADED_FRAMES,
    Moment,
    crossfade,
    drawn_number,
    heard_sound,
    laid_over,
    look_ahead,
    pasted,
    sights_of,
    wanted_frames,
)
from kinora.tasks.sources import Heard


def grey(value):
    return np.full((2, 2, 3), value, np.uint8)


def told(known, *, made=100, source=140, per_drawn=1):
    """Moments in which the model makes one grey of what is another; known where there is a k."""
    return [
        Moment(drawn=number // per_drawn, made=grey(made), known=grey(source) if letter == "k" else None)
        for number, letter in enumerate(known)
    ]


def shown(moments, ahead=9):
    return [int(frame[0, 0, 0, 0]) for frame in pasted(moments, ahead)]


def test_what_was_lost_fades_over_eight_frames_on_either_side():
    values = shown(told("k" + "f" * 20 + "k"))
    assert values[0] == values[-1] == 140 and values[9:13] == [100] * 4
    assert values == values[::-1] and np.diff(values[:10]).max() < 0
    assert sum(100 < value < 140 for value in values[:11]) == FADED_FRAMES


@given(st.integers(1, 30))
def test_in_a_hole_of_any_length_neither_side_is_given_back_more_than_was_lost(length):
    values = shown(told("k" + "f" * length + "k"))
    assert values == values[::-1] and max(values) == 140 and min(values) >= 100
    if length <= FADED_FRAMES:
        assert set(values) == {140}


def test_nothing_changes_where_nothing_was_lost():
    frames = np.random.default_rng(0).integers(0, 256, (12, 4, 4, 3), np.uint8)
    moments = [
        Moment(drawn=number, made=frame, known=frame if number in (0, 5) else None)
        for number, frame in enumerate(frames)
    ]
    assert np.array_equal(np.concatenate(list(pasted(moments, 9))), frames)


def test_frames_of_one_drawn_frame_stay_the_same():
    values = shown(told("kk" + "f" * 24 + "kk", per_drawn=2), ahead=18)
    assert values[2::2] == values[3::2] and len(set(values)) > 4


def test_known_frames_without_a_picture_of_the_models_own_are_shown_all_the_same():
    moments = [Moment(drawn=0, made=None, known=grey(9)), *told("ff")]
    assert shown(moments) == [9, 100, 100]


@given(known=st.text("kf", min_size=1, max_size=60), ahead=st.integers(1, 12))
def test_no_more_than_a_moment_is_held_in_memory(known, ahead):
    taken = []
    frames = pasted((taken.append(moment) or moment for moment in told(known)), ahead)
    for number, _ in enumerate(frames):
        assert len(taken) <= number + 1 + ahead + 1


@pytest.mark.parametrize(("fps", "drawn_fps"), [(8, 12), (12, 12), (25, 12), (30, 12), (24, 24)])
def test_of_known_frames_only_those_at_borders_are_drawn(fps, drawn_fps):
    spans = (Condition(kind="given", end_s=2.0, file="a"), Condition(kind="given", start_s=3.0, end_s=5.0, file="b"))
    request = Request(prompt="a fox", seconds=5, fps=fps, slow_fps=drawn_fps, conditions=spans)
    sights = sights_of(request)
    wanted = wanted_frames(request, sights)
    free = {drawn_number(request, number) for number, sight in enumerate(sights) if sight is None}
    assert free < wanted
    borders = {drawn_number(request, round(edge * fps) - before) for edge, before in ((2, 1), (3, 0))}
    assert wanted == free | borders
    assert look_ahead(request) * drawn_fps >= 9 * fps


def heard_of(known, sample_rate_hz=24_000, level=0.2):
    wave = level * np.sin(np.arange(len(known)) / 7)[None]
    return Heard(wave=np.where(known, wave, 0).astype(np.float32), sample_rate_hz=sample_rate_hz, known=known)


def test_known_samples_stay_and_borders_are_crossed_inside_them():
    known = np.zeros(48_000, bool)
    known[:20_000] = known[40_000:] = True
    heard = heard_of(known)
    made = np.full((1, 48_000), 0.05, np.float32)
    wave = heard_sound(made, 24_000, heard)
    assert np.array_equal(wave[:, :19_520], heard.wave[:, :19_520])
    assert np.array_equal(wave[:, 40_480:], heard.wave[:, 40_480:])
    assert not np.array_equal(wave[:, 19_520:20_000], heard.wave[:, 19_520:20_000])
    assert np.allclose(wave[:, 20_000:40_000], 0.05 / heard.gain, atol=1e-6)
    assert np.abs(np.diff(wave)).max() < 0.04


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.integers(1, 30))
def test_a_crossfade_is_only_in_what_is_known(known, size):
    known = np.array(known)
    share = crossfade(known, size)
    assert share.min() >= 0 and share.max() <= 1 and not share[~known].any()
    borders = np.flatnonzero(np.diff(known.astype(int)))
    far = [n for n in np.flatnonzero(known) if all(abs(n - b) > size for b in borders)]
    assert (share[far] == 1).all()


def test_what_is_made_is_as_loud_as_what_is_given_around_it():
    """And given sound is heard by the model at the loudness that it learned from."""
    loud, soft = (heard_of(np.ones(48_000, bool), level=level) for level in (0.4, 0.1))
    assert soft.gain == pytest.approx(4 * loud.gain, rel=1e-3)
    assert heard_of(np.zeros(100, bool)).gain == 1


def test_a_sound_kept_under_another_is_heard_and_does_not_clip():
    under = heard_of(np.ones(48_000, bool), level=0.9)
    made = np.random.default_rng(0).uniform(-0.2, 0.2, (1, 48_000)).astype(np.float32)
    mixed = laid_over(made, 24_000, under)
    assert true_peak_dbtp(mixed, 24_000) <= -1
    quiet = heard_of(np.ones(48_000, bool), level=0.1)
    assert np.allclose(laid_over(made, 24_000, quiet) - quiet.wave, made / quiet.gain, atol=1e-6)
