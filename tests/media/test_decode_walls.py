"""The walls around the decoding process, and a parent that does not believe a process that was taken over."""

import ast
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from kinora.media import decode, decode_walls
from kinora.media.decode import Limits, MediaError, probe, read_clip
from kinora.media.encode import write_mp4

MEDIA = Path(decode.__file__).parent


@pytest.fixture
def film(bouncing, tmp_path):
    path = tmp_path / "film.mp4"
    write_mp4(bouncing(num_frames=2), path)
    return path


HEADER = """
import json, struct, sys, time
def send(tag, data=b"", size=None):
    sys.stdout.buffer.write(tag + struct.pack("<I", len(data) if size is None else size) + data); sys.stdout.flush()
facts = {"container": "mp4", "picture_codec": "x", "width": 128, "height": 96, "fps": [12, 1], "num_frames": 2}
def tell():
    send(b"H", json.dumps(facts).encode())
"""
TWO_FRAMES = decode.Facts(container="mp4", picture_codec="x", width=128, height=96, fps=Fraction(12), num_frames=2)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "sys.exit(3)",
        "import os; os.kill(os.getpid(), 11)",
        "send(b'Z')",
        "send(b'Q', b'?')",
        "send(b'H', b'not json')",
        "send(b'H', b'[]')",
        "send(b'H', size=2**32 - 1)",
        "send(b'H', json.dumps({**facts, 'width': 0}).encode())",
        "send(b'H', json.dumps({**facts, 'width': 10**9, 'num_frames': 10**9}).encode())",
        "send(b'H', json.dumps({**facts, 'fps': [1, 0]}).encode())",
        "send(b'H', json.dumps({**facts, 'num_frames': 'many'}).encode())",
        "send(b'E', b'<script>')",
        "send(b'E', b'\\xff' * 4000)",
        "tell(); send(b'F', bytes(128 * 96 * 3))",
        "tell(); send(b'F', bytes(128 * 96 * 3)); send(b'Z')",
        "tell(); send(b'F', bytes(128 * 96 * 9)); send(b'Z')",
        "tell(); send(b'F', bytes(100)); send(b'Z')",
        "tell()\nwhile True: send(b'F')",
        "send(b'H', b'[' * 60000)",
        "send(b'H', json.dumps({**facts, 'width': 1e999}).encode())",
        "send(b'H', b'\\xff\\xfe{}')",
        "tell(); send(b'F', bytes(128 * 96 * 3 * 17))",
        "time.sleep(60)",
        "import os; os.close(1); time.sleep(60)",
    ],
)
def test_a_lying_child_is_an_error_of_one_line(film, monkeypatch, body):
    seen = file_identity(film)
    monkeypatch.setattr(decode, "CHILD", HEADER + body)
    with pytest.raises(MediaError) as error:
        list(decode._read_frames(film, seen, TWO_FRAMES, Limits(wall_s=1)))
    assert str(error.value).isprintable() and "script" not in str(error.value)


def file_identity(path):
    with decode._opened(path, Limits()) as handle:
        return decode._identity(handle)


def test_the_same_child_telling_the_truth_is_believed(film, monkeypatch):
    monkeypatch.setattr(decode, "CHILD", HEADER + "tell(); send(b'F', bytes(2 * 128 * 96 * 3)); send(b'Z')")
    assert sum(map(len, decode._read_frames(film, file_identity(film), TWO_FRAMES, Limits()))) == 2


@pytest.mark.parametrize(
    "lie",
    [
        {"num_frames": 10**9, "width": 1, "height": 1},
        {"num_frames": 200, "fps": [1, 1]},
        {"width": 10**5, "height": 10**4, "num_frames": 1},
        {"num_channels": -1},
        {"num_channels": 2, "sample_rate_hz": 10**9},
        {"quarter_turns": 4},
        {"fps": [12, 0]},
        {"width": "9" * 5000},
        {"width": None},
        {"comment": ["x"] * 2000, "height": -96, "width": -128},
    ],
)
def test_facts_that_would_cost_the_parent_dear_are_not_believed(film, monkeypatch, lie):
    monkeypatch.setattr(decode, "CHILD", HEADER + f"facts.update({lie!r}); tell(); send(b'Z')")
    with pytest.raises(MediaError, match="damaged"):
        read_clip(film)


def inside(program):
    """What a process within the walls prints."""
    start = f"import sys; sys.path.append({str(MEDIA.parents[1])!r})\nfrom kinora.media.decode_walls import *\n"
    told = subprocess.run([sys.executable, "-I", "-c", start + program], capture_output=True, text=True, check=False)
    return told.stdout.split()


def test_limits_hold(tmp_path):
    attempts = f"""
limit(memory_bytes=1 << 29, cpu_s=5)
for forbidden in (lambda: open({str(tmp_path / "a")!r}, "wb").write(b"x" * 10**6), lambda: bytes(1 << 30),
                  lambda: [open("/dev/null") for _ in range(40)]):
    try:
        forbidden()
    except (OSError, MemoryError):
        print("held")
"""
    assert inside(attempts) == ["held"] * 3


FORBIDDEN = {
    "open": "open('/etc/hostname')",
    "socket": "socket.socket()",
    "unix socket": "socket.socketpair()",
    "process": "os.fork()",
    "program": "os.execv('/bin/true', ['true'])",
    "kill": "os.kill(os.getppid(), 0)",
    "unlink": "os.unlink('/nonexistent')",
    "own limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "rename": "os.rename('/nonexistent', '/nonexistent2')",
    "folder": "os.listdir('/')",
}


def test_within_the_walls_a_program_computes_and_starts_threads_and_nothing_else():
    program = "import os, resource, socket, threading\nprint(shut())\n"
    for attempt in FORBIDDEN.values():
        program += f"try:\n    {attempt}; print('done')\nexcept OSError as error:\n    print(error.errno)\n"
    program += (
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join(); print(sum([1, 2]))"
    )
    said = inside(program)
    if said[:1] == ["False"]:
        pytest.skip("this kernel has no filter")
    # 38 is ENOSYS: to this process, the call does not exist.
    assert said == ["True", *["38"] * len(FORBIDDEN), "thread", "3"]


def test_both_machines_let_the_same_calls_through_and_no_number_twice():
    for column in (0, 1):
        numbers = [pair[column] for pair in decode_walls.CALLS.values()]
        assert len(set(numbers)) == len(numbers) and decode_walls.CLONE[column] not in numbers


def test_without_a_filter_the_limits_alone_hold_and_films_still_open(film, monkeypatch):
    other = "import platform; platform.machine = lambda: 'riscv64'; "
    monkeypatch.setattr(decode, "CHILD", other + decode.CHILD)
    assert probe(film).num_frames == 2


def test_a_child_that_spins_is_stopped_and_the_reason_given(film, monkeypatch):
    spin = decode.CHILD.rpartition(";")[0] + "; from kinora.media.decode_walls import limit\n"
    monkeypatch.setattr(decode, "CHILD", spin + "limit(memory_bytes=1 << 30, cpu_s=1)\nwhile True: pass")
    with pytest.raises(MediaError, match="too long to decode"):
        probe(film)


def test_the_child_loads_little():
    for path in MEDIA.glob("decode_*.py"):
        tree = ast.parse(path.read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name for name in names if name.startswith("kinora")}
        assert all(name.startswith("kinora.media.decode_") for name in ours), path
        assert names.isdisjoint({"pickle", "marshal", "socket", "subprocess", "numpy"}), path
