"""Stage 7: the same network learns to jump, from a frozen copy of the trunk that it began as.

The first rows of every batch learn jumps, the others go on as in `fill`. B batch, L tokens of a stream, C channels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from kinora.flow.guidance import GUIDE_ABOVE, extrapolated
from kinora.flow.objective import velocity_loss
from kinora.flow.schedule import shifted
from kinora.flow.shortcut import VelocityAt, average_velocity, clean_target, draw_guidance, draw_jumps
from kinora.flow.solve import Velocity
from kinora.flow.state import State, Stream
from kinora.models.denoise import jumps_of, velocity_at
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer, TransformerConfig
from kinora.training.checkpoint import digest
from kinora.training.frozen import Frozen
from kinora.training.loop import load_weights
from kinora.training.pool import Pool
from kinora.training.stages.fill import PROBE_GUIDANCE, FillConfig, FillStage, Student

PROBE_STEPS = 4


@dataclass(frozen=True, kw_only=True)
class FewStepConfig(FillConfig):
    """Besides what a fill draws: a `share` of each batch learns jumps, the steps of grids of `few_steps` steps, each
    walked by the teacher in `parts`.

    The paper's quarter suits long runs. In a branch of some hundred steps a half came much nearer to the teacher:
    squared distance 0.24 against 0.35 at four steps, after 60 steps of 8.
    """

    share: float = 0.5
    few_steps: tuple[int, ...] = (1, 2, 4, 8)
    parts: int = 2


class Apprentice(Student):
    """A student with the teacher that it began as: frozen, and in its checkpoints, so that a run that goes on has the
    very same."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__(config)
        self.teacher = Transformer(config).requires_grad_(False)


class FewStepStage(FillStage):
    """Trains an `Apprentice`: flow matching as before, and jumps towards where its guided teacher goes."""

    config: FewStepConfig
    model: Apprentice

    def __init__(self, pool: Pool, frozen: Frozen, config: FewStepConfig, *, seed: int, batch: int) -> None:
        super().__init__(pool, frozen, config, seed=seed, batch=batch)
        torch.manual_seed(seed)
        self.model = Apprentice(config.transformer)
        self.num_jumps = max(1, round(config.share * batch))

    def take_teacher(self, weights: Mapping[str, Tensor]) -> None:
        """Copy the transformer among a trunk's weights: it will teach."""
        prefix = "transformer."
        load_weights(
            self.model.teacher, {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        )

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint says of this stage, its teacher's hash included."""
        return {**super().facts(), "teacher": digest(self.model.teacher.state_dict())}

    def _draw_step(self, generator: torch.Generator, device: torch.device) -> Step:
        step, num = super()._draw_step(generator, device), self.num_jumps
        t, size = draw_jumps(num, self.config.few_steps, generator)
        drawn = {"t": t, "size": size, "guidance": draw_guidance(num, generator)}
        return replace(step, **{name: _headed(getattr(step, name), value.to(device)) for name, value in drawn.items()})

    @torch.no_grad()
    def _targets(self, clean: State, state: State, step: Step, text: TextFeatures) -> State:
        """Return the clean data, and for jumps the data that the teacher's average velocity points at."""
        num = self.num_jumps
        head, t, size = state.map(lambda _, stream: _first(stream, num)), step.t[:num], step.size[:num]
        slopes = average_velocity(self._guided_teacher(step, text), head, t, size, self.config.parts)
        aims = {name: clean_target(head.streams[name].x, s, t) for name, s in slopes.items()}
        return clean.with_x({name: _headed(clean.streams[name].x, aim) for name, aim in aims.items()})

    def _guided_teacher(self, step: Step, text: TextFeatures) -> VelocityAt:
        """Return the velocity that sampling walks down, each row under its own guidance."""
        assert self.frozen.text is not None, "freeze the text encoder first"
        num = self.num_jumps
        wanted = replace(text, context=text.context[:num], mask=text.mask[:num])
        nothing = self.frozen.text.encode([""] * num)

        def velocity(state: State, t: Tensor) -> Mapping[str, Tensor]:
            at = replace(Step.at(t), given_t=step.given_t[:num])
            towards, base = (velocity_at(self.model.teacher, said, state, at) for said in (wanted, nothing))
            scale = torch.where(t < GUIDE_ABOVE, 1.0, step.guidance[:num])
            return extrapolated(towards, base, scale[:, None, None])

        return velocity

    def _weigh(
        self,
        clean: State,
        state: State,
        t: Tensor,
        made: Mapping[str, Tensor],
        tapped: Tensor,
        extras: Mapping[str, Tensor],
    ) -> tuple[Tensor, dict[str, float]]:
        """Return the loss as ever, and beside its figures how far jumps of pictures miss."""
        loss, figures = super()._weigh(clean, state, t, made, tapped, extras)
        num, video = self.num_jumps, state.streams["video"]
        miss = velocity_loss(made["video"][:num].detach(), clean.streams["video"].x[:num], t[:num], video.free[:num])
        return loss, {**figures, "jump": float(miss)}

    def _sampler(self, text: TextFeatures, nothing: TextFeatures) -> tuple[Velocity, Tensor]:
        times = shifted(PROBE_STEPS)
        return jumps_of(self.model.transformer, text, times, PROBE_GUIDANCE), times


def _first(stream: Stream, num: int) -> Stream:
    return Stream(**{f.name: getattr(stream, f.name)[:num] for f in fields(stream)})


def _headed(values: Tensor, head: Tensor) -> Tensor:
    """Return the values with their first rows replaced."""
    return torch.cat([head.to(values.dtype), values[len(head) :]])
