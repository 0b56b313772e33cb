"""Stage 0: captions to scene facts, without pixels. What the encoder can name, the transformer can be told."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinora.models.text import TextConfig, TextEncoder
from kinora.storybook.captions import STYLES, Caption, caption
from kinora.storybook.facts import FACT_SLOTS
from kinora.storybook.sample import draw_scene

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
        captions = [draw_caption(self.seed, step * self.batch + row) for row in range(self.batch)]
        logits = self.model.facts(self.model.encode([c.text for c in captions]))
        losses = [functional.cross_entropy(logits[slot].float(), self._targets(slot, captions)) for slot in FACT_SLOTS]
        return torch.stack(losses).sum(), {}

    @torch.no_grad()
    def probe(self, folder: Path, step: int) -> dict[str, float]:
        """Return the share of slots read rightly on held-out scenes, over stated slots only, and of captions all right."""
        captions = [draw_caption(self.seed + 1, PROBE_INDEX + row, split="held-out") for row in range(512)]
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


def draw_caption(seed: int, index: int, split: str = "train") -> Caption:
    """Return one caption of one random scene."""
    rng = np.random.default_rng([seed, index, 3])
    scene = draw_scene(seed, index, split=split)  # type: ignore[arg-type]
    return caption(scene, STYLES[int(rng.integers(len(STYLES)))], rng)


