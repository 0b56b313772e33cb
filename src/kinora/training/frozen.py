"""The frozen parts a later stage stands on: text encoder and autoencoders, loaded from one folder of exported trunks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.training.checkpoint import digest, load_tensors

PARTS = ("text", "video", "sound")


def trunk_path(folder: Path, part: str) -> Path:
    """Return where a frozen part's exported trunk lies."""
    return folder / f"{part}.safetensors"


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """Encoders that no longer learn, with their hashes. A missing part is None until a stage needs it."""

    text: TextEncoder | None
    video: VideoAutoencoder | None
    sound: SoundAutoencoder | None
    hashes: dict[str, str]

    @staticmethod
    def load(folder: Path, device: str = "cpu") -> "Frozen":
        """Load whatever parts the folder holds."""
        parts: dict[str, nn.Module | None] = dict.fromkeys(PARTS)
        hashes = {}
        for part in PARTS:
            if trunk_path(folder, part).exists():
                tensors, facts = load_tensors(trunk_path(folder, part))
                parts[part] = _build(part, facts)
                weights = {name.removeprefix("model|"): value.float() for name, value in tensors.items()}
                parts[part].load_state_dict(weights)  # type: ignore[union-attr]
                parts[part].eval().requires_grad_(False).to(device)  # type: ignore[union-attr]
                hashes[part] = digest(tensors)
        return Frozen(**parts, hashes=hashes)  # type: ignore[arg-type]

    @torch.no_grad()
    def encode_video(self, frames_NTHW3: np.ndarray) -> Tensor:
        """Map uint8 frames (N, 8 n, H, W, 3) to bfloat16 tokens (N, n h w, Z)."""
        assert self.video is not None, "freeze the video autoencoder first"
        video = torch.from_numpy(np.ascontiguousarray(frames_NTHW3)).permute(0, 4, 1, 2, 3).float() / 127.5 - 1
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
