"""Opens a folder of weights: its pipeline, in the precision and the place that the plan says, without any code of its
own and without a network."""

import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from kinora.engines.catalog import Entry
from kinora.engines.hub.listing import INDEX, components
from kinora.engines.hub.memory import Plan, Work, network_in, parts_in, plan_in, plans, this_machine
from kinora.engines.hub.shelf import check_folder
from kinora.engines.open.engine import OpenEngine
from kinora.engines.open.family import Family, Pipeline
from kinora.engines.open.folder import read_index
from kinora.engines.open.ltx2 import Ltx2
from kinora.engines.open.placing import COMPUTED, Place
from kinora.engines.open.wan import Wan, WanImage, WanVace

BY_TOKEN = " by token"
"""Marks pipelines of Wan that give every token a time of its own: a first frame is given that way."""

# Without ftfy, Wan's pipelines fail only when they draw.
NEEDED = ("diffusers", "transformers", "accelerate", "ftfy")

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "USE_HUB_KERNELS": "NO"}
"""Read by the libraries as they are imported: whatever a folder says, they ask no hub and take no kernels of one."""


def open_folder(folder: Path, entry: Entry, plan: Plan | None = None) -> OpenEngine:
    """Return the engine in a folder of the hub's layout, by the fastest plan that fits here where none is named.

    Raises ValueError, in one line, where the folder holds something that is not known, whole or safe, or does not fit.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ValueError(f'open weights need {", ".join(missing)} as well: pip install "kinora[engines]"')
    check_folder(folder, hashes=False)
    kind = kind_of(read_index(folder), folder)
    machine = this_machine() if plan is None else None
    plan = plan or plan_in(folder, entry, machine=machine)
    try:
        family = FAMILIES[kind](_loaded(kind.removesuffix(BY_TOKEN), folder, plan))
    except (ImportError, OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ValueError(f"{folder} can't be opened ({said[:200]}); pull or copy it again") from error
    return OpenEngine(entry, family, Place(family.pipe, plan, reckoned(folder, entry), machine))


def reckoned(folder: Path, entry: Entry) -> Callable[[Work], list[Plan]]:
    """Return what says, for some work, what each way to lay these weights takes."""
    if entry.network is None:
        raise ValueError(f"nothing is known of the memory that {entry.name} takes")
    parts = parts_in(folder, components((folder / INDEX).read_bytes()))
    return partial(plans, parts, network_in(folder, entry.network))


def kind_of(index: dict[str, Any], folder: Path) -> str:
    """Return the kind of a pipeline, a name of `FAMILIES`. Raises ValueError for all others."""
    kind = index["_class_name"] + (BY_TOKEN if index.get("expand_timesteps") else "")
    if kind not in FAMILIES:
        raise ValueError(f"{folder} holds a {kind}, which is not drawn with here; known are {', '.join(FAMILIES)}")
    return kind


def _loaded(name: str, folder: Path, plan: Plan) -> Pipeline:
    os.environ.update(OFFLINE)
    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    whole = torch.float32 if plan.kind == "cpu" else COMPUTED
    # Wan's autoencoder is documented to stay in float32; that of LTX-2 is not.
    precise = {"vae": torch.float32} if name.startswith("Wan") else {}
    pipe = getattr(diffusers, name).from_pretrained(
        folder, dtype={**precise, "default": whole}, use_safetensors=True, local_files_only=True
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _wan_by_token(pipe: Pipeline) -> Family:
    """Wan 2.2 of 5 billion draws from a first frame by one pipeline and from text by another, with the same parts."""
    from diffusers import WanImageToVideoPipeline, WanPipeline

    settings = {"boundary_ratio": pipe.config.boundary_ratio, "expand_timesteps": True}
    parts = {name: part for name, part in pipe.components.items() if not name.startswith("image_")}
    pipes = [kind(**parts, **settings) for kind in (WanImageToVideoPipeline, WanPipeline)]
    for each in pipes:
        each.set_progress_bar_config(disable=True)
    return WanImage(pipes[0], text_pipe=pipes[1])


def _ltx2(pipe: Pipeline) -> Family:
    """All pipelines of LTX-2 have the same parts, and that of conditions does what the others do."""
    from diffusers import LTX2ConditionPipeline

    conditioned = LTX2ConditionPipeline(**pipe.components)
    conditioned.set_progress_bar_config(disable=True)
    return Ltx2(conditioned)


FAMILIES: dict[str, Callable[[Pipeline], Family]] = {
    "WanPipeline": Wan,
    "WanPipeline" + BY_TOKEN: _wan_by_token,
    "WanImageToVideoPipeline": WanImage,
    "WanImageToVideoPipeline" + BY_TOKEN: _wan_by_token,
    "WanVACEPipeline": WanVace,
    "LTX2Pipeline": _ltx2,
    "LTX2ImageToVideoPipeline": _ltx2,
    "LTX2ConditionPipeline": _ltx2,
}
"""What draws with a pipeline, by its class."""
