"""What happens to pictures does what it says, and the shipped judge never reads more for it."""

from functools import cache, partial
from itertools import pairwise

import numpy as np
import pytest

from kinora.evaluation.seeing.corruptions import CORRUPTIONS, blurred, brightened, compressed, noisy
from kinora.evaluation.seeing.judge import Judge
from kinora.evaluation.seeing.oracle import hearing_of_scene, sight_of_film
from kinora.evaluation.seeing.sight import LOOK_EVERY
from kinora.evaluation.seeing.validation import CORRUPTED, HEIGHT, WIDTH, Shot, score, seen, shares
from kinora.evaluation.subject import SEED
from kinora.storybook.film import Film
from kinora.training.judge_material import lettered_scene

NUM_CLIPS, TIMES_S = 8, (0.5, 2.0, 3.5)
# A handful of clips has scores in steps of some points: so much more may be right by luck.
LUCK = 6.0
LADDERS = {
    "blur": [partial(blurred, sigma_px=sigma) for sigma in (1, 2, 4, 8)],
    "darkness": [partial(brightened, factor=factor) for factor in (0.8, 0.5, 0.2, 0.05)],
    "JPEG": [partial(compressed, quality=quality) for quality in (60, 20, 5, 1)],
    "noise": [partial(noisy, deviation=deviation) for deviation in (10, 30, 80, 200)],
}


def untouched(frames_THW3):
    return frames_THW3


@pytest.fixture(scope="module")
def shots():
    """Unseen scenes, looked at four times; in between, where nobody looks, nothing is drawn."""
    return [_shot(Film(lettered_scene(SEED, index), height=HEIGHT, width=WIDTH)) for index in range(NUM_CLIPS)]


def _shot(film):
    looks = np.stack([film.frame(t_s) for t_s in TIMES_S])
    truth = {"sight": sight_of_film(film, TIMES_S), "hearing": hearing_of_scene(film.scene)}
    return Shot(film=film, frames=np.repeat(looks, LOOK_EVERY, axis=0), wave=np.zeros(0, np.float32), **truth)


@pytest.fixture(scope="module")
def scored(shots):
    """Return the judge's score on frames that something has happened to."""
    judge = Judge.load()
    return cache(lambda corrupt: score(shares([seen(one, judge, corrupt(one.frames)) for one in shots]), CORRUPTED))


@pytest.mark.parametrize("name", LADDERS)
def test_the_more_happens_to_pictures_the_less_is_read(scored, name):
    scores = [scored(corrupt) for corrupt in (untouched, *LADDERS[name])]
    assert all(worse <= better + LUCK for better, worse in pairwise(scores)), scores
    assert scores[-1] < scores[0] - LUCK, scores


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_frames_stay_frames(name):
    frames = np.random.default_rng(0).integers(256, size=(2, 16, 32, 3), dtype=np.uint8)
    corrupted = CORRUPTIONS[name](frames)
    assert (corrupted.shape, corrupted.dtype) == (frames.shape, np.uint8) and (corrupted != frames).any()
    assert np.array_equal(CORRUPTIONS[name](frames), corrupted)


def test_colours_keep_their_order():
    red = np.full((1, 16, 16, 3), (200, 40, 20), np.uint8)
    for corrupt in CORRUPTIONS.values():
        mean = corrupt(red).mean(axis=(0, 1, 2))
        assert mean[0] > mean[1] > mean[2]
    assert brightened(red, 1.4)[0, 0, 0].tolist() == [255, 56, 28]
