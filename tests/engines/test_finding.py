"""What a folder says of itself, read from its settings alone."""

import json

import pytest

from kinora.engines.catalog import CATALOG
from kinora.engines.finding import find_engine


@pytest.fixture
def folder(tmp_path):
    """A function from the settings of a pipeline of Wan that is shown pictures to its folder."""

    def make(config, *, part="transformer", **index):
        (tmp_path / part).mkdir()
        (tmp_path / part / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        named = {"_class_name": "WanImageToVideoPipeline", part: ["diffusers", "WanTransformer3DModel"], **index}
        (tmp_path / "model_index.json").write_text(json.dumps(named))
        return str(tmp_path)

    return make


PUBLISHED = {
    "Wan 2.1 I2V": ({"image_dim": 1280, "pos_embed_seq_len": None}, {"first frame"}),
    "Wan 2.1 FLF2V": ({"image_dim": 1280, "pos_embed_seq_len": 514}, {"both ends"}),
    "Wan 2.2 I2V-A14B": ({"image_dim": None}, {"first frame", "both ends"}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_wan_can_do_what_its_inputs_were_trained_for(folder, name):
    config, can = PUBLISHED[name]
    entry = find_engine(folder(config))
    assert entry.can == can
    assert entry.canvas == CATALOG["flf2v-14b"].canvas


def test_a_wan_with_its_second_transformer_only_says_so_there(folder):
    there = folder({"image_dim": 1280}, part="transformer_2", transformer=[None, None])
    assert find_engine(there).can == {"first frame"}


def test_weights_with_a_time_for_every_token_draw_from_words_too(folder):
    assert find_engine(folder({}, expand_timesteps=True)).can == CATALOG["wan2.2-5b"].can


@pytest.mark.parametrize("content", ["", "[]", "{", "7"])
def test_a_transformer_without_settings_is_one_line(folder, content):
    with pytest.raises(ValueError, match=r"transformer/config\.json is not the configuration"):
        find_engine(folder(content))


@pytest.mark.parametrize("name", CATALOG)
def test_a_name_is_its_entry(name):
    assert find_engine(name) is CATALOG[name]
