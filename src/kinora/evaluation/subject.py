"""What is measured: the parts of a weights file, or those that are frozen so far; and the passes through them.

B batch, T frames, H W pixels, L samples.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from kinora.models.pixels import pixels_of, rgb_of
from kinora.models.sound_autoencoder import SoundAutoencoder
from kinora.models.text import TextEncoder
from kinora.models.video_autoencoder import VideoAutoencoder
from kinora.models.weights import Model, load_model
from kinora.training.checkpoint import digest
from kinora.training.frozen import PARTS, Frozen, part_path

# No recipe trains on this seed, so none of its scenes was seen.
SEED = 990_001


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Parts under test, None where missing, and the SHA-256 of what their files hold."""

    text: TextEncoder | None
    video: VideoAutoencoder | None
    sound: SoundAutoencoder | None
    hashes: dict[str, str]
    model: Model | None = None
    weights: Path | None = None


def from_weights(path: Path) -> Subject:
    """Read a weights file. Raises ValueError when it is missing, torn or altered."""
    model = load_model(path)
    hashes = {path.name: model.sha256}
    return Subject(text=model.text, video=model.video, sound=model.sound, hashes=hashes, model=model, weights=path)


def from_frozen(folder: Path) -> Subject:
    """Read the parts of a folder that are frozen so far. Raises ValueError when there are none."""
    if not any(part_path(folder, part).exists() for part in PARTS):
        raise ValueError(f"{folder} holds no frozen part: freeze one with `kinora train video --freeze`")
    frozen = Frozen.load(folder)
    parts = {"text": frozen.text, "video": frozen.video, "sound": frozen.sound}
    hashes = {name: digest(part.state_dict()) for name, part in parts.items() if part is not None}
    return Subject(text=frozen.text, video=frozen.video, sound=frozen.sound, hashes=hashes)


@torch.no_grad()
def through_video(video: VideoAutoencoder, frames_THW3: np.ndarray) -> np.ndarray:
    """Return uint8 frames (8 N, H, W, 3) as a viewer would see them after the autoencoder.

    Precisions are those of use: bfloat16 products and latents, 8-bit pixels out.
    """
    rgb_BCTHW = rgb_of(torch.from_numpy(frames_THW3).permute(3, 0, 1, 2)[None])
    with torch.autocast("cpu", torch.bfloat16):
        made_BCTHW = video.decode(video.encode(rgb_BCTHW).bfloat16().float())
    return pixels_of(made_BCTHW[0].float()).permute(1, 2, 3, 0).numpy()


@torch.no_grad()
def through_sound(sound: SoundAutoencoder, wave_L: np.ndarray) -> np.ndarray:
    """Return a wave (1000 n,) as it is heard after the autoencoder, its latents in bfloat16 on the way."""
    latent_BZL = sound.encode(torch.from_numpy(wave_L.astype(np.float32))[None])
    return sound.decode(latent_BZL.bfloat16().float())[0].clamp(-1, 1).numpy()
