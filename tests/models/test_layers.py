"""Building blocks against PyTorch's own, and by their laws."""

import pytest
import torch
from torch.nn import functional

from kinora.models.layers import ResidualConv, RMSNorm, attend, rotary_turns, rotate, silence, sinusoid

DRAW = torch.Generator().manual_seed(7)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_norm_is_pytorchs(scale):
    x = scale * torch.randn(4, 5, 32, generator=DRAW)
    expected = functional.rms_norm(x, (32,), eps=1e-6 / 32)
    torch.testing.assert_close(RMSNorm(32)(x), expected)


def test_the_norm_of_nothing_is_nothing():
    x = torch.zeros(2, 8, requires_grad=True)
    y = RMSNorm(8)(x)
    y.sum().backward()
    assert not y.any() and bool(x.grad.isfinite().all())


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_the_norms_own_gradient_is_the_true_one(affine, scale):
    norm = RMSNorm(6, affine=affine).double()
    x = scale * torch.randn(3, 4, 6, generator=DRAW, dtype=torch.float64)
    assert torch.autograd.gradcheck(norm, x.requires_grad_(), eps=1e-6 * scale, atol=1e-6 / scale)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_the_norm_keeps_its_dtype(dtype):
    x = torch.randn(2, 16, generator=DRAW, dtype=dtype, requires_grad=True)
    y = RMSNorm(16)(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == dtype


@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_pytorchs(masked):
    q, k, v = (torch.randn(2, 3, length, 8, generator=DRAW) for length in (5, 7, 7))
    mask = torch.rand(2, 7, generator=DRAW) > 0.4 if masked else None
    expected = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None] if masked else None)
    torch.testing.assert_close(attend(q, k, v, mask), expected)


def test_what_is_masked_is_not_seen_at_all():
    q, k, v = (torch.randn(1, 1, 4, 8, generator=DRAW) for _ in range(3))
    mask = torch.tensor([[True, True, False, True]])
    noisy_k, noisy_v = k.clone(), v.clone()
    noisy_k[:, :, 2], noisy_v[:, :, 2] = 50.0, -1e6
    assert torch.equal(attend(q, noisy_k, noisy_v, mask), attend(q, k, v, mask))


def test_turning_keeps_lengths_and_sees_only_distances():
    q, k = torch.randn(2, 1, 1, 1, 12, generator=DRAW, dtype=torch.float64)
    frequencies = [torch.tensor([1.0, 3.0]).double()] * 3
    place = torch.randn(5, 1, 1, 3, generator=DRAW, dtype=torch.float64)
    step = torch.tensor([0.3, -0.2, 0.7], dtype=torch.float64)
    products = []
    for here in place:
        turned_q, turned_k = (
            rotate(q, rotary_turns(here, frequencies)),
            rotate(k, rotary_turns(here + step, frequencies)),
        )
        torch.testing.assert_close(turned_q.norm(), q.norm())
        products.append((turned_q * turned_k).sum())
    torch.testing.assert_close(torch.stack(products), products[0].expand(5))


def test_sinusoids_tell_times_apart_and_stay_in_range():
    times = torch.linspace(0, 1, 101)
    rows = sinusoid(times, 64)
    assert rows.shape == (101, 64) and rows.abs().max() <= 1
    distances = torch.cdist(rows, rows) + 10 * torch.eye(101)
    assert distances.min() > 0.1


def test_a_new_residual_is_the_identity():
    x = torch.randn(2, 8, 5, 6, generator=DRAW)
    assert torch.equal(ResidualConv(8)(x), x)


def test_a_silent_layer_says_nothing():
    layer = torch.nn.Linear(3, 4)
    silence(layer)
    assert not layer(torch.randn(2, 3, generator=DRAW)).any()
