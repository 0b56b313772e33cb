"""What fits is chosen before anything is loaded, and what does not fit is said in one line."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_hub import NEEDED

from kinora.engines.catalog import CATALOG
from kinora.engines.hub.memory import (
    KINDS,
    Machine,
    Work,
    fits,
    largest_work,
    network_in,
    parts_in,
    plan_for,
    plan_in,
    plans,
)

OPEN = [entry for entry in CATALOG.values() if entry.network]
GB = 10**9


def planned(entry, machine, work=None):
    return plan_for(entry.name, entry.parts, entry.network, work or largest_work(entry), machine)


@pytest.mark.parametrize("entry", OPEN, ids=lambda entry: entry.name)
def test_a_slower_plan_needs_less_of_the_card(entry):
    possible = plans(entry.parts, entry.network, largest_work(entry))
    assert [plan.kind for plan in possible] == list(KINDS)
    needs = [plan.gpu_bytes for plan in possible]
    assert needs == sorted(needs, reverse=True)
    assert needs[-1] == 0


@pytest.mark.parametrize("entry", OPEN, ids=lambda entry: entry.name)
def test_no_plan_keeps_less_than_its_weights(entry):
    whole, offload, eight, _, cpu = plans(entry.parts, entry.network, largest_work(entry))
    assert whole.gpu_bytes > 2 * sum(entry.parts.values())
    assert offload.gpu_bytes > 2 * max(entry.parts.values())
    assert eight.gpu_bytes > max(entry.parts.values())
    assert cpu.ram_bytes > 4 * sum(entry.parts.values())


@given(gpu=st.integers(0, 120), ram=st.integers(0, 256), number=st.integers(0, len(OPEN) - 1))
def test_a_plan_fits_or_there_is_none(gpu, ram, number):
    entry, machine = OPEN[number], Machine(ram_bytes=ram * GB, gpu_bytes=gpu * GB)
    possible = plans(entry.parts, entry.network, largest_work(entry))
    try:
        plan = planned(entry, machine)
    except ValueError as error:
        assert not any(fits(plan, machine) for plan in possible)
        assert "\n" not in str(error)
    else:
        assert fits(plan, machine)
        assert not any(fits(faster, machine) for faster in possible[: possible.index(plan)])


def test_a_larger_card_gets_a_faster_plan():
    entry = CATALOG["vace-14b"]
    kinds = [planned(entry, Machine(ram_bytes=200 * GB, gpu_bytes=card * GB)).kind for card in (16, 32, 48, 80)]
    assert kinds == ["layers", "8-bit", "offload", "whole"]


@pytest.mark.parametrize(("longer", "size"), [(161, (480, 832)), (81, (720, 1280))])
def test_longer_and_larger_needs_more(longer, size):
    entry = CATALOG["vace-14b"]
    less = plans(entry.parts, entry.network, Work(num_frames=81, size=(480, 832)))
    more = plans(entry.parts, entry.network, Work(num_frames=longer, size=size))
    assert all(a.gpu_bytes < b.gpu_bytes for a, b in zip(less[:-1], more[:-1], strict=True))


def test_what_fits_nowhere_names_what_does():
    machine = Machine(ram_bytes=64 * GB, gpu_bytes=8 * GB)
    with pytest.raises(
        ValueError, match=r"smaller size or a shorter clip, or choose an engine that fits: .*wan2\.1-1\.3b"
    ):
        planned(CATALOG["vace-14b"], machine)


def test_without_a_card_the_processor_is_taken_where_it_holds_all():
    assert planned(CATALOG["wan2.1-1.3b"], Machine(ram_bytes=64 * GB)).kind == "cpu"
    with pytest.raises(ValueError, match="RAM"):
        planned(CATALOG["wan2.1-1.3b"], Machine(ram_bytes=16 * GB))


def test_parameters_and_widths_are_read_from_the_files(tmp_path):
    for path, content in NEEDED.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    parts = parts_in(tmp_path, ["scheduler", "text_encoder", "transformer"])
    assert parts == {"text_encoder": 60_000, "transformer": 100_000}
    config = {"num_attention_heads": 4, "attention_head_dim": 96}
    (tmp_path / "transformer" / "config.json").write_text(json.dumps(config))
    entry = CATALOG["wan2.1-1.3b"]
    network = network_in(tmp_path, entry.network)
    assert network == replace(entry.network, width=384, token_bytes=entry.network.token_bytes // 4)
    plan = plan_in(tmp_path, entry, machine=Machine(ram_bytes=64 * GB))
    assert plan == plan_for("tiny", parts, network, largest_work(entry), Machine(ram_bytes=64 * GB))
