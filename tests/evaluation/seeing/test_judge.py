"""The judge at work: what it hands on, at the shipped weights where a law is about them."""

import numpy as np
import pytest
import torch

from kinora.evaluation.seeing.judge import CONFIDENT, Judge, peaks, sure_classes, windows
from kinora.evaluation.seeing.oracle import hearing_of_scene
from kinora.evaluation.seeing.sight import Sight
from kinora.evaluation.seeing.validation import letters_right, main_word, near, noise_marks, score, shares
from kinora.models.judge import SHIPPED_JUDGE
from kinora.storybook.film import Film, events_of
from kinora.storybook.maps import truth_maps
from kinora.storybook.motion import choreograph
from kinora.storybook.sample import draw_scene
from kinora.storybook.vocabulary import KIND_NAMES
from kinora.training.judge_material import onset_truth
from kinora.training.shapes import CLIP_S
from kinora.training.stages.judge import judge_config

RATE_HZ = 24_000


@pytest.fixture(scope="module")
def judge():
    return Judge.load()


def sight(letter_HW):
    nothing = np.zeros((1, *letter_HW.shape), np.uint8)
    maps = {"kind_THW": nothing, "colour_THW": nothing, "letter_THW": letter_HW[None]}
    return Sight(times_s=(0.0,), place="", light="", weather="", **maps)


def test_an_unsure_cell_says_nothing():
    logits = torch.tensor([[0.0, 0.1, 0.1], [0.0, 4.0, 0.0], [4.0, 0.0, 0.0]]).T[None, :, None, :]
    assert sure_classes(logits).tolist() == [[[0, 1, 0]]]


def test_a_stray_cell_is_outvoted_by_those_around():
    logits = torch.tensor([5.0, 0.0, 0.0])[None, :, None, None].repeat(1, 1, 7, 7)
    logits[:, :, 1:6, 1:6] = torch.tensor([0.0, 5.0, 0.0])[:, None, None]
    logits[:, :, 3, 3] = torch.tensor([0.0, 0.0, 5.0])
    alone, together = sure_classes(logits)[0], sure_classes(logits, 5)[0]
    assert alone[3, 3] == 2 and together[3, 3] == 1
    assert (together > 0).sum() == (alone > 0).sum() == 25


def test_peaks_are_single_and_in_seconds():
    chance = np.zeros(48)
    chance[[0, 24, 25, 47]] = [0.9, 0.7, 0.8, CONFIDENT / 2]
    assert peaks(chance) == (0.0, 25 / 48)


@pytest.mark.parametrize(("seconds", "num", "last"), [(4.0, 1, 1.0), (1.0, 1, 0.25), (6.0, 2, 0.5), (9.0, 3, 0.25)])
def test_windows_hold_the_whole_wave(seconds, num, last):
    wave = np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)
    window, full = windows(wave, RATE_HZ)
    assert len(window) == len(full) == num and float(full[-1]) == pytest.approx(last)
    assert np.array_equal(window.flatten().numpy()[: len(wave)], wave)


def test_other_rates_are_resampled():
    assert windows(np.zeros(4 * 48_000), 48_000)[0].shape == (1, 4 * RATE_HZ)


def test_a_frame_is_seen_in_the_shape_of_the_oracle(judge):
    film = Film(draw_scene(2, 0), height=144, width=144)
    seen = judge.see(np.stack([film.frame(t) for t in (0.0, 1.0, 2.0)]), (0.0, 1.0, 2.0))
    assert seen.kind_THW.shape == (3, *truth_maps(film, 0.0).kind.shape) and seen.kind_THW.dtype == np.uint8
    assert seen.place in judge.config.words("place") and seen.times_s == (0.0, 1.0, 2.0)


@pytest.mark.parametrize("index", range(8))
def test_the_judge_learns_to_hear_what_the_oracle_hears(index):
    """Trainer and oracle tell when sounds set in each in its own way."""
    scene = draw_scene(2, index, duration_s=CLIP_S)
    learned = onset_truth(scene, events_of(scene, choreograph(scene)))
    for number, effect in enumerate(judge_config().effects):
        heard_s = [time_s for time_s in hearing_of_scene(scene).onsets.get(effect, ()) if time_s < CLIP_S - 1 / 48]
        frames = np.flatnonzero(learned[: len(learned) - 1, number])
        assert bool(heard_s) == bool(len(frames))
        assert all(np.abs(frames / 48 - time_s).min() <= 0.5 / 48 + 1e-6 for time_s in heard_s)


def test_features_tell_frames_apart_and_know_them_again(judge):
    film = Film(draw_scene(2, 1), height=96, width=96)
    frames = np.stack([film.frame(0.0), film.frame(0.0), 255 - film.frame(0.0)])
    features = judge.features(frames)
    assert features.shape == (3, judge.config.widths[2]) and features.dtype == np.float32
    np.testing.assert_allclose(features[0], features[1], atol=0.02)
    assert np.abs(features[0] - features[2]).max() > 0.1


def test_most_of_a_plain_drawing_is_read(judge):
    """Twelve unseen scenes; chance is a twelfth of the places and a quarter of the lights."""
    films = [Film(draw_scene(31, index), height=144, width=256) for index in range(12)]
    seen = [judge.see(film.frame(1.0)[None], (1.0,)) for film in films]
    for name in ("place", "light"):
        assert sum(getattr(one, name) == getattr(film.scene, name) for one, film in zip(seen, films, strict=True)) >= 8


@pytest.mark.parametrize("index", range(2))
def test_pure_noise_says_nothing(judge, index):
    marks = noise_marks(index, judge)
    # White noise near full scale is heard as a step now and then, which the validation counts.
    assert all(said == 0 for name, (said, _) in marks.items() if "-10 dB" not in name)


def test_silence_says_nothing(judge):
    said = judge.hear(np.zeros(2 * RATE_HZ, np.float32), RATE_HZ)
    assert not said.onsets and not said.ambience and not said.instrument


def test_the_shipped_file_is_small_and_speaks_the_vocabulary(judge):
    assert SHIPPED_JUDGE.stat().st_size < 2_000_000
    assert judge.config.words("kind") == KIND_NAMES


def test_marks():
    truth = sight(np.array([[1, 0, 2], [1, 0, 2]], np.uint8))
    assert letters_right(truth, truth) == (2, 2)
    assert letters_right(sight(np.array([[1, 0, 3], [1, 0, 3]], np.uint8)), truth) == (1, 2)
    assert near((0.0, 1.0), (0.05, 2.0)) == (1.0, 2) and near((1.0,), ()) == (0.0, 1) and near((), (1.0,)) == (0.0, 0)
    assert main_word(np.full((1, 8, 8), 2, np.uint8), KIND_NAMES) == KIND_NAMES[2]
    assert main_word(np.eye(4, dtype=np.uint8)[None], KIND_NAMES) == ""


def test_shares_and_scores_count_what_was_asked():
    figures = shares([{"kind": (1.0, 1), "letters": (3, 4)}, {"kind": (0.0, 1)}, {"letters": (0, 0)}])
    assert {f.name: (f.value, f.num) for f in figures} == {"kind": (50.0, 2), "letters": (75.0, 4)}
    assert score(figures, ("kind", "letters")) == 62.5 and score(figures, ("kind", "place")) == 50.0
