"""Who sees whom in time, at every picture shape.

B batch, C channels, T frames, H W pixels, Z latent channels, N blocks, h w latent grid.
"""

import pytest
import torch

from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH, fold_blocks, unfold_blocks

DRAW = torch.Generator().manual_seed(8)


def clip(num_blocks, height=32, width=48, batch=1):
    return torch.randn(batch, 3, BLOCK_FRAMES * num_blocks, height, width, generator=DRAW)


@pytest.mark.parametrize(("height", "width"), [(32, 48), (48, 32), (32, 32), (48, 112), (16, 16)])
@pytest.mark.parametrize("num_blocks", [1, 3])
def test_every_shape_becomes_its_grid_and_comes_back(video, height, width, num_blocks):
    x = clip(num_blocks, height, width, batch=2)
    latent = video.encode(x)
    assert latent.shape == (2, 8, num_blocks, height // PATCH, width // PATCH)
    assert video.decode(latent).shape == x.shape


def test_folding_is_undone_by_unfolding_and_keeps_blocks_together():
    x = clip(3, batch=2)
    folded = fold_blocks(x)
    assert torch.equal(unfold_blocks(folded, 2), x)
    assert torch.equal(folded[4].unflatten(0, (3, BLOCK_FRAMES)), x[1, :, 8:16])


@pytest.mark.parametrize("block", [0, 1, 2])
def test_the_encoder_sees_its_own_block_only(video, block):
    x = clip(3).requires_grad_()
    video.encode(x)[:, :, block].sum().backward()
    seen = x.grad.abs().amax(dim=(0, 1, 3, 4)) > 0
    assert torch.equal(seen, torch.arange(24) // BLOCK_FRAMES == block)


@pytest.mark.parametrize("block", [0, 1, 2, 3])
def test_the_decoder_sees_its_block_and_the_one_before(video, block):
    latent = torch.randn(1, 8, 4, 2, 3, generator=DRAW).requires_grad_()
    frames = video.decode(latent)[:, :, BLOCK_FRAMES * block : BLOCK_FRAMES * (block + 1)]
    frames.square().sum().backward()
    seen = (latent.grad.abs().amax(dim=(0, 1, 3, 4)) > 0).nonzero().flatten().tolist()
    assert seen == [n for n in (block - 1, block) if n >= 0]


def test_a_stream_is_the_batch(video):
    """Decoding block by block as they come, holding one latent, makes what decoding all at once makes."""
    latent = torch.randn(2, 8, 4, 2, 3, generator=DRAW)
    before, blocks = None, []
    for now in latent.unbind(2):
        blocks.append(unfold_blocks(video.decoder(now, before), 2))
        before = now
    torch.testing.assert_close(torch.cat(blocks, dim=2), video.decode(latent))


def test_a_start_is_not_a_block_after_a_black_one(video):
    latent = torch.randn(1, 8, 2, 3, generator=DRAW)
    assert not torch.equal(video.decoder(latent, None), video.decoder(latent, torch.zeros_like(latent)))


def test_clips_of_a_batch_do_not_mix(video):
    x = clip(2, batch=3)
    torch.testing.assert_close(video.decode(video.encode(x))[1:2], video.decode(video.encode(x[1:2])))


def components_of(patches_NP, channels):
    mean = patches_NP.mean(dim=0)
    _, spread, components = torch.linalg.svd(patches_NP - mean, full_matrices=False)
    return mean, components[:channels], spread[:channels] / len(patches_NP) ** 0.5


def test_from_principal_components_what_they_span_comes_back_exactly(new_video):
    """With a mean that is one value a frame and channel, which is all that the decoder's bias can hold."""
    basis = torch.linalg.qr(torch.randn(24 * 256, 8, generator=DRAW))[0].T
    # No pattern has a mean of its own, so that the mean of all of them is the one added here.
    offset = torch.randn(24, generator=DRAW).repeat_interleave(256)
    coefficients = torch.randn(500, 8, generator=DRAW) * torch.arange(8, 0, -1)
    coefficients -= coefficients.mean(dim=0)
    patches = coefficients @ basis + offset
    new_video.start_from_components(*components_of(patches, 8))
    picture = patches[:6].view(6, 24, PATCH, PATCH).unflatten(0, (2, 3)).permute(2, 0, 3, 1, 4).reshape(1, 24, 32, 48)
    x = unfold_blocks(picture, 1)
    latent = new_video.encode(x)
    torch.testing.assert_close(new_video.decode(latent), x, rtol=0, atol=2e-4)


def test_latents_that_start_from_principal_components_have_unit_spread(new_video):
    patches = torch.randn(400, 24 * 256, generator=DRAW) * torch.linspace(2, 0.1, 24 * 256)
    new_video.start_from_components(*components_of(patches, 8))
    latent = new_video.encoder(patches.view(400, 24, PATCH, PATCH)).flatten(1)
    torch.testing.assert_close(latent.std(dim=0), torch.ones(8), rtol=0, atol=0.01)
    torch.testing.assert_close(latent.mean(dim=0), torch.zeros(8), rtol=0, atol=0.01)
