from fractions import Fraction

import numpy as np
import pytest

from kinora.media.clip import Clip
from kinora.media.encode import write_mp4
from kinora.provenance.credentials import Record, prompt_sha256
from kinora.provenance.inspection import inspect
from kinora.provenance.release import release


@pytest.fixture
def clip():
    frames = np.zeros((12, 96, 128, 3), np.uint8)
    return Clip.from_array(frames, fps=Fraction(12), sound=np.zeros((1, 24_000), np.float32))


def test_a_released_file_tells_how_it_was_made(clip, tmp_path, monkeypatch):
    monkeypatch.setenv("KINORA_HOME", str(tmp_path / "home"))
    record = Record(prompt_sha256=prompt_sha256("a fox"), model="storybook", model_version="abc", seed=7)
    text = inspect(release(clip, tmp_path / "a.mp4", record))
    for words in ("h264, 128x96", "12 frames at 12 fps, 1.000 s", "aac, 24000 Hz", "valid, untrusted", "storybook"):
        assert words in text
    assert "AI-made:     yes" in text and record.prompt_sha256 in text and "seed:        7" in text


def test_a_plain_file_has_no_credentials(clip, tmp_path):
    write_mp4(clip, tmp_path / "a.mp4", comment="rendered, not AI-made")
    text = inspect(tmp_path / "a.mp4")
    assert "credentials: no credentials" in text and "comment:     rendered, not AI-made" in text
    assert "model" not in text


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        inspect(tmp_path / "none.mp4")
