"""Sound to latents and back: lengths, determinism, the mel bands."""

import pytest
import torch

from kinora.models.sound_autoencoder import SAMPLE_RATE_HZ, SoundAutoencoder, SoundAutoencoderConfig, mel_bands

DRAW = torch.Generator().manual_seed(9)


@pytest.mark.parametrize("num_latents", [1, 2, 16, 37])
def test_a_thousand_samples_are_one_latent_and_back(sound, num_latents):
    wave = 0.1 * torch.randn(2, 1000 * num_latents, generator=DRAW)
    latent = sound.encode(wave)
    assert latent.shape == (2, 4, num_latents)
    assert sound.decode(latent).shape == wave.shape


def test_it_draws_nothing_at_random(sound):
    wave = 0.1 * torch.randn(1, 8000, generator=DRAW)
    assert torch.equal(sound.encode(wave), sound.encode(wave))
    assert torch.equal(sound.decode(sound.encode(wave)), sound.decode(sound.encode(wave)))


def test_waves_of_a_batch_do_not_mix(sound):
    wave = 0.1 * torch.randn(3, 4000, generator=DRAW)
    torch.testing.assert_close(sound.encode(wave)[1:2], sound.encode(wave[1:2]))
    latent = torch.randn(3, 4, 5, generator=DRAW)
    torch.testing.assert_close(sound.decode(latent)[1:2], sound.decode(latent[1:2]))


@pytest.mark.parametrize("wave", [torch.zeros(1, 2000), torch.ones(1, 2000), 1e3 * torch.ones(1, 2000)])
def test_silence_and_noise_stay_finite(sound, wave):
    made = sound.decode(sound.encode(wave))
    assert bool(made.isfinite().all())


def test_measured_latents_are_the_same_sound(sound):
    """Mean and scale are taken off by the encoder and put back by the decoder."""
    wave = 0.1 * torch.randn(1, 4000, generator=DRAW)
    raw = sound.encode(wave)
    made = sound.decode(raw)
    sound.latent_mean.copy_(torch.randn(4, generator=DRAW))
    sound.latent_scale.copy_(torch.rand(4, generator=DRAW) + 0.5)
    measured = sound.encode(wave)
    torch.testing.assert_close(measured * sound.latent_scale[:, None] + sound.latent_mean[:, None], raw)
    torch.testing.assert_close(sound.decode(measured), made, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("num_mels", [16, 40, 64, 80])
def test_mel_bands_each_sum_to_one_and_rise(num_mels):
    bands = mel_bands(num_mels)
    assert bands.shape == (num_mels, 251) and bool((bands >= 0).all())
    torch.testing.assert_close(bands.sum(dim=1), torch.ones(num_mels))
    centres = bands @ torch.linspace(0, SAMPLE_RATE_HZ / 2, 251)
    assert bool((centres.diff() > 0).all())


def test_a_tone_lights_the_band_it_lies_in(sound):
    """Above 1 kHz, where bands are wider than a bin."""
    seconds = torch.arange(4000) / SAMPLE_RATE_HZ
    bands = mel_bands(64)
    centres = bands @ torch.linspace(0, SAMPLE_RATE_HZ / 2, 251)
    for band in (35, 45, 55):
        spectrum = sound._spectrum(torch.sin(2 * torch.pi * centres[band] * seconds)[None])[0].mean(dim=1)
        assert (bands @ spectrum).argmax().item() == band


def test_the_shipped_size():
    assert sum(p.numel() for p in SoundAutoencoder(SoundAutoencoderConfig()).parameters()) < 2_500_000


@pytest.mark.parametrize(("num_latents", "piece"), [(3, 5), (5, 5), (41, 5), (60, 17), (64, 16)])
def test_decoded_in_pieces_it_is_the_same_sound(sound, num_latents, piece):
    latent = torch.randn(2, 4, num_latents, generator=DRAW)
    torch.testing.assert_close(sound.decode_in_pieces(latent, piece), sound.decode(latent), rtol=0, atol=1e-5)


def test_the_decoder_hears_no_further_than_its_reach(sound):
    """And as far, or nearly: a latent changes what is `reach - 1` latents away, and nothing beyond."""
    latent = torch.randn(1, 4, 41, generator=DRAW)
    changed = latent.clone()
    changed[..., 20] += 1
    moved = (sound.decode(changed) - sound.decode(latent))[0].abs().view(41, 1000).amax(dim=1) > 0
    touched = moved.nonzero().flatten().tolist()
    assert 20 - sound.reach <= touched[0] and touched[-1] <= 20 + sound.reach
