"""Where films are cut and how much they move: on made films of which both are known, and beside PySceneDetect."""

from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenedetect import AdaptiveDetector, FrameTimecode

from kinora.media.clip import Clip
from kinora.media.motion import course_of

HEIGHT, WIDTH, FPS = 72, 128, 12


def wall(seed, detail=12):
    """A painted wall, larger than the picture: coloured patches of which the smallest are some pixels wide."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (2 * HEIGHT // detail, 4 * WIDTH // detail, 3)).astype(np.float32)
    return cv2.resize(coarse, (4 * WIDTH, 2 * HEIGHT), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


def pan(seed, num_frames, speed=0.0):
    """A camera that goes along a wall, some pixels a frame."""
    starts = [round(speed * number) for number in range(num_frames)]
    return np.stack([wall(seed)[:HEIGHT, start : start + WIDTH] for start in starts])


def fade(seeds, num_frames):
    """One wall becomes another, slowly."""
    first, last = (pan(seed, 1)[0].astype(float) for seed in seeds)
    return np.stack([first + (last - first) * share for share in np.linspace(0, 1, num_frames)]).astype(np.uint8)


def noise(num_frames, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (num_frames, HEIGHT, WIDTH, 3), np.uint8)


def course(*parts, fps=FPS):
    return course_of(Clip.from_array(np.concatenate(parts), fps=Fraction(fps)))


def cut_frames(seen):
    return [round(cut_s * seen.fps) for cut_s in seen.cuts_s]


def found_by_scenedetect(frames, fps=FPS):
    detector = AdaptiveDetector(min_scene_len=round(0.5 * fps))
    found = [
        cut
        for number, frame in enumerate(frames)
        for cut in detector.process_frame(FrameTimecode(number, float(fps)), np.ascontiguousarray(frame[..., ::-1]))
    ]
    return [cut.frame_num for cut in found]


@settings(max_examples=25)
@given(lengths=st.lists(st.integers(8, 30), min_size=1, max_size=5), speed=st.sampled_from([0, 0.5, 1, 2]))
def test_hard_cuts_are_found_where_they_are_as_pyscenedetect_finds_them(lengths, speed):
    frames = np.concatenate([pan(number, length, speed) for number, length in enumerate(lengths)])
    borders = np.cumsum(lengths)[:-1].tolist()
    assert cut_frames(course(frames)) == borders == found_by_scenedetect(frames)


@pytest.mark.parametrize("fps", [8, 12, 24, 30, Fraction(30_000, 1001)])
def test_a_cut_is_at_its_second_at_any_rate(fps):
    seen = course(pan(1, 40), pan(2, 30), fps=fps)
    assert seen.cuts_s == pytest.approx([40 / fps])


@pytest.mark.parametrize(
    "frames",
    [
        pan(1, 40),
        pan(1, 40, 1),
        pan(1, 40, 4),
        pan(1, 40, 9),
        fade((1, 2), 24),
        fade((1, 2), 60),
        np.zeros((30, HEIGHT, WIDTH, 3), np.uint8),
        pan(1, 1),
    ],
    ids=["still", "slow pan", "pan", "fast pan", "fade of 2 s", "fade of 5 s", "black", "picture"],
)
def test_what_only_moves_or_fades_is_not_cut(frames):
    assert course(frames).cuts_s == () and found_by_scenedetect(frames) == []


@settings(max_examples=10)
@given(st.integers(0, 2**20))
def test_noise_of_the_same_statistics_is_not_cut(seed):
    assert course(noise(36, seed)).cuts_s == ()


def test_a_shot_lasts_half_a_second_and_of_two_nearer_cuts_the_earlier_counts():
    assert cut_frames(course(pan(1, 20), pan(2, 5), pan(3, 20))) == [20]
    assert cut_frames(course(pan(1, 20), pan(2, 6), pan(3, 20))) == [20, 26]
    assert cut_frames(course(pan(1, 5), pan(2, 20))) == []


def test_motion_grows_with_speed():
    motion = [course(pan(1, 24, speed)).motion_T for speed in (0, 1, 2, 4)]
    assert not motion[0].any()
    means = [motion_T.mean() for motion_T in motion]
    assert all(slow < 0.8 * fast for slow, fast in pairwise(means))


def test_motion_is_where_the_film_moves_and_a_cut_is_none():
    seen = course(pan(1, 20), pan(1, 20, 3), pan(2, 20))
    assert len(seen.motion_T) == 60 and cut_frames(seen) == [20 + 20] and seen.motion_T[0] == 0
    assert not seen.motion_T[:20].any() and seen.motion_T[22:40].all() and not seen.motion_T[40:].any()


def test_a_film_is_read_once_a_block_at_a_time():
    clip, asked = Clip.from_array(pan(1, 40), fps=Fraction(FPS)), []

    def blocks():
        asked.append("read")
        yield from clip.frames()

    seen = course_of(Clip(num_frames=40, height=HEIGHT, width=WIDTH, fps=Fraction(FPS), frames=blocks))
    assert asked == ["read"] and seen.cuts_s == ()
