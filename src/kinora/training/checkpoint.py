"""Checkpoints that survive being killed at any instant, and trunks that travel between machines.

A checkpoint is one safetensors file: written to a temporary name, fsynced, renamed, its folder fsynced; the
SHA-256 of its facts and of every byte of every tensor stands in its metadata. A torn or altered file is refused and
the one before it is used.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from kinora.media.files import whole_file

KEEP = 2
TRUNK_FILE_BYTES = 12_000_000


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of names, types, shapes and bytes, in the order of the names."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"{name}:{tensor.dtype}:{tuple(tensor.shape)}".encode())
        total.update(tensor.view(-1).view(torch.uint8).numpy().data if tensor.numel() else b"")
    return total.hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, whole, whatever happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def save_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and JSON facts, with the digest of the tensors."""
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    said = json.dumps(dict(facts))
    write_atomically(path, save(whole, {"facts": said, "sha256": _seal(digest(whole), said)}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read tensors and facts. Raises ValueError when the file is torn or altered."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} is not a whole safetensors file: delete it and use the one before") from error
    said = metadata.get("facts", "")
    if metadata.get("sha256") != _seal(digest(tensors), said):
        raise ValueError(f"{path.name} does not match its own hash: delete it and use the one before")
    return tensors, json.loads(said)


def _seal(whole: str, said: str) -> str:
    return hashlib.sha256(f"{whole} {said}".encode()).hexdigest()


def checkpoint_path(folder: Path, step: int) -> Path:
    """Return where the checkpoint of a step lies."""
    return folder / f"step-{step:08d}.safetensors"


def save_checkpoint(folder: Path, step: int, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write the checkpoint of a step and drop all but the newest `KEEP`, and whatever claims to come after it."""
    path = checkpoint_path(folder, step)
    save_tensors(path, tensors, {**facts, "step": step})
    paths = sorted(folder.glob("step-*.safetensors"))
    # What lies ahead is damaged, or it would have been resumed; it must not take the place of a whole one.
    kept = [other for other in paths if other <= path][-KEEP:]
    for other in set(paths) - set(kept):
        other.unlink()


def sweep(folder: Path) -> None:
    """Remove what a killed writer left in a folder that nobody else writes to."""
    for left in folder.glob(".*.part"):
        left.unlink()


def newest_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Return the newest whole checkpoint of a run, or None; damaged ones are passed over."""
    for path in sorted(folder.glob("step-*.safetensors"), reverse=True):
        try:
            return load_tensors(path)
        except ValueError:
            continue
    return None


def export_trunk(folder: Path, weights: Mapping[str, Tensor], facts: Mapping[str, Any]) -> list[Path]:
    """Write weights without optimiser moments, in bfloat16, in files small enough to travel; returns their paths."""
    halves = {name: value.bfloat16() if value.is_floating_point() else value for name, value in weights.items()}
    parts: list[dict[str, Tensor]] = [{}]
    for name, value in halves.items():
        if parts[-1] and sum(t.nbytes for t in parts[-1].values()) + value.nbytes > TRUNK_FILE_BYTES:
            parts.append({})
        parts[-1][name] = value
    paths = [folder / f"trunk-{n}-of-{len(parts)}.safetensors" for n in range(1, len(parts) + 1)]
    for path, part in zip(paths, parts, strict=True):
        save_tensors(path, part, {**facts, "whole": digest(halves)})
    return paths


def import_trunk(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read an exported trunk whole. Raises ValueError when a file is missing, altered or from another trunk."""
    tensors: dict[str, Tensor] = {}
    facts: dict[str, Any] = {}
    for path in sorted(folder.glob("trunk-*.safetensors")):
        part, facts = load_tensors(path)
        tensors |= part
    if not tensors or digest(tensors) != facts["whole"]:
        raise ValueError(f"{folder} holds no whole trunk: copy every file of one export there, and nothing else")
    return tensors, facts
