"""What is known of an engine before it is opened: by its name, or from the folder its weights lie in. Without torch."""

from dataclasses import replace
from pathlib import Path

from kinora.engines.catalog import CATALOG, Entry, entry_of
from kinora.engines.open.folder import image_abilities, read_index

LIKE = {
    "WanPipeline": "wan2.1-1.3b",
    "WanImageToVideoPipeline": "flf2v-14b",
    "WanVACEPipeline": "vace-1.3b",
    "LTX2Pipeline": "ltx2",
    "LTX2ImageToVideoPipeline": "ltx2",
    "LTX2ConditionPipeline": "ltx2",
}
"""The engine in the catalogue whose sizes, steps, licence and abilities are taken for a folder of this class."""


def find_engine(name: str) -> Entry:
    """Return what is known of an engine, by its name or its folder, without opening it. Raises ValueError, with the
    remedy, for what is neither."""
    folder = Path(name).expanduser()
    return entry_of(name) if name in CATALOG or not folder.is_dir() else _entry_at(folder)


def _entry_at(folder: Path) -> Entry:
    """What a folder in the hub's layout says of itself."""
    index = read_index(folder)
    kind = index["_class_name"]
    if kind not in LIKE:
        raise ValueError(f"{folder.name} is a {kind}, which is not drawn with: give one of {', '.join(LIKE)}")
    # Wan 2.2's small model is published as a text pipeline, and says so here that it can begin with a picture.
    is_by_token = bool(index.get("expand_timesteps"))
    like = CATALOG["wan2.2-5b" if is_by_token else LIKE[kind]]
    # Weights of that class were trained for one frame, for two, or for either.
    can = image_abilities(folder, index) if kind == "WanImageToVideoPipeline" and not is_by_token else like.can
    # The licence stays that of what it is like, and is to be accepted likewise.
    return replace(like, name=folder.name, can=can, repository="", revision="", download_bytes=None, parts={})
