"""Whatever is cut, killed, changed or made up: a folder is not complete, or it is what the hub stated."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from small_hub import COMMIT, INDEX, NEEDED, REPOSITORY, Hub, safetensors, serve

from kinora.engines.hub import pull as pulling
from kinora.engines.hub.pull import pull, remove
from kinora.engines.hub.shelf import RECORD, check_folder, folder_of, is_complete, read_record
from kinora.engines.hub.wire import PAUSES_S, Wire

LARGEST = "transformer/diffusion_pytorch_model.safetensors"


def silent(_):
    pass


def contents(folder):
    """Files by path, without what is only ours."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path: content for path, content in files.items() if path not in (RECORD, ".lock")}


def test_a_pull_fetches_what_the_pipeline_needs_and_nothing_else(entry, wire):
    folder = pull(entry, wire=wire, say=silent)
    assert contents(folder) == NEEDED
    assert is_complete(folder)
    record = read_record(folder)
    assert (record.name, record.repository, record.revision) == ("tiny", REPOSITORY, COMMIT)
    assert record.files == {path: (len(c), hashlib.sha256(c).hexdigest()) for path, c in NEEDED.items()}
    check_folder(folder)


def test_nothing_is_ever_fetched_by_the_name_of_a_branch(entry, hub, wire):
    pull(entry, wire=wire, say=silent)
    asked = [path for path, _ in hub.asked if "/revision/" not in path]
    assert asked
    assert all(f"/{COMMIT}" in path for path in asked)


def test_a_second_pull_asks_for_nothing(entry, hub, wire):
    pull(entry, wire=wire, say=silent)
    hub.asked.clear()
    said = []
    pull(entry, wire=wire, say=said.append)
    assert hub.asked == []
    assert "every hash checked" in said[0]


def test_a_download_cut_at_twenty_bytes_is_what_an_uncut_one_is(entry, hub, wire):
    cuts = random.Random(5).sample(range(1, 40_000), 20)
    hub.cuts = list(cuts)
    folder = pull(entry, wire=wire, say=silent)
    assert hub.cuts == []
    assert contents(folder) == NEEDED
    assert sum("Range" in headers for _, headers in hub.asked) >= 10


@pytest.mark.parametrize("cut", random.Random(6).sample(range(1, 200_000), 20))
def test_a_pull_that_gives_up_at_any_byte_goes_on_there(entry, hub, wire, cut):
    """The line breaks off at one byte of the largest file, and is gone; the next day it is back."""
    small = [content for path, content in NEEDED.items() if path != LARGEST]
    hub.cuts = [*(len(content) for content in small), cut, *[0] * (len(PAUSES_S) + 1)]
    with pytest.raises(ConnectionError):
        pull(entry, wire=wire, say=silent)
    folder = folder_of("tiny")
    assert not is_complete(folder)
    with pytest.raises(ValueError, match="not pulled to its end"):
        check_folder(folder)
    kept = sum(path.stat().st_size for path in folder.rglob("*.part"))
    hub.cuts, before = [], len(hub.asked)
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED
    ranges = [headers["Range"] for _, headers in hub.asked[before:] if "Range" in headers]
    assert ranges == [f"bytes={kept}-"]
    assert kept == cut


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.1, 0.2])
def test_a_pull_that_is_killed_goes_on(entry, server, wire, delay_s):
    """The process dies by SIGKILL while bytes come; no handler of its own runs."""
    server.hub.slow_s = 0.1
    child = subprocess.Popen([sys.executable, "-c", CHILD], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    folder = folder_of("tiny")
    while child.poll() is None and not list(folder.rglob("*.part")):
        time.sleep(0.005)
    time.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    child.wait()
    server.hub.slow_s = 0.0
    assert not is_complete(folder)
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED
    check_folder(folder)


CHILD = f"""
from dataclasses import replace
from kinora.engines.catalog import CATALOG
from kinora.engines.hub.pull import pull
pull(replace(CATALOG["wan2.1-1.3b"], name="tiny", repository="{REPOSITORY}", revision=""))
"""


def test_a_wrong_hash_is_refused_and_not_kept(entry, hub, wire):
    content = NEEDED[LARGEST]
    hub.served[LARGEST] = bytes([content[0] ^ 1]) + content[1:]
    with pytest.raises(ValueError, match="wrong hash"):
        pull(entry, wire=wire, say=silent)
    folder = folder_of("tiny")
    assert not is_complete(folder)
    assert not any(path.name.endswith(".part") for path in folder.rglob("*"))
    assert not (folder / LARGEST).exists()
    hub.served.clear()
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_a_file_that_git_keeps_is_checked_too(entry, hub, wire):
    hub.served["transformer/config.json"] = b'{"num_layers": 2}'
    with pytest.raises(ValueError, match="wrong hash"):
        pull(entry, wire=wire, say=silent)
    assert not is_complete(folder_of("tiny"))


def broken_off(entry, hub, wire, cut=50_000):
    """A pull that gave up in the middle of the largest file."""
    small = [content for path, content in NEEDED.items() if path != LARGEST]
    hub.cuts = [*(len(content) for content in small), cut, *[0] * (len(PAUSES_S) + 1)]
    with pytest.raises(ConnectionError, match="what has come is kept"):
        pull(entry, wire=wire, say=silent)
    hub.cuts = []
    (part,) = folder_of("tiny").rglob("*.part")
    return part


def test_a_spoilt_part_is_fetched_again(entry, hub, wire):
    part = broken_off(entry, hub, wire)
    part.write_bytes(bytes(part.stat().st_size))
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_a_part_that_is_too_long_is_fetched_again(entry, hub, wire):
    part = broken_off(entry, hub, wire)
    part.write_bytes(bytes(len(NEEDED[LARGEST]) + 5))
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_a_server_without_ranges_sends_the_file_anew(entry, hub, wire):
    broken_off(entry, hub, wire)
    hub.honours_ranges = False
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_a_file_that_has_changed_on_the_server_is_not_mixed_with_the_old_one(entry, hub, wire):
    broken_off(entry, hub, wire)
    hub.served[LARGEST] = safetensors(9, 120_000)
    with pytest.raises((ValueError, ConnectionError)):
        pull(entry, wire=wire, say=silent)
    assert not is_complete(folder_of("tiny"))
    hub.served.clear()
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_another_commit_takes_nothing_over_from_the_first(entry, hub, wire):
    broken_off(entry, hub, wire)
    hub.commit, hub.files[LARGEST] = "d" * 40, safetensors(9, 100_000)
    folder = pull(entry, "d" * 40, wire=wire, say=silent)
    assert contents(folder) == {**NEEDED, LARGEST: hub.files[LARGEST]}
    assert read_record(folder).revision == "d" * 40


def test_what_was_begun_holds_to_its_commit(entry, hub, wire):
    """The branch has moved on: the commit that is half there is asked for, not the new one."""
    broken_off(entry, hub, wire)
    hub.commit = "d" * 40
    with pytest.raises(ValueError, match=COMMIT):
        pull(entry, wire=wire, say=silent)


@pytest.mark.parametrize(("stated", "match"), [(-1, "longer"), (1, "no way")])
def test_a_size_that_is_not_true_is_refused(entry, hub, wire, stated, match):
    size = len(NEEDED[LARGEST]) + stated
    hub.rows[LARGEST] = {"lfs": {"oid": hashlib.sha256(NEEDED[LARGEST]).hexdigest(), "size": size}}
    with pytest.raises((ValueError, ConnectionError), match=match):
        pull(entry, wire=wire, say=silent)
    assert not is_complete(folder_of("tiny"))


HOSTILE = (
    "/etc/cron.d/x",
    "../x.json",
    "transformer/../../x",
    "transformer\\x.json",
    "C:/x",
    "a//b",
    "",
    "x\n",
    "./x",
    7,
)


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_leads_out_is_refused(entry, hub, wire, path):
    hub.files["made/up.json"] = b"{}"
    hub.rows["made/up.json"] = {"path": path}
    with pytest.raises(ValueError, match="refused"):
        pull(entry, wire=wire, say=silent)
    assert not is_complete(folder_of("tiny"))


@pytest.mark.parametrize(
    "row", [{"size": -1}, {"size": "7"}, {"size": 1 << 50}, {"oid": "short"}, {"lfs": {"oid": "x"}}]
)
def test_a_list_without_sizes_and_hashes_is_refused(entry, hub, wire, row):
    hub.rows["model_index.json"] = row
    with pytest.raises(ValueError, match="refused"):
        pull(entry, wire=wire, say=silent)


def test_a_repository_with_pickles_only_is_refused(entry, hub, wire):
    hub.files = {path: content for path, content in hub.files.items() if not path.startswith("text_encoder/model")}
    with pytest.raises(ValueError, match="pickle"):
        pull(entry, wire=wire, say=silent)
    assert not is_complete(folder_of("tiny"))


def test_shards_that_are_not_all_there_are_refused(entry, hub, wire):
    del hub.files["text_encoder/model-00002-of-00002.safetensors"]
    with pytest.raises(ValueError, match="not all there"):
        pull(entry, wire=wire, say=silent)


def test_a_component_of_a_strange_name_is_refused(entry, hub, wire):
    hub.files["model_index.json"] = json.dumps({**INDEX, "../up": ["diffusers", "X"]}).encode()
    with pytest.raises(ValueError, match="component"):
        pull(entry, wire=wire, say=silent)


def test_a_disk_that_is_too_small_is_said_before_anything_large_comes(entry, hub, wire, monkeypatch):
    monkeypatch.setattr(pulling, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ValueError, match=r"lacks .* GB"):
        pull(entry, wire=wire, say=silent)
    assert not any(LARGEST in path for path, _ in hub.asked)


def test_what_is_there_already_needs_no_disk(entry, hub, wire):
    said = []
    broken_off(entry, hub, wire, cut=len(NEEDED[LARGEST]) - 10)
    pull(entry, wire=wire, say=said.append)
    assert any("0.0 GB of them to come" in line for line in said)


def test_offline_is_one_line(entry, server, monkeypatch):
    server.shutdown()
    server.server_close()
    with pytest.raises(ConnectionError) as raised:
        pull(entry, wire=Wire(server.address, pause=lambda _: None), say=silent)
    assert "check the network" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_busy_hub_is_asked_again(entry, hub, wire):
    hub.fails = [503, 429, 500]
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_a_hub_that_stays_busy_is_given_up(entry, hub, wire):
    hub.fails = [503] * 100
    with pytest.raises(ConnectionError, match="503"):
        pull(entry, wire=wire, say=silent)
    assert len(hub.asked) == len(PAUSES_S) + 1


@pytest.mark.parametrize(("status", "match"), [(401, "HF_TOKEN"), (403, "HF_TOKEN"), (404, "check the name")])
def test_a_refusal_names_the_remedy(entry, hub, wire, status, match):
    hub.fails = [status]
    with pytest.raises(ValueError, match=match):
        pull(entry, wire=wire, say=silent)
    assert len(hub.asked) == 1


def test_the_token_goes_to_its_own_host_only(entry, hub, server):
    other = serve(Hub())
    hub.elsewhere = other.address
    pull(entry, wire=Wire(server.address, "hf_secret", pause=lambda _: None), say=silent)
    other.shutdown()
    other.server_close()
    assert {headers.get("Authorization") for _, headers in hub.asked} == {"Bearer hf_secret"}
    assert len(other.hub.asked) == len(NEEDED)
    assert not any("hf_secret" in str(asked) for asked in other.hub.asked)


def test_the_token_stays_where_a_hub_sends_us_to_itself(entry, hub, server):
    hub.elsewhere = server.address
    pull(entry, wire=Wire(server.address, "hf_secret", pause=lambda _: None), say=silent)
    assert {headers.get("Authorization") for _, headers in hub.asked} == {"Bearer hf_secret"}


def test_a_token_is_not_sent_unencrypted():
    with pytest.raises(ValueError, match="not encrypted"):
        Wire("http://hub.example", "hf_secret")


def test_a_redirect_to_a_file_of_ours_is_not_followed(entry, hub, wire):
    hub.elsewhere = "file:///etc"
    with pytest.raises(ValueError, match="302"):
        pull(entry, wire=wire, say=silent)


def test_a_list_of_many_pages_is_read_to_its_end(entry, hub, wire):
    hub.page = 3
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED


def test_a_list_that_goes_on_elsewhere_is_refused(entry, hub, wire, monkeypatch):
    hub.page, hub.next_page = 3, "http://other.example/list"
    with pytest.raises(ValueError, match=r"other\.example"):
        pull(entry, wire=wire, say=silent)


def test_a_licence_with_limits_is_accepted_first(entry, hub, wire):
    bound = replace(entry, terms=("no more than ten",))
    with pytest.raises(ValueError, match="no more than ten"):
        pull(bound, wire=wire, say=silent)
    assert hub.asked == []
    assert contents(pull(bound, wire=wire, say=silent, accepts_licence=True)) == NEEDED


@pytest.mark.parametrize("revision", ["main", "c0ffee", "C0FFEE" + "0" * 34, "../" + "0" * 37])
def test_only_a_whole_commit_is_a_revision(entry, hub, wire, revision):
    with pytest.raises(ValueError, match="40 hexadecimal"):
        pull(entry, revision, wire=wire, say=silent)
    assert hub.asked == []


def test_a_commit_that_is_answered_with_another_is_refused(entry, hub, wire, monkeypatch):
    hub.answers_with = "d" * 40
    with pytest.raises(ValueError, match="refused"):
        pull(entry, COMMIT, wire=wire, say=silent)


def test_two_pulls_at_once_are_one_too_many(entry, hub, wire):
    folder = folder_of("tiny")
    folder.mkdir(parents=True)
    with pulling._alone(folder), pytest.raises(ValueError, match="another process"):
        pull(entry, wire=wire, say=silent)


def test_a_damaged_file_is_found_and_only_it_is_fetched_again(entry, hub, wire):
    folder = pull(entry, wire=wire, say=silent)
    path = folder / LARGEST
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match="wrong hash"):
        check_folder(folder)
    hub.asked.clear()
    assert contents(pull(entry, wire=wire, say=silent)) == NEEDED
    assert [path.rpartition(COMMIT)[2] for path, _ in hub.asked if "/resolve/" in path] == [f"/{LARGEST}"]


def test_removing_frees_the_disk(entry, wire):
    folder = pull(entry, wire=wire, say=silent)
    assert remove("tiny") >= sum(map(len, NEEDED.values()))
    assert not folder.exists()
    with pytest.raises(ValueError, match="not on disk"):
        remove("tiny")
