"""From the judge's two runs to the weights file that ships."""

from pathlib import Path
from typing import Any

from torch import nn

from kinora.models.judge import PictureJudge, SoundJudge
from kinora.models.weights import save_weights
from kinora.training.checkpoint import newest_checkpoint
from kinora.training.loop import load_weights
from kinora.training.run import BRANCH, newest
from kinora.training.stages.judge import judge_config

NAME = "kinora-judge"
MOST_BYTES = 2_000_000


def ship_judge(runs: Path, path: Path, version: str) -> int:
    """Write the judge's weights from the newest checkpoints of its runs, decayed ones first; returns the size in
    bytes. Raises ValueError where a run is missing or the file would be too large."""
    modules: dict[str, nn.Module] = {"picture": PictureJudge(judge_config()), "sound": SoundJudge(judge_config())}
    story = {part: _newest(runs, f"judge-{part}s", module) for part, module in modules.items()}
    says = {"name": NAME, "version": version, "trained": story}
    return save_weights(path, modules, {}, says, most_bytes=MOST_BYTES)


def _newest(runs: Path, name: str, module: nn.Module) -> dict[str, Any]:
    """Load a run's newest weights into a module; returns what its checkpoint says."""
    weights, facts = newest(f"{name}{BRANCH}" if newest_checkpoint(runs / f"{name}{BRANCH}") else name, runs)
    load_weights(module, weights)
    return facts
