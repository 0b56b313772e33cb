"""Whether the engine behind a model can do what is asked, before it is accepted."""

from kinora.engines.abilities import Ability
from kinora.engines.able import lacks, said
from kinora.engines.catalog import CATALOG, Entry
from kinora.engines.finding import find_engine
from kinora.serving.api.errors import refuse
from kinora.serving.config import Config


def able_engine(config: Config, model: str, needed: set[Ability], longest_s: float) -> Entry:
    """The engine of a model. ApiError 400, naming one that can, for what it can't do.

    `longest_s` is how long the longest shot is: who draws less at once has to go on from what it made.
    """
    entry = find_engine(config.engine_of(model))
    missing = _lacking(entry, needed, longest_s)
    if missing:
        able = {name for name, each in CATALOG.items() if not _lacking(each, needed, longest_s)}
        models = [name for name in (*config.models, *config.models.values()) if config.engine_of(name) in able]
        named = [name for name in models if name != "*"]
        remedy = f"ask for the model {named[0]}" if named else f"there are engines that can: {', '.join(sorted(able))}"
        message = f"model {model} can't {said(missing)}; {remedy}"
        refuse(message, param="model", code="unsupported_by_model")
    return entry


def _lacking(entry: Entry, needed: set[Ability], longest_s: float) -> list[Ability]:
    return lacks(entry, needed, round(longest_s * entry.canvas.fps))
