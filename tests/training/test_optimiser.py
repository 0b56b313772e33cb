import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from kinora.models.text import TextConfig, TextEncoder
from kinora.models.transformer import TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.training.optimiser import Optimiser, OptimiserConfig, rate_factor
from kinora.training.stages.fill import Student

SMALL = TransformerConfig(width=32, depth=2, num_heads=2, hidden=48)


def networks():
    sizes = VideoAutoencoderConfig(latent_channels=8, encoder_widths=(8, 8, 16), decoder_widths=(8, 8, 16))
    text = TextConfig(slots={"kind": ["", "fox"]}, num_buckets=64, ngram_width=8, width=16, num_heads=2, max_words=12)
    return {"fill": Student(SMALL), "video": VideoAutoencoder(sizes), "text": TextEncoder(text)}


def by_optimiser(module, **changes):
    optimiser = Optimiser(OptimiserConfig(**changes), module.named_parameters())
    return [{optimiser.names[p] for group in part.param_groups for p in group["params"]} for part in optimiser.parts]


@pytest.mark.parametrize("name", ["fill", "video", "text"])
def test_every_parameter_has_one_optimiser_and_muon_has_matrices_only(name):
    module = networks()[name]
    adam, muon = by_optimiser(module)
    sizes = dict(module.named_parameters())
    assert adam | muon == set(sizes) and not adam & muon
    assert muon and all(sizes[inner].ndim == 2 for inner in muon)


def test_muon_has_what_lies_between_hidden_widths_and_nothing_else():
    (_, fill), (_, video), (_, text) = (by_optimiser(module) for module in networks().values())
    matrices = ("attention.query", "attention.key_value", "cross.leave", "mlp.enter", "mlp.leave")
    assert {f"transformer.layers.1.{matrix}.weight" for matrix in matrices} <= fill
    assert all(name.startswith("transformer.layers.") for name in fill)
    assert {"encoder.at_quarter.first.weight", "decoder.to_eighth.weight"} <= video
    assert not {"encoder.linear.weight", "encoder.enter.weight", "decoder.leave.weight"} & video
    assert all(name.startswith("layers.") for name in text)


def test_without_matrices_and_without_gradients():
    module = nn.ModuleDict({"layers": nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))})
    module["layers"][0].requires_grad_(False)
    assert by_optimiser(module, matrices=False) == [{"layers.1.weight", "layers.1.bias"}]
    assert by_optimiser(module) == [{"layers.1.bias"}, {"layers.1.weight"}]


@given(warmup=st.integers(0, 50), decay=st.integers(0, 80), num_steps=st.integers(1, 300), step=st.integers(0, 299))
def test_the_rate_warms_up_stays_and_decays_to_zero(warmup, decay, num_steps, step):
    config = OptimiserConfig(warmup_steps=warmup, decay_steps=decay)
    factor = rate_factor(config, step, num_steps)
    warm = min(1, (step + 1) / max(warmup, 1))
    left = min(1, max(0, num_steps - step) / decay) if decay else 1
    assert factor == pytest.approx(warm * left)
    assert 0 <= factor <= 1
    assert rate_factor(config, max(0, warmup - 1), 10_000) == 1
    assert decay == 0 or rate_factor(config, num_steps, num_steps) == 0


def test_the_rate_of_each_optimiser_is_its_own():
    module = nn.ModuleDict({"layers": nn.Linear(3, 3)})
    optimiser = Optimiser(OptimiserConfig(rate=0.1, matrix_rate=0.5), module.named_parameters())
    module["layers"](torch.ones(1, 3)).sum().backward()
    optimiser.step(0.25)
    assert [part.param_groups[0]["lr"] for part in optimiser.parts] == [0.025, 0.125]


def walk(module, optimiser, steps):
    for step in steps:
        draw = torch.Generator().manual_seed(step)
        for parameter in module.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=draw)
        optimiser.step(0.5)
    return module.state_dict()


def test_a_saved_state_goes_on_exactly():
    modules = [Student(SMALL) for _ in range(2)]
    modules[1].load_state_dict(modules[0].state_dict())
    optimisers = [Optimiser(OptimiserConfig(), module.named_parameters()) for module in modules]
    whole = walk(modules[0], optimisers[0], range(4))
    walk(modules[1], optimisers[1], range(2))
    again = Optimiser(OptimiserConfig(), modules[1].named_parameters())
    again.load(optimisers[1].state())
    parts = walk(modules[1], again, range(2, 4))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    states = optimisers[0].state(), again.state()
    assert states[0].keys() == states[1].keys() and len(states[0]) > len(whole)
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_gradients_are_clipped_reported_and_cleared():
    module = nn.ModuleDict({"layers": nn.Linear(2, 2)})
    optimiser = Optimiser(OptimiserConfig(matrices=False, clip=1.0), module.named_parameters())
    for parameter in module.parameters():
        parameter.grad = torch.full_like(parameter, 10.0)
    assert optimiser.step(1.0) == pytest.approx(10 * 6**0.5)
    assert all(parameter.grad is None for parameter in module.parameters())
    first_moments = [value for name, value in optimiser.state().items() if name.endswith("exp_avg")]
    norm = torch.cat([moment.flatten() for moment in first_moments]).norm() / (1 - 0.9)
    assert float(norm) == pytest.approx(1.0, rel=1e-4)
