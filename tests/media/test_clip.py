from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from kinora.media.clip import FRAMES_PER_BLOCK, Clip, fit_sound


def test_blocks_are_small_and_give_the_array_back_each_time(bouncing):
    clip = bouncing(num_frames=40)
    for _ in range(2):
        assert [len(block) for block in clip.frames()] == [16, 16, 8]
    assert clip.array().shape == (40, 96, 128, 3)
    assert all(len(block) <= FRAMES_PER_BLOCK for block in clip.frames())


def test_durations_are_exact(bouncing):
    clip = bouncing(num_frames=50, fps=Fraction(30_000, 1001), sample_rate_hz=48_000)
    assert clip.duration_s == Fraction(50 * 1001, 30_000)
    assert clip.num_samples == 80_080


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"num_frames": 0}, "frame"),
        ({"width": 0}, "pixel"),
        ({"fps": 12}, "Fraction"),
        ({"fps": Fraction(0)}, "fps"),
        ({"fps": Fraction(1000)}, "240"),
        ({"sample_rate_hz": 100}, "8000"),
        ({"cuts": (0,)}, "must rise"),
        ({"cuts": (9, 4)}, "must rise"),
        ({"cuts": (10**6,)}, "must rise"),
        ({"sound": np.zeros(10, np.float32)}, "shape"),
        ({"sound": np.zeros((1, 10))}, "float32"),
        ({"sound": np.zeros((3, 10), np.float32)}, "channels"),
        ({"sound": np.full((1, 10), 1.5, np.float32)}, "peak"),
        ({"sound": np.full((1, 10), np.nan, np.float32)}, "peak"),
    ],
)
def test_wrong_values_are_refused_in_one_line(bouncing, change, word):
    with pytest.raises(ValueError, match=word) as error:
        replace(bouncing(), **change)
    assert "\n" not in str(error.value)


def test_frames_of_another_type_or_shape_are_refused():
    for frames in (np.zeros((2, 96, 128, 3), np.float32), np.zeros((2, 96, 128), np.uint8)):
        with pytest.raises(ValueError, match="uint8"):
            Clip.from_array(frames, fps=Fraction(12))


@pytest.mark.parametrize("num_samples", [0, 3, 5, 9])
def test_sound_is_fitted_at_its_end(num_samples):
    wave = np.arange(5, dtype=np.float32)[None] / 5
    fitted = fit_sound(wave, num_samples)
    assert fitted.shape == (1, num_samples)
    np.testing.assert_array_equal(fitted[:, :5], wave[:, :num_samples])
    assert not fitted[:, 5:].any()
