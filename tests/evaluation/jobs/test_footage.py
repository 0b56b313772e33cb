"""Clips for jobs are bare, and what they show is known to the pixel."""

from fractions import Fraction

import numpy as np
import pytest

from kinora.evaluation.jobs.footage import (
    bare,
    centre,
    drawn_scene,
    empty,
    footage,
    moving_scene,
    subject_at,
    words_of,
    write_bare,
)
from kinora.evaluation.subject import SEED
from kinora.media.clip import Clip
from kinora.media.decode import read_clip
from kinora.media.packets import read_coded
from kinora.provenance.credentials import prompt_sha256
from kinora.provenance.release import Record, release
from kinora.request import DRAWN_FPS
from kinora.storybook.film import Film
from kinora.storybook.write import COMMENT

SIGNED_SEED = 123_454_321


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    return footage(drawn_scene(0, 1.0), tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A signed file, and what its credentials say."""
    path = tmp_path_factory.mktemp("signed") / "film.mp4"
    frames = np.random.default_rng(0).integers(256, size=(8, 96, 96, 3), dtype=np.uint8)
    said = prompt_sha256("a fox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINORA_HOME", str(path.parent / "home"))
        record = Record(prompt_sha256=said, model="tiny", model_version="0", seed=SIGNED_SEED)
        release(Clip.from_array(frames, fps=Fraction(DRAWN_FPS)), path, record)
    return path, (said.encode(), b"seed\x1a" + SIGNED_SEED.to_bytes(4, "big"), b"c2pa")


def test_a_rendered_clip_says_nothing_of_itself(given):
    data = given.path.read_bytes()
    told = [COMMENT, words_of(given.film.scene), str(SEED), given.film.scene.place, "udta", "c2pa"]
    assert not [word for word in told if word.encode() in data]
    assert str(SEED) not in given.path.name


def test_credentials_go_and_nothing_else_does(signed, tmp_path):
    path, told = signed
    assert all(word in path.read_bytes() for word in told)
    stripped = tmp_path / "bare.mp4"
    write_bare(path, stripped)
    assert not any(word in stripped.read_bytes() for word in told)
    assert stripped.stat().st_size == path.stat().st_size
    assert np.array_equal(read_clip(stripped).array(), read_clip(path).array())
    assert read_coded(stripped) == read_coded(path) and bare(stripped.read_bytes()) == stripped.read_bytes()


def test_what_is_no_mp4_is_refused():
    with pytest.raises(ValueError, match="give one that Kinora wrote"):
        bare(b"no boxes in here")


def test_footage_is_made_once(given):
    before = given.path.stat().st_mtime_ns
    again = footage(given.film.scene, given.path.parent)
    assert again.path == given.path and again.path.stat().st_mtime_ns == before


def test_a_moving_subject_crosses_a_hole_evenly():
    hole = (27, 45)
    scene = moving_scene(0, 6.0, hole)
    assert scene == moving_scene(0, 6.0, hole) and scene.camera.move == "static"
    film = Film(scene, height=144, width=256)
    middles = [centre(subject_at(film, frame / DRAWN_FPS))[0] for frame in (27, 36, 45)]
    assert abs(middles[1] - (middles[0] + middles[2]) / 2) <= 0.005 * 256
    assert abs(middles[2] - middles[0]) >= 0.5 * np.ptp(np.flatnonzero(subject_at(film, 3.0).any(axis=0)))
    apart = np.abs(film.frame(3.0).astype(int) - empty(film).frame(3.0)).sum(axis=2) > 0
    assert not apart.all() and apart[subject_at(film, 3.0)].mean() > 0.9
