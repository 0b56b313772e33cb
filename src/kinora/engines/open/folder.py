"""What a folder of weights says it is, read before any of it is loaded: only known classes."""

import json
from pathlib import Path
from typing import Any

from kinora.engines.abilities import Ability
from kinora.engines.hub.listing import INDEX, MOST_INDEX_BYTES

# Components by (library, class): what may be loaded.
DIFFUSERS = (
    "AutoencoderKLLTX2Audio",
    "AutoencoderKLLTX2Video",
    "AutoencoderKLWan",
    "FlowMatchEulerDiscreteScheduler",
    "LTX2VideoTransformer3DModel",
    "UniPCMultistepScheduler",
    "WanTransformer3DModel",
    "WanVACETransformer3DModel",
)
TRANSFORMERS = (
    "CLIPImageProcessor",
    "CLIPImageProcessorFast",
    "CLIPImageProcessorPil",
    "CLIPVisionModel",
    "Gemma3ForConditionalGeneration",
    "Gemma3ImageProcessor",
    "Gemma3Processor",
    "GemmaTokenizer",
    "GemmaTokenizerFast",
    "T5Tokenizer",
    "T5TokenizerFast",
    "UMT5EncoderModel",
)
LTX2 = ("LTX2TextConnectors", "LTX2Vocoder", "LTX2VocoderWithBWE")
ALLOWED = {
    *(("diffusers", name) for name in DIFFUSERS),
    *(("transformers", name) for name in TRANSFORMERS),
    *(("ltx2", name) for name in LTX2),
}


def read_index(folder: Path) -> dict[str, Any]:
    """Return what the folder says it is made of. Raises ValueError where that can't be read or names a class that is
    not known here: nothing of it would be run."""
    path = folder / INDEX
    try:
        index = json.loads(path.read_bytes()) if path.stat().st_size <= MOST_INDEX_BYTES else None
    except (OSError, ValueError, RecursionError):
        index = None
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise ValueError(f"{path} is not the index of a pipeline: give a folder in the layout of the hub")
    for name, value in index.items():
        if isinstance(value, list) and value != [None, None] and tuple(map(str, value)) not in ALLOWED:
            raise ValueError(
                f"{path} wants {'.'.join(map(str, value))} as its {name}, which is not known here: not loaded"
            )
    return index


def image_abilities(folder: Path, index: dict[str, Any]) -> frozenset[Ability]:
    """Return what a Wan that is shown pictures was trained for, by the shape of its transformer's inputs: as
    `open.wan.WanImage.can`, which has it opened. Raises ValueError where its configuration can't be read."""
    part = "transformer" if index.get("transformer", [None, None]) != [None, None] else "transformer_2"
    path = folder / part / "config.json"
    try:
        config = json.loads(path.read_bytes()) if path.stat().st_size <= MOST_INDEX_BYTES else None
    except (OSError, ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        raise ValueError(f"{path} is not the configuration of a transformer: copy it again")
    # Places for two pictures that are embedded as a whole are for no other number.
    if config.get("pos_embed_seq_len") is not None:
        return frozenset({"both ends"})
    return frozenset({"first frame"} if config.get("image_dim") is not None else {"first frame", "both ends"})
