"""Muon for matrices, AdamW for the rest, one rate schedule: warm up, stay, and decay only on a branch that ships."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class OptimiserConfig:
    """Rates and their schedule. `decay_steps` 0 keeps the trunk's constant rate; `matrices` chooses Muon for inner
    matrices."""

    rate: float = 5e-4
    matrix_rate: float = 2e-3
    matrices: bool = True
    warmup_steps: int = 100
    decay_steps: int = 0
    weight_decay: float = 0.01
    clip: float = 1.0


class Optimiser:
    """Both optimisers as one, with state as a flat dict of tensors."""

    def __init__(self, config: OptimiserConfig, named: Iterable[tuple[str, nn.Parameter]]) -> None:
        self.config = config
        self.names: dict[Tensor, str] = {parameter: name for name, parameter in named if parameter.requires_grad}
        inner = {p for p, name in self.names.items() if config.matrices and is_inner_matrix(name, p)}
        outer = [p for p in self.names if p not in inner]
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(outer, lr=config.rate, betas=(0.9, 0.99), weight_decay=0.0, foreach=True)
        ]
        if inner:
            matrices = [p for p in self.names if p in inner]
            self.parts.append(
                torch.optim.Muon(
                    matrices, lr=config.matrix_rate, weight_decay=config.weight_decay, adjust_lr_fn="match_rms_adamw"
                )
            )

    def step(self, done: float) -> float:
        """Apply the gradients at schedule factor `done`; returns the gradient's norm before clipping. Gradients
        are cleared."""
        norm = torch.nn.utils.clip_grad_norm_(list(self.names), self.config.clip)
        for part, rate in zip(self.parts, (self.config.rate, self.config.matrix_rate), strict=False):
            for group in part.param_groups:
                group["lr"] = rate * done
            part.step()
            part.zero_grad(set_to_none=True)
        return float(norm)

    def state(self) -> dict[str, Tensor]:
        """Return all moments by parameter name."""
        return {
            f"{self.names[p]}|{key}": value if isinstance(value, Tensor) else torch.tensor(float(value))
            for part in self.parts
            for p, moments in part.state.items()
            for key, value in moments.items()
        }

    def load(self, state: dict[str, Tensor]) -> None:
        """Take moments saved by `state`."""
        by_name: dict[str, dict[str, Tensor]] = {}
        for full, value in state.items():
            name, key = full.rsplit("|", 1)
            by_name.setdefault(name, {})[key] = value
        for part in self.parts:
            for group in part.param_groups:
                for p in group["params"]:
                    if self.names[p] in by_name:
                        part.state[p] = {k: _like(v, p) for k, v in by_name[self.names[p]].items()}


def _like(value: Tensor, parameter: Tensor) -> Tensor:
    # Step counters are scalars and stay where they are; moments live beside their parameter.
    return value.clone() if value.ndim == 0 else value.to(parameter.device, copy=True)


# Names of what lies between hidden widths; embeddings and ends are left to AdamW.
_INNER = (".layers.", ".at_", ".to_")


def is_inner_matrix(name: str, parameter: Tensor) -> bool:
    """Return whether a weight is a matrix between hidden widths, which Muon orthogonalises."""
    return parameter.ndim == 2 and any(part in f".{name}" for part in _INNER)


def rate_factor(config: OptimiserConfig, step: int, num_steps: int) -> float:
    """Return the share of the full rate at a step: linear warm-up, constant, then linear decay to zero over the
    last steps."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    if not config.decay_steps:
        return warm
    return warm * min(1.0, max(0.0, (num_steps - step) / config.decay_steps))
