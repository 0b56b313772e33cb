"""Stage 2: the sound autoencoder, on two-second windows of mixed sound.

B batch, S samples, Z latent channels, L latents.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.training.pool import Pool

WINDOW_SAMPLES = 24_000
LATENT_NOISE = 0.1
SCALES = (256, 512, 1024, 2048)


class SoundStage:
    """Trains `SoundAutoencoder` with a spectral loss at several resolutions and on the envelope."""

    def __init__(self, pool: Pool, *, seed: int, batch: int) -> None:
        torch.manual_seed(seed)
        self.pool, self.batch = pool, batch
        self.model = SoundAutoencoder(SoundAutoencoderConfig())

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return spectral distance, envelope distance and a mild pull of latents to unit variance."""
        wave = self._windows(self.pool.gather(self.pool.draw(step, self.batch, generator), "wave"), generator)
        latent = self.model.encode(wave)
        noise = LATENT_NOISE * torch.randn(latent.shape, generator=generator).to(latent.device)
        made = self.model.decode(latent + noise).float()
        spectral, envelope = spectral_distance(made, wave), envelope_distance(made, wave)
        spread = (latent.float().square().mean(dim=(0, 2)) - 1).square().mean() + latent.float().mean(
            dim=(0, 2)
        ).square().mean()
        return spectral + envelope + 0.02 * spread, {
            "spectral": float(spectral.detach()),
            "envelope": float(envelope.detach()),
        }

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Return the distances on waves never trained on."""
        wave = self.pool.unseen()["wave"][:64].float() / 32767
        made = self.model.decode(self.model.encode(wave)).float()
        return {
            "probe_spectral": float(spectral_distance(made, wave)),
            "probe_envelope": float(envelope_distance(made, wave)),
        }

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint says of this stage."""
        return {"distinct": len(self.pool.shards) * self.pool.config.per_shard}

    def _windows(self, wave16_BS: Tensor, generator: torch.Generator) -> Tensor:
        starts = torch.randint(wave16_BS.shape[1] - WINDOW_SAMPLES + 1, (self.batch,), generator=generator).tolist()
        gains = 0.5 + 0.5 * torch.rand(self.batch, 1, generator=generator)
        windows = torch.stack([row[s : s + WINDOW_SAMPLES] for row, s in zip(wave16_BS, starts, strict=True)])
        device = next(self.model.parameters()).device
        return (windows.float() / 32767 * gains).to(device)


def spectral_distance(made_BS: Tensor, wave_BS: Tensor) -> Tensor:
    """Return the mean distance of log and linear magnitudes over window lengths (arXiv 1910.11480)."""
    total = made_BS.new_zeros(())
    for length in SCALES:
        window = torch.hann_window(length, device=made_BS.device)
        made, wave = (
            torch.stft(x, length, length // 4, window=window, return_complex=True).abs() for x in (made_BS, wave_BS)
        )
        total = total + functional.l1_loss((made + 1e-2).log(), (wave + 1e-2).log())
        total = total + (made - wave).square().sum().sqrt() / wave.square().sum().sqrt().clamp(min=1e-3)
    return total / len(SCALES)


def envelope_distance(made_BS: Tensor, wave_BS: Tensor) -> Tensor:
    """Return the distance of log energies of 2.7 ms slices: onsets must stay where they are."""
    made, wave = (
        (x.unflatten(1, (-1, 64)).square().mean(dim=2) + 1e-5).log() for x in (made_BS[:, :23_936], wave_BS[:, :23_936])
    )
    return 0.2 * functional.l1_loss(made, wave)


@torch.no_grad()
def measure_latents(model: SoundAutoencoder, wave_BS: Tensor) -> None:
    """Set the latents' mean and scale, once, before the encoder is frozen."""
    latent = model.encode(wave_BS)
    model.latent_mean.copy_(model.latent_mean + latent.mean(dim=(0, 2)) * model.latent_scale)
    model.latent_scale.mul_(latent.std(dim=(0, 2)).clamp(min=1e-2))
