"""The same work by networks of the same size from the diffusers library, in the same run, as ratios.

Their weights are random: nothing is downloaded, only time, parameters and operations are compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn

from kinora.evaluation.benchmark.counting import num_flop
from kinora.evaluation.benchmark.table import Bench, Table
from kinora.evaluation.benchmark.timing import Work, compared, in_turn, spread
from kinora.evaluation.benchmark.window import answer, question
from kinora.models.video_autoencoder import BLOCK_FRAMES, VideoAutoencoder
from kinora.models.weights import Model

# A block's 9 x 16 pictures tokens and 16 of sound are as many as a grid of 10 x 16, which theirs can be given.
ROWS, COLUMNS = 10, 16
WAN = {"base_dim": 20, "z_dim": 16}
LTX = {
    "latent_channels": 64,
    "block_out_channels": (32, 48, 64, 80),
    "decoder_block_out_channels": (32, 48, 64, 80),
    "layers_per_block": (1, 1, 1, 1, 1),
    "decoder_layers_per_block": (1, 1, 1, 1, 1),
    "patch_size": 2,
}
REMEDY = "Not measured: install the library with `pip install -e '.[benchmark]'`."


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A network, the work it does, and over how many frames its time is shared out."""

    network: nn.Module
    work: Work
    frames: int = 1


def measure(bench: Bench) -> list[Table]:
    """Return the transformers on one window, then encoders and decoders on one clip."""
    if find_spec("diffusers") is None:
        return [Table(title="Peers of the same size", rows=[], note=REMEDY)]
    from diffusers.utils import logging

    logging.set_verbosity_error()
    runs, clip = min(3, bench.effort.runs), (bench.effort.num_blocks * BLOCK_FRAMES, *bench.effort.picture)
    encoders, decoders = autoencoders(bench.model.video, clip)
    made = f"{clip[0]} frames of {clip[2]}x{clip[1]}"
    more = "Theirs begin a clip with one frame more, so the ratio is of seconds a frame."
    return [
        _table(f"Transformers, {num_tokens(bench.model)} tokens, one evaluation", transformers(bench.model), runs),
        _table(f"Encoding {made}", encoders, runs, more),
        _table(f"Decoding {made}", decoders, runs, more),
    ]


def _table(title: str, contenders: Mapping[str, Contender], runs: int, more: str = "") -> Table:
    taken = in_turn({name: one.work for name, one in contenders.items()}, runs)
    a_frame = {name: [s / contenders[name].frames for s in seconds] for name, seconds in taken.items()}
    base, rows = a_frame[next(iter(contenders))], []
    for name, one in contenders.items():
        size = {"million_parameters": num_parameters(one.network) / 1e6, "gflop": num_flop(one.work) / 1e9}
        rows.append({"network": name, **size, **spread(taken[name]), **compared(a_frame[name], base)})
    return Table(title=title, rows=rows, note=f"Products in bfloat16; the others' weights are random. {more}".strip())


def num_parameters(network: nn.Module) -> int:
    """Return how many numbers a network learns."""
    return sum(parameter.numel() for parameter in network.parameters())


def num_tokens(model: Model) -> int:
    """Return how many tokens a window has, those of sound included."""
    return model.window_blocks * ROWS * COLUMNS


def transformers(model: Model) -> dict[str, Contender]:
    """Return ours and theirs: same width, depth, heads, tokens and text, and hidden widths of the same parameters."""
    from diffusers import LTXVideoTransformer3DModel, WanTransformer3DModel

    asked = question(model)
    config, context = model.transformer.config, asked.text.context.bfloat16()
    channels, heads = config.channels["video"], config.num_heads
    same = {"in_channels": channels, "out_channels": channels, "num_attention_heads": heads}
    same |= {"attention_head_dim": config.width // heads, "num_layers": config.depth}
    # Two matrices of 3/2 the hidden width have as many parameters as our three.
    wan = _still(
        WanTransformer3DModel(
            **same,
            patch_size=(1, 1, 1),
            text_dim=config.text_width,
            ffn_dim=3 * config.hidden // 2,
            rope_max_seq_len=64,
        )
    )
    ltx = _still(
        LTXVideoTransformer3DModel(
            **same, patch_size=1, caption_channels=config.text_width, cross_attention_dim=config.width
        )
    )
    grid = {"num_frames": model.window_blocks, "height": ROWS, "width": COLUMNS, "rope_interpolation_scale": (1, 1, 1)}
    text = {"timestep": torch.tensor([500]), "encoder_hidden_states": context, "return_dict": False}
    video = _noise(1, channels, model.window_blocks, ROWS, COLUMNS)
    mask = torch.ones(context.shape[:2])
    return {
        "Kinora": Contender(network=model.transformer, work=partial(answer, model.transformer, asked)),
        "WanTransformer3DModel": Contender(network=wan, work=_call(wan, hidden_states=video, **text)),
        "LTXVideoTransformer3DModel": Contender(
            network=ltx,
            work=_call(
                ltx, hidden_states=video.flatten(2).transpose(1, 2), encoder_attention_mask=mask, **text, **grid
            ),
        ),
    }


def autoencoders(
    own: VideoAutoencoder, clip: tuple[int, int, int]
) -> tuple[dict[str, Contender], dict[str, Contender]]:
    """Return encoders and decoders of a clip (T, H, W): ours, and theirs with about as many parameters as the shipped
    one has (5 million)."""
    from diffusers import AutoencoderKLLTXVideo, AutoencoderKLWan

    num_frames, height, width = clip
    theirs = {
        "AutoencoderKLWan": _still(AutoencoderKLWan(**WAN)),
        "AutoencoderKLLTXVideo": _still(AutoencoderKLLTXVideo(**LTX)),
    }
    video = _noise(1, 3, num_frames + 1, height, width)
    ours = video[:, :, 1:].float()
    encode, decode = (_autocast(work) for work in (own.encode, own.decode))
    latent = encode(ours).float()
    encoders = {"Kinora": Contender(network=own.encoder, work=partial(encode, ours), frames=num_frames)}
    decoders = {"Kinora": Contender(network=own.decoder, work=partial(decode, latent), frames=num_frames)}
    for name, network in theirs.items():
        with torch.no_grad():
            hidden = network.encode(video).latent_dist.mode()
        shared = {"frames": num_frames + 1}
        encoders[name] = Contender(network=network.encoder, work=_call(network.encode, x=video), **shared)
        decoders[name] = Contender(network=network.decoder, work=_call(network.decode, z=hidden), **shared)
    return encoders, decoders


def _still(network: nn.Module) -> Any:  # noqa: ANN401
    return network.eval().requires_grad_(False).bfloat16()


def _call(work: Callable[..., object], **inputs: object) -> Work:
    def call() -> None:
        with torch.no_grad():
            work(**inputs)

    return call


def _autocast(work: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def call(x: Tensor) -> Tensor:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            return work(x)

    return call


def _noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)).bfloat16()
