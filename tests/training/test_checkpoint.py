import os
from pathlib import Path

import numpy as np
import pytest
import torch

from kinora.training import checkpoint
from kinora.training.checkpoint import (
    KEEP,
    checkpoint_path,
    digest,
    export_trunk,
    import_trunk,
    load_tensors,
    newest_checkpoint,
    save_checkpoint,
    save_tensors,
    write_atomically,
)


def tensors(step=0):
    draw = torch.Generator().manual_seed(step)
    return {
        "model|a.weight": torch.randn(7, 5, generator=draw),
        "model|a.half": torch.randn(9, generator=draw).bfloat16(),
        "model|a.on": torch.tensor([True, False]),
        "moment|a.weight|step": torch.tensor(float(step)),
        "model|a.none": torch.zeros(0, 3),
    }


def same(one, other):
    return one.keys() == other.keys() and all(
        torch.equal(one[k], other[k]) and one[k].dtype == other[k].dtype for k in one
    )


def test_what_is_written_is_read(tmp_path):
    facts = {"step": 3, "slots": {"kind": ["", "fox"]}}
    save_tensors(tmp_path / "a.safetensors", tensors(), facts)
    back, said = load_tensors(tmp_path / "a.safetensors")
    assert same(back, tensors()) and said == facts


def test_every_flipped_bit_is_noticed(tmp_path):
    """In the header too: a step that reads 121 where 120 was written would never be found out later."""
    path = tmp_path / "a.safetensors"
    save_tensors(path, tensors(), {"step": 120, "seed": 1})
    whole = path.read_bytes()
    draw = np.random.default_rng(0)
    places = [*range(len(whole) - 40, len(whole)), *draw.integers(0, len(whole), 300).tolist()]
    places.append(whole.index(b"120") + 2)
    for at in places:
        altered = bytearray(whole)
        altered[at] ^= 1 << int(draw.integers(8))
        path.write_bytes(altered)
        try:
            back, said = load_tensors(path)
        except ValueError:
            continue
        # A flip that changes nothing, as from one kind of white space to another.
        assert same(back, tensors()) and said == {"step": 120, "seed": 1}, at


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_torn_file_is_refused_in_one_line(tmp_path, share):
    path = tmp_path / "a.safetensors"
    save_tensors(path, tensors(), {"step": 1})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=r"a\.safetensors .* use the one before") as refused:
        load_tensors(path)
    assert "\n" not in str(refused.value)


def test_names_types_shapes_and_bytes_make_the_digest():
    plain = {"a": torch.zeros(2, 3), "b": torch.ones(2)}
    others = [
        {"a": torch.zeros(2, 3), "c": torch.ones(2)},
        {"a": torch.zeros(2, 3, dtype=torch.int32), "b": torch.ones(2)},
        {"a": torch.zeros(3, 2), "b": torch.ones(2)},
        {"a": torch.zeros(6), "b": torch.ones(2)},
        {"a": torch.zeros(2, 3), "b": torch.tensor([1.0, 1.0000001])},
        {"a": torch.zeros(2, 3)},
    ]
    assert len({digest(plain), *map(digest, others)}) == 1 + len(others)
    assert digest({"b": plain["b"], "a": plain["a"]}) == digest(plain)
    assert digest({"a": torch.arange(6.0).view(2, 3).T}) == digest({"a": torch.arange(6.0).view(2, 3).T.contiguous()})


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "a"
    write_atomically(path, b"old")

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(*(os, "fsync", full) if step == "fsync" else (Path, "replace", full))
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"a": b"old"}


def test_the_newest_two_are_kept(tmp_path):
    assert KEEP == 2
    for step in (9, 10, 100, 1000):
        save_checkpoint(tmp_path, step, tensors(step), {})
    assert sorted(tmp_path.iterdir()) == [checkpoint_path(tmp_path, 100), checkpoint_path(tmp_path, 1000)]
    back, facts = newest_checkpoint(tmp_path)
    assert facts == {"step": 1000} and same(back, tensors(1000))


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path):
    assert newest_checkpoint(tmp_path) is None
    for step in (10, 20):
        save_checkpoint(tmp_path, step, tensors(step), {})
    newest = checkpoint_path(tmp_path, 20)
    newest.write_bytes(newest.read_bytes()[:-1])
    assert newest_checkpoint(tmp_path)[1] == {"step": 10}
    # It is not one of the two kept either: there are two whole ones again as soon as two are written.
    save_checkpoint(tmp_path, 12, tensors(12), {})
    assert sorted(tmp_path.iterdir()) == [checkpoint_path(tmp_path, 10), checkpoint_path(tmp_path, 12)]
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    assert newest_checkpoint(tmp_path) is None


@pytest.fixture
def weights():
    draw = torch.Generator().manual_seed(1)
    return {f"model|layer.{n}": torch.randn(20, 10, generator=draw) for n in range(5)} | {
        "model|count": torch.tensor(3)
    }


def test_a_trunk_travels_whole_in_small_files(tmp_path, monkeypatch, weights):
    monkeypatch.setattr(checkpoint, "TRUNK_FILE_BYTES", 1000)
    paths = export_trunk(tmp_path, weights, {"step": 7})
    assert [path.name for path in paths] == [f"trunk-{n}-of-3.safetensors" for n in (1, 2, 3)]
    for path in paths:
        assert sum(tensor.nbytes for tensor in load_tensors(path)[0].values()) <= 1000
    back, facts = import_trunk(tmp_path)
    assert facts["step"] == 7
    assert same(back, {k: v.bfloat16() if v.is_floating_point() else v for k, v in weights.items()})


def test_a_real_trunks_files_fit_what_they_must(tmp_path):
    paths = export_trunk(tmp_path, {f"model|{n}": torch.zeros(1000, 1000) for n in range(14)}, {})
    assert len(paths) == 3 and max(path.stat().st_size for path in paths) < checkpoint.TRUNK_FILE_BYTES + 10_000


@pytest.mark.parametrize("change", ["missing", "foreign", "altered", "nothing"])
def test_half_a_trunk_is_no_trunk(tmp_path, monkeypatch, weights, change):
    monkeypatch.setattr(checkpoint, "TRUNK_FILE_BYTES", 1000)
    first, second, _ = export_trunk(tmp_path / "a", weights, {})
    if change == "missing":
        second.unlink()
    elif change == "foreign":
        others = {name: value + 1 for name, value in weights.items()}
        second.write_bytes(export_trunk(tmp_path / "b", others, {})[1].read_bytes())
    elif change == "altered":
        second.write_bytes(second.read_bytes()[:-1] + b"!")
    folder = tmp_path / "none" if change == "nothing" else first.parent
    with pytest.raises(ValueError, match=r"holds no whole trunk|use the one before") as refused:
        import_trunk(folder)
    assert "\n" not in str(refused.value)
