"""How long a clip should take: measured for the model in the package, reckoned for weights that may not be here.

Reckoned from the operations of the transformer, which are nearly all of it, at `SHARE` of the rate at which this
machine multiplies matrices; what the text encoder, the autoencoder and moving weights take comes on top.
"""

import time
from dataclasses import dataclass

import torch

from kinora.engines.catalog import NATIVE, Entry
from kinora.engines.engine import Told, nothing_given
from kinora.engines.hub.memory import Work, num_tokens
from kinora.engines.opening import open_native
from kinora.request import Request, Shot

SHARE = 0.4
"""Of the rate of matrix products: a rule of thumb, not measured. The model in the package reaches half of it."""

PROMPT = "a red fox jumps in the snow"


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Seconds for a clip, and whether a part of it was run here or all of it is reckoned."""

    seconds: float
    is_measured: bool


def speed_of(entry: Entry, clip_s: float, flop_per_s: float) -> Speed:
    """Return how long an engine should take for a clip of its usual size, on a machine that multiplies so fast."""
    num_frames = round(clip_s * entry.canvas.fps)
    if entry.name == NATIVE:
        return Speed(seconds=_measured(num_frames), is_measured=True)
    assert entry.network is not None, "all but the model in the package have one"
    tokens = num_tokens(entry.network, Work(num_frames=num_frames, size=entry.canvas.sizes[0]))
    # A product counts twice, for it multiplies and adds; attention has two products of tokens with tokens.
    evaluation = 2 * entry.parts["transformer"] * tokens + 4 * tokens**2 * entry.network.width * entry.network.depth
    # Guided steps ask twice.
    return Speed(seconds=2 * entry.steps * evaluation / (SHARE * flop_per_s), is_measured=False)


def _measured(num_frames: int) -> float:
    engine = open_native()
    request = Request(prompt=PROMPT)
    (height, width), block = request.drawn_size, engine.canvas.block_frames
    shot = Shot(prompt=PROMPT, num_blocks=-(-num_frames // block), height=height, width=width, seed=0, sound=True)
    return engine.estimate(shot, Told(prompt=PROMPT), nothing_given(shot)).seconds


def matmul_flop_per_s() -> float:
    """Return how fast this machine multiplies matrices in bfloat16, on the card where it has one: the best of three."""
    device, side = ("cuda", 8192) if torch.cuda.is_available() else ("cpu", 1024)
    a = torch.randn(side, side, device=device, dtype=torch.bfloat16)

    def seconds() -> float:
        began = time.perf_counter()
        (a @ a).sum().item()
        return time.perf_counter() - began

    seconds()
    return 2 * side**3 / min(seconds() for _ in range(3))
