"""A folder of weights is what it should be, or is refused in one line with the remedy."""

import json

import pytest
from small_hub import NEEDED

from kinora.engines.hub.headers import header_of, num_parameters
from kinora.engines.hub.pull import pull
from kinora.engines.hub.shelf import RECORD, check_folder, folder_of, read_record


@pytest.fixture
def own(tmp_path):
    """A folder of the user's, which was not pulled."""
    folder = tmp_path / "own"
    for path, content in NEEDED.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture
def pulled(entry, wire):
    return pull(entry, wire=wire, say=lambda _: None)


def refused(folder, match):
    with pytest.raises(ValueError, match=match) as raised:
        check_folder(folder)
    assert "\n" not in str(raised.value)


def test_whole_folders_are_let_in(own, pulled):
    check_folder(own)
    check_folder(pulled)


def spoil(folder, path, content):
    (folder / path).write_bytes(content)


SPOILT = {
    "missing": (
        lambda folder: (folder / "scheduler/scheduler_config.json").unlink(),
        "missing.*kinora engines pull tiny",
    ),
    "cut off": (lambda folder: spoil(folder, "tokenizer/spiece.model", b"wor"), "3 bytes instead of 5"),
    "changed": (lambda folder: spoil(folder, "tokenizer/spiece.model", b"words"[::-1]), "wrong hash"),
    "record": (lambda folder: spoil(folder, RECORD, b"{}"), "can't be read"),
    "record of other files": (lambda folder: spoil(folder, RECORD, b'{"files": {"../x": [1, "0"]}}'), "can't be read"),
}


@pytest.mark.parametrize("way", SPOILT)
def test_a_pulled_folder_that_was_spoilt_is_refused(pulled, way):
    do, match = SPOILT[way]
    do(pulled)
    refused(pulled, match)


def test_sizes_alone_are_checked_without_reading_everything(pulled):
    spoil(pulled, "tokenizer/spiece.model", b"sdrow")
    check_folder(pulled, hashes=False)
    spoil(pulled, "tokenizer/spiece.model", b"sdro")
    with pytest.raises(ValueError, match="bytes instead of"):
        check_folder(pulled, hashes=False)


@pytest.mark.parametrize("name", ["x.bin", "x.pt", "vae/x.ckpt", "x.PTH", "transformer/x.pkl"])
def test_pickles_are_refused(own, pulled, name):
    for folder in (own, pulled):
        (folder / name).parent.mkdir(exist_ok=True)
        spoil(folder, name, b"")
        refused(folder, "pickle")


@pytest.mark.parametrize("name", ["pipeline.py", "transformer/x.so"])
def test_code_is_refused(own, name):
    spoil(own, name, b"")
    refused(own, "code")


@pytest.mark.parametrize("name", ["a.json", "transformer/x"])
def test_links_that_lead_out_are_refused(own, tmp_path, name):
    (own / name).symlink_to(tmp_path)
    refused(own, "link out")


def test_links_inside_are_let_in(own):
    (own / "again.json").symlink_to(own / "model_index.json")
    check_folder(own)


def test_a_shard_that_is_missing_is_named(own):
    (own / "text_encoder/model-00002-of-00002.safetensors").unlink()
    refused(own, "model-00002-of-00002.safetensors is missing")


def test_a_component_that_is_missing_is_named(own):
    for path in (own / "transformer").iterdir():
        path.unlink()
    (own / "transformer").rmdir()
    refused(own, "no transformer")


@pytest.mark.parametrize("num_bytes", [0, 7, 60, 500, -1])
def test_a_file_that_was_cut_off_is_refused(own, num_bytes):
    path = "transformer/diffusion_pytorch_model.safetensors"
    spoil(own, path, NEEDED[path][:num_bytes])
    refused(own, "safetensors")


@pytest.mark.parametrize(
    "head",
    [
        {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}},
        {"w": {"dtype": "WHAT", "shape": [2], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]}},
        {"w": 7},
        [],
    ],
)
def test_a_head_that_does_not_add_up_is_refused(tmp_path, head):
    text = json.dumps(head).encode()
    spoil(tmp_path, "x.safetensors", len(text).to_bytes(8, "little") + text + bytes(8))
    with pytest.raises(ValueError, match=r"x\.safetensors"):
        header_of(tmp_path / "x.safetensors")


def test_parameters_are_counted_without_reading_them(own):
    assert num_parameters(own / "transformer/diffusion_pytorch_model.safetensors") == 100_000


def test_there_is_nothing_where_nothing_was_pulled(server):
    refused(folder_of("wan2.1-1.3b"), "kinora engines pull wan2.1-1.3b")


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".", "A", "x" * 65])
def test_names_are_no_paths(name):
    with pytest.raises(ValueError, match="no name"):
        folder_of(name)


def test_the_record_survives_its_file(pulled):
    assert set(read_record(pulled).files) == set(NEEDED)
