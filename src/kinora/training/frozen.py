"""The frozen parts a later stage stands on: text encoder and autoencoders, exactly as they ship, rounded to int8 rows.

They come from a folder of frozen parts, or, on a machine that has none, from the shipped weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kinora.models.pixels import rgb_of
from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.models.weights import SHIPPED, load_model, pack, unpack
from kinora.training.checkpoint import digest, load_tensors, save_tensors

PARTS = ("text", "video", "sound")


def part_path(folder: Path, part: str) -> Path:
    """Return where a frozen part lies."""
    return folder / f"{part}.safetensors"


def freeze_part(folder: Path, part: str, weights: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Path:
    """Write a part's weights as they will ship; returns the path."""
    packed: dict[str, Tensor] = {}
    for name, value in weights.items():
        packed |= pack(name, value)
    save_tensors(part_path(folder, part), packed, facts)
    return part_path(folder, part)


def load_part(folder: Path, part: str) -> nn.Module:
    """Read a frozen part."""
    tensors, facts = load_tensors(part_path(folder, part))
    module = _build(part, facts)
    module.load_state_dict(unpack(tensors))
    return module


def encoder_digest(module: nn.Module) -> str:
    """Return the hash of what later stages stand on: a decoder may go on learning."""
    return digest({name: value for name, value in module.state_dict().items() if not name.startswith("decoder")})


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """Encoders that no longer learn, with their hashes. A missing part is None until a stage needs it."""

    text: TextEncoder | None
    video: VideoAutoencoder | None
    sound: SoundAutoencoder | None
    hashes: dict[str, str]

    @staticmethod
    def load(folder: Path, device: str = "cpu") -> "Frozen":
        """Load whatever parts the folder holds; without any, those of the shipped weights."""
        found = {part: load_part(folder, part) for part in PARTS if part_path(folder, part).exists()}
        if not found and SHIPPED.exists():
            model = load_model()
            found = {part: getattr(model, part) for part in PARTS}
        for module in found.values():
            module.eval().requires_grad_(False).to(device)
        hashes = {part: encoder_digest(module) for part, module in found.items()}
        return Frozen(**{part: found.get(part) for part in PARTS}, hashes=hashes)  # type: ignore[arg-type]

    @torch.no_grad()
    def encode_video(self, frames_NTHW3: np.ndarray) -> Tensor:
        """Map uint8 frames (N, 8 n, H, W, 3) to bfloat16 tokens (N, n h w, Z)."""
        assert self.video is not None, "freeze the video autoencoder first"
        video = rgb_of(torch.from_numpy(np.ascontiguousarray(frames_NTHW3)).permute(0, 4, 1, 2, 3))
        with torch.autocast("cpu", torch.bfloat16):
            latent_NZnhw = self.video.encode(video)
        return latent_NZnhw.flatten(2).transpose(1, 2).bfloat16().contiguous()

    @torch.no_grad()
    def encode_sound(self, wave16: Tensor) -> Tensor:
        """Map an int16 wave (S,) to bfloat16 tokens (1, L, Z)."""
        assert self.sound is not None, "freeze the sound autoencoder first"
        latent_1ZL = self.sound.encode(wave16.float()[None] / 32767)
        return latent_1ZL.transpose(1, 2).bfloat16().contiguous()


def _build(part: str, facts: dict[str, Any]) -> nn.Module:
    if part == "text":
        return TextEncoder(TextConfig(slots=facts["slots"]))
    if part == "video":
        return VideoAutoencoder(VideoAutoencoderConfig())
    return SoundAutoencoder(SoundAutoencoderConfig())
