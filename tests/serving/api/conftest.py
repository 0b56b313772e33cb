"""The API over a real ledger and a real store in an empty folder; videos are finished by hand, as a worker would."""

import sys
from dataclasses import dataclass, replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from kinora.serving.api.app import create_app
from kinora.serving.config import Config, load_config
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.store import Store

# What makes files worse, and the files.
sys.path.insert(0, str(Path(__file__).parents[2] / "media"))


@dataclass(frozen=True, kw_only=True)
class Api:
    app: FastAPI
    config: Config
    ledger: Ledger
    store: Store
    client: TestClient

    def begin(self, video_id):
        """A worker's turn at a video."""
        self.ledger.hand_over(video_id, f"w-{video_id}")
        return self.ledger.begin(video_id, "worker", f"w-{video_id}")

    def finish(self, video_id, content=b"film"):
        """Complete a video with these bytes as its film."""
        result = {
            "video": self.store.put(content),
            "thumbnail": self.store.put(b"thumbnail " + content),
            "spritesheet": self.store.put(b"spritesheet " + content),
            "size_bytes": len(content),
        }
        self.ledger.complete(self.begin(video_id), result=result, notes={"replaced": {}}, expires_at=2**33)

    def make(self, **fields):
        """A new video's id."""
        return self.client.post("/v1/videos", json={"prompt": "a fox jumps", **fields}).json()["id"]

    def finished(self, content=b"film", **fields):
        """A completed video's id."""
        video_id = self.make(**fields)
        self.finish(video_id, content)
        return video_id


@pytest.fixture
def open_api(tmp_path):
    """Make an API with these settings; all that one test makes share a ledger and a store."""
    opened = []

    def make(**settings):
        config = replace(load_config({"data": str(tmp_path / "data")}), **settings)
        ledger, store = Ledger.open(config.database), Store.open(config.store)
        if "worker" not in ledger.beats():
            ledger.arrive("worker", {})
        app = create_app(config, ledger, store)
        client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
        opened.append(Api(app=app, config=config, ledger=ledger, store=store, client=client))
        return opened[-1]

    yield make
    for api in opened:
        api.client.close()
        api.ledger.close()


@pytest.fixture
def api(open_api):
    return open_api()


@pytest.fixture(scope="session")
def picture():
    """A small PNG."""
    file = BytesIO()
    Image.new("RGB", (32, 24), (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def film():
    """Three seconds of H.264, 160 x 192."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(8))
        stream.width, stream.height, stream.pix_fmt = 160, 192, "yuv420p"
        for number in range(24):
            frame = np.full((192, 160, 3), number * 10, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()
