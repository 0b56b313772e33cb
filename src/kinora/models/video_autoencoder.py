"""Video to latents and back: 8 frames of 16x16 pixels become one token.

The encoder sees one 8-frame block at a time; the decoder also sees the block before it, so that it can stream and
blocks join without a seam. Both are a linear map (principal components) plus convolutions that learn what is left.

B batch, C channels, T frames, H W pixels, Z latent channels, h w latent grid, N blocks.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from kinora.models.layers import Conv2d, ResidualConv, silence

BLOCK_FRAMES = 8
PATCH = 16


@dataclass(frozen=True, kw_only=True)
class VideoAutoencoderConfig:
    """Widths at a quarter, an eighth and a sixteenth of the picture."""

    latent_channels: int = 64
    encoder_widths: tuple[int, int, int] = (80, 112, 144)
    decoder_widths: tuple[int, int, int] = (104, 160, 256)


class VideoEncoder(nn.Module):
    """One block of frames to one grid of latents."""

    def __init__(self, config: VideoAutoencoderConfig) -> None:
        super().__init__()
        quarter, eighth, sixteenth = config.encoder_widths
        self.linear = nn.Conv2d(3 * BLOCK_FRAMES, config.latent_channels, PATCH, stride=PATCH)
        self.enter = Conv2d(3 * BLOCK_FRAMES * 16, quarter, 3)
        self.at_quarter = ResidualConv(quarter)
        self.to_eighth = Conv2d(quarter * 4, eighth, 1)
        self.at_eighth = ResidualConv(eighth)
        self.to_sixteenth = Conv2d(eighth * 4, sixteenth, 1)
        self.at_sixteenth = ResidualConv(sixteenth)
        self.leave = Conv2d(sixteenth, config.latent_channels, 1)
        silence(self.leave)

    def forward(self, block_BCHW: Tensor) -> Tensor:
        """Map a block with time folded into channels (B, 24, H, W) to (B, Z, h, w)."""
        x = self.at_quarter(self.enter(functional.pixel_unshuffle(block_BCHW, 4)))
        x = self.at_eighth(self.to_eighth(functional.pixel_unshuffle(x, 2)))
        x = self.at_sixteenth(self.to_sixteenth(functional.pixel_unshuffle(x, 2)))
        return self.linear(block_BCHW) + self.leave(x)


class VideoDecoder(nn.Module):
    """One grid of latents, and the one before it, to one block of frames."""

    def __init__(self, config: VideoAutoencoderConfig) -> None:
        super().__init__()
        quarter, eighth, sixteenth = config.decoder_widths
        self.linear = nn.ConvTranspose2d(config.latent_channels, 3 * BLOCK_FRAMES, PATCH, stride=PATCH)
        self.enter = Conv2d(2 * config.latent_channels + 1, sixteenth, 3)
        self.at_sixteenth = ResidualConv(sixteenth)
        self.to_eighth = Conv2d(sixteenth, eighth * 4, 1)
        self.at_eighth = nn.Sequential(ResidualConv(eighth), ResidualConv(eighth))
        self.to_quarter = Conv2d(eighth, quarter * 4, 1)
        self.at_quarter = nn.Sequential(ResidualConv(quarter), ResidualConv(quarter))
        self.leave = Conv2d(quarter, 3 * BLOCK_FRAMES * 16, 3)
        silence(self.leave)

    def forward(self, latent_BZhw: Tensor, before_BZhw: Tensor | None) -> Tensor:
        """Map (B, Z, h, w) and the block before (None at a start) to frames folded into channels (B, 24, H, W)."""
        known = torch.full_like(latent_BZhw[:, :1], float(before_BZhw is not None))
        before = torch.zeros_like(latent_BZhw) if before_BZhw is None else before_BZhw
        return self.after(latent_BZhw, before, known)

    def after(self, latent_BZhw: Tensor, before_BZhw: Tensor, known_B1hw: Tensor) -> Tensor:
        """Decode with the block before given where `known` is 1."""
        x = self.at_sixteenth(self.enter(torch.cat([latent_BZhw, before_BZhw * known_B1hw, known_B1hw], dim=1)))
        x = self.at_eighth(functional.pixel_shuffle(self.to_eighth(x), 2))
        x = self.at_quarter(functional.pixel_shuffle(self.to_quarter(x), 2))
        return self.linear(latent_BZhw) + functional.pixel_shuffle(self.leave(x), 4)


class VideoAutoencoder(nn.Module):
    """Encoder and decoder over whole clips."""

    def __init__(self, config: VideoAutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = VideoEncoder(config)
        self.decoder = VideoDecoder(config)

    def encode(self, video_BCTHW: Tensor) -> Tensor:
        """Map RGB in [-1, 1] (B, 3, 8 N, H, W) to latents (B, Z, N, h, w), each block by itself."""
        batch = video_BCTHW.shape[0]
        latent = self.encoder(fold_blocks(video_BCTHW))
        return latent.unflatten(0, (batch, -1)).transpose(1, 2)

    def decode(self, latent_BZNhw: Tensor) -> Tensor:
        """Map latents (B, Z, N, h, w) to RGB (B, 3, 8 N, H, W), each block after the one before it."""
        batch = latent_BZNhw.shape[0]
        latent = latent_BZNhw.transpose(1, 2)
        before = torch.cat([torch.zeros_like(latent[:, :1]), latent[:, :-1]], dim=1)
        known = torch.ones_like(latent[:, :, :1])
        known[:, 0] = 0
        block = self.decoder.after(latent.flatten(0, 1), before.flatten(0, 1), known.flatten(0, 1))
        return unfold_blocks(block, batch)

    def start_from_components(self, mean: Tensor, components: Tensor, scales: Tensor) -> None:
        """Set the linear maps to principal components: mean (6144,), components (Z, 6144) orthonormal, scales
        (Z,).

        A latent is its component's coefficient divided by its scale. Pixels run in the order (frame-channel, row,
        column).
        """
        shape = (-1, 3 * BLOCK_FRAMES, PATCH, PATCH)
        with torch.no_grad():
            self.encoder.linear.weight.copy_((components / scales[:, None]).view(shape))
            self.encoder.linear.bias.copy_(-(components @ mean) / scales)  # type: ignore[union-attr]
            self.decoder.linear.weight.copy_((components * scales[:, None]).view(shape))
            # One bias a channel cannot hold a mean that varies inside a patch; what is left the convolutions learn.
            self.decoder.linear.bias.copy_(mean.view(shape)[0].mean(dim=(1, 2)))  # type: ignore[union-attr]


def fold_blocks(video_BCTHW: Tensor) -> Tensor:
    """Map (B, 3, 8 N, H, W) to blocks with time in channels (B N, 24, H, W)."""
    blocks = video_BCTHW.unflatten(2, (-1, BLOCK_FRAMES)).transpose(1, 2)
    return blocks.flatten(0, 1).flatten(1, 2)


def unfold_blocks(block_BCHW: Tensor, batch: int) -> Tensor:
    """Map (B N, 24, H, W) back to (B, 3, 8 N, H, W)."""
    video = block_BCHW.unflatten(1, (3, BLOCK_FRAMES)).unflatten(0, (batch, -1))
    return video.transpose(1, 2).flatten(2, 3)
