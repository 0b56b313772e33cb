"""A licence with limits binds a pull, a name and a folder alike, until it is accepted as it is printed."""

import json
from dataclasses import replace

import pytest
from small_hub import NEEDED

from kinora.engines.catalog import CATALOG
from kinora.engines.finding import find_engine
from kinora.engines.hub.licence import ACCEPTED, accept, check_accepted, is_accepted
from kinora.engines.hub.pull import pull
from kinora.engines.hub.shelf import shelf
from kinora.engines.opening import open_engine

LTX2 = CATALOG["ltx2"]


@pytest.fixture
def own(server, tmp_path):
    """A folder of the user's that says it is LTX-2."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "LTX2Pipeline"}))
    return folder


@pytest.mark.parametrize("name", [name for name, entry in CATALOG.items() if not entry.terms])
def test_a_free_licence_needs_no_acceptance(server, name):
    check_accepted(CATALOG[name])
    with pytest.raises(ValueError, match="no limits"):
        accept(CATALOG[name])
    assert not shelf().exists()


def test_a_folder_is_bound_by_the_licence_of_what_it_is_like(own):
    for entry in (LTX2, find_engine(str(own))):
        with pytest.raises(ValueError, match="kinora engines accept ltx2") as raised:
            check_accepted(entry)
        assert "\n" not in str(raised.value)
    accept(LTX2)
    check_accepted(LTX2)
    check_accepted(find_engine(str(own)))


def test_nothing_is_opened_before_its_licence_is_accepted(own):
    for name in ("ltx2", str(own)):
        with pytest.raises(ValueError, match="kinora engines accept ltx2"):
            open_engine(name)
    accept(LTX2)
    with pytest.raises(ValueError) as raised:
        open_engine("ltx2")
    assert "engines accept" not in str(raised.value)


def test_other_limits_are_to_be_accepted_anew(server):
    accept(LTX2)
    assert not is_accepted(replace(LTX2, terms=(*LTX2.terms, "- no foxes.")))
    assert not is_accepted(replace(LTX2, licence="Another"))


def test_one_acceptance_leaves_the_others(server):
    other = replace(LTX2, licence="Another", terms=("- no foxes.",))
    accept(LTX2)
    accept(other)
    assert is_accepted(LTX2) and is_accepted(other)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"LTX-2 Community": true}', b"\xff"])
def test_a_torn_record_accepts_nothing(server, content):
    path = accept(LTX2)
    assert path == shelf() / ACCEPTED
    path.write_bytes(content)
    assert not is_accepted(LTX2)
    accept(LTX2)
    assert is_accepted(LTX2)


def test_what_a_pull_accepts_stays_accepted(entry, hub, wire):
    bound = replace(entry, licence="Bound", terms=("no more than ten",))
    with pytest.raises(ValueError, match="no more than ten"):
        pull(bound, wire=wire, say=lambda _: None)
    assert hub.asked == []
    folder = pull(bound, wire=wire, say=lambda _: None, accepts_licence=True)
    check_accepted(bound)
    assert pull(bound, wire=wire, say=lambda _: None) == folder
    assert {path for path in NEEDED if not (folder / path).is_file()} == set()
