"""Every section of the benchmark by name, taken one after the other, printed as tables and written as JSON."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kinora.evaluation.benchmark import compute, devices, files, peers, steps, variants
from kinora.evaluation.benchmark.staged import SEED
from kinora.evaluation.benchmark.table import Bench, Effort, Table
from kinora.evaluation.figures import LEVEL
from kinora.evaluation.machine import machine_facts
from kinora.media.files import whole_file
from kinora.models.weights import load_model

SECTIONS: dict[str, tuple[str, Callable[[Bench], list[Table]]]] = {
    "stages": ("Prompt to signed file, by stage", files.stages),
    "compute": ("Operations, and the share of the machine's matmul rate", compute.measure),
    "steps": ("Quality against steps", steps.measure),
    "scaling": ("Cost against length and size", files.scaling),
    "peers": ("Networks of the same size from diffusers", peers.measure),
    "variants": ("Other ways of doing the same work", variants.measure),
    "training": ("Training", devices.training),
    "gpu": ("On a GPU", devices.gpu),
}


def choose(names: str) -> list[str]:
    """Return the sections named, all where none is. Raises ValueError for one that there is not."""
    chosen = names.split(",") if names else list(SECTIONS)
    if unknown := sorted(set(chosen) - set(SECTIONS)):
        raise ValueError(f"there is no section {', '.join(unknown)}: choose from {', '.join(SECTIONS)}")
    return chosen


def measure(weights: Path, effort: Effort, chosen: Iterable[str], say: Callable[[str], None]) -> dict[str, Any]:
    """Return the report of the chosen sections as plain values; `say` is given each as Markdown once it is taken."""
    # Taken before anything runs, so that the load is that of others.
    facts = {"machine": machine_facts(), "seed": SEED, "interval": f"{LEVEL:.0%}, bootstrap", "effort": vars(effort)}
    bench = Bench(model=load_model(weights), weights=weights, effort=effort)
    facts |= {"sha256": {weights.name: bench.model.sha256}}
    return {**facts, "sections": {name: _take(name, bench, say) for name in chosen}}


def _take(name: str, bench: Bench, say: Callable[[str], None]) -> Mapping[str, Any]:
    title, section = SECTIONS[name]
    began = time.perf_counter()
    tables = section(bench)
    say("\n".join([f"## {title}", "", *(table.markdown() for table in tables)]))
    seconds = round(time.perf_counter() - began, 1)
    return {"title": title, "seconds": seconds, "tables": [table.to_json() for table in tables]}


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report as JSON, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n")
