import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from kinora.models import weights
from kinora.models.weights import FORMAT, load_model, pack, save_weights, unpack, vocabulary

VOCABULARY = {"known": ["fox", "snow"], "near": {"wolf": ["kind", "fox"]}}
FACTS = {"name": "tiny", "version": "0.0.1", "trained": {"text": {"step": 3}}}
# Half the smallest float16: what a scale that is rounded to nothing may cost 127 times.
TINIEST = 127 * 2.0**-25


@pytest.fixture
def modules(new_transformer, new_video, sound, text):
    return {"transformer": new_transformer, "video": new_video, "sound": sound, "text": text}


@pytest.fixture
def path(modules, tmp_path):
    save_weights(tmp_path / "tiny.safetensors", modules, VOCABULARY, FACTS)
    return tmp_path / "tiny.safetensors"


def test_what_is_saved_is_loaded_up_to_rounding(modules, path):
    model = load_model(path)
    assert (model.name, model.version, model.facts, model.vocabulary) == ("tiny", "0.0.1", FACTS, VOCABULARY)
    for part, module in modules.items():
        loaded = getattr(model, part)
        assert loaded.config == module.config and not loaded.training
        state = loaded.state_dict()
        assert state.keys() == module.state_dict().keys()
        for name, value in module.state_dict().items():
            assert torch.equal(state[name], unpack(pack(name, value))[name]), name


def test_saving_what_was_loaded_gives_the_same_hash(path, tmp_path):
    model = load_model(path)
    modules = {part: getattr(model, part) for part in ("transformer", "video", "sound", "text")}
    size = save_weights(tmp_path / "again.safetensors", modules, VOCABULARY, FACTS)
    assert size == (tmp_path / "again.safetensors").stat().st_size
    assert load_model(tmp_path / "again.safetensors").sha256 == model.sha256


@given(
    row_exponents=st.lists(st.floats(-9, 3), min_size=1, max_size=6),
    columns=st.integers(1, 9),
    seed=st.integers(0, 2**31),
)
def test_a_row_is_off_by_half_its_scale_at_most(row_exponents, columns, seed):
    draw = torch.randn(len(row_exponents), columns, generator=torch.Generator().manual_seed(seed))
    tensor = draw * 10.0 ** torch.tensor(row_exponents)[:, None]
    packed = pack("a", tensor)
    assert packed["a"].dtype == torch.int8 and packed["a|scale"].dtype == torch.float16
    bound = packed["a|scale"].float()[:, None] / 2
    assert ((unpack(packed)["a"] - tensor).abs() <= bound * 1.001 + TINIEST).all()


def test_vectors_are_halves_and_kernels_are_rows():
    packed = pack("a", torch.tensor([1.0, 0.1])) | pack("k", torch.randn(4, 3, 2, 2))
    assert packed["a"].dtype == torch.float16 and "a|scale" not in packed
    assert packed["k"].shape == (4, 3, 2, 2) and packed["k|scale"].shape == (4,)
    assert unpack(pack("part.a", torch.zeros(2, 2)), "part.").keys() == {"a"}


def test_every_flipped_bit_is_refused_in_one_line(path):
    """In the tensors, in the words and in the sizes alike."""
    whole = path.read_bytes()
    draw = np.random.default_rng(0)
    header = int.from_bytes(whole[:8], "little")
    places = [*draw.integers(0, 8 + header, 60).tolist(), *draw.integers(8 + header, len(whole), 20).tolist()]
    sha256 = load_model(path).sha256
    for at in places:
        altered = bytearray(whole)
        altered[at] ^= 1 << int(draw.integers(8))
        path.write_bytes(altered)
        try:
            model = load_model(path)
        except ValueError as refused:
            assert path.name in str(refused) and "\n" not in str(refused), at
        else:
            # White space for white space.
            assert model.sha256 == sha256, at


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9999])
def test_a_torn_file_is_refused_in_one_line(path, share):
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(
        ValueError, match=r"tiny.safetensors is not a whole safetensors file: install Kinora again"
    ) as no:
        load_model(path)
    assert "\n" not in str(no.value)


def test_a_missing_file_a_folder_and_a_strange_file_are_refused(path, tmp_path):
    save_file({"a": torch.zeros(2)}, tmp_path / "other.safetensors", {"format": "pt"})
    for wrong, why in [("none", "there are no weights at"), ("", "is not a whole"), ("other.safetensors", FORMAT)]:
        with pytest.raises(ValueError, match=why):
            load_model(tmp_path / wrong)


def test_words_that_were_changed_are_refused(path):
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    for name, text in [("vocabulary", "{}"), ("configs", metadata["configs"].replace("64", "63")), ("extra", "")]:
        save_file(load_file(path), path.with_name("b.safetensors"), {**metadata, name: text})
        with pytest.raises(ValueError, match="does not match its own hash"):
            load_model(path.with_name("b.safetensors"))


def test_a_failed_save_leaves_the_old_file(modules, path, monkeypatch):
    old = path.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(weights.Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        save_weights(path, modules, {}, FACTS)
    assert [(file.name, file.read_bytes()) for file in path.parent.iterdir()] == [(path.name, old)]


def test_what_is_too_large_to_ship_leaves_the_old_file(modules, path):
    old = path.read_bytes()
    with pytest.raises(ValueError, match=r"would take .* MB: shrink a part") as refused:
        save_weights(path, modules, {}, FACTS, most_bytes=len(old) // 2)
    assert "\n" not in str(refused.value)
    assert [(file.name, file.read_bytes()) for file in path.parent.iterdir()] == [(path.name, old)]


def test_the_words_are_read_without_the_tensors(path):
    """They are there even where the tensors are not what they should be."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert vocabulary(path) == VOCABULARY
    with pytest.raises(ValueError, match="own hash"):
        load_model(path)


def test_nothing_in_the_file_is_code(path):
    """A length, a JSON header, numbers: the format can hold nothing else."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    assert {row["dtype"] for row in header.values()} == {"I8", "F16"}
    assert metadata.keys() == {"format", "configs", "vocabulary", "facts", "sha256"}
    assert sum(end - start for start, end in (row["data_offsets"] for row in header.values())) == len(data) - 8 - size
