"""Tiny open engines, each saved and opened once for all tests."""

import sys
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import tiny
from tiny_shots import CPU, entry_of


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """A tiny pipeline by its kind, in the hub's layout."""
    return cache(lambda kind: tiny.save(kind, tmp_path_factory.mktemp("open") / kind))


@pytest.fixture(scope="session")
def engine_of(folder_of):
    """A tiny engine by its kind, which draws 17 frames at once."""
    from kinora.engines.open.opening import open_folder

    return cache(lambda kind: open_folder(folder_of(kind), entry_of(kind), CPU))
