"""A blob is whole or not there, under the name of its content, in a folder and in an independent service's bucket."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kinora.serving.store as module
from kinora.serving.store import CHUNK_BYTES, ORPHAN_S, Store, StoreFull

NOWHERE = "0" * 64
WRITE_FOR_EVER = """
import os, sys
from kinora.serving.store import Store
store = Store.open(sys.argv[1])
while True:
    print(store.put(os.urandom(3_000_000)), flush=True)
"""


@pytest.fixture(params=["file", "s3"])
def store(request, tmp_path):
    url = f"file://{tmp_path}/a store" if request.param == "file" else request.getfixturevalue("bucket_url")
    return Store.open(url)


@pytest.fixture
def folder(tmp_path):
    return Store.open(f"file://{tmp_path}/store"), tmp_path / "store"


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("size_bytes", [0, 1, CHUNK_BYTES, 6_000_000])
def test_what_is_put_is_got_under_the_name_of_its_content(store, tmp_path, size_bytes):
    content = os.urandom(size_bytes)
    (tmp_path / "file").write_bytes(content)
    name = store.put(content)
    assert name == hashlib.sha256(content).hexdigest() == store.put(tmp_path / "file")
    assert store.get(name) == content
    assert store.size_bytes(name) == size_bytes
    with store.local(name) as path:
        assert path.read_bytes() == content


def test_a_file_is_put_as_its_bytes_are(store, tmp_path):
    content = os.urandom(6_000_000)
    (tmp_path / "file").write_bytes(content)
    assert store.get(store.put(tmp_path / "file")) == content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(start=st.integers(0, 120), end=st.integers(0, 120))
def test_any_part_is_streamed(store, start, end):
    content = bytes(range(100))
    assert b"".join(store.stream(store.put(content), start, end)) == content[start:end]


def test_a_long_stream_comes_in_pieces(store):
    content = os.urandom(5_000_000)
    streamed = list(store.stream(store.put(content), 7, len(content)))
    assert b"".join(streamed) == content[7:]
    assert len(streamed) > 1


def test_what_is_deleted_is_gone_and_deleting_again_is_no_error(store):
    name = store.put(b"content")
    for _ in range(2):
        store.delete(name)
    assert store.size_bytes(name) is None
    assert store.get(store.put(b"content")) == b"content"


@pytest.mark.parametrize("name", [NOWHERE, "", "..", "../../etc/passwd", "A" * 64, NOWHERE + "\n", "/etc/passwd"])
def test_a_name_that_is_not_there_or_is_none_leads_nowhere(store, name):
    assert store.size_bytes(name) is None
    store.delete(name)
    for call in (store.get, lambda name: store.stream(name, 0, 1), lambda name: store.local(name).__enter__()):
        with pytest.raises(KeyError):
            call(name)


def test_many_who_put_the_same_at_once_all_succeed(store):
    content = os.urandom(300_000)
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: store.put(content), range(16)))) == 1
    assert store.get(hashlib.sha256(content).hexdigest()) == content


@pytest.mark.parametrize("url", ["", "/folder", "file://folder", "ftp://host/folder", "s3://"])
def test_what_is_no_store_is_one_line(url):
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        Store.open(url)


def test_a_service_that_is_not_there_is_an_os_error(bucket_url, monkeypatch):
    from postgres import free_port

    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    store = Store.open(bucket_url, patience_s=0.2)
    for call in (lambda: store.put(b"content"), lambda: store.get(NOWHERE), lambda: store.size_bytes(NOWHERE)):
        with pytest.raises(OSError, match="does not answer"):
            call()


def test_a_blob_that_is_there_is_not_written_again(folder):
    store, path = folder
    name = store.put(b"content")
    (file,) = files(path)
    before = file.stat()
    store.put(b"content")
    assert file.stat().st_ino == before.st_ino
    assert file.relative_to(path).parts == (name[:2], name[2:4], name)


def make_old(path):
    for file in files(path):
        os.utime(file, (time.time() - 2 * ORPHAN_S,) * 2)


def test_old_blobs_are_named_and_putting_one_makes_it_new(folder):
    store, path = folder
    names = {store.put(bytes([number])) for number in range(3)}
    assert set(store.old()) == set()
    make_old(path)
    assert set(store.old()) == names
    kept = store.put(bytes([0]))
    for name in names:
        store.delete_old(name)
    assert store.get(kept) == bytes([0]) and [file.name for file in files(path)] == [kept]


def test_a_blob_that_is_put_while_it_is_thrown_away_is_there_afterwards(folder):
    store, path = folder
    name = store.put(b"content")
    with ThreadPoolExecutor(2) as threads:
        for _ in range(300):
            make_old(path)
            put, thrown = threads.submit(store.put, b"content"), threads.submit(store.delete_old, name)
            put.result(), thrown.result()
            assert store.get(name) == b"content"


def test_what_was_killed_while_it_threw_away_is_undone(folder):
    store, path = folder
    name = store.put(b"content")
    (file,) = files(path)
    file.rename(file.with_name(f"{name}.doomed"))
    assert Store.open(f"file://{path}").get(name) == b"content"


def test_nothing_in_a_bucket_is_old_on_its_first_day(bucket_url):
    store = Store.open(bucket_url)
    name = store.put(b"content")
    store.delete_old(name)
    assert list(store.old()) == [] and store.get(name) == b"content"


def test_a_damaged_blob_is_not_given_out(folder):
    store, path = folder
    name = store.put(b"content")
    files(path)[0].write_bytes(b"c0ntent")
    with pytest.raises(OSError, match="damaged"):
        store.get(name)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_is_said_and_leaves_nothing(folder, monkeypatch, code, call):
    """The system's answer is the only part that is not real; test_a_disk_that_is_really_full is."""
    store, path = folder

    def full(*_):
        raise OSError(code, os.strerror(code))

    place = {"write": (module, "copy"), "fsync": (os, "fsync"), "replace": (Path, "replace")}[call]
    with monkeypatch.context() as patch:
        patch.setattr(*place, full)
        with pytest.raises(StoreFull):
            store.put(b"content")
    assert files(path) == []
    assert store.get(store.put(b"content")) == b"content"


def test_other_failures_are_not_called_a_full_disk(folder, tmp_path):
    store, path = folder
    with pytest.raises(FileNotFoundError):
        store.put(tmp_path / "nothing")
    assert files(path) == []


def test_a_disk_that_is_really_full(tmp_path):
    """A tmpfs of one megabyte, where this machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        store = Store.open(f"file://{disk}/store")
        small = store.put(b"content")
        with pytest.raises(StoreFull):
            store.put(os.urandom(2_000_000))
        assert [file.name for file in files(disk)] == [small]
        assert 0 < store.free_bytes() <= 1 << 20
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_leaves_whole_blobs_only_and_what_is_left_over_is_swept(folder, seed):
    store, path = folder
    command = [sys.executable, "-c", WRITE_FOR_EVER, f"file://{path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        named = [child.stdout.readline().strip() for _ in range(seed + 1)]
        while not list(path.glob(".*.part")):
            assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        named += [line.strip() for line in child.stdout if line.endswith("\n")]
    assert all(len(store.get(name)) == 3_000_000 for name in named)
    Store.open(f"file://{path}")
    assert list(path.glob(".*.part")) == []
    assert all(store.get(file.name) for file in files(path))


def test_what_is_being_written_is_not_swept(folder):
    store, path = folder
    with store._temporary() as file:
        Store.open(f"file://{path}")
        assert Path(file.name).exists()
    assert files(path) == []


def test_a_file_that_changes_while_it_is_stored_is_refused(folder, tmp_path, monkeypatch):
    store, path = folder
    (tmp_path / "file").write_bytes(b"now")
    monkeypatch.setattr(module, "sha256_of", lambda content: hashlib.sha256(b"before").hexdigest())
    with pytest.raises(OSError, match="changed"):
        store.put(tmp_path / "file")
    assert files(path) == []
