"""Settings of a folder of weights, looked through before a library reads them: none may have code fetched or run.

Wan, VACE and LTX-2 as they are published say nothing of the kind, so whatever does is refused.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_SETTINGS_BYTES = 16 << 20
WORDS = "tokenizer.json"
"""A tokenizer's own words and rules, tens of megabytes: read by a library that runs nothing."""

CODE_KEYS = frozenset(
    {
        *("auto_map", "auto_mapping", "trust_remote_code"),
        *("custom_pipeline", "custom_pipelines", "custom_generate", "custom_revision"),
        *("use_kernels", "kernel_config", "quantization_config"),
        *("base_model_name_or_path",),
    }
)
"""Keys that name modules of one's own, kernels or weights on the hub; quantised weights bring kernels from there."""
BUILT_IN = frozenset({"eager", "sdpa", "flex_attention", "grouped_mm", "batched_mm"})
"""How a model may ask to be computed: by what PyTorch has. OWNER/NAME is a kernel on the hub, and names of flash
attention become one where that library is not installed."""


def check_settings(path: Path) -> None:
    """Raise ValueError, in one line, where a file of settings asks for code, or can't be read."""
    if path.name == WORDS:
        return
    try:
        is_large = path.stat().st_size > MOST_SETTINGS_BYTES
        table = None if is_large else json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} can't be read; pull or copy it again") from error
    if is_large:
        raise ValueError(f"{path} is too large for settings; remove it")
    for key, value in _pairs(table):
        if _asks_for_code(key, value):
            raise ValueError(f"{path} asks for code by its {key}, and no code of a model is run here; take that out")


def _pairs(table: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Every key with its value, however deep."""
    waiting = [table]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _asks_for_code(key: str, value: Any) -> bool:  # noqa: ANN401
    if key.lower().endswith(("attn_implementation", "experts_implementation", "implementation_internal")):
        return not _is_built_in(value)
    # In a vocabulary a word has a number: that names nothing.
    return key.lower() in CODE_KEYS and bool(value) and type(value) is not int


def _is_built_in(value: Any) -> bool:  # noqa: ANN401
    """Whether a way to compute, or one for each component, is among those that PyTorch has."""
    ways = value.values() if isinstance(value, dict) else (value,)
    return all(way is None or type(way) is int or (isinstance(way, str) and way in BUILT_IN) for way in ways)
