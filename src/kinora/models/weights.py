"""Shipped weights: one safetensors file, matrices in int8 with a float16 scale a row, everything it speaks in
its metadata.

Reading it runs no code from it: sizes are numbers, words are JSON.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from kinora.media.files import whole_file
from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.transformer import Transformer, TransformerConfig
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig

FORMAT = "kinora-int8-1"
SHIPPED = Path(__file__).with_name("kinora-v1.safetensors")
SCALE = "|scale"
PARTS = ("transformer", "video", "sound", "text")


@dataclass(frozen=True, kw_only=True)
class Model:
    """Everything that turns a prompt into latents and latents into pictures and sound, and what it says of itself."""

    transformer: Transformer
    video: VideoAutoencoder
    sound: SoundAutoencoder
    text: TextEncoder
    name: str
    version: str
    sha256: str
    vocabulary: Mapping[str, Any]
    facts: Mapping[str, Any]

    @property
    def window_blocks(self) -> int:
        """How many blocks of 8 frames the transformer was trained to fill at once."""
        return int(self.facts["window_blocks"])

    @property
    def few_steps(self) -> tuple[int, ...]:
        """The numbers of steps that the transformer was taught to jump in; none where it only knows velocities."""
        return tuple(self.facts.get("few_steps", ()))


def save_weights(
    path: Path,
    modules: Mapping[str, nn.Module],
    vocabulary: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    most_bytes: int = 24_000_000,
) -> int:
    """Write named modules, each with a `config`, whole or not at all; returns the size in bytes. Raises ValueError,
    before anything is written, where they are too large to ship."""
    tensors: dict[str, Tensor] = {}
    for part, module in modules.items():
        for name, tensor in module.state_dict().items():
            tensors |= pack(f"{part}.{name}", tensor)
    configs = {part: asdict(cast(Any, module.config)) for part, module in modules.items()}
    metadata = {
        "format": FORMAT,
        "configs": json.dumps(configs),
        "vocabulary": json.dumps(vocabulary),
        "facts": json.dumps(facts),
    }
    data = save(tensors, {**metadata, "sha256": _digest(tensors, metadata)})
    if len(data) > most_bytes:
        size = f"{len(data) / 1e6:.1f} MB"
        raise ValueError(f"the weights would take {size}: shrink a part until all fit {most_bytes / 1e6:.0f} MB")
    with whole_file(path) as temporary:
        temporary.write_bytes(data)
    return len(data)


def load_model(path: Path = SHIPPED, *, device: str = "cpu") -> Model:
    """Read shipped weights. Raises ValueError when the file is missing, torn or altered."""
    tensors, metadata = read_weights(path, parts=PARTS)
    configs = json.loads(metadata["configs"])
    video: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in configs["video"].items()
    }
    parts: dict[str, nn.Module] = {
        "transformer": Transformer(TransformerConfig(**configs["transformer"])),
        "video": VideoAutoencoder(VideoAutoencoderConfig(**video)),
        "sound": SoundAutoencoder(SoundAutoencoderConfig(**configs["sound"])),
        "text": TextEncoder(TextConfig(**configs["text"])),
    }
    for part, module in parts.items():
        module.load_state_dict(unpack(tensors, f"{part}."))
        module.eval().requires_grad_(False).to(device)
    facts = json.loads(metadata["facts"])
    return Model(
        **parts,  # type: ignore[arg-type]
        name=facts["name"],
        version=facts["version"],
        sha256=metadata["sha256"],
        vocabulary=json.loads(metadata["vocabulary"]),
        facts=facts,
    )


def read_weights(path: Path, *, parts: Sequence[str]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read packed tensors and metadata of a file made of these parts. Raises ValueError when it is missing, torn,
    altered or made of others."""
    tensors, metadata = _read(path)
    said = {name: text for name, text in metadata.items() if name != "sha256"}
    if metadata.get("sha256") != _digest(tensors, said):
        raise ValueError(f"{path.name} does not match its own hash: install Kinora again")
    if set(json.loads(metadata["configs"])) != set(parts):
        raise ValueError(f"{path.name} does not hold {', '.join(parts)}: give a file that does")
    return tensors, metadata


@lru_cache(maxsize=1)
def vocabulary(path: Path = SHIPPED) -> dict[str, Any]:
    """Return the words the shipped model knows, read from its weights' metadata alone."""
    return json.loads(_read(path, tensors=False)[1]["vocabulary"])


def _read(path: Path, *, tensors: bool = True) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            values = {name: file.get_tensor(name) for name in file.keys()} if tensors else {}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ValueError(
            f"there are no weights at {path}: install Kinora again, or give the path of a weights file"
        ) from error
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} is not a whole safetensors file: install Kinora again") from error
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path.name} is not in the format {FORMAT}: use weights made for this version of Kinora")
    return values, metadata


def pack(name: str, tensor: Tensor) -> dict[str, Tensor]:
    """Return a matrix as int8 rows with a float16 scale each; vectors as float16."""
    if tensor.ndim < 2:
        return {name: tensor.half().contiguous()}
    rows = tensor.float().flatten(1)
    scale = (rows.abs().amax(dim=1).clamp(min=1e-8) / 127).half()
    # The rounded scale divides, so that what is read back is nearest to what was meant.
    whole = (rows / scale.float()[:, None].clamp(min=1e-8)).round().clamp(-127, 127).to(torch.int8)
    return {name: whole.view(tensor.shape), name + SCALE: scale}


def unpack(tensors: Mapping[str, Tensor], prefix: str = "") -> dict[str, Tensor]:
    """Return the float32 tensors under a prefix, named without it."""
    state = {}
    for name, tensor in tensors.items():
        if name.startswith(prefix) and not name.endswith(SCALE):
            value = tensor.float()
            if name + SCALE in tensors:
                scale = tensors[name + SCALE].float()
                value = value * scale.view(-1, *[1] * (value.ndim - 1))
            state[name.removeprefix(prefix)] = value
    return state


def _digest(tensors: Mapping[str, Tensor], said: Mapping[str, str]) -> str:
    total = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(tensors):
        total.update(f"{name}:{tensors[name].dtype}:{tuple(tensors[name].shape)}".encode())
        total.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()
