"""The arms of the ablations: how each is trained, and how what it learned is measured.

B batch, L tokens, C channels, X whatever a token has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Tensor

from kinora.flow.grid import video_positions
from kinora.flow.objective import draw_times
from kinora.flow.path import interpolate, velocity
from kinora.flow.state import State, blank
from kinora.models.denoise import velocity_at
from kinora.models.transformer import Step
from kinora.models.video_autoencoder import PATCH
from kinora.training.pool import Item, shape_of
from kinora.training.shapes import WIDE
from kinora.training.stages.fill import FillStage
from kinora.training.truth import is_foreground

# Phases state their steps for runs of so many; others are scaled.
WHOLE = 300
TOKENS = (WIDE[0] // PATCH, WIDE[1] // PATCH)
EVEN_TOKENS = (TOKENS[0] - TOKENS[0] % 2) * TOKENS[1]
# Tokens that a coarse one is folded of.
FOLD = 4


class Measured(FillStage):
    """A fill whose velocities are measured. Tokens are as the pool has them."""

    def fold(self, values_BLX: Tensor) -> Tensor:
        """Map the pool's tokens to the network's."""
        return values_BLX

    def unfold(self, values_BLX: Tensor) -> Tensor:
        """Map the network's tokens to the pool's."""
        return values_BLX

    def _windows(self, items: list[Item], generator: torch.Generator) -> tuple[State, dict[str, Tensor]]:
        clean, extras = super()._windows(items, generator)
        return clean, {**extras, "seen": is_foreground(extras["truth"])}

    @torch.no_grad()
    def errors(self, items: list[Item], generator: torch.Generator) -> dict[str, Tensor]:
        """Return (B,) the mean squared velocity error of every row, by where; not a number where there is nothing."""
        assert self.frozen.text is not None, "freeze the text encoder first"
        clean, extras = self._windows(items, generator)
        t = draw_times(len(items), generator)
        # Drawn token by token of the pool, so that every grid is under the same noise.
        drawn = {name: torch.randn(self.unfold(x).shape, generator=generator) for name, x in clean.xs.items()}
        noise = {name: self.fold(values) if name == "video" else values for name, values in drawn.items()}
        noised = {name: interpolate(x, noise[name], t[:, None, None]) for name, x in clean.xs.items()}
        text = self.frozen.text.encode([self._caption(item, 0.0) for item in items])
        with torch.autocast("cpu", torch.bfloat16):
            made = velocity_at(self.model.transformer, text, clean.with_x(noised), Step.at(t))
        wrong = {name: (made[name] - velocity(x, noise[name])).square() for name, x in clean.xs.items()}
        picture_BL, seen_BL = self.unfold(wrong["video"]).mean(-1), extras["seen"]
        found = {"subjects": _mean_where(picture_BL, seen_BL), "around": _mean_where(picture_BL, ~seen_BL)}
        return {**found, "sound": wrong["sound"].mean((1, 2))} if "sound" in wrong else found


class FineGrid(Measured):
    """Stills without their top row, so that rows fold evenly."""

    def _windows(self, items: list[Item], generator: torch.Generator) -> tuple[State, dict[str, Tensor]]:
        clean, extras = super()._windows(items, generator)
        height, width = shape_of(self.pool.shards[items[0].shard])
        kept = {name: values[:, width * (height % 2) :] for name, values in extras.items()}
        video = clean.streams["video"].x[:, width * (height % 2) :]
        return self._laid(video, kept, (height - height % 2, width))

    def _laid(
        self, video_BLC: Tensor, extras: dict[str, Tensor], shape: tuple[int, int]
    ) -> tuple[State, dict[str, Tensor]]:
        return State(streams={"video": blank(video_BLC, video_positions(1, *shape))}), extras


class CoarseGrid(FineGrid):
    """The same, two by two neighbours folded into one token: a quarter of the tokens, four times the channels."""

    def fold(self, values_BLX: Tensor) -> Tensor:
        """Map (B, L, X) to (B, L / 4, 4 X)."""
        return folded(values_BLX, self._shape(values_BLX.shape[1])).flatten(2)

    def unfold(self, values_BLX: Tensor) -> Tensor:
        """Map (B, L / 4, 4 X) to (B, L, X)."""
        return unfolded(values_BLX.unflatten(2, (FOLD, -1)), self._shape(FOLD * values_BLX.shape[1]))

    @staticmethod
    def _shape(num_tokens: int) -> tuple[int, int]:
        width = TOKENS[1]
        return num_tokens // width, width

    def _laid(
        self, video_BLC: Tensor, extras: dict[str, Tensor], shape: tuple[int, int]
    ) -> tuple[State, dict[str, Tensor]]:
        height, width = shape
        coarse = {**extras, "truth": folded_truth(extras["truth"], shape)}
        return super()._laid(self.fold(video_BLC), coarse, (height // 2, width // 2))


def folded(values_BLX: Tensor, shape: tuple[int, int]) -> Tensor:
    """Map tokens of a grid of (rows, columns), both even, to (B, L / 4, 4, X): the four that are neighbours."""
    height, width = shape
    grid = values_BLX.unflatten(1, (height // 2, 2, width // 2, 2))
    return grid.transpose(2, 3).flatten(3, 4).flatten(1, 2)


def unfolded(values_BL4X: Tensor, shape: tuple[int, int]) -> Tensor:
    """Map (B, L / 4, 4, X) back to (B, L, X)."""
    height, width = shape
    grid = values_BL4X.unflatten(1, (height // 2, width // 2)).unflatten(3, (2, 2))
    return grid.transpose(2, 3).flatten(1, 4)


def folded_truth(truth_BL6: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return (B, L / 4, 6): the truth of that of four tokens which shows most of a subject, with their mean share."""
    four = folded(truth_BL6, shape)
    share = four[..., 3].float()
    most = share.argmax(2)[..., None, None].expand(-1, -1, 1, four.shape[-1])
    truth = four.gather(2, most).squeeze(2).clone()
    truth[..., 3] = share.mean(2).round().to(truth.dtype)
    return truth


def _mean_where(values_BL: Tensor, where_BL: Tensor) -> Tensor:
    # Nothing over nothing is not a number.
    return (values_BL * where_BL).sum(1) / where_BL.sum(1)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One training: whose recipe, changed how, and how long, the last `decay` steps at a falling rate."""

    recipe: Literal["stills", "shorts"]
    num_steps: int
    batch: int
    decay: int
    fill: Mapping[str, Any] = field(default_factory=dict)
    matrices: bool = True


@dataclass(frozen=True, kw_only=True)
class Arm:
    """Phases, each beginning with the weights of the one before; what is measured against `base`, itself for bases."""

    base: str
    about: str
    phases: tuple[Phase, ...]
    stage: type[Measured] = Measured


STILLS = Phase(recipe="stills", num_steps=WHOLE, batch=64, decay=100)
WHOLE_STILLS = replace(STILLS, fill={"keep": 1.0})
# A window of two blocks with sound costs 2.5 stills: 120 steps are half of 240, and cost what 150 of stills do.
CLIPS = Phase(recipe="shorts", num_steps=240, batch=32, decay=80, fill={"hint": 0.0})
BEGUN = replace(STILLS, num_steps=150, decay=0)

ARMS = {
    "base": Arm(base="base", about="as the design has it, on stills", phases=(STILLS,)),
    "no-truth-head": Arm(
        base="base", about="no auxiliary truth head", phases=(replace(STILLS, fill={"truth_weight": 0.0}),)
    ),
    "no-foreground-weight": Arm(
        base="base", about="subjects weigh what all else does", phases=(replace(STILLS, fill={"foreground": 0.0}),)
    ),
    "adamw": Arm(base="base", about="AdamW for matrices, not Muon", phases=(replace(STILLS, matrices=False),)),
    "all-tokens": Arm(
        base="base", about="all tokens of fewer stills, as many in all", phases=(replace(WHOLE_STILLS, batch=26),)
    ),
    "thinned-at-random": Arm(
        base="base",
        about="as many tokens, subjects not before others",
        phases=(replace(STILLS, fill={"subjects_first": False}),),
    ),
    "fine-grid": Arm(
        base="fine-grid", about="tokens of 16x16x8 pixels, 128 a still", phases=(WHOLE_STILLS,), stage=FineGrid
    ),
    "coarse-grid": Arm(
        base="fine-grid",
        about="tokens of 32x32x8 pixels, 32 a still, a wider network of equal FLOPs",
        phases=(WHOLE_STILLS,),
        stage=CoarseGrid,
    ),
    "clips-only": Arm(base="clips-only", about="two blocks with sound from the first step", phases=(CLIPS,)),
    "stills-first": Arm(
        base="clips-only",
        about="half of the work on stills, then two blocks with sound",
        phases=(BEGUN, replace(CLIPS, num_steps=120)),
    ),
}
