"""Models that stand for engines: what each can do is known before it is opened, and said before a job is accepted."""

import pytest

from kinora.engines.catalog import CATALOG
from kinora.engines.hub.licence import accept
from kinora.serving.config import Config


@pytest.fixture(autouse=True)
def shelf(tmp_path, monkeypatch):
    """Nothing of the user's is read or accepted."""
    monkeypatch.setenv("KINORA_ENGINES", str(tmp_path / "engines"))


def accepted(api, answer):
    assert answer.status_code == 200, answer.text
    return api.ledger.get(answer.json()["id"], "")


def test_an_engine_with_a_licence_of_its_own_serves_only_once_that_is_accepted(tmp_path):
    told = {"data": tmp_path, "database": "", "store": "", "steps": "", "models": {"*": "ltx2"}}
    with pytest.raises(ValueError, match=r'models."\*": .*kinora engines accept ltx2'):
        Config(**told)
    accept(CATALOG["ltx2"])
    assert Config(**told).engine_of("sora-2") == "ltx2"


MODELS = {"*": "storybook", "sora-2-pro": "wan2.1-1.3b", "pictures": "vace-1.3b"}


def test_what_an_engine_can_not_do_is_refused_with_one_that_can(open_api, picture):
    api = open_api(models=MODELS)
    made = api.finished(seconds=2, size="320x192")

    def asked(path, **fields):
        return api.client.post(f"/v1/videos{path}", json={"prompt": "p", "model": "sora-2-pro", **fields})

    assert accepted(api, asked("", seconds=4)).engine == "wan2.1-1.3b"
    refused = {
        "pictures": [
            asked("/loop", video={"id": made}),
            asked("", seconds=8),
            asked("/extensions", video={"id": made}),
        ],
        "storybook": [asked("", sound={"id": made})],
    }
    for named, answers in refused.items():
        for answer in answers:
            error = answer.json()["error"]
            assert (answer.status_code, error["param"], error["code"]) == (400, "model", "unsupported_by_model")
            assert error["message"].endswith(f"ask for the model {named}")
    # Told in shots, each short enough, what is longer can be drawn.
    assert accepted(api, asked("", seconds=12)).engine == "wan2.1-1.3b"
    first = api.client.post("/v1/videos", data={"prompt": "p", "model": "pictures"}, files={"first_frame": picture})
    assert accepted(api, first).task == "reference"


def test_to_mend_frames_is_to_fill_between_what_is_given(open_api):
    accept(CATALOG["ltx2"])
    api = open_api(models={"*": "storybook", "both": "ltx2"})
    told = {"video": {"id": api.finished(seconds=3)}, "model": "both"}
    error = api.client.post("/v1/videos/fill", json={**told, "frames": [3, 4]}).json()["error"]
    assert (error["param"], error["code"]) == ("model", "unsupported_by_model")
    assert accepted(api, api.client.post("/v1/videos/fill", json={**told, "fps": 24})).task == "smooth"


def test_who_hears_no_pictures_has_to_be_told_what_to_hear(open_api):
    api = open_api(models=MODELS)
    told = {"video": {"id": api.finished(seconds=3)}, "model": "sora-2-pro"}
    error = api.client.post("/v1/videos/score", json=told).json()["error"]
    assert (error["param"], error["code"]) == ("effects", "missing") and "--" not in error["message"]
    assert accepted(api, api.client.post("/v1/videos/score", json={**told, "music": "drums"})).task == "score"
    assert accepted(api, api.client.post("/v1/videos/score", json={"video": told["video"]})).task == "score"


@pytest.mark.parametrize(
    ("model", "num_frames", "seconds"), [("sora-2", 48, "4"), ("sora-2-pro", 81, "5"), ("wide", 121, "5")]
)
def test_frames_are_counted_at_the_rate_of_whoever_draws(open_api, model, num_frames, seconds):
    api = open_api(models={**MODELS, "wide": "wan2.2-5b"})
    answer = api.client.post("/v1/videos", json={"prompt": "p", "model": model, "num_frames": num_frames})
    assert accepted(api, answer).seconds == int(seconds)
    refused = api.client.post("/v1/videos", json={"prompt": "p", "model": model, "num_frames": num_frames + 2})
    fps = (num_frames - num_frames % 2) // int(seconds)
    message = f"num_frames is {num_frames + 2}: at {fps} fps give {fps * int(seconds)}, whole seconds"
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, message)
