from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinora.media.clip import Clip
from kinora.media.scale import fitted, laid, scaled

EVEN = st.integers(80, 960).map(lambda half: 2 * half)


def numbered(num_frames, size=(96, 128)):
    """A clip whose frame k is the colour (k, k, k)."""
    frames = np.arange(num_frames, dtype=np.uint8)[:, None, None, None] + np.zeros((1, *size, 3), np.uint8)
    return Clip.from_array(frames, fps=Fraction(12))


@settings(deadline=None, max_examples=30)
@given(height=EVEN, width=EVEN)
def test_a_frame_gets_exactly_the_size_asked_for(height, width):
    frame = np.full((144, 256, 3), (10, 120, 250), np.uint8)
    made = scaled(frame, height, width)
    assert made.shape == (height, width, 3) and made.dtype == np.uint8
    # Nothing is made up: flat colour stays.
    assert (made == frame[0, 0]).all()


def test_the_size_a_clip_has_leaves_it_untouched(bouncing):
    clip = bouncing()
    assert fitted(clip, height=96, width=128, fps=Fraction(12), num_frames=25) is clip
    frame = clip.array()[0]
    assert scaled(frame, 96, 128) is frame


@pytest.mark.parametrize(("height", "width", "edges"), [(480, 640, 8), (200, 640, 0), (480, 200, 0)])
def test_the_middle_is_shown_and_as_much_of_it_as_can(height, width, edges):
    """Colours left and right of the middle, and a white frame round all."""
    frame = np.zeros((96, 128, 3), np.uint8)
    frame[:, :64, 0], frame[:, 64:, 1] = 200, 200
    frame[:2], frame[-2:], frame[:, :2], frame[:, -2:] = 255, 255, 255, 255
    made = scaled(frame, height, width).astype(int)
    assert (made[height // 2, : width // 2 - 8, 0] >= 190).all() and (
        made[height // 2, width // 2 + 8 :, 1] >= 190
    ).all()
    white = (made > 250).all(axis=2)
    assert white[:, width // 2 - 20].any() == (height / width >= 0.75)
    assert white[height // 2].any() == (height / width <= 0.75)
    assert white[0, 0] == bool(edges)


def waves(height, width):
    """A smooth picture of 4:3, drawn at any size."""
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / width
    return 127 + 100 * np.sin(7 * x + 3 * y)


def test_a_smooth_picture_stays_what_it_is():
    drawn = np.repeat(waves(96, 128).round().astype(np.uint8)[..., None], 3, axis=2)
    # Away from the edges, past which nothing is known.
    off = np.abs(scaled(drawn, 480, 640) - waves(480, 640)[..., None])[20:-20, 20:-20]
    assert off.max() < 2


@given(fps=st.integers(8, 30), seconds=st.integers(1, 4))
def test_at_every_rate_each_instant_shows_the_drawn_frame_of_that_instant(fps, seconds):
    clip = numbered(12 * seconds, size=(8, 8))
    made = fitted(clip, height=8, width=8, fps=Fraction(fps), num_frames=seconds * fps)
    assert made.duration_s == clip.duration_s == seconds
    assert made.array()[:, 0, 0, 0].tolist() == [k * 12 // fps for k in range(seconds * fps)]
    assert made is clip or {len(block) for block in made.frames()} == {1}


def test_frames_are_neither_blended_nor_scaled_twice():
    made = fitted(numbered(12), height=192, width=256, fps=Fraction(24), num_frames=24)
    frames = [frame for block in made.frames() for frame in block]
    assert len({id(frame.base) for frame in frames[:2]}) == 1
    assert [np.unique(frame).tolist() for frame in frames] == [[k // 2] for k in range(24)]


def test_nothing_is_drawn_past_the_end():
    drawn = []

    def blocks():
        for number in range(4):
            drawn.append(number)
            yield np.zeros((8, 16, 16, 3), np.uint8)

    clip = Clip(num_frames=32, height=16, width=16, fps=Fraction(12), frames=blocks)
    assert len(fitted(clip, height=32, width=32, fps=Fraction(12), num_frames=12).array()) == 12
    assert drawn == [0, 1]


def test_a_clip_cannot_become_longer():
    with pytest.raises(ValueError, match="25 frames at 12 fps last longer than the 2 s"):
        fitted(numbered(24), height=96, width=128, fps=Fraction(12), num_frames=25)


@settings(deadline=None, max_examples=40)
@given(height=EVEN, width=EVEN, size=st.sampled_from([(144, 256), (96, 336), (256, 144), (144, 144), (96, 96)]))
def test_what_is_laid_on_a_drawn_size_is_shown_in_its_place(height, width, size):
    """Slopes stay where they were, to a drawn pixel, whatever the shapes; what a flat frame leaves free is flat too."""
    y, x = np.meshgrid(np.linspace(0, 255, height), np.linspace(0, 255, width), indexing="ij")
    frame = np.stack([y, x, np.full_like(y, 77)], axis=-1).round().astype(np.uint8)
    drawn = laid(frame, size, (height, width))
    assert drawn.shape == (*size, 3) and (drawn[..., 2] == 77).all()
    back = scaled(drawn, height, width).astype(int)
    # A drawn pixel is worth so many levels of a slope; Lanczos rings a little where it ends.
    levels = 255 / min(size) * max(1, max(height / width, width / height)) + 2
    middle = slice(height // 8, -(height // 8)), slice(width // 8, -(width // 8))
    assert np.abs(back - frame)[middle].max() <= levels


def test_a_frame_of_the_drawn_size_is_laid_as_it_is():
    frame = np.random.default_rng(0).integers(0, 256, (144, 256, 3), np.uint8)
    assert np.array_equal(laid(frame, (144, 256), (144, 256)), frame)
    assert np.array_equal(laid(frame, (144, 256), (720, 1280)), frame)
