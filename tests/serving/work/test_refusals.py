"""What is wrong with what a client sent ends a video at once, with the remedy; what is only worth knowing is a note."""

from dataclasses import replace

import numpy as np
import pytest
from dbos import DBOS

from kinora.serving.config import load_config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Video, new_id
from kinora.serving.store import Store
from kinora.serving.work.engine import Engines
from kinora.serving.work.jobs import BLOBS, ERRORS, Shop, close
from kinora.serving.work.pulse import Pulse
from kinora.serving.work.steps import Steps

ASKED = {"prompt": "", "seed": 3, "size": "160x160", "seconds": 2, "steps": 1}


@pytest.fixture
def done(engine, film, tmp_path, monkeypatch):
    """A function that scores noise in a worker's way and returns the closed video."""
    monkeypatch.setattr("kinora.serving.work.engine.open_engine", lambda name: engine)
    frames = np.random.default_rng(0).integers(0, 256, (24, 160, 160, 3), np.uint8)
    noise = film(24, "noise.mkv", frames=frames, sound=False).path
    config = replace(load_config({"data": str(tmp_path / "data")}), most_attempts=3)
    ledger, store = Ledger.open(config.database), Store.open(config.store)
    ledger.arrive("w", {})
    Steps(config.steps, "w", errors=ERRORS)
    shop = Shop(worker="w", config=config, ledger=ledger, store=store, engines=Engines(), pulse=Pulse())

    def score(**said):
        arguments = {"effects": "", "music": "", "keep": False, **said}
        wish = {"request": ASKED, "sources": {"video": store.put(noise)}, "arguments": arguments}
        video = Video(id=new_id("video"), task="score", prompt="", seconds=2, size="160x160", wish=wish)
        id = ledger.accept(video).id
        ledger.hand_over(id, "workflow")
        close(shop, ledger.begin(id, "w", "workflow"))
        return ledger.get(id, "")

    yield score
    DBOS.destroy()
    ledger.close()


def test_footage_from_outside_that_nothing_is_said_of_is_refused_with_the_remedy(done, caplog):
    refused = done()
    assert (refused.status, refused.error_code) == ("failed", "invalid_file")
    assert "say what is heard" in refused.error_message and refused.error_message.isprintable()
    assert "--" not in refused.error_message
    # Nothing is tried again that would end the same.
    assert [record.message for record in caplog.records].count("refused") == 1


def test_footage_from_outside_is_heard_by_its_words_and_a_note_says_so(done):
    scored = done(effects="a fox jumps")
    assert scored.status == "completed", scored.error_message
    assert "the words" in scored.notes["said"] and set(scored.result) == {*BLOBS, "size_bytes"}


def test_words_that_no_sound_is_known_of_are_refused_with_the_remedy(done):
    assert "say what is heard" in done(effects="quantum").error_message
