import pytest

from kinora.engines.catalog import CATALOG, NATIVE
from kinora.engines.speed import matmul_flop_per_s, speed_of

OTHERS = [entry for entry in CATALOG.values() if entry.name != NATIVE]


@pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: entry.name)
def test_what_is_reckoned_grows_with_the_clip_and_shrinks_with_the_machine(entry):
    one, longer, faster = (speed_of(entry, *how).seconds for how in ((2.0, 1e14), (4.0, 1e14), (2.0, 3e14)))
    # Attention grows with the square of the tokens, everything else as they do.
    assert 1.9 * one < longer < 4.1 * one
    assert faster == pytest.approx(one / 3)
    assert not speed_of(entry, 2.0, 1e14).is_measured


def test_operations_are_those_that_a_counter_finds():
    """The formula against PyTorch's own counter, on the real class of the smallest engine, without contents."""
    import torch
    from diffusers import WanTransformer3DModel
    from torch.utils.flop_counter import FlopCounterMode

    from kinora.engines.hub.memory import Work, num_tokens
    from kinora.engines.speed import SHARE

    entry = CATALOG["wan2.1-1.3b"]
    with torch.device("meta"):
        network = WanTransformer3DModel(num_attention_heads=12, attention_head_dim=128, num_layers=30, ffn_dim=8960)
        latents, words = torch.empty(1, 16, 21, 60, 104), torch.empty(1, 512, 4096)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(latents, torch.empty(1, device="meta"), words)
    tokens = num_tokens(entry.network, Work(num_frames=81, size=(480, 832)))
    assert tokens == 21 * 30 * 52
    reckoned = speed_of(entry, 81 / 16, 1.0).seconds * SHARE / (2 * entry.steps)
    assert reckoned == pytest.approx(counter.get_total_flops(), rel=0.1)


def test_a_machine_has_a_rate():
    assert matmul_flop_per_s() > 1e8
