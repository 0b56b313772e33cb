"""Generated clips for eyes: signed files, and a contact sheet with a row of frames for each prompt.

T frames, H W pixels.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kinora.engines.native.engine import NativeEngine
from kinora.media.sheet import contact_sheet, write_png
from kinora.models.weights import Model
from kinora.request import Request
from kinora.tasks.render import decoded, render

# Where a clip is looked at, as shares of its length; the middle frame is the second.
LOOKS = (1 / 6, 1 / 2, 5 / 6)
SEED = 1
MOST_LETTERS = 130


def read_prompts(file: Path) -> list[str]:
    """Return the prompts of a file, one a line; empty lines and lines that begin with # are left out."""
    lines = [line.strip() for line in file.read_text().splitlines()]
    prompts = [line for line in lines if line and not line.startswith("#")]
    if not prompts:
        raise ValueError(f"{file.name} holds no prompt: write one a line")
    return prompts


def look(prompts: Sequence[str], model: Model, sheet: Path) -> Path:
    """Write a signed clip for each prompt beside `sheet`, and the sheet (PNG); returns its path.

    Every prompt has the same seed, the first one tried: nothing is picked.
    """
    rows = list(_rows(prompts, model, sheet))
    labels = [[prompt[:MOST_LETTERS], *[""] * (len(LOOKS) - 1)] for prompt in prompts]
    write_png(contact_sheet(rows, labels), sheet)
    return sheet


def _rows(prompts: Sequence[str], model: Model, sheet: Path) -> Iterator[list[np.ndarray]]:
    engine = NativeEngine(model)
    for number, prompt in enumerate(prompts, start=1):
        request = Request(prompt=prompt)
        path = sheet.with_name(f"{sheet.stem}-{number:02d}.mp4")
        made = {stage.name: stage.result for stage in render(request, engine, path, SEED)}
        frames_THW3 = decoded(made["fill"], request, engine).array()
        yield [frames_THW3[int(share * len(frames_THW3))] for share in LOOKS]
