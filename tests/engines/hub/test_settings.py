"""Settings that would have code fetched or run are refused before any library reads them; all others are let in."""

import json

import pytest
from small_hub import NEEDED

from kinora.engines.hub.pull import pull
from kinora.engines.hub.settings import check_settings
from kinora.engines.hub.shelf import check_folder, folder_of, is_complete

ASKING = {
    "_attn_implementation": "someone/kernel",
    "attn_implementation": "paged|someone/kernel@main:fast",
    "_attn_implementation_internal": "flash_attention_2",
    "_experts_implementation": "sonicmoe",
    "auto_map": {"AutoModel": "someone/model--modeling.Own"},
    "trust_remote_code": True,
    "custom_pipelines": "someone/pipeline",
    "quantization_config": {"quant_method": "eetq"},
    "base_model_name_or_path": "someone/model",
}
PLAIN = {
    "_attn_implementation": "sdpa",
    "attn_implementation": {"text_config": "eager", "": None},
    "_attn_implementation_autoset": True,
    "trust_remote_code": False,
    "auto_map": None,
    "quantization_config": {},
    "_name_or_path": "google/umt5-xxl",
}


def nested(facts):
    """Settings as they are, and where they lie deeper."""
    return (facts, {"text_config": {"sub": facts}}, {"list": [1, [facts]]})


def write(path, facts):
    path.write_text(json.dumps(facts))
    return path


@pytest.mark.parametrize("key", ASKING)
def test_what_asks_for_code_is_refused_however_deep(tmp_path, key):
    for facts in nested({"d_model": 4, key: ASKING[key]}):
        with pytest.raises(ValueError, match=rf"config\.json asks for code by its {key}") as raised:
            check_settings(write(tmp_path / "config.json", facts))
        assert "\n" not in str(raised.value)


def test_a_way_to_compute_is_looked_at_for_each_component(tmp_path):
    mixed = {"attn_implementation": {"vision_config": "sdpa", "text_config": "someone/kernel"}}
    with pytest.raises(ValueError, match="asks for code"):
        check_settings(write(tmp_path / "config.json", mixed))


@pytest.mark.parametrize("key", PLAIN)
def test_what_names_no_code_is_let_in(tmp_path, key):
    for facts in nested({key: PLAIN[key]}):
        check_settings(write(tmp_path / "config.json", facts))


def test_words_of_a_vocabulary_are_only_words(tmp_path):
    check_settings(write(tmp_path / "vocab.json", {key: number for number, key in enumerate(ASKING)}))


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": "\xff"}', b"[" * 100_000])
def test_what_can_not_be_read_is_refused(tmp_path, content):
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(ValueError, match="can't be read"):
        check_settings(tmp_path / "config.json")


@pytest.mark.parametrize("path", ["text_encoder/config.json", "tokenizer/more.JSON", "model_index.json"])
def test_a_folder_is_looked_through_for_them(tmp_path, path):
    for name, content in NEEDED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    check_folder(tmp_path)
    known = json.loads(NEEDED.get(path, b"{}"))
    write(tmp_path / path, {**known, "auto_map": {"AutoModel": "own.Model"}})
    with pytest.raises(ValueError, match="asks for code"):
        check_folder(tmp_path)


def test_what_is_pulled_is_looked_through_before_it_counts_as_complete(entry, hub, wire):
    hub.files["text_encoder/config.json"] = json.dumps({"_attn_implementation": "someone/kernel"}).encode()
    with pytest.raises(ValueError, match="asks for code"):
        pull(entry, wire=wire, say=lambda _: None)
    assert not is_complete(folder_of("tiny"))
