"""Stage 1: the video autoencoder, from principal components up.

B batch, T frames, H W pixels, Z latent channels, N blocks.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinora.models.pixels import pixels_of, rgb_of
from kinora.models.video_autoencoder import BLOCK_FRAMES, PATCH, VideoAutoencoder, VideoAutoencoderConfig, fold_blocks
from kinora.training.pool import Pool

CROP = 64
CELL = 8
STILL_SHARE = 0.25
# Subjects fill a fourteenth of the frames, and are what a linear map cannot hold: most crops are about one.
SUBJECT_SHARE = 0.7
LATENT_NOISE = 0.05
# A decoder meets latents that a transformer made, which are less exact.
DECODER_NOISE = 0.3
SAMPLED_CLIPS = 16
FOREGROUND_WEIGHT = 4.0
# Latents keep the square root of their components' spread: what shows most is loudest, and nothing is drowned.
SPREAD_POWER = 0.5
EDGE_SHARE = 0.5


class VideoStage:
    """Trains `VideoAutoencoder` on random crops of two blocks."""

    def __init__(self, pool: Pool, *, seed: int, batch: int, frozen: VideoAutoencoder | None = None) -> None:
        """`frozen` is an autoencoder whose encoder stays as it is, bit for bit, while its decoder goes on learning."""
        torch.manual_seed(seed)
        self.pool, self.batch = pool, batch
        self.model = VideoAutoencoder(VideoAutoencoderConfig()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.noise = LATENT_NOISE if frozen is None else DECODER_NOISE
        if frozen is None:
            self.model.start_from_components(*principal_components(self._sample(), self.model.config.latent_channels))
        else:
            self.model.load_state_dict(frozen.state_dict())
            self.model.encoder.requires_grad_(False)

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the foreground-weighted squared error of pixels and of their differences."""
        video_BCTHW, weight_BTHW = self.crops(step, generator)
        latent = self.model.encode(video_BCTHW)
        noise = torch.rand(len(latent), 1, 1, 1, 1, generator=generator).to(latent.device) * self.noise
        made = self.model.decode(latent + noise * torch.randn(latent.shape, generator=generator).to(latent.device))
        error = made.float() - video_BCTHW
        weight = weight_BTHW.unsqueeze(1) / weight_BTHW.mean()
        plain = (weight * error.square()).mean()
        loss = plain + EDGE_SHARE * edge_error(error, weight) + 1e-3 * (latent.float().square().mean() - 1).relu()
        return 100 * loss, {"psnr": psnr(float(error.detach().square().mean()))}

    def crops(self, step: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return RGB crops (B, 3, 16, 64, 64) and their weights (B, 16, 64, 64); some are stills, some mirrored."""
        items = self.pool.draw(step, self.batch, generator)
        dice = torch.rand(self.batch, 5, generator=generator).tolist()
        video, weight = [], []
        for item, (about, y_share, x_share, still, turned) in zip(items, dice, strict=True):
            frames, front = (self.pool.shards[item.shard][name][item.row] for name in ("frames", "foreground"))
            y, x = corner(front, about < SUBJECT_SHARE, y_share, x_share)
            clip = frames[:, y : y + CROP, x : x + CROP]
            mask = front[:, y // CELL : (y + CROP) // CELL, x // CELL : (x + CROP) // CELL].float()
            if still < STILL_SHARE:
                clip, mask = clip[4:5].expand_as(clip), mask[:1].expand_as(mask)
            if turned < 0.5:
                clip, mask = clip.flip(2), mask.flip(2)
            video.append(clip)
            weight.append(mask)
        weights = 1 + FOREGROUND_WEIGHT * torch.stack(weight)
        weights = weights.repeat_interleave(CELL, 2).repeat_interleave(CELL, 3).repeat_interleave(BLOCK_FRAMES, 1)
        device = next(self.model.parameters()).device
        return to_rgb(torch.stack(video)).to(device), weights.to(device)

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Return PSNR on whole frames and inside subjects of clips never trained on, and draw them beside the truth."""
        last = self.pool.unseen()
        video, front = to_rgb(last["frames"][:32]), last["foreground"][:32].bool()
        made = torch.cat([self.model.decode(self.model.encode(part)) for part in video.split(8)]).float().clamp(-1, 1)
        squared = (made - video).square().mean(dim=1)
        inside = front.repeat_interleave(CELL, 2).repeat_interleave(CELL, 3).repeat_interleave(BLOCK_FRAMES, 1)
        draw_pairs(folder / f"probe-{step:06d}.png", video[:6, :, 4], made[:6, :, 4])
        return {"whole": psnr(float(squared.mean())), "inside": psnr(float(squared[inside].mean()))}

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint says of this stage."""
        return {
            "latent_channels": self.model.config.latent_channels,
            "distinct": len(self.pool.shards) * self.pool.config.per_shard,
        }

    def _sample(self) -> Tensor:
        """Return the patches (N, 6144) of a few clips of every first shard."""
        frames = torch.cat([shard["frames"][:SAMPLED_CLIPS] for shard in self.pool.ready(0)])
        blocks = fold_blocks(to_rgb(frames))
        return functional.pixel_unshuffle(blocks, PATCH).flatten(2).transpose(1, 2).flatten(0, 1)


def corner(front_THW: Tensor, about_subject: bool, y_share: float, x_share: float) -> tuple[int, int]:
    """Return the upper left pixel of a crop: around a random foreground cell, or anywhere; on whole cells."""
    height, width = (size * CELL for size in front_THW.shape[1:])
    cells = front_THW[0].nonzero()
    if about_subject and len(cells):
        y, x = (
            cells[int(y_share * len(cells))] * CELL + CELL // 2 - CROP // 2 + int(CROP * (x_share - 0.5) / 2)
        ).tolist()
    else:
        y, x = int(y_share * (height - CROP)), int(x_share * (width - CROP))
    y, x = min(max(y, 0), height - CROP), min(max(x, 0), width - CROP)
    return y // CELL * CELL, x // CELL * CELL


def principal_components(patches_NP: Tensor, channels: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return mean (P,), components (Z, P) and scales (Z,) such that latents have unit variance on average."""
    mean = patches_NP.mean(dim=0)
    _, spread, components = torch.svd_lowrank(patches_NP - mean, q=channels, niter=4)
    deviation = spread / len(patches_NP) ** 0.5
    scales = deviation ** (1 - SPREAD_POWER)
    return mean, components.T.contiguous(), scales * ((deviation / scales).square().mean().sqrt())


def edge_error(error_BCTHW: Tensor, weight: Tensor) -> Tensor:
    """Return the squared error of horizontal, vertical and temporal differences: blur costs more than shade."""
    dx, dy, dt = (error_BCTHW.diff(dim=axis) for axis in (4, 3, 2))
    return (
        (weight[..., 1:] * dx.square()).mean()
        + (weight[..., 1:, :] * dy.square()).mean()
        + 0.5 * (weight[:, :, 1:] * dt.square()).mean()
    )


def to_rgb(frames_NTHW3: Tensor) -> Tensor:
    """Map uint8 frames (N, T, H, W, 3) to RGB in [-1, 1] (N, 3, T, H, W)."""
    return rgb_of(frames_NTHW3.permute(0, 4, 1, 2, 3))


def psnr(mean_squared: float) -> float:
    """Return decibels for an error of RGB in [-1, 1]."""
    return float(10 * np.log10(4 / max(mean_squared, 1e-12)))


def draw_pairs(path: Path, truth_N3HW: Tensor, made_N3HW: Tensor) -> None:
    """Draw truth above what was made, side by side."""
    rows = [torch.cat(list(images), dim=2) for images in (truth_N3HW, made_N3HW)]
    picture = pixels_of(torch.cat(rows, dim=1).permute(1, 2, 0)).cpu().numpy()
    cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1]))
