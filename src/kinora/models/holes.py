"""Blocks of which only some frames are known: what a hint of them says.

A frame that is not known shows the nearest that is, so that the encoder sees an ordinary block, and eight mask channels
say which ones are real. A block of which nothing is known has no hint; one whose every frame is known is better given.

T frames, H W pixels, N blocks, h w latent grid, Z latent channels, L tokens.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kinora.models.pixels import rgb_of
from kinora.models.video_autoencoder import BLOCK_FRAMES, VideoAutoencoder


def held(frames_THW3: NDArray[np.uint8], known_T: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the frames with every unknown one replaced by the nearest known one, of two the earlier. Raises ValueError
    where none is known."""
    known = np.flatnonzero(known_T)
    if not len(known):
        raise ValueError("no frame is known, so there is nothing to hint at")
    distance = np.abs(np.arange(len(frames_THW3))[:, None] - known[None])
    return frames_THW3[known[distance.argmin(axis=1)]]


@torch.no_grad()
def hint_of(autoencoder: VideoAutoencoder, frames_THW3: NDArray[np.uint8], known_T: NDArray[np.bool_]) -> Tensor:
    """Return the hint (L, Z + 8) of whole blocks, zero where a block has no known frame. Frames that are not known are
    never looked at."""
    blocks = zip(
        np.split(frames_THW3, len(frames_THW3) // BLOCK_FRAMES), known_T.reshape(-1, BLOCK_FRAMES), strict=True
    )
    return torch.cat([_block_hint(autoencoder, frames, known) for frames, known in blocks])


def _block_hint(autoencoder: VideoAutoencoder, frames_THW3: NDArray[np.uint8], known_T: NDArray[np.bool_]) -> Tensor:
    shown = held(frames_THW3, known_T) if known_T.any() else np.zeros_like(frames_THW3)
    video = rgb_of(torch.from_numpy(np.ascontiguousarray(shown)).permute(3, 0, 1, 2)[None])
    latent_LZ = autoencoder.encode(video).flatten(2)[0].T
    masks = torch.from_numpy(known_T.astype(np.float32)).expand(len(latent_LZ), BLOCK_FRAMES)
    return torch.cat([latent_LZ * float(known_T.any()), masks], dim=1)
