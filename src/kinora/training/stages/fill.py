"""Stages 3 to 5: the transformer learns to fill whatever is free, from text and from whatever is given.

B batch, L tokens of a stream, C latent channels, N blocks of 8 frames. Video tokens run frame-major, then rows,
then columns.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from kinora.flow.apply import apply
from kinora.flow.grid import BLOCK_S, sound_positions, video_positions
from kinora.flow.guidance import guided
from kinora.flow.objective import draw_times, velocity_loss
from kinora.flow.path import interpolate
from kinora.flow.schedule import shifted
from kinora.flow.solve import Velocity, solve
from kinora.flow.state import State, Stream, blank
from kinora.models.denoise import velocity_of
from kinora.models.pixels import pixels_of
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer, TransformerConfig
from kinora.request import Condition, StreamName
from kinora.training.frozen import Frozen
from kinora.training.hinting import draw_hints, with_masks
from kinora.training.loop import generator_for
from kinora.training.pool import Item, Pool
from kinora.training.truth import TruthHead, foreground_weight, is_foreground

SOUND_PER_BLOCK = 16
GIVEN_NOISE = 0.2
SOUND_WEIGHT = 0.5
PROBE_GUIDANCE = 3.0


@dataclass(frozen=True, kw_only=True)
class FillConfig:
    """What a stage draws. `num_blocks` of 8 frames; shares are probabilities.

    Of the video's tokens a share `keep` is seen, subjects first: what is around them is easy and most of the work
    (masked training, MicroDiT, arXiv 2407.15811, but dropped at random only within foreground and background). Where
    tokens lie close, a subject is: branches that ship see all tokens, or what they draw there is faint.
    The loss is the velocity's, subjects weighing 1 + `foreground`, plus `truth_weight` times that of the truth head.
    """

    num_blocks: int = 1
    sound: bool = False
    keep: float = 1.0
    subjects_first: bool = True
    drop_text: float = 0.1
    give_some: float = 0.0
    give_stream: float = 0.0
    hint: float = 0.0
    truth_weight: float = 0.1
    foreground: float = 3.0
    prompts: tuple[str, ...] = ()
    transformer: TransformerConfig = field(default_factory=TransformerConfig)


class Student(nn.Module):
    """The transformer and the head that reads truth off it while it learns."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.transformer = Transformer(config)
        self.truth = TruthHead(config.width)


class FillStage:
    """Trains a `Student` on the latents of a pool."""

    # Rows at the head of every batch whose text is never dropped; see `few_step`.
    num_jumps = 0

    def __init__(self, pool: Pool, frozen: Frozen, config: FillConfig, *, seed: int, batch: int) -> None:
        torch.manual_seed(seed)
        self.pool, self.frozen, self.config, self.batch, self.seed = pool, frozen, config, batch, seed
        self.model = Student(config.transformer)
        self._captions: dict[int, list[list[str]]] = {}

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the velocity loss of what is free, plus the truth read off the middle."""
        items = self.pool.draw(step, self.batch, generator)
        clean, extras = self._windows(items, generator)
        state, times = self._condition(clean, extras, generator)
        if self.config.keep < 1:
            first = is_foreground(extras["truth"]) & self.config.subjects_first
            seen = kept(first, self.config.keep, generator)
            clean, state = (thin(one, seen) for one in (clean, state))
            extras = {**extras, "truth": picked(extras["truth"], seen)}
        text = self._text(items, generator)
        made, tapped = self.model.transformer(state, times, text)
        return self._weigh(self._targets(clean, state, times, text), state, times.t, made, tapped, extras)

    def _windows(self, items: list[Item], generator: torch.Generator) -> tuple[State, dict[str, Tensor]]:
        """Return clean streams of a random window of whole blocks, and the truth beside them."""
        height, width = self.pool.shards[items[0].shard]["shape"].tolist()
        video, truth = self.pool.gather(items, "video"), self.pool.gather(items, "truth")
        area, num_blocks = height * width, self.config.num_blocks
        most = video.shape[1] // area - num_blocks
        starts = torch.randint(most + 1, (len(items),), generator=generator).tolist()
        device = next(self.model.parameters()).device

        def cut(rows: Tensor, unit: int) -> Tensor:
            spans = [row[s * unit : (s + num_blocks) * unit] for row, s in zip(rows, starts, strict=True)]
            return torch.stack(spans).to(device)

        positions = video_positions(num_blocks, height, width).to(device)
        streams = {"video": blank(cut(video, area).float(), positions)}
        extras = {"truth": cut(truth, area)}
        if self.config.hint:
            held, known = self.pool.gather(items, "held"), self.pool.gather(items, "known")
            extras["held"] = cut(held.transpose(1, 2), area).transpose(1, 2).float()
            extras["known"] = cut(known.transpose(1, 2), 1).transpose(1, 2).float()
        if self.config.sound:
            sound = cut(self.pool.gather(items, "sound"), SOUND_PER_BLOCK).float()
            streams["sound"] = blank(sound, sound_positions(sound.shape[1]).to(device))
            extras["heard"] = cut(self.pool.gather(items, "heard"), SOUND_PER_BLOCK)
        return State(streams=streams), extras

    def _condition(self, clean: State, extras: Mapping[str, Tensor], generator: torch.Generator) -> tuple[State, Step]:
        """Return the noised state, with conditions drawn at random in force, and the times of its tokens."""
        device = clean.streams["video"].x.device
        step = self._draw_step(generator, device)
        marked = State(streams=dict(clean.streams))
        for condition, latents in self._draw_conditions(clean, extras, generator):
            marked = apply(condition, latents, marked)

        def noised(stream: Stream) -> Stream:
            noise = torch.randn(stream.x.shape, generator=generator).to(device)
            time_BL1 = torch.where(stream.free > 0, step.t[:, None], step.given_t[:, None]).unsqueeze(-1)
            return replace(stream, x=interpolate(stream.x, noise, time_BL1))

        return marked.map(lambda _, stream: noised(stream)), step

    def _draw_step(self, generator: torch.Generator, device: torch.device) -> Step:
        """Return where on the path each row is."""
        t = draw_times(self.batch, generator).to(device)
        return replace(Step.at(t), given_t=GIVEN_NOISE * torch.rand(self.batch, generator=generator).to(device))

    def _targets(self, clean: State, state: State, step: Step, text: TextFeatures) -> State:
        """Return what the clean predictions are compared with: the clean data."""
        return clean

    def _draw_conditions(
        self, clean: State, extras: Mapping[str, Tensor], generator: torch.Generator
    ) -> list[tuple[Condition, Tensor]]:
        """Return what is known in this batch, with its latents: nothing, a subset of blocks of both streams, one stream
        whole, or single frames."""
        config, dice = self.config, torch.rand(4, generator=generator).tolist()
        if config.sound and dice[0] < config.give_stream:
            stream: StreamName = "sound" if dice[1] < 0.5 else "video"
            return [(Condition(kind="given", stream=stream), clean.streams[stream].x)]
        if dice[0] > 1 - config.give_some and config.num_blocks > 1:
            chosen = torch.rand(config.num_blocks, generator=generator) < dice[2]
            chosen[int(dice[1] * config.num_blocks)] = False
            return _given(clean, [(n, n + 1) for n in chosen.nonzero().flatten().tolist()])
        if dice[3] < config.hint:
            hints, spans = draw_hints(config.num_blocks, generator)
            hinted = [
                (h.condition, with_masks(extras["held"][:, h.pattern], extras["known"][:, h.pattern])) for h in hints
            ]
            return [*hinted, *_given(clean, spans)]
        return []

    @torch.no_grad()
    def _text(self, items: list[Item], generator: torch.Generator) -> TextFeatures:
        assert self.frozen.text is not None, "freeze the text encoder first"
        picks = torch.rand(len(items), 2, generator=generator).tolist()
        return self.frozen.text.encode(
            [
                "" if drop < self.config.drop_text and row >= self.num_jumps else self._caption(item, which)
                for row, (item, (drop, which)) in enumerate(zip(items, picks, strict=True))
            ]
        )

    def _caption(self, item: Item, which: float) -> str:
        if item.shard not in self._captions:
            raw = self.pool.shards[item.shard]["captions"].numpy().tobytes()
            self._captions[item.shard] = json.loads(raw)
        texts = self._captions[item.shard][item.row]
        return texts[int(which * len(texts))]

    def _weigh(
        self,
        clean: State,
        state: State,
        t: Tensor,
        made: Mapping[str, Tensor],
        tapped: Tensor,
        extras: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, float]]:
        video = state.streams["video"]
        weight = foreground_weight(extras["truth"], self.config.foreground) * video.free
        picture = velocity_loss(made["video"], clean.streams["video"].x, t, weight)
        num_video = video.x.shape[1]
        truth = self.model.truth.video_loss(tapped[:, :num_video], extras["truth"])
        loss, figures = (
            picture + self.config.truth_weight * truth,
            {"video": float(picture.detach()), "truth": float(truth.detach())},
        )
        if "sound" in made:
            sound = velocity_loss(made["sound"], clean.streams["sound"].x, t, state.streams["sound"].free)
            heard = self.model.truth.sound_loss(tapped[:, num_video:], extras["heard"])
            loss = loss + SOUND_WEIGHT * sound + self.config.truth_weight * heard
            figures |= {"sound": float(sound.detach()), "heard": float(heard.detach())}
        return loss, figures

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Draw what the model makes of the stage's prompts, always from the same noise."""
        if not self.config.prompts or self.frozen.video is None or self.frozen.text is None:
            return {}
        count, height, width = len(self.config.prompts), 9, 16
        device = next(self.model.parameters()).device
        shape = (count, self.config.num_blocks * height * width, self.config.transformer.channels["video"])
        noise = torch.randn(shape, generator=generator_for(self.seed, 1)).to(device)
        state = State(
            streams={"video": blank(noise, video_positions(self.config.num_blocks, height, width).to(device))}
        )
        text, nothing = (self.frozen.text.encode(p) for p in (list(self.config.prompts), [""] * count))
        self.model.eval()
        with torch.autocast(device.type, torch.bfloat16):
            velocity, points = self._sampler(text, nothing)
            done = solve(velocity, state, points)
        self.model.train()
        latent = done.streams["video"].x.transpose(1, 2).unflatten(2, (self.config.num_blocks, height, width))
        draw_grid(folder / f"probe-{step:07d}.png", self.frozen.video.decode(latent.float()))
        return {}

    def _sampler(self, text: TextFeatures, nothing: TextFeatures) -> tuple[Velocity, Tensor]:
        """Return the velocity and the points in time with which the probe is drawn."""
        wanted, base = (velocity_of(self.model.transformer, features) for features in (text, nothing))
        return guided(wanted, base, PROBE_GUIDANCE), shifted(12)

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint says of this stage."""
        return {"frozen": self.frozen.hashes, "distinct": len(self.pool.shards) * self.pool.config.per_shard}


def _given(clean: State, spans: list[tuple[int, int]]) -> list[tuple[Condition, Tensor]]:
    """Return spans of blocks given in every stream."""
    return [
        (Condition(kind="given", stream=name, start_s=a * BLOCK_S, end_s=b * BLOCK_S), clean.streams[name].x)  # type: ignore[arg-type]
        for name in clean.streams
        for a, b in spans
    ]


def kept(first_BL: Tensor, keep: float, generator: torch.Generator) -> Tensor:
    """Return the numbers (B, keep L), ascending, of a random share of tokens: those that go first before any others."""
    chance = torch.rand(first_BL.shape, generator=generator).to(first_BL.device)
    order = (chance + first_BL).argsort(dim=1, descending=True)
    return order[:, : max(1, round(keep * order.shape[1]))].sort(dim=1).values


def thin(state: State, numbers_BK: Tensor) -> State:
    """Return the state with only the video tokens of these numbers."""
    video = state.streams["video"]
    few = Stream(**{f.name: picked(getattr(video, f.name), numbers_BK) for f in fields(video)})
    return State(streams={**state.streams, "video": few})


def picked(values: Tensor, numbers_BK: Tensor) -> Tensor:
    """Return (B, K, ...) of (B, L, ...): row by row the values of these numbers."""
    return values[torch.arange(len(values), device=values.device)[:, None], numbers_BK]


def draw_grid(path: Path, video_B3THW: Tensor, columns: int = 4) -> None:
    """Write the middle frame of every clip, in rows of `columns`."""
    frames = video_B3THW[:, :, video_B3THW.shape[2] // 2].float().cpu()
    rows = [torch.cat(list(part), dim=2) for part in frames.split(columns) if len(part) == columns]
    picture = pixels_of(torch.cat(rows, dim=1).permute(1, 2, 0)).numpy()
    cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1]))
