"""Latents become pictures block by block as they are read, so that memory does not grow with length; and sound.

Z latent channels, L tokens or samples, N blocks, h w latent grid, H W pixels.
"""

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from kinora.media.clip import Frames, Wave
from kinora.models.pixels import pixels_of
from kinora.models.video_autoencoder import PATCH, unfold_blocks
from kinora.models.weights import Model
from kinora.request import Shot


def frames(latents: Mapping[str, Tensor], shot: Shot, model: Model, wanted: Collection[int]) -> Iterator[Frames | None]:
    """Yield all blocks (8, H, W, 3) up to the last that is wanted; None for those that are not, or that are not
    "shown", since they are known."""
    before, wanted = None, frozenset(wanted)
    shown = latents.get("shown", torch.ones(shot.num_blocks, dtype=torch.bool)).tolist()
    for number in range(max(wanted, default=-1) + 1):
        near = shown[number] and wanted & {number, number + 1}
        latent = _latent(latents["video"], shot, model, number) if near else None
        yield None if latent is None or number not in wanted else _decoded(latent, before, model)
        before = latent


@torch.no_grad()
def wave(track: Mapping[str, Tensor], model: Model) -> Wave:
    """Return the latents of a "sound" (K, Z) as a wave (1, L) at the model's rate; louder and softer as their "gain"
    (K,) says, where they have one."""
    on_device = track["sound"].to(next(model.sound.parameters()).device)
    decoded = model.sound.decode_in_pieces(on_device.float().T[None])[0].cpu().numpy()
    if "gain" in track:
        places = (np.arange(len(decoded)) + 0.5) / len(decoded) * len(track["gain"]) - 0.5
        decoded = decoded * np.interp(places, np.arange(len(track["gain"])), track["gain"].numpy())
    return decoded[None].clip(-1, 1).astype(np.float32)


def _latent(video_LZ: Tensor, shot: Shot, model: Model, number: int) -> Tensor:
    """Return one block's latents (1, Z, h, w)."""
    grid, device = (shot.height // PATCH, shot.width // PATCH), next(model.video.parameters()).device
    tokens = video_LZ[number * grid[0] * grid[1] : (number + 1) * grid[0] * grid[1]]
    return tokens.to(device).T.unflatten(1, grid)[None].float().contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def _decoded(latent: Tensor, before: Tensor | None, model: Model) -> Frames:
    """Return a block's frames (8, H, W, 3), given the latents of the one before it."""
    with torch.autocast(latent.device.type, torch.bfloat16):
        block = model.video.decoder(latent, before)
    return pixels_of(unfold_blocks(block.float(), 1)[0].permute(1, 2, 3, 0)).cpu().numpy()
