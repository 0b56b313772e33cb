"""LTX-2 over diffusers: picture and sound together, from text and from frames anywhere.

Axes: T drawn frames, H height, W width, C channels, L samples; Z latent channels, and t h w the latents' own grid.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from kinora.engines.abilities import Ability
from kinora.engines.catalog import GIVEN_FRAMES
from kinora.engines.open.family import Part, Pipeline
from kinora.engines.open.wan import eight_bit
from kinora.engines.windows import runs
from kinora.media.clip import Frames, Wave

# The negative prompt of the pipeline's own example.
NEGATIVE = "worst quality, inconsistent motion, blurry, jittery, distorted, static"


@dataclass(frozen=True)
class Ltx2:
    """LTX-2 with its conditions."""

    pipe: Pipeline
    reach: int = 1024

    @property
    def can(self) -> frozenset[Ability]:
        """Any frames, and sound of its own; none that is given."""
        return GIVEN_FRAMES | {"sound"}

    @property
    def latent_frames(self) -> int:
        """Eight in every LTX-2 so far."""
        return int(self.pipe.vae_temporal_compression_ratio)

    @property
    def goes_on(self) -> bool:
        """It does."""
        return True

    def overlap(self, window_frames: int) -> int:
        """A third of a window, in whole steps of the latents."""
        return (max(1, window_frames // 3) - 1) // self.latent_frames * self.latent_frames + 1

    def picks(self, num_frames: int, drawn_frames: int, known: Collection[int]) -> list[int]:
        """The first ones."""
        return list(range(num_frames))

    def draw(self, part: Part) -> dict[str, Tensor]:
        """The latents of a window."""
        negative = NEGATIVE if part.music else f"{NEGATIVE}, music"
        made = self.pipe(
            **part.shared,
            frame_rate=float(part.fps),
            negative_prompt=negative,
            conditions=self.conditions(part) or None,
            max_sequence_length=self.reach,
        )
        return {"video": made.frames, "sound": made.audio} if part.sound else {"video": made.frames}

    def conditions(self, part: Part) -> list[Any]:
        """Return the known frames of a window as conditions: each run as far as it fills whole steps of the latents,
        and its last frame by itself where that leaves something over."""
        from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

        told = []
        for start, stop in runs([number in part.known for number in range(part.num_frames)]):
            whole = (stop - start - 1) // self.latent_frames * self.latent_frames + 1
            spans = [(start, start + whole)] + ([(stop - 1, stop)] if start + whole < stop else [])
            told += [(first, np.stack([part.known[number] for number in range(first, end)])) for first, end in spans]
        return [LTX2VideoCondition(frames=frames, index=self._place(first)) for first, frames in told]

    def _place(self, frame: int) -> float:
        """A frame in steps of the latents, the first of which is one frame long. The pipeline turns that back into a
        frame; a fraction puts it between two steps, exactly where it belongs."""
        return 0 if frame == 0 else (frame - 1) / self.latent_frames + 1

    def pictures(self, video: Tensor) -> Frames:
        """The frames of a window's latents (T, H, W, 3)."""
        vae = self.pipe.vae
        return eight_bit(vae.decode(video.to(self.pipe._execution_device, vae.dtype), return_dict=False)[0])

    @property
    def rate_hz(self) -> int:
        """Samples a second, by its vocoder."""
        return int(self.pipe.vocoder.config.output_sampling_rate)

    def heard(self, sound: Tensor) -> Wave:
        """The sound of a window's latents (C, L)."""
        whole = sound.to(self.pipe._execution_device, self.pipe.audio_vae.dtype)
        wave: Wave = self.pipe.vocoder(self.pipe.audio_vae.decode(whole, return_dict=False)[0])[0].float().cpu().numpy()
        return wave

    def rest(self) -> None:
        """Leave the device as it was before a window was drawn."""
        self.pipe.maybe_free_model_hooks()
