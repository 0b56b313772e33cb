"""Whether an engine fits into a machine, and how: reckoned before anything is loaded, without torch.

Weights are counted, not estimated: 2 bytes a parameter (bfloat16), 4 in the autoencoders, which run in
float32, 1 where they are stored in 8 bits. Beside them lie, never at the same time, one evaluation of the
transformer (`Network.token_bytes` for each token of a window) and one piece of decoding (`Network.pixel_bytes` for each
pixel of a picture, or of a tile where it is decoded in tiles). `MARGIN` and `SPARE_BYTES` are a rule of thumb for
what a card's libraries and a fragmented heap take; neither is measured.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from kinora.engines.catalog import CATALOG, Entry, Network
from kinora.engines.hub.headers import num_parameters
from kinora.engines.hub.listing import INDEX, components
from kinora.engines.hub.shelf import weights_of
from kinora.request import Size

Kind = Literal["whole", "offload", "8-bit", "layers", "cpu"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MARGIN = 1.1
SPARE_BYTES = 600 << 20
"""A context on the card, and what a library's kernels take."""
TILE_PIXELS = 256 * 256
"""A tile of the autoencoder, as diffusers cuts them."""
LAYERS_AT_ONCE = 3
"""Blocks on the card where they come one after another: the one at work, and the next on its way."""
BLOCKS = 30
"""Blocks that the smallest of the large networks has: no network here has fewer."""
SINGLE = {"vae", "audio_vae", "vocoder"}
"""Components that may run in float32."""
EIGHT_BIT = {"transformer", "text_encoder"}
"""Components that may be stored in 8 bits."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What is free: bytes of RAM, and of the card's own memory, None where there is no card."""

    ram_bytes: int
    gpu_bytes: int | None = None
    gpu_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How an engine is laid into memory. `whole` in bfloat16; `offload`, one component at a time on the card; `8-bit`,
    likewise with transformer and text encoder stored in 8 bits; `layers`, block by block; `cpu`, all of it in float32.

    Where components come and go, pictures are decoded in tiles. Bytes are the most that is needed at once; `device` is
    where it computes, in torch's words.
    """

    kind: Kind
    gpu_bytes: int
    ram_bytes: int
    device: str = "cuda"


@dataclass(frozen=True, kw_only=True)
class Work:
    """The largest piece that is computed at once: a window of drawn frames, of a (height, width)."""

    num_frames: int
    size: Size


def plan_for(name: str, parts: Mapping[str, int], network: Network, work: Work, machine: Machine) -> Plan:
    """Return the fastest plan that fits. `parts` counts the parameters of each component.

    Raises ValueError, one line with the remedy, where none does.
    """
    possible = list(plans(parts, network, work))
    fitting = [plan for plan in possible if fits(plan, machine)]
    if fitting:
        return fitting[0]
    least = min(
        (plan for plan in possible if _has_device(plan, machine)), key=lambda plan: (plan.gpu_bytes, plan.ram_bytes)
    )
    raise ValueError(
        f"{name} needs {_gb(least.gpu_bytes)} of memory on the card and {_gb(least.ram_bytes)} of RAM for this, and"
        f" {_gb(machine.gpu_bytes or 0)} and {_gb(machine.ram_bytes)} are free:"
        f" ask for a smaller size or a shorter clip{_others(machine)}"
    )


def plans(parts: Mapping[str, int], network: Network, work: Work) -> list[Plan]:
    """Every plan there is, the fastest first."""
    return [_plan(kind, parts, network, work) for kind in KINDS]


def fits(plan: Plan, machine: Machine) -> bool:
    """Whether a machine has what a plan needs."""
    return (
        _has_device(plan, machine)
        and plan.gpu_bytes <= (machine.gpu_bytes or 0)
        and plan.ram_bytes <= machine.ram_bytes
    )


def largest_work(entry: Entry) -> Work:
    """A window of an engine, at the size of its first shape."""
    return Work(num_frames=entry.window_frames, size=entry.canvas.sizes[0])


def parts_in(folder: Path, components: Sequence[str]) -> dict[str, int]:
    """Count the parameters of components on disk from the heads of their files. Raises ValueError for a broken one."""
    counts = {name: sum(map(num_parameters, weights_of(folder, name))) for name in components}
    return {name: count for name, count in counts.items() if count}


def plan_in(folder: Path, entry: Entry, work: Work | None = None, machine: Machine | None = None) -> Plan:
    """Return the plan for weights on disk, from what their files say; for a whole window where no work is named.

    Raises ValueError, one line with the remedy, where nothing fits or a file is broken. Imports torch where no machine
    is given.
    """
    parts = parts_in(folder, components((folder / INDEX).read_bytes()))
    if not entry.network or "transformer" not in parts:
        raise ValueError(f"{folder} has no transformer in safetensors: pull or copy it again")
    network = network_in(folder, entry.network)
    return plan_for(entry.name, parts, network, work or largest_work(entry), machine or this_machine())


def network_in(folder: Path, like: Network) -> Network:
    """Return the network on disk: one like another, and as wide as its configuration says."""
    try:
        config = json.loads((folder / "transformer" / "config.json").read_bytes())
        width = int(config["num_attention_heads"]) * int(config["attention_head_dim"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return like
    return replace(like, width=width, token_bytes=like.token_bytes * width // like.width)


def free_ram_bytes() -> int:
    """How much RAM programs can have now, as the system reckons it; all there is where it doesn't say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def this_machine() -> Machine:
    """Return what is free here. Imports torch."""
    import torch

    ram_bytes = free_ram_bytes()
    if not torch.cuda.is_available():
        return Machine(ram_bytes=ram_bytes)
    free, _ = torch.cuda.mem_get_info()
    return Machine(ram_bytes=ram_bytes, gpu_bytes=free, gpu_name=torch.cuda.get_device_name())


def _plan(kind: Kind, parts: Mapping[str, int], network: Network, work: Work) -> Plan:
    weights = {name: count * _width(name, kind) for name, count in parts.items()}
    is_tiled = kind not in ("whole", "cpu")
    beside = {"transformer": _evaluation_bytes(network, work), "vae": _decoding_bytes(network, work, is_tiled)}
    together = sum(weights.values()) + max(beside.values())
    if kind == "cpu":
        return Plan(kind=kind, gpu_bytes=0, ram_bytes=_needed(together), device="cpu")
    resident = {name: _on_card(name, size, kind) for name, size in weights.items()}
    apart = max(size + beside.get(name, 0) for name, size in resident.items())
    # All weights come through RAM on their way to the card, and are there before any is made 8 bits wide.
    loaded = sum(count * _width(name, "whole") for name, count in parts.items())
    return Plan(kind=kind, gpu_bytes=_needed(together if kind == "whole" else apart), ram_bytes=_needed(loaded))


def _on_card(name: str, size: int, kind: Kind) -> int:
    """Bytes of a component that are on the card at once."""
    return LAYERS_AT_ONCE * size // BLOCKS if kind == "layers" and name not in SINGLE else size


def _needed(num_bytes: int) -> int:
    return int(num_bytes * MARGIN) + SPARE_BYTES


def _width(component: str, kind: Kind) -> int:
    """Bytes a parameter."""
    if kind == "cpu" or component in SINGLE:
        return 4
    return 1 if kind == "8-bit" and component in EIGHT_BIT else 2


def num_tokens(network: Network, work: Work) -> int:
    """Return how many tokens of a picture the transformer sees at once."""
    height, width = work.size
    num_latent_frames = -(-(work.num_frames - 1) // network.frames) + 1
    return num_latent_frames * -(-height // network.pixels) * -(-width // network.pixels)


def _evaluation_bytes(network: Network, work: Work) -> int:
    return num_tokens(network, work) * network.token_bytes


def _decoding_bytes(network: Network, work: Work, is_tiled: bool) -> int:
    height, width = work.size
    # The finished frames themselves lie there too: three colours in float32, twice while they are put together.
    frames = work.num_frames * height * width * 3 * 4 * 2
    return frames + network.pixel_bytes * (min(height * width, TILE_PIXELS) if is_tiled else height * width)


def _has_device(plan: Plan, machine: Machine) -> bool:
    # With a card that is too small nothing is quietly left to the processor, which would take days.
    return (plan.kind == "cpu") == (machine.gpu_bytes is None)


def _others(machine: Machine) -> str:
    """Which engines of the catalog do fit."""
    fitting = [
        name
        for name, entry in CATALOG.items()
        if entry.network and any(fits(plan, machine) for plan in plans(entry.parts, entry.network, largest_work(entry)))
    ]
    return f", or choose an engine that fits: {', '.join(fitting)}" if fitting else ", or the engine in the package"


def _gb(num_bytes: int) -> str:
    return f"{num_bytes / 1e9:.1f} GB"
