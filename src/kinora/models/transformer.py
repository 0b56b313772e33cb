"""The one transformer that denoises every stream of a state at once.

Movie Gen's block (arXiv 2410.13720): full bidirectional self-attention over all tokens, cross-attention to text,
SwiGLU, RMSNorm, normalised queries and keys, one shared modulation network with a bias a layer. Tokens that are
given and tokens that are made are modulated at their own flow times. It predicts clean data; `flow.path` turns
that into a velocity.

B batch, L tokens of all streams, D width, C channels of one stream.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from kinora.flow.state import State, Stream
from kinora.models.layers import Attention, RMSNorm, SwiGLU, rotary_turns, silence, sinusoid
from kinora.models.text import TextFeatures

NUM_MASKS = 8
MAX_SHOTS = 16


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Sizes. `channels` are latent channels by stream; references are pictures and share the video's projections."""

    width: int = 256
    depth: int = 6
    num_heads: int = 4
    hidden: int = 640
    text_width: int = 192
    channels: Mapping[str, int] = field(default_factory=lambda: {"video": 64, "sound": 32})

    @property
    def tap(self) -> int:
        """The layer after which truth is read in training: a third of the depth."""
        return max(1, self.depth // 3)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where on the path a batch is: times of free and of given tokens, the step about to be taken, the guidance
    built in; all (B,)."""

    t: Tensor
    given_t: Tensor
    size: Tensor
    guidance: Tensor

    @staticmethod
    def at(t: Tensor) -> "Step":
        """Return a plain step at time t: givens exact, no few-step jump, no built-in guidance."""
        nothing = torch.zeros_like(t)
        return Step(t=t, given_t=nothing, size=nothing, guidance=nothing)


class Transformer(nn.Module):
    """State, step and text to clean predictions by stream."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        streams = {**config.channels, "reference": config.channels["video"]}
        self.enter = nn.ModuleDict({name: nn.Linear(c, width) for name, c in config.channels.items()})
        self.hint = nn.ModuleDict({n: nn.Linear(c + NUM_MASKS, width, bias=False) for n, c in config.channels.items()})
        self.kind = nn.ParameterDict({name: nn.Parameter(0.02 * torch.randn(width)) for name in streams})
        self.shot = nn.Embedding(MAX_SHOTS, width)
        self.condition = Conditioner(config)
        self.layers = nn.ModuleList([TransformerLayer(config) for _ in range(config.depth)])
        self.leave_norm = RMSNorm(width, affine=False)
        self.leave_bias = nn.Parameter(torch.zeros(2 * width))
        self.leave = nn.ModuleDict({name: nn.Linear(width, c) for name, c in config.channels.items()})
        self.frequencies = rotary_frequencies(width // config.num_heads // 2)
        for silent in (*self.hint.values(), *self.leave.values(), self.shot):
            silence(silent)

    def forward(self, state: State, step: Step, text: TextFeatures) -> tuple[dict[str, Tensor], Tensor]:
        """Return clean predictions by stream (B, L, C) and the tapped tokens (B, L, D) in the order of the state's
        streams."""
        names = list(state.streams)
        x_BLD = torch.cat([self._embed(name, stream) for name, stream in state.streams.items()], dim=1)
        turns = rotary_turns(torch.cat([s.positions for s in state.streams.values()], dim=1), self.frequencies)
        turns = turns.to(x_BLD.dtype)
        free_BL = torch.cat([s.free for s in state.streams.values()], dim=1)
        modulation = self.condition(step, text, free_BL).to(x_BLD.dtype)
        tapped = x_BLD
        for number, layer in enumerate(self.layers, start=1):
            x_BLD = layer(x_BLD, modulation, turns, text)
            tapped = x_BLD if number == self.config.tap else tapped
        width = self.config.width
        shift, scale = (modulation[..., : 2 * width] + self.leave_bias.to(x_BLD.dtype)).chunk(2, dim=-1)
        x_BLD = self.leave_norm(x_BLD) * (1 + scale) + shift
        parts = x_BLD.split([s.x.shape[1] for s in state.streams.values()], dim=1)
        made = {name: self.leave[name](part) for name, part in zip(names, parts, strict=True) if name in self.leave}
        return made, tapped

    def _embed(self, name: str, stream: Stream) -> Tensor:
        weights = "video" if name == "reference" else name
        x = self.enter[weights](stream.x) + self.hint[weights](stream.hint)
        extra = self.kind[name] + self.shot(stream.shot.clamp(max=MAX_SHOTS - 1))
        return x + extra.to(x.dtype)


class Conditioner(nn.Module):
    """The one shared network from flow time, step size, guidance and text to every layer's modulation."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.width = width
        self.time = nn.Linear(width, width)
        self.size = nn.Linear(width, width, bias=False)
        self.guidance = nn.Linear(width, width, bias=False)
        self.text = nn.Linear(config.text_width, width)
        self.spread = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 6 * width))
        # Few-step inputs say nothing until few-step training gives them a voice; modulation, until anything is learned.
        for silent in (self.size, self.guidance, self.spread[-1]):
            silence(silent)

    def forward(self, step: Step, text: TextFeatures, free_BL: Tensor) -> Tensor:
        """Return modulation (B, 1, 6 D) when every token is free, else (B, L, 6 D) by each token's role."""
        shared = self.text(text.slots.mean(dim=1))
        shared = (
            shared
            + self.size(sinusoid(step.size, self.width))
            + self.guidance(sinusoid(step.guidance / 10, self.width))
        )
        made = self.spread(shared + self.time(sinusoid(step.t, self.width))).unsqueeze(1)
        if bool((free_BL > 0).all()):
            return made
        given = self.spread(shared + self.time(sinusoid(step.given_t, self.width))).unsqueeze(1)
        return torch.where(free_BL.unsqueeze(-1) > 0, made, given)


class TransformerLayer(nn.Module):
    """Self-attention, cross-attention, feed-forward; all gates start at zero, so a new layer is the identity."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.bias = nn.Parameter(torch.zeros(6 * width))
        self.norm, self.cross_norm, self.mlp_norm = (
            RMSNorm(width, affine=False),
            RMSNorm(width),
            RMSNorm(width, affine=False),
        )
        self.attention = Attention(width, width, config.num_heads)
        self.cross = Attention(width, config.text_width, config.num_heads)
        self.mlp = SwiGLU(width, config.hidden)
        silence(self.cross.leave)

    def forward(self, x_BLD: Tensor, modulation: Tensor, turns: Tensor, text: TextFeatures) -> Tensor:
        """Map (B, L, D) to the same shape."""
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = (modulation + self.bias.to(x_BLD.dtype)).chunk(6, dim=-1)
        x_BLD = x_BLD + gate * self.attention(self.norm(x_BLD) * (1 + scale) + shift, turns=turns)
        x_BLD = x_BLD + self.cross(self.cross_norm(x_BLD), text.context, mask_BS=text.mask)
        return x_BLD + mlp_gate * self.mlp(self.mlp_norm(x_BLD) * (1 + mlp_scale) + mlp_shift)


def rotary_frequencies(num_pairs: int) -> list[Tensor]:
    """Return radians per second, and twice radians per short side, that share `num_pairs` between time, height and
    width.

    One sound latent (1/24 s) turns the fastest time pair by one radian, 64 s turn the slowest by one; one token
    (1/9 of the short side) turns the fastest pair of space by one radian.
    """
    across = num_pairs // 3
    seconds = torch.logspace(0, 1, num_pairs - 2 * across, base=24 * 64) / 64
    space = torch.logspace(0, 1, across, base=18) / 2
    return [seconds, space, space]
