"""What a folder of weights may hold: known classes and whole safetensors, and nothing of it is run."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import tiny
from tiny_shots import CPU, LIKE, TOLD, entry_of, given_of, shot_of, shown, source_of

from kinora.engines.finding import find_engine
from kinora.engines.open.folder import ALLOWED, read_index
from kinora.engines.open.opening import open_folder


@pytest.fixture
def folder(folder_of, tmp_path):
    """A copy of a tiny pipeline, to be spoilt."""
    return shutil.copytree(folder_of("wan"), tmp_path / "copy")


def refused(folder, said):
    with pytest.raises(ValueError, match=said) as error:
        open_folder(folder, entry_of("wan"), CPU)
    assert "\n" not in str(error.value)


def spoil(folder, **facts):
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, **facts}))


@pytest.mark.parametrize("kind", LIKE)
def test_every_kind_opens_and_says_what_it_is(engine_of, kind):
    engine = engine_of(kind)
    assert (engine.name, engine.model, engine.canvas) == (kind, engine.entry.repository, engine.entry.canvas)
    assert engine.model_version == engine.entry.revision
    assert engine.can <= engine.entry.can
    assert (engine.voice is not None) == ("sound" in engine.can)


SAID_LESS = {"ltx2": {"prefix", "suffix", "range"}}
"""What a family could do and the catalogue does not claim of its weights."""


@pytest.fixture(scope="module")
def sighted(tmp_path_factory):
    """Like Wan 2.1's image-to-video models: a picture is embedded as a whole as well, one of them."""
    from diffusers import WanTransformer3DModel

    pipe, folder = tiny.wan_pair(), tmp_path_factory.mktemp("open") / "sighted"
    config = {**pipe.transformer.config, "pos_embed_seq_len": None}
    pipe.register_modules(transformer=WanTransformer3DModel.from_config(config))
    pipe.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", [*LIKE, "sighted"])
def test_a_folder_says_beforehand_what_it_can_do_when_it_is_opened(folder_of, request, kind):
    folder = request.getfixturevalue("sighted") if kind == "sighted" else folder_of(kind)
    entry = find_engine(str(folder))
    engine = open_folder(folder, entry, CPU)
    assert engine.can == entry.can == engine.family.can - SAID_LESS.get(kind, set())


@pytest.mark.parametrize("kind", ["wan-image", "sighted"])
def test_a_folder_of_wan_begins_with_a_frame(folder_of, request, kind):
    folder = request.getfixturevalue("sighted") if kind == "sighted" else folder_of(kind)
    engine = open_folder(folder, find_engine(str(folder)), CPU)
    shot = shot_of(engine, 5)
    takes = [shown(engine, engine.fill(shot, TOLD, given_of(source_of(shot, seed), {0})), shot) for seed in (0, 1)]
    assert len(takes[0]) == 5
    assert (takes[0] != takes[1]).any()


def test_without_a_plan_one_is_made_for_this_machine(folder):
    import torch

    plan = open_folder(folder, entry_of("wan")).place.plan
    assert plan.device == ("cuda" if torch.cuda.is_available() else "cpu")
    assert plan.ram_bytes > sum(file.stat().st_size for file in folder.rglob("*.safetensors"))


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder"])
@pytest.mark.parametrize("left", [0, 7, 100, -1])
def test_a_file_that_is_cut_short_is_refused(folder, part, left):
    (file,) = (folder / part).glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:left])
    refused(folder, "safetensors")


def test_weights_of_another_shape_are_refused(folder):
    config = json.loads((folder / "transformer" / "config.json").read_text())
    (folder / "transformer" / "config.json").write_text(json.dumps({**config, "ffn_dim": 64}))
    refused(folder, "can't be opened .* pull or copy it again")


def test_weights_that_are_missing_are_refused(folder):
    (file,) = (folder / "transformer").glob("*.safetensors")
    file.unlink()
    refused(folder, "can't be opened|no transformer")


@pytest.mark.parametrize(
    "facts", [{"_attn_implementation": "someone/kernel"}, {"auto_map": {"AutoModel": "own.Model"}}]
)
def test_a_configuration_that_asks_for_code_is_refused(folder, facts):
    config = json.loads((folder / "text_encoder" / "config.json").read_text())
    (folder / "text_encoder" / "config.json").write_text(json.dumps({**config, "sub_config": facts}))
    refused(folder, "asks for code by its")


def test_a_pickle_is_refused_though_nothing_else_is_there(folder):
    import torch

    for part in ("transformer", "vae", "text_encoder"):
        (file,) = (folder / part).glob("*.safetensors")
        torch.save({}, file.with_suffix(".bin"))
        file.unlink()
    refused(folder, "pickle")


def test_code_in_the_folder_is_refused(folder):
    (folder / "pipeline.py").write_text("raise SystemExit(3)")
    refused(folder, "code")


@pytest.mark.parametrize(
    "kind", ["StableDiffusionPipeline", "DiffusionPipeline", "os.system", "", 3, None, ["my", "Own"]]
)
def test_a_pipeline_that_is_not_known_is_refused(folder, kind):
    spoil(folder, _class_name=kind)
    refused(folder, "not drawn with here|no pipeline|not the index")


@pytest.mark.parametrize(
    "part",
    [
        ["diffusers", "DiffusionPipeline"],
        ["my_module", "MyModel"],
        ["os", "system"],
        ["diffusers", "WanTransformer3DModel", "x"],
    ],
    ids=str,
)
def test_a_component_that_is_not_known_is_refused(folder, part):
    spoil(folder, transformer=part)
    refused(folder, "not known here|no folder|index|has no")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"_class_name": "WanPipeline"', "\xff" * 10])
def test_an_index_that_is_none_is_refused(folder, content):
    (folder / "model_index.json").write_text(content)
    refused(folder, "model_index.json")


def test_what_is_not_installed_is_named(folder, monkeypatch):
    monkeypatch.setattr("kinora.engines.open.opening.find_spec", lambda name: None if name == "ftfy" else name)
    refused(folder, r'need ftfy as well: pip install "kinora\[engines\]"')


def test_only_classes_that_exist_may_be_loaded():
    import diffusers
    import transformers
    from diffusers.pipelines import ltx2

    libraries = {"diffusers": diffusers, "transformers": transformers, "ltx2": ltx2}
    assert [name for library, name in ALLOWED if not hasattr(libraries[library], name)] == []


def test_the_index_of_what_was_saved_is_read(folder):
    assert read_index(folder)["_class_name"] == "WanPipeline"


def test_the_libraries_are_offline_before_they_are_loaded(folder):
    program = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tiny_shots import CPU, entry_of
from kinora.engines.open.opening import open_folder
open_folder(Path(sys.argv[2]), entry_of("wan"), CPU)
from diffusers.models.attention_dispatch import HF_HUB_OFFLINE
from transformers.utils.hub import is_offline_mode
print(HF_HUB_OFFLINE, is_offline_mode())
"""
    online = {name: value for name, value in os.environ.items() if not name.endswith("_OFFLINE")}
    command = [sys.executable, "-c", program, str(__file__).rpartition("/")[0], str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=online)
    assert told.stdout.split() == ["True", "True"]


def test_nothing_heavy_is_loaded_before_an_open_engine_is_opened():
    program = """
import sys
import kinora.cli.main, kinora.engines.opening, kinora.serving.api.app
import kinora.engines.open.opening
print(sorted({"diffusers", "transformers", "accelerate"} & set(sys.modules)))
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
