"""A ledger on each database, and a clock that stands still unless it is moved."""

import pytest
from postgres import fresh_schema

from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Video


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The URL of a database without tables, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.sqlite"
    else:
        with fresh_schema(request.getfixturevalue("postgres_server")) as url:
            yield url


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(database_url, clock):
    ledger = Ledger.open(database_url, clock=clock)
    yield ledger
    ledger.close()


@pytest.fixture
def other(database_url, clock):
    """The same database through connections of its own, as another process has it."""
    ledger = Ledger.open(database_url, clock=clock)
    yield ledger
    ledger.close()


@pytest.fixture
def accepted(ledger):
    """Accepts a video with these facts."""

    def accept(**facts):
        return ledger.accept(Video(**{"prompt": "a red fox jumps", "seconds": 4, "size": "1280x720", **facts}))

    return accept


@pytest.fixture
def begun(ledger, accepted):
    """Accepts a video, hands it over and returns a worker's first turn at it."""

    def begin(worker="w1", **facts):
        if worker not in ledger.beats():
            ledger.arrive(worker, {})
        video = accepted(**facts)
        assert ledger.hand_over(video.id, f"flow of {video.id}")
        return ledger.begin(video.id, worker, f"flow of {video.id}")

    return begin
