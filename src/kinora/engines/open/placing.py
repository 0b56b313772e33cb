"""Lays a pipeline into memory as a plan says, and anew where a larger picture needs it: checked before it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from kinora.engines.hub.memory import KINDS, Machine, Plan, Work, fits
from kinora.engines.open.family import Pipeline

STORED = torch.float8_e4m3fn
COMPUTED = torch.bfloat16

# Of a text encoder, what is not stored in 8 bits: what is no product of matrices, a head that has its weights in common
# with an embedding, and T5's last product, which takes the type of its weights for that of its input.
KEPT = ("embed", "shared", "norm", "relative", "lm_head", r"\bwo\b", "vision")


@dataclass
class Place:
    """Where a pipeline lies. `plans` says what each way to lay it takes for some work; `machine` is what was free
    before it was laid, None where nothing is to be checked."""

    pipe: Pipeline
    plan: Plan
    plans: Callable[[Work], list[Plan]]
    machine: Machine | None = None

    def __post_init__(self) -> None:
        """Lay the pipeline."""
        lay(self.pipe, self.plan)

    def make_room(self, work: Work) -> Plan:
        """Return what this work takes, the pipeline laid so that it fits. Raises ValueError where it can't be."""
        wanted = next_plan(self.plan, self.plans(work), self.machine)
        if wanted.kind != self.plan.kind:
            lay(self.pipe, wanted)
            self.plan = wanted
        return wanted


def next_plan(current: Plan, plans: list[Plan], machine: Machine | None) -> Plan:
    """Return the first of these plans, the present kind or one that is slower, that fits a machine. Raises ValueError
    where none does."""
    slower = [plan for plan in plans if plan.device == current.device and order(plan) >= order(current)]
    found = next((plan for plan in slower if machine is None or fits(plan, machine)), None)
    if found is None:
        least = min(plan.gpu_bytes or plan.ram_bytes for plan in slower)
        raise ValueError(f"this takes {least / 1e9:.1f} GB of memory, and less is free: ask for a smaller size")
    return found


def order(plan: Plan) -> int:
    """Return how far a plan is from the fastest."""
    return KINDS.index(plan.kind)


def lay(pipe: Pipeline, plan: Plan) -> None:
    """Lay a pipeline as a plan says; what comes and goes is decoded in tiles."""
    pipe.remove_all_hooks()
    LAID[plan.kind](pipe, torch.device(plan.device))
    if plan.kind not in ("whole", "cpu"):
        pipe.vae.enable_tiling()


def _offloaded(pipe: Pipeline, device: torch.device) -> None:
    pipe.enable_model_cpu_offload(device=device)


def _in_8_bits(pipe: Pipeline, device: torch.device) -> None:
    from diffusers.hooks import apply_layerwise_casting

    for name in ("transformer", "transformer_2"):
        if getattr(pipe, name, None) is not None:
            getattr(pipe, name).enable_layerwise_casting(storage_dtype=STORED, compute_dtype=COMPUTED)
    apply_layerwise_casting(pipe.text_encoder, STORED, COMPUTED, skip_modules_pattern=KEPT)
    _offloaded(pipe, device)


def _layer_by_layer(pipe: Pipeline, device: torch.device) -> None:
    pipe.to("cpu")
    pipe.enable_group_offload(onload_device=device, offload_type="leaf_level", use_stream=device.type == "cuda")


LAID: dict[str, Callable[[Pipeline, torch.device], Any]] = {
    "cpu": lambda pipe, device: None,
    "whole": lambda pipe, device: pipe.to(device),
    "offload": _offloaded,
    "8-bit": _in_8_bits,
    "layers": _layer_by_layer,
}
