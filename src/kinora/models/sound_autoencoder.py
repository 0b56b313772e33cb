"""Sound to latents and back: 24 latents a second of 24 kHz mono.

Vocos (arXiv 2306.00814): the decoder stays at the frame rate of a short-time Fourier transform, predicts magnitude
and phase of every bin, and an inverse transform does all upsampling. Frames are 500 samples long, 125 apart, so
onsets stay sharp.

B batch, S samples, F frames (192 a second), M mel bands, Z latent channels, L latents (24 a second).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from kinora.models.layers import silence

SAMPLE_RATE_HZ = 24_000

LEARNED_LUFS = -26.0
"""How loud the clips are that the model learned from, on average (docs/LOG.md); files leave at -16 LUFS."""
LATENTS_PER_SECOND = 24
HOP = 125
WINDOW = 500
FRAMES_PER_LATENT = SAMPLE_RATE_HZ // LATENTS_PER_SECOND // HOP

PIECE_LATENTS = 10 * LATENTS_PER_SECOND
"""How much sound is decoded at once where memory must not grow with its length."""


@dataclass(frozen=True, kw_only=True)
class SoundAutoencoderConfig:
    """Sizes of the sound autoencoder."""

    latent_channels: int = 32
    width: int = 192
    encoder_depth: int = 2
    decoder_depth: int = 4
    num_mels: int = 64


class ConvNeXt(nn.Module):
    """Depthwise convolution over time and a pointwise expansion around a skip (arXiv 2201.03545)."""

    def __init__(self, width: int, expansion: int = 2) -> None:
        super().__init__()
        self.mix = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, expansion * width)
        self.narrow = nn.Linear(expansion * width, width)
        silence(self.narrow)

    def forward(self, x_BCF: Tensor) -> Tensor:
        """Map (B, C, F) to the same shape."""
        h = self.norm(self.mix(x_BCF).transpose(1, 2))
        return x_BCF + self.narrow(functional.gelu(self.widen(h))).transpose(1, 2)


class SoundAutoencoder(nn.Module):
    """Encoder from log mel bands, decoder to a spectrum."""

    window: Tensor
    mel: Tensor
    latent_mean: Tensor
    latent_scale: Tensor

    def __init__(self, config: SoundAutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        width, channels = config.width, config.latent_channels
        self.register_buffer("window", torch.hann_window(WINDOW), persistent=False)
        self.register_buffer("mel", mel_bands(config.num_mels), persistent=False)
        self.enter = nn.Conv1d(config.num_mels, width, 7, padding=3)
        self.encoder = nn.Sequential(*[ConvNeXt(width) for _ in range(config.encoder_depth)])
        self.down = nn.Conv1d(width, width, FRAMES_PER_LATENT, stride=FRAMES_PER_LATENT)
        self.to_latent = nn.Sequential(ConvNeXt(width), nn.Conv1d(width, channels, 1))
        self.from_latent = nn.Sequential(nn.Conv1d(channels, width, 7, padding=3), ConvNeXt(width))
        self.up = nn.ConvTranspose1d(width, width, FRAMES_PER_LATENT, stride=FRAMES_PER_LATENT)
        self.decoder = nn.Sequential(*[ConvNeXt(width, 3) for _ in range(config.decoder_depth)])
        self.leave = nn.Conv1d(width, 2 * (WINDOW // 2 + 1), 1)
        # Latents leave with zero mean and unit variance, measured once when the encoder is frozen.
        self.register_buffer("latent_mean", torch.zeros(channels))
        self.register_buffer("latent_scale", torch.ones(channels))

    def encode(self, wave_BS: Tensor) -> Tensor:
        """Map a wave (B, 1000 L) to latents (B, Z, L)."""
        spectrum = self._spectrum(wave_BS)
        mel_BMF = torch.log(torch.einsum("mf,bft->bmt", self.mel, spectrum) + 1e-3)
        latent = self.to_latent(self.down(self.encoder(self.enter(mel_BMF))))
        return (latent - self.latent_mean[:, None]) / self.latent_scale[:, None]

    def decode(self, latent_BZL: Tensor) -> Tensor:
        """Map latents (B, Z, L) to a wave (B, 1000 L)."""
        latent = latent_BZL * self.latent_scale[:, None] + self.latent_mean[:, None]
        log_magnitude, phase = self.leave(self.decoder(self.up(self.from_latent(latent)))).float().chunk(2, dim=1)
        magnitude = log_magnitude.clamp(max=5.0).exp()
        spectrum = torch.complex(magnitude * phase.cos(), magnitude * phase.sin())
        # One more frame than hops: the last is repeated, and its half beyond the end is cut off.
        spectrum = torch.cat([spectrum, spectrum[..., -1:]], dim=-1)
        return torch.istft(spectrum, WINDOW, HOP, window=self.window, center=True, length=latent_BZL.shape[-1] * 1000)

    @property
    def reach(self) -> int:
        """How many latents to either side the decoder hears: two mixing layers of seven latents, and
        its own layers and half a window in frames."""
        in_frames = 3 * self.config.decoder_depth + WINDOW // HOP // 2
        return 2 * 3 + -(-in_frames // FRAMES_PER_LATENT)

    def decode_in_pieces(self, latent_BZL: Tensor, piece: int = PIECE_LATENTS) -> Tensor:
        """As `decode`, up to rounding, in memory that does not grow with the length."""
        num_latents, waves = latent_BZL.shape[-1], list[Tensor]()
        for start in range(0, num_latents, piece):
            begin, end = max(0, start - self.reach), start + piece + self.reach
            wave_BS = self.decode(latent_BZL[..., begin:end])
            waves.append(wave_BS[:, (start - begin) * 1000 :][:, : piece * 1000])
        return torch.cat(waves, dim=1)

    def _spectrum(self, wave_BS: Tensor) -> Tensor:
        spectrum = torch.stft(wave_BS.float(), WINDOW, HOP, window=self.window, center=True, return_complex=True)
        return spectrum.abs()[..., :-1]


def mel_bands(num_mels: int, window: int = WINDOW) -> Tensor:
    """Return triangular mel filters (M, window / 2 + 1) from 40 Hz to 12 kHz, each summing to one."""
    hertz = torch.linspace(0, SAMPLE_RATE_HZ / 2, window // 2 + 1)
    low, high = (2595 * torch.log10(torch.tensor(1 + f / 700)) for f in (40.0, SAMPLE_RATE_HZ / 2))
    edges = 700 * (10 ** (torch.linspace(low.item(), high.item(), num_mels + 2) / 2595) - 1)
    # A band narrower than a bin is widened to one, so that no filter is empty.
    width = torch.clamp(edges[2:] - edges[1:-1], min=SAMPLE_RATE_HZ / window)
    rise = torch.clamp(edges[1:-1] - edges[:-2], min=SAMPLE_RATE_HZ / window)
    distance = hertz[None, :] - edges[1:-1, None]
    bands = torch.where(distance < 0, 1 + distance / rise[:, None], 1 - distance / width[:, None]).clamp(min=0)
    return bands / bands.sum(dim=1, keepdim=True)
