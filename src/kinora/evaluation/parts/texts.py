"""Which facts of a caption the text encoder reads rightly, on scenes whose combinations it never saw."""

from collections.abc import Sequence

import numpy as np
import torch

from kinora.evaluation.figures import Figure, share
from kinora.evaluation.subject import SEED
from kinora.models.text import TextEncoder
from kinora.storybook.captions import STYLES, Caption
from kinora.training.stages.text import draw_caption

BATCH = 100
# Reading a caption is cheap: so many for each clip of the other measures.
CAPTIONS_PER_CLIP = 20


def measure(num: int, text: TextEncoder) -> list[Figure]:
    """Return shares over `num` held-out captions of three styles: stated facts, unstated ones, and slot by slot."""
    captions = [draw_caption(SEED, i, STYLES[i % len(STYLES)], "held-out") for i in range(num)]
    stated, right = read(captions, text)
    note = "dense, short and alt-text captions of held-out combinations"
    figures = [
        share("stated facts read rightly", (right & stated).sum(1), stated.sum(1), note=note),
        share("facts left open that are left open", (right & ~stated).sum(1), (~stated).sum(1)),
        share("captions read without any mistake", right.all(1), np.ones(len(captions))),
    ]
    for number, style in enumerate(STYLES):
        rows = slice(number, None, len(STYLES))
        hits, asked = (right & stated)[rows].sum(1), stated[rows].sum(1)
        figures.append(share(f"stated facts, {style} captions", hits, asked))
    return figures + [
        share(f"slot {slot}", (right & stated)[:, column], stated[:, column])
        for column, slot in enumerate(text.config.slots)
        if stated[:, column].any()
    ]


@torch.no_grad()
def read(captions: Sequence[Caption], text: TextEncoder) -> tuple[np.ndarray, np.ndarray]:
    """Return which facts are stated and which are read rightly, bool (captions, slots)."""
    slots = text.config.slots
    truth = np.array([[list(v).index(c.facts.get(s, "")) for s, v in slots.items()] for c in captions])
    said = []
    for start in range(0, len(captions), BATCH):
        logits = text.facts(text.encode([c.text for c in captions[start : start + BATCH]]))
        said.append(torch.stack([logits[slot].argmax(-1) for slot in slots], dim=1).numpy())
    return truth > 0, np.concatenate(said) == truth
