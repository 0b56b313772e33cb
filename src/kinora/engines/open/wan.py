"""Wan over diffusers: from text, from a first and last frame, and VACE, which takes any frames and pictures of who
appears.

Axes: T drawn frames, H height, W width, C channels; Z latent channels, and t h w the latents' own grid.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from kinora.engines.abilities import Ability
from kinora.engines.catalog import GIVEN_FRAMES
from kinora.engines.open.family import Part, Pipeline
from kinora.media.clip import Frames, Wave

# The negative prompt of the family's own examples.
NEGATIVE = (
    "Bright tones, overexposed, static, blurred details, subtitles, style, works, paintings, images, static, overall "
    "gray, worst quality, low quality, JPEG compression residue, ugly, incomplete, extra fingers, poorly drawn hands, "
    "poorly drawn faces, deformed, disfigured, misshapen limbs, fused fingers, still picture, messy background, three "
    "legs, many people in the background, walking backwards"
)


@dataclass(frozen=True)
class Wan:
    """From text alone; what all of the family share."""

    pipe: Pipeline
    reach: int = 512
    rate_hz: int = 0

    @property
    def can(self) -> frozenset[Ability]:
        """Text alone."""
        return frozenset({"text"})

    @property
    def latent_frames(self) -> int:
        """Four in every Wan so far."""
        return int(self.pipe.vae_scale_factor_temporal)

    @property
    def goes_on(self) -> bool:
        """Not from words alone."""
        return False

    def overlap(self, window_frames: int) -> int:
        """None: nothing can be given."""
        return 0

    def picks(self, num_frames: int, drawn_frames: int, known: Collection[int]) -> list[int]:
        """The first ones."""
        return list(range(num_frames))

    def draw(self, part: Part) -> dict[str, Tensor]:
        """The latents of a window."""
        return {"video": self._drawn(self.pipe, part, {})}

    def pictures(self, video: Tensor) -> Frames:
        """The frames of a window's latents (T, H, W, 3)."""
        vae, config = self.pipe.vae, self.pipe.vae.config
        mean, std = (torch.tensor(of).view(1, -1, 1, 1, 1) for of in (config.latents_mean, config.latents_std))
        whole = (video.cpu().float() * std + mean).to(self.pipe._execution_device, vae.dtype)
        return eight_bit(vae.decode(whole, return_dict=False)[0])

    def heard(self, sound: Tensor) -> Wave:
        """Never asked for."""
        raise NotImplementedError("Wan is silent")

    def rest(self) -> None:
        """Leave the device as it was before a window was drawn."""
        self.pipe.maybe_free_model_hooks()

    def _drawn(self, pipe: Pipeline, part: Part, given: Mapping[str, Any]) -> Tensor:
        made = pipe(**part.shared, negative_prompt=NEGATIVE, max_sequence_length=self.reach, **given)
        latents: Tensor = made.frames
        return latents


@dataclass(frozen=True)
class WanImage(Wan):
    """From a first frame, and to a last one where the weights know it. Those that know timesteps of single tokens draw
    from text as well, by `text_pipe` of the same parts."""

    text_pipe: Pipeline = None

    @property
    def can(self) -> frozenset[Ability]:
        """What the weights were trained for, by the shape of their transformer's inputs."""
        if self.pipe.config.expand_timesteps:
            return frozenset({"text", "first frame"})
        embeds = self._shape.image_dim is not None
        return frozenset({"both ends"} if self._pairs else {"first frame"} if embeds else {"first frame", "both ends"})

    @property
    def _shape(self) -> Pipeline:
        return (self.pipe.transformer or self.pipe.transformer_2).config

    @property
    def _pairs(self) -> bool:
        """Where pictures are embedded as a whole as well, places for two of them are for no other number."""
        return self._shape.pos_embed_seq_len is not None

    @property
    def goes_on(self) -> bool:
        """From the last frame of the window before, unless the last frame of its own has to be known too."""
        return not self._pairs

    def overlap(self, window_frames: int) -> int:
        """One frame."""
        return 1

    def picks(self, num_frames: int, drawn_frames: int, known: Collection[int]) -> list[int]:
        """The first ones; evenly out of all where the last is known, since it is what the last drawn one shows."""
        if num_frames - 1 not in known:
            return list(range(num_frames))
        return np.linspace(0, drawn_frames - 1, num_frames).round().astype(int).tolist()

    def draw(self, part: Part) -> dict[str, Tensor]:
        """The latents of a window that begins with a known frame, or with none at all."""
        if not part.known:
            return {"video": self._drawn(self.text_pipe, part, {})}
        shown = {"image": Image.fromarray(part.known[0])}
        if len(part.known) > 1:
            shown["last_image"] = Image.fromarray(part.known[max(part.known)])
        return {"video": self._drawn(self.pipe, part, shown)}


@dataclass(frozen=True)
class WanVace(Wan):
    """Any frames known, and pictures of who appears: a video, a mask of what is to be made, and references."""

    @property
    def can(self) -> frozenset[Ability]:
        """Everything that is a picture."""
        return GIVEN_FRAMES | {"references"}

    @property
    def goes_on(self) -> bool:
        """It does."""
        return True

    def overlap(self, window_frames: int) -> int:
        """A third of a window, in whole steps of the latents."""
        return (max(1, window_frames // 3) - 1) // self.latent_frames * self.latent_frames + 1

    def draw(self, part: Part) -> dict[str, Tensor]:
        """The latents of a window: those of the references, which come first, are left away."""
        video, mask = conditions(part)
        references = [Image.fromarray(frame) for frame in part.references] or None
        latents = self._drawn(self.pipe, part, {"video": video, "mask": mask, "reference_images": references})
        return {"video": latents[:, :, len(part.references) :]}


def conditions(part: Part) -> tuple[Tensor, Tensor]:
    """Return what VACE is shown, a video (1, T, 3, H, W) and its mask, in [0, 1]: mid-grey and 1 where a frame is to be
    made, the frame and 0 where it is known."""
    shape = (1, part.num_frames, 3, part.height, part.width)
    video, mask = torch.full(shape, 0.5), torch.ones(shape)
    for number, frame_HWC in part.known.items():
        video[0, number] = torch.from_numpy(frame_HWC.copy()).permute(2, 0, 1) / 255
        mask[0, number] = 0
    return video, mask


def eight_bit(video_1CTHW: Tensor) -> Frames:
    """Return what an autoencoder decoded, in [-1, 1], as frames (T, H, W, 3)."""
    whole = (video_1CTHW[0].permute(1, 2, 3, 0).float().clamp(-1, 1) + 1) * 127.5
    frames: Frames = whole.round().to(torch.uint8).cpu().numpy()
    return frames
