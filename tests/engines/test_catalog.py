"""What the catalog says of each engine agrees with itself."""

import re
import subprocess
import sys
from typing import get_args

import pytest

from kinora.engines.abilities import Ability
from kinora.engines.catalog import CATALOG, NATIVE, entry_of
from kinora.request import ASPECTS

OPEN = [entry for entry in CATALOG.values() if entry.name != NATIVE]


@pytest.mark.parametrize("entry", OPEN, ids=lambda entry: entry.name)
def test_an_open_engine_is_pinned_and_counted(entry):
    assert re.fullmatch(r"[0-9a-f]{40}", entry.revision)
    assert entry.repository.count("/") == 1
    assert {"transformer", "text_encoder", "vae"} <= set(entry.parts)
    assert entry.network.token_bytes > 0
    assert entry.network.pixel_bytes > 0


@pytest.mark.parametrize("entry", CATALOG.values(), ids=lambda entry: entry.name)
def test_sizes_lie_on_the_grid_and_serve_every_shape(entry):
    canvas = entry.canvas
    assert all(side % canvas.grid == 0 for size in canvas.sizes for side in size)
    for name, aspect in ASPECTS.items():
        height, width = canvas.named(name)
        assert width / height == pytest.approx(aspect, rel=0.06), name


@pytest.mark.parametrize("entry", OPEN, ids=lambda entry: entry.name)
def test_a_window_is_whole_latent_frames_and_a_first_one(entry):
    assert entry.window_frames % entry.network.frames == 1


@pytest.mark.parametrize("entry", CATALOG.values(), ids=lambda entry: entry.name)
def test_abilities_are_words_that_are_known(entry):
    assert entry.can
    assert entry.can <= set(get_args(Ability))
    assert bool(entry.terms) == (entry.licence != "Apache-2.0")


def test_names_are_their_own_keys():
    assert all(entry.name == name for name, entry in CATALOG.items())
    with pytest.raises(ValueError, match="choose from storybook"):
        entry_of("sora")


def test_the_catalog_and_the_hub_are_light():
    heavy = "[m for m in ('torch', 'diffusers', 'transformers', 'numpy') if m in sys.modules]"
    code = f"import sys, kinora.engines.hub.pull, kinora.engines.hub.memory; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
