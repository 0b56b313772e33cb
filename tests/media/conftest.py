import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kinora.media.clip import Clip

# For what the tests of hostile files share.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def bouncing():
    """A clip whose frames can be told apart: flat colour halves and a white bar that moves two pixels a frame."""

    def make(num_frames=25, fps=Fraction(12), sample_rate_hz=24_000, num_channels=1, size=(96, 128)):
        height, width = size
        frames = np.zeros((num_frames, height, width, 3), np.uint8)
        frames[:, :, : width // 2] = (200, 30, 40)
        frames[:, :, width // 2 :] = (10, 180, 90)
        for i in range(num_frames):
            frames[i, : height // 2, 2 * i % width : 2 * i % width + 8] = 255
        sound = None
        if num_channels:
            sound = np.zeros((num_channels, round(num_frames / fps * sample_rate_hz)), np.float32)
            sound[:, 100 :: sample_rate_hz // 4] = 0.8
        return Clip.from_array(frames, fps=fps, sound=sound, sample_rate_hz=sample_rate_hz)

    return make
