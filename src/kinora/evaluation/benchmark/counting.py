"""Floating-point operations, counted on the real calls, and the rate at which this machine multiplies matrices.

A multiplication and its addition are two operations. Counted are matrix products, convolutions and attention, whether
it is written as products or left to a fused kernel; not norms, softmax or Fourier transforms.
"""

from collections.abc import Sequence
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from kinora.evaluation.benchmark.table import Cell
from kinora.evaluation.benchmark.timing import Work, in_turn, spread

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def _cpu_attention(query: Sequence[int], key: Sequence[int], value: Sequence[int], *_: object, **__: object) -> int:
    return sdpa_flop_count(query, key, value)


def _int8_product(a: Sequence[int], b: Sequence[int], *_: object, **__: object) -> int:
    return 2 * a[0] * a[1] * b[1]


# What torch leaves out: the processor's own fused attention (it knows those of GPUs), and products of int8.
UNCOUNTED = {
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _cpu_attention,
    torch.ops.aten._int_mm: _int8_product,
}


def num_flop(work: Work) -> int:
    """Return the floating-point operations of one run."""
    with FlopCounterMode(display=False, custom_mapping=UNCOUNTED) as counter:
        work()
    return counter.get_total_flops()


def matmul_rows(sizes: Sequence[int], runs: int, device: str = "cpu") -> list[dict[str, Cell]]:
    """Return how fast square matrices are multiplied, a row a precision and size, with the threads of this process."""
    rows: list[dict[str, Cell]] = []
    for precision, dtype in PRECISIONS.items():
        for size in sizes:
            seconds = in_turn({"matmul": _product(size, dtype, device)}, runs)["matmul"]
            rate = 2 * size**3 / median(seconds) / 1e9
            rows.append({"precision": precision, "size": size, "gflop_per_s": rate, **spread(seconds)})
    return rows


def _product(size: int, dtype: torch.dtype, device: str) -> Work:
    draw = torch.Generator().manual_seed(0)
    a, b = (torch.randn(size, size, generator=draw).to(device, dtype) for _ in range(2))

    def work() -> None:
        torch.matmul(a, b)
        if device == "cuda":
            torch.cuda.synchronize()

    return work


def best_rates(rows: Sequence[dict[str, Cell]]) -> dict[str, float]:
    """Return the best measured rate of each precision, in FLOP a second."""
    return {
        precision: max(1e9 * float(row["gflop_per_s"] or 0) for row in rows if row["precision"] == precision)
        for precision in PRECISIONS
    }
