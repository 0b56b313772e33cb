"""Stage 0: captions to scene facts, without pixels. What the encoder can name, the transformer can be told."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinora.models.text import TextConfig, TextEncoder
from kinora.storybook.captions import STYLES, Caption, Style, caption
from kinora.storybook.facts import FACT_SLOTS
from kinora.storybook.sample import Split, draw_scene

PROBE_INDEX = 2**31


class TextStage:
    """Trains `TextEncoder` on captions drawn on the fly; caption i of a run is a function of (seed, i)."""

    def __init__(self, *, seed: int, batch: int) -> None:
        torch.manual_seed(seed)
        self.seed, self.batch = seed, batch
        self.model = TextEncoder(TextConfig(slots=FACT_SLOTS))

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the summed cross-entropy of all slots."""
        del generator
        # One style a batch: short prompts are not padded to the length of dense captions.
        style = STYLES[step % len(STYLES)]
        captions = [draw_caption(self.seed, step * self.batch + row, style) for row in range(self.batch)]
        logits = self.model.facts(self.model.encode([c.text for c in captions]))
        losses = [functional.cross_entropy(logits[slot].float(), self._targets(slot, captions)) for slot in FACT_SLOTS]
        return torch.stack(losses).sum(), {}

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Return the share of slots read rightly on held-out scenes, over stated slots only, and of captions all
        right."""
        captions = [
            draw_caption(self.seed + 1, PROBE_INDEX + i, STYLES[i % len(STYLES)], "held-out") for i in range(510)
        ]
        logits = self.model.facts(self.model.encode([c.text for c in captions]))
        right = torch.stack([logits[s].argmax(-1) == self._targets(s, captions) for s in FACT_SLOTS], dim=1)
        stated = torch.stack([self._targets(s, captions) > 0 for s in FACT_SLOTS], dim=1)
        return {"stated": float(right[stated].float().mean()), "captions": float(right.all(1).float().mean())}

    def facts(self) -> dict[str, Any]:
        """Return the vocabulary the heads speak."""
        return {"slots": {slot: list(values) for slot, values in FACT_SLOTS.items()}}

    def _targets(self, slot: str, captions: list[Caption]) -> Tensor:
        values = FACT_SLOTS[slot]
        device = self.model.queries.device
        return torch.tensor([values.index(c.facts.get(slot, "")) for c in captions], device=device)


def draw_caption(seed: int, index: int, style: Style, split: Split = "train") -> Caption:
    """Return one caption of one random scene."""
    return caption(draw_scene(seed, index, split=split), style, np.random.default_rng([seed, index, 3]))
