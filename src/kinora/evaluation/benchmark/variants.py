"""Other ways of doing the same work, each against the way in use: time as a ratio within one run, and what it changes.

B batch, L tokens, D width, N heads, K head width, S keys, C channels, H W grid.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from kinora.evaluation.benchmark.counting import num_flop
from kinora.evaluation.benchmark.staged import SEED
from kinora.evaluation.benchmark.table import Bench, Cell, Table
from kinora.evaluation.benchmark.timing import compared, in_turn, spread
from kinora.evaluation.benchmark.window import answer, question
from kinora.models import layers
from kinora.models.video_autoencoder import PATCH, VideoDecoder
from kinora.models.weights import Model

Make = Callable[[], Tensor]
EXACT = "float32"
CHUNKS = (120, 240, 480)
# While another stands in its place, this is still the one.
attend_in_use = layers.attend


def measure(bench: Bench) -> list[Table]:
    """Return a table of the transformer on one window, of the decoder on one block, and of its last layer."""
    runs, model = bench.effort.runs, bench.model
    window, block = transformer_ways(model), decoder_ways(model)
    title = f"One evaluation of a window of {model.window_blocks} blocks, 256x144 with sound"
    return [
        _table(title, window, runs),
        _table("Decoding one block of 8 frames, 256x144", block, runs),
        _table("Decoder's last layer, 8 frames", last_layer_ways(model.video.decoder), runs),
    ]


def _table(title: str, ways: Mapping[str, Make], runs: int) -> Table:
    """The first way is the one in use; errors are against the one in float32."""
    exact = ways[EXACT]() if EXACT in ways else None
    taken, rows = in_turn(ways, runs), []
    base = taken[next(iter(ways))]
    for name, way in ways.items():
        row: dict[str, Cell] = {"way": name, **spread(taken[name]), **compared(taken[name], base)}
        rows.append({**row, "gflop": num_flop(way) / 1e9, "error_pct": None if exact is None else error(way(), exact)})
    note = (
        "The first row is the base: the way in use. Times base has its 95 % interval over rounds. "
        "Error: root mean square difference from float32, in percent of float32's root mean square."
    )
    return Table(title=title, rows=rows, note=note)


def error(made: Tensor, wanted: Tensor) -> float:
    """Return the relative root mean square difference in percent."""
    return float(100 * (made.float() - wanted).norm() / wanted.norm().clamp(min=1e-12))


def transformer_ways(model: Model) -> dict[str, Make]:
    """Return evaluations of one window: what is multiplied in which precision, and how attention is done."""
    asked, light, whole = question(model), copy.deepcopy(model.transformer).bfloat16(), copy.deepcopy(model.transformer)
    int8_linears(whole.layers)
    in_use = partial(answer, model.transformer, asked)
    chunked = {f"attention, {rows} queries a time": _attending(partial(in_chunks, rows), in_use) for rows in CHUNKS}
    return {
        "in use: bfloat16 products, attention as products": in_use,
        EXACT: partial(answer, model.transformer, asked, autocast=False),
        "weights kept in bfloat16": partial(answer, light, asked),
        "attention by the fused kernel": _attending(fused, in_use),
        **chunked,
        "int8 linears, rows scaled as they come": partial(answer, whole, asked),
    }


def _attending(attend: Callable[..., Tensor], way: Make) -> Make:
    def attending() -> Tensor:
        with _instead(layers, "attend", attend):
            return way()

    return attending


@contextmanager
def _instead(owner: Any, name: str, other: Any) -> Iterator[None]:  # noqa: ANN401
    """Put something in a name's place for a while."""
    own = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, own)


def in_chunks(rows: int, q_BNLK: Tensor, k_BNSK: Tensor, v_BNSK: Tensor, mask_BS: Tensor | None) -> Tensor:
    """Return attention, `rows` queries at a time."""
    return torch.cat([attend_in_use(some, k_BNSK, v_BNSK, mask_BS) for some in q_BNLK.split(rows, dim=2)], dim=2)


def fused(q_BNLK: Tensor, k_BNSK: Tensor, v_BNSK: Tensor, mask_BS: Tensor | None) -> Tensor:
    """Return attention by torch's own kernel."""
    mask = None if mask_BS is None else mask_BS[:, None, None, :]
    return functional.scaled_dot_product_attention(q_BNLK, k_BNSK, v_BNSK, attn_mask=mask)


class Int8Linear(nn.Module):
    """A linear layer in int8: weights scaled a row, inputs scaled a token when they come."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.scale_O = linear.weight.abs().amax(dim=1).clamp(min=1e-8) / 127
        self.weight_IO = (linear.weight / self.scale_O[:, None]).round().to(torch.int8).t()
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., I) to (..., O) in bfloat16."""
        rows = x.float().flatten(0, -2)
        scale_R1 = rows.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        whole = (rows / scale_R1).round().to(torch.int8)
        y = torch._int_mm(whole, self.weight_IO) * scale_R1 * self.scale_O
        return (y if self.bias is None else y + self.bias).bfloat16().unflatten(0, x.shape[:-1])


def int8_linears(module: nn.Module) -> None:
    """Replace every linear layer inside a module."""
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Linear):
            setattr(module, name, Int8Linear(child))
        else:
            int8_linears(child)


def decoder_ways(model: Model) -> dict[str, Make]:
    """Return decodings of one block: precision, and the order of channels in memory."""
    decoder = model.video.decoder
    latent = _noise(1, model.video.config.latent_channels, 144 // PATCH, 256 // PATCH)
    last = latent.contiguous(memory_format=torch.channels_last)
    light = copy.deepcopy(decoder).bfloat16()
    return {
        "in use: bfloat16 products, channels last": partial(_decode, decoder, last),
        EXACT: partial(_decode, decoder, last, autocast=False),
        "weights kept in bfloat16": partial(_decode, light, last),
        "channels first": partial(_channels_first, partial(_decode, decoder, latent)),
    }


@torch.no_grad()
def _decode(decoder: VideoDecoder, latent: Tensor, *, autocast: bool = True) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        return decoder(latent, latent)


def _channels_first(way: Make) -> Tensor:
    def forward(self: layers.Conv2d, x_BCHW: Tensor) -> Tensor:
        weight = self.weight.unflatten(1, (self.kernel, self.kernel, -1)).permute(0, 3, 1, 2).contiguous()
        return functional.conv2d(x_BCHW.contiguous(), weight, self.bias, padding=self.kernel // 2)

    with _instead(layers.Conv2d, "forward", forward):
        return way()


def last_layer_ways(decoder: VideoDecoder) -> dict[str, Make]:
    """Return the step from a quarter of the size to pixels at equal operations: shuffled out of many channels, as in
    use, or convolved at full size."""
    shuffled = decoder.leave
    channels = shuffled.weight.shape[1] // shuffled.kernel**2
    full = layers.Conv2d(channels, shuffled.weight.shape[0] // 16, shuffled.kernel).requires_grad_(False)
    x = _noise(1, channels, 36, 64).contiguous(memory_format=torch.channels_last).bfloat16()

    @torch.no_grad()
    def run(work: Callable[[], Tensor]) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return work()

    return {
        "in use: convolved at a quarter, pixels shuffled": lambda: run(
            lambda: functional.pixel_shuffle(shuffled(x), 4)
        ),
        "repeated to full size, then convolved": lambda: run(lambda: full(functional.interpolate(x, scale_factor=4))),
    }


def _noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(SEED))
