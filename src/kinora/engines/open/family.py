"""What is asked of a family of open pipelines: to draw one window, and to show what it drew.

Axes: T drawn frames, H height, W width, C channels, L samples; Z latent channels, and t h w the latents' own grid.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Generator, Tensor

from kinora.engines.abilities import Ability
from kinora.media.clip import Frames, Wave

Pipeline = Any
"""A pipeline of diffusers, which is imported only when an engine is opened."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One window as it is to be drawn: `num_frames` frames, of which `known` are given by their number (H, W, 3).

    `watch` is called after every step and may raise.
    """

    prompt: str
    num_frames: int
    height: int
    width: int
    fps: int
    steps: int
    guidance: float
    generator: Generator
    known: Mapping[int, Frames] = field(default_factory=dict)
    references: tuple[Frames, ...] = ()
    sound: bool = True
    music: bool = True
    watch: Callable[[], None] = lambda: None

    def watched(self, pipe: Pipeline, step: int, time: Tensor, tensors: dict[str, Any]) -> dict[str, Any]:
        """Tell whoever watches, in the form that pipelines call at the end of a step."""
        self.watch()
        return tensors

    @property
    def shared(self) -> dict[str, Any]:
        """Return the arguments that all pipelines take alike."""
        return {
            "prompt": self.prompt,
            "num_frames": self.num_frames,
            "height": self.height,
            "width": self.width,
            "num_inference_steps": self.steps,
            "guidance_scale": self.guidance,
            "generator": self.generator,
            "callback_on_step_end": self.watched,
            "output_type": "latent",
        }


class Family(Protocol):
    """One kind of pipeline, opened."""

    @property
    def pipe(self) -> Pipeline:
        """The pipeline that is laid into memory; others share its parts."""
        ...

    @property
    def reach(self) -> int:
        """Tokens of a prompt that are read."""
        ...

    @property
    def can(self) -> frozenset[Ability]:
        """What the opened weights are able to do."""
        ...

    @property
    def latent_frames(self) -> int:
        """Drawn frames in a step of the latents, but for the first, which is one frame."""
        ...

    @property
    def rate_hz(self) -> int:
        """Samples a second of what is heard; 0 where nothing is."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether a window can go on from another."""
        ...

    def overlap(self, window_frames: int) -> int:
        """How many known frames a window is given on either side of what it makes."""
        ...

    def picks(self, num_frames: int, drawn_frames: int, known: Collection[int]) -> list[int]:
        """Which of the drawn frames are shown, where more are drawn than a window has."""
        ...

    def draw(self, part: Part) -> dict[str, Tensor]:
        """The latents of a window: "video" (1, Z, t, h, w), and "sound" where there is one."""
        ...

    def pictures(self, video: Tensor) -> Frames:
        """The frames of a window's latents (T, H, W, 3)."""
        ...

    def heard(self, sound: Tensor) -> Wave:
        """The sound of a window's latents (C, L). Only where there are such latents."""
        ...

    def rest(self) -> None:
        """Leave the device as it was before a window was drawn."""
        ...
