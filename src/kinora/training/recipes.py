"""Every run by name: a function that returns its frozen configuration. `RECIPES` is all there is to look up."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from kinora.models.transformer import TransformerConfig
from kinora.training.loop import RunConfig
from kinora.training.optimiser import OptimiserConfig
from kinora.training.pool import PoolConfig
from kinora.training.stages.few_step import FewStepConfig
from kinora.training.stages.fill import FillConfig

PROBE_PROMPTS = (
    "a red fox stands in the snow",
    "a blue car drives to the right through the city at night",
    "a green dragon in the mountains at sunset",
    "a yellow balloon drifts over the sea",
    "a girl in pink jumps in a meadow",
    "a brown bear walks to the left in the forest",
    "a purple robot dances on a stage",
    "a white rocket in space",
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One run of one stage. `needs` names the frozen parts it stands on."""

    stage: Literal["text", "video", "sound", "fill", "judge-pictures", "judge-sounds"]
    run: RunConfig
    pool: PoolConfig | None = None
    fill: FillConfig = field(default_factory=FillConfig)
    decoder_only: bool = False
    needs: tuple[str, ...] = ()


def text() -> Recipe:
    """Stage 0: captions to facts."""
    optimiser = OptimiserConfig(rate=1e-3, matrix_rate=4e-3, decay_steps=1000)
    return Recipe(stage="text", run=RunConfig(num_steps=5000, batch=128, optimiser=optimiser))


def video() -> Recipe:
    """Stage 1: the video autoencoder, encoder and decoder."""
    optimiser = OptimiserConfig(rate=3e-4, matrix_rate=1e-3, warmup_steps=30)
    pool = PoolConfig(kind="pictures", per_shard=64, first=4, every=15, limit=32)
    return Recipe(
        stage="video", run=RunConfig(num_steps=100_000, batch=24, optimiser=optimiser, probe_every=100), pool=pool
    )


def video_decoder() -> Recipe:
    """Stage 1, continued: the decoder alone, once the encoder is frozen."""
    optimiser = OptimiserConfig(rate=5e-4, matrix_rate=1.5e-3, warmup_steps=30, decay_steps=300)
    pool = PoolConfig(kind="pictures", per_shard=64, first=12, every=15, limit=32)
    run = RunConfig(num_steps=600, batch=24, optimiser=optimiser, probe_every=100)
    return Recipe(stage="video", run=run, pool=pool, decoder_only=True)


def sound() -> Recipe:
    """Stage 2: the sound autoencoder."""
    optimiser = OptimiserConfig(rate=1e-3, matrices=False, warmup_steps=50, decay_steps=500)
    pool = PoolConfig(kind="waves", per_shard=256, first=2, every=100, limit=16)
    return Recipe(
        stage="sound", run=RunConfig(num_steps=3000, batch=16, optimiser=optimiser, probe_every=200), pool=pool
    )


def stills() -> Recipe:
    """Stage 3: stills, 144 tokens."""
    pool = PoolConfig(kind="stills", per_shard=256, first=6, every=25, limit=400, core=True)
    fill = FillConfig(keep=0.4, prompts=PROBE_PROMPTS)
    return Recipe(
        stage="fill", run=RunConfig(num_steps=1_000_000, batch=64), pool=pool, fill=fill, needs=("text", "video")
    )


def shorts() -> Recipe:
    """Stage 4: picture and sound, two blocks (1.3 s)."""
    pool = PoolConfig(kind="clips", per_shard=64, first=12, every=40, limit=400, core=True)
    fill = FillConfig(num_blocks=2, sound=True, keep=0.4, give_some=0.1, hint=0.2, prompts=PROBE_PROMPTS)
    run = RunConfig(num_steps=1_000_000, batch=32)
    return Recipe(stage="fill", run=run, pool=pool, fill=fill, needs=("text", "video", "sound"))


def clips() -> Recipe:
    """Stage 5: six blocks (4 s), any subset of blocks given, either stream given."""
    pool = PoolConfig(kind="clips", per_shard=64, first=16, every=40, limit=400, core=True)
    fill = FillConfig(
        num_blocks=6, sound=True, keep=0.4, give_some=0.2, give_stream=0.15, hint=0.2, prompts=PROBE_PROMPTS
    )
    run = RunConfig(num_steps=1_000_000, batch=8, optimiser=OptimiserConfig(warmup_steps=30))
    return Recipe(stage="fill", run=run, pool=pool, fill=fill, needs=("text", "video", "sound"))


def few() -> Recipe:
    """Stage 7: clips as before but with all tokens, and jumps that a frozen copy of the trunk teaches: few steps,
    guidance built in."""
    trunk = clips()
    # At the trunk's rates, with moments still fresh, the student leaves its teacher faster than it learns from it.
    run = replace(trunk.run, optimiser=OptimiserConfig(rate=1.5e-4, matrix_rate=6e-4, warmup_steps=20))
    return replace(trunk, run=run, fill=with_jumps(replace(trunk.fill, keep=1.0)))


def judge_pictures() -> Recipe:
    """The judge of pictures; its scenes are nobody else's."""
    optimiser = OptimiserConfig(rate=1e-3, matrix_rate=3e-3, warmup_steps=50)
    pool = PoolConfig(kind="judge-pictures", seed=4_243, per_shard=60, first=48, every=5, limit=480)
    run = RunConfig(num_steps=100_000, batch=24, optimiser=optimiser, probe_every=200)
    return Recipe(stage="judge-pictures", run=run, pool=pool)


def judge_sounds() -> Recipe:
    """The judge of sound."""
    optimiser = OptimiserConfig(rate=1e-3, matrices=False, warmup_steps=50)
    pool = PoolConfig(kind="judge-sounds", seed=4_244, per_shard=64, first=8, every=20, limit=32)
    run = RunConfig(num_steps=100_000, batch=16, optimiser=optimiser, probe_every=200)
    return Recipe(stage="judge-sounds", run=run, pool=pool)


def debug() -> Recipe:
    """Every part of the fill, so small that it runs in seconds: for tests, and for trying out a machine."""
    optimiser = OptimiserConfig(rate=1e-3, matrix_rate=4e-3, warmup_steps=4, decay_steps=4)
    pool = PoolConfig(kind="clips", name="debug", per_shard=4, first=1, every=8, limit=2)
    fill = FillConfig(
        num_blocks=2,
        sound=True,
        give_some=0.3,
        give_stream=0.2,
        hint=0.5,
        prompts=PROBE_PROMPTS[:4],
        transformer=TransformerConfig(width=32, depth=3, num_heads=2, hidden=48),
    )
    run = RunConfig(num_steps=16, batch=2, optimiser=optimiser, save_every_s=0.0, probe_every=12)
    return Recipe(stage="fill", run=run, pool=pool, fill=fill, needs=("text", "video", "sound"))


def debug_few() -> Recipe:
    """The same for few steps, which need a trunk of `debug`."""
    whole = debug()
    return replace(whole, run=replace(whole.run, num_steps=6, probe_every=4), fill=with_jumps(whole.fill))


def with_jumps(fill: FillConfig) -> FewStepConfig:
    """Return the configuration of a fill that also learns jumps."""
    return FewStepConfig(**{f.name: getattr(fill, f.name) for f in fields(fill)})


RECIPES: dict[str, Callable[[], Recipe]] = {
    f.__name__.replace("_", "-"): f
    for f in (
        *(text, video, video_decoder, sound, stills, shorts, clips, few, judge_pictures, judge_sounds),
        *(debug, debug_few),
    )
}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name. Raises ValueError that suggests the nearest one."""
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(RECIPES)}"
        raise ValueError(f"there is no recipe {name!r}: {hint}")
    return RECIPES[name]()
