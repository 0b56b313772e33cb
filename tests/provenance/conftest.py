from fractions import Fraction

import numpy as np
import pytest

from kinora.media.clip import Clip
from kinora.provenance.credentials import Record, prompt_sha256


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A data folder of the test's own; the user's is never touched."""
    folder = tmp_path_factory.mktemp("home") / "kinora"
    monkeypatch.setenv("KINORA_HOME", str(folder))
    for name in ("KINORA_SIGNER_CERTS", "KINORA_SIGNER_KEY", "KINORA_TRUST_ANCHORS"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def record():
    return Record(
        prompt_sha256=prompt_sha256("a fox in the rain"), model="kinora-storybook", model_version="abc123", seed=7
    )


@pytest.fixture
def clip():
    draw = np.random.default_rng(0)
    frames = draw.integers(0, 255, (13, 96, 96, 3), np.uint8)
    sound = (0.02 * draw.standard_normal((1, 30_000))).astype(np.float32)
    return Clip.from_array(frames, fps=Fraction(12), sound=sound)
