import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kinora.models.holes import held, hint_of
from kinora.models.pixels import rgb_of
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig


def film(num_frames, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (num_frames, 16, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def autoencoder():
    torch.manual_seed(0)
    return VideoAutoencoder(VideoAutoencoderConfig()).eval()


@given(st.lists(st.booleans(), min_size=1, max_size=12).filter(any))
@settings(deadline=None)
def test_known_frames_stay_and_the_others_show_the_nearest(known):
    frames = np.arange(len(known), dtype=np.uint8)[:, None, None, None]
    shown, at = held(frames, np.array(known)).flatten().astype(int), np.flatnonzero(known)
    assert all(shown[n] == n for n in at)
    assert all(abs(shown[n] - n) == min(abs(at - n)) for n in range(len(known)))


def test_what_is_not_known_is_never_looked_at(autoencoder):
    known = np.zeros(16, bool)
    known[[0, 9, 10]] = True
    one, other = film(16), film(16, seed=1)
    other[known] = one[known]
    assert torch.equal(hint_of(autoencoder, one, known), hint_of(autoencoder, other, known))


def test_a_hint_is_the_held_block_and_its_masks_and_nothing_where_nothing_is_known(autoencoder):
    frames, known = film(24), np.zeros(24, bool)
    known[8:11] = True
    hint = hint_of(autoencoder, frames, known).view(3, 2, 72)
    assert not hint[0].any() and not hint[2].any()
    assert torch.equal(hint[1, :, 64:], torch.tensor([1.0, 1, 1, 0, 0, 0, 0, 0]).expand(2, 8))
    shown = frames[[8, 9, 10, 10, 10, 10, 10, 10]]
    rgb = rgb_of(torch.from_numpy(shown).permute(3, 0, 1, 2)[None])
    with torch.no_grad():
        assert torch.allclose(hint[1, :, :64], autoencoder.encode(rgb)[0].flatten(1).T, atol=1e-5)


def test_nothing_known_at_all_is_refused():
    with pytest.raises(ValueError, match="no frame is known"):
        held(film(8), np.zeros(8, bool))
