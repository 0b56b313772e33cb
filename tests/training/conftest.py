"""A runs folder for the debug recipe: frozen parts that know nothing yet, and shards of noise in place of a film."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from kinora.models.sound_autoencoder import SoundAutoencoder, SoundAutoencoderConfig
from kinora.models.text import TextConfig, TextEncoder
from kinora.models.video_autoencoder import VideoAutoencoder, VideoAutoencoderConfig
from kinora.storybook.facts import FACT_SLOTS
from kinora.storybook.vocabulary import COLOUR_NAMES, KIND_NAMES
from kinora.training.checkpoint import save_tensors
from kinora.training.frozen import freeze_part
from kinora.training.hinting import holes
from kinora.training.pool import shard_path
from kinora.training.recipes import debug
from kinora.training.run import Span, build, export, run_recipe
from kinora.training.truth import HEARD, NUM_PARTS

NUM_BLOCKS, AREA, SOUND_PER_BLOCK = 6, 9 * 16, 16


def noise_shard(number, rows):
    """A shard of clips: random latents, random truths, and captions that say which row they belong to."""
    draw = torch.Generator().manual_seed(number)
    tokens, latents = NUM_BLOCKS * AREA, NUM_BLOCKS * SOUND_PER_BLOCK
    tops = (len(KIND_NAMES), len(COLOUR_NAMES), NUM_PARTS, 256, 256, 256)
    truth = [torch.randint(top, (rows, tokens), generator=draw, dtype=torch.uint8) for top in tops]
    captions = [[f"a fox in row {row}", f"a red fox in row {row}"] for row in range(rows)]
    return {
        "video": torch.randn(rows, tokens, 64, generator=draw).bfloat16(),
        "sound": torch.randn(rows, latents, 32, generator=draw).bfloat16(),
        "held": torch.randn(rows, 4, tokens, 64, generator=draw).bfloat16(),
        "known": torch.from_numpy(
            np.stack([holes(NUM_BLOCKS, np.random.default_rng([number, r])) for r in range(rows)])
        ),
        "truth": torch.stack(truth, dim=-1),
        "heard": torch.randint(len(HEARD), (rows, latents), generator=draw, dtype=torch.uint8),
        "captions": torch.frombuffer(bytearray(json.dumps(captions).encode()), dtype=torch.uint8),
        "shape": torch.tensor([9, 16]),
    }


@pytest.fixture(scope="session")
def materials(tmp_path_factory):
    folder, pool = tmp_path_factory.mktemp("materials"), debug().pool
    torch.manual_seed(0)
    text = TextEncoder(TextConfig(slots=FACT_SLOTS))
    freeze_part(folder / "frozen", "text", text.state_dict(), {"slots": FACT_SLOTS})
    freeze_part(folder / "frozen", "video", VideoAutoencoder(VideoAutoencoderConfig()).state_dict(), {})
    freeze_part(folder / "frozen", "sound", SoundAutoencoder(SoundAutoencoderConfig()).state_dict(), {})
    for number in range(pool.limit):
        save_tensors(shard_path(folder / "pool" / pool.folder, number), noise_shard(number, pool.per_shard), {})
    return folder


@pytest.fixture
def make_runs(materials, tmp_path):
    """A function from a name to a runs folder in which nothing has been trained."""

    def make(name):
        (tmp_path / name).mkdir()
        for part in ("frozen", "pool"):
            (tmp_path / name / part).symlink_to(materials / part)
        return tmp_path / name

    return make


@pytest.fixture
def runs(make_runs):
    return make_runs("runs")


@pytest.fixture
def make_stage(runs):
    """A function from changes of the debug recipe's `FillConfig` to its stage."""

    def make(**changes):
        recipe = debug()
        return build(replace(recipe, fill=replace(recipe.fill, **changes)), runs)

    return make


@pytest.fixture(scope="session")
def trunk(materials, tmp_path_factory):
    """A trunk of the debug recipe, exported after three steps."""
    home = tmp_path_factory.mktemp("trunk")
    for part in ("frozen", "pool"):
        (home / part).symlink_to(materials / part)
    run_recipe("debug", home, span=Span(num_steps=3), workers=0)
    export("debug", home, home / "trunk")
    return home / "trunk"
