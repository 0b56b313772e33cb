"""Whoever stops a pull is told that what has come is kept, and it is."""

import os
import signal
import subprocess
import sys
import time

from small_hub import NEEDED, REPOSITORY

from kinora.engines.hub.pull import pull
from kinora.engines.hub.shelf import folder_of, is_complete

# Whatever runs the tests in the background may have Ctrl-C ignored.
COMMAND = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from dataclasses import replace
from kinora.cli.main import main
from kinora.engines.catalog import CATALOG
CATALOG["tiny"] = replace(CATALOG["wan2.1-1.3b"], name="tiny", repository="{REPOSITORY}", revision="")
sys.argv = ["kinora", "engines", "pull", "tiny"]
main()
"""


def parts():
    """What there is of the largest file, some of which is still to come for a second."""
    return [path for path in folder_of("tiny").rglob(".diffusion_*.part") if path.stat().st_size]


def test_a_pull_that_is_stopped_says_where_it_goes_on_and_does(entry, server, wire):
    hub = server.hub
    hub.slow_s = 0.1
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", COMMAND], env=environment, stderr=subprocess.PIPE, text=True) as child:
        while child.poll() is None and not parts():
            time.sleep(0.005)
        child.send_signal(signal.SIGINT)
        said = child.stderr.read().splitlines()[-1]
    hub.slow_s = 0.0
    assert child.returncode == 130
    assert said.startswith("kinora: stopped; what has come is kept: the same command goes on there")
    (part,) = parts()
    kept, before = part.stat().st_size, len(hub.asked)
    folder = pull(entry, wire=wire, say=lambda _: None)
    assert [headers["Range"] for _, headers in hub.asked[before:] if "Range" in headers] == [f"bytes={kept}-"]
    assert is_complete(folder)
    assert {path: (folder / path).read_bytes() for path in NEEDED} == NEEDED
