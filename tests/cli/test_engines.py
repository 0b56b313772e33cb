"""`kinora engines` as it is typed."""

import json
import re
from pathlib import Path

import pytest

from kinora.engines.catalog import CATALOG, NATIVE
from kinora.engines.hub.licence import is_accepted
from kinora.engines.hub.shelf import RECORD, folder_of


@pytest.fixture
def engines(kinora, tmp_path, monkeypatch):
    monkeypatch.setenv("KINORA_ENGINES", str(tmp_path / "engines"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return kinora


def test_the_table_names_every_engine_and_what_it_can_do(engines):
    status, lines, _ = engines("engines")
    assert status == 0
    for entry in CATALOG.values():
        (row,) = [line for line in lines if line.startswith(f"{entry.name} ")]
        assert entry.licence in row
        assert any(line.strip() == f"can: {', '.join(sorted(entry.can))}" for line in lines)
    assert max(map(len, lines)) <= 120
    assert not any(line != line.rstrip() for line in lines)


def test_json_says_what_is_not_known(engines):
    status, lines, _ = engines("engines --json")
    told = {fact["name"]: fact for fact in json.loads("\n".join(lines))["engines"]}
    assert status == 0
    assert set(told) == set(CATALOG)
    assert told[NATIVE]["on_disk"]
    for name, entry in CATALOG.items():
        assert told[name]["download_bytes"] == entry.download_bytes
        can_run = told[name]["fits"] is not None
        assert (told[name]["seconds_of_5_s"] is not None) == can_run
        assert told[name]["is_measured"] == (name == NATIVE)
        assert len(told[name]["plans"]) == (5 if entry.network else 0)


@pytest.mark.parametrize("action", ["pull", "verify", "remove"])
def test_a_name_that_is_none_is_one_line(engines, action):
    status, lines, errors = engines(f"engines {action} sora")
    assert (status, lines) == (2, [])
    assert errors == [f"kinora: there is no engine sora: choose from {', '.join(CATALOG)}"]


def test_offline_is_one_line(engines):
    status, _, errors = engines("engines pull wan2.1-1.3b")
    assert status == 2
    assert len(errors) == 1
    assert "no way to 127.0.0.1" in errors[0]


def test_limits_of_a_licence_are_printed_before_it_is_accepted(engines):
    status, lines, errors = engines("engines pull ltx2")
    assert (status, lines) == (2, [])
    assert "--accept-licence" in errors[0]
    assert [line.strip() for line in errors[1:]] == list(CATALOG["ltx2"].terms)
    status, lines, errors = engines("engines pull ltx2 --accept-licence")
    assert lines[: len(CATALOG["ltx2"].terms)] == list(CATALOG["ltx2"].terms)
    assert "no way to" in errors[0]


def test_what_is_in_the_package_needs_no_pull(engines):
    status, _, errors = engines(f"engines pull {NATIVE}")
    assert status == 2
    assert "in the package" in errors[0]


@pytest.mark.parametrize("action", ["verify", "remove"])
def test_what_is_not_on_disk_is_said(engines, action):
    status, _, errors = engines(f"engines {action} vace-1.3b")
    assert status == 2
    assert len(errors) == 1


@pytest.mark.parametrize("action", ["pull", "verify", "remove"])
def test_of_what_is_in_the_package_nothing_is_to_be_pulled(engines, action):
    status, _, errors = engines(f"engines {action} {NATIVE}")
    assert status == 2
    assert len(errors) == 1
    assert "in the package" in errors[0]
    assert "kinora engines pull" not in errors[0]


def test_a_licence_is_accepted_once_its_limits_are_printed(engines):
    status, lines, errors = engines("generate fox --engine ltx2")
    assert (status, len(errors)) == (2, 1)
    assert "`kinora engines accept ltx2`" in errors[0]
    status, lines, _ = engines("engines accept ltx2")
    assert status == 0
    assert lines[:-1] == list(CATALOG["ltx2"].terms)
    assert folder_of("ltx2").parent.name in lines[-1]
    _, lines, errors = engines("generate fox --engine ltx2")
    assert "engines accept" not in errors[0]
    assert "no way to" in engines("engines pull ltx2")[2][0]


def test_a_pull_that_accepts_is_remembered(engines):
    assert not is_accepted(CATALOG["ltx2"])
    assert "no way to" in engines("engines pull ltx2 --accept-licence")[2][0]
    assert is_accepted(CATALOG["ltx2"])


def test_a_free_licence_is_not_to_be_accepted(engines):
    status, lines, errors = engines("engines accept vace-1.3b")
    assert (status, lines) == (2, [])
    assert "Apache-2.0" in errors[0]


def test_a_torn_record_is_not_on_disk(engines):
    torn = {"wan2.1-1.3b": b"", "vace-1.3b": b"{", "vace-14b": b"{}", "wan2.2-5b": b'{"files": 7}', "ltx2": b"\xff"}
    for name, content in torn.items():
        folder_of(name).mkdir(parents=True)
        (folder_of(name) / RECORD).write_bytes(content)
    status, lines, _ = engines("engines --json")
    assert status == 0
    for fact in json.loads("\n".join(lines))["engines"]:
        assert fact["on_disk"] == (fact["name"] == NATIVE)
        assert fact["revision"] == (CATALOG[fact["name"]].revision or None)
        assert fact["is_accepted"] == (fact["name"] != "ltx2")


def test_seconds_on_the_page_are_those_of_the_code():
    from kinora.engines.speed import speed_of

    page = (Path(__file__).parents[2] / "docs" / "ENGINES.md").read_text()
    (said,) = re.findall(r"at 800 TFLOP/s (.*?)\n\n", page, re.DOTALL)
    written = {name: figure for figure, name in re.findall(r"([\d.,]*\d)(?: s)? for `([^`]+)`", said)}
    reckoned = {name: speed_of(entry, 5.0, 800e12).seconds for name, entry in CATALOG.items() if name != NATIVE}
    assert written == {name: f"{s:,.0f}" if s >= 1000 else f"{s:.1f}" for name, s in reckoned.items()}
