"""One evaluation of the transformer on a window as long as it was trained on: the work that others are measured by."""

from dataclasses import dataclass

import torch
from torch import Tensor

from kinora.engines.native.fill import window_state
from kinora.engines.windows import Window
from kinora.evaluation.benchmark.staged import PROMPT, SEED
from kinora.flow.state import State, Stream
from kinora.models.text import TextFeatures
from kinora.models.transformer import Step, Transformer
from kinora.models.weights import Model
from kinora.request import Request
from kinora.tasks.generate import plan

TIME = 0.7


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the transformer is asked: a batch of windows of noise, 256x144 with sound, in which all is to be made."""

    state: State
    step: Step
    text: TextFeatures

    @property
    def device(self) -> torch.device:
        """Where it is asked."""
        return self.step.t.device


def question(model: Model, batch: int = 1) -> Question:
    """Return the question that is put to a model, on the model's device."""
    (shot,) = plan(Request(prompt=PROMPT), SEED)
    state = window_state(shot, Window(start=0, stop=model.window_blocks, given=0), model, {})
    text = model.text.encode([PROMPT] * batch)
    step = Step.at(torch.full((batch,), TIME, device=text.context.device))
    return Question(state=state.map(lambda _, stream: _repeated(stream, batch)), step=step, text=text)


def _repeated(stream: Stream, batch: int) -> Stream:
    return Stream(**{name: value.expand(batch, *value.shape[1:]) for name, value in vars(stream).items()})


@torch.no_grad()
def answer(network: Transformer, asked: Question, *, autocast: bool = True) -> Tensor:
    """Return the clean pictures (B, L, C) that a network sees in the noise, its products in bfloat16 or float32."""
    with torch.autocast(asked.device.type, torch.bfloat16, enabled=autocast):
        made, _ = network(asked.state, asked.step, asked.text)
    return made["video"]
