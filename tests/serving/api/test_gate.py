"""Who may come in and how often, whether there is room, and that nothing unforeseen says more than its number."""

import hashlib
import hmac
import io
import json
import logging
import sqlite3

import pytest

from kinora.serving.api.logs import JsonFormatter
from kinora.serving.config import Key

SECRETS = {"ann": "sk-ann", "bob": "sk-bob"}


def key(name, **limits):
    return Key(id=name, sha256=hashlib.sha256(SECRETS[name].encode()).hexdigest(), **limits)


def bearer(name):
    return {"authorization": f"Bearer {SECRETS[name]}"}


@pytest.fixture
def keyed(open_api):
    return open_api(keys=(key("ann"), key("bob")))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer sk"},
        {"authorization": "Basic sk-ann"},
        {"authorization": "sk-ann"},
        {"authorization": b"Bearer \xff\xfe"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/videos", "/v1/models", "/metrics", "/v1/videos/x/content", "/nothing"])
def test_without_a_known_key_everything_but_health_is_shut(keyed, headers, path):
    answer = keyed.client.get(path, headers=headers)
    assert answer.status_code == 401 and set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer.headers["x-request-id"] and "sk-" not in answer.text
    assert keyed.client.get("/health", headers=headers).status_code == 200


def test_every_key_is_compared_and_in_constant_time(keyed, monkeypatch):
    compared = []
    original = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or original(a, b))
    for name in SECRETS:
        compared.clear()
        assert keyed.client.get("/v1/videos", headers=bearer(name)).status_code == 200
        assert [known for _, known in compared] == [each.sha256 for each in keyed.config.keys]


def test_without_keys_any_key_is_taken(api):
    assert api.client.get("/v1/videos", headers={"authorization": "Bearer whatever"}).status_code == 200


def test_owners_never_see_each_other_s_videos(keyed):
    video_id = keyed.client.post("/v1/videos", json={"prompt": "p"}, headers=bearer("ann")).json()["id"]
    for method, path in [("GET", ""), ("GET", "/content"), ("GET", "/events"), ("DELETE", ""), ("POST", "/cancel")]:
        url = f"/v1/videos/{video_id}{path}"
        assert keyed.client.request(method, url, headers=bearer("bob")).status_code == 404
    assert keyed.client.get("/v1/videos", headers=bearer("bob")).json()["data"] == []
    assert keyed.client.get(f"/v1/videos/{video_id}", headers=bearer("ann")).status_code == 200


def test_each_key_has_its_own_rate(open_api):
    api = open_api(keys=(key("ann", requests_per_minute=2), key("bob")), requests_per_minute=3)
    for name, most in {"ann": 2, "bob": 3}.items():
        asked = [api.client.post("/v1/videos", json={"prompt": "p"}, headers=bearer(name)) for _ in range(most + 1)]
        assert [answer.status_code for answer in asked] == [200] * most + [429]
        assert (
            asked[-1].json()["error"]["code"] == "rate_limit_exceeded"
            and 1 <= int(asked[-1].headers["retry-after"]) <= 61
        )
        assert api.client.get("/v1/videos", headers=bearer(name)).status_code == 200


@pytest.mark.parametrize("limit", ["most_queued", "seconds_per_day"])
def test_quotas_hold_for_each_key(open_api, limit):
    api = open_api(keys=(key("ann", **{limit: 2}), key("bob")))
    asked = [api.client.post("/v1/videos", json={"prompt": "p", "seconds": 1}, headers=bearer("ann")) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429] and asked[-1].headers["retry-after"]
    assert api.client.post("/v1/videos", json={"prompt": "p"}, headers=bearer("bob")).status_code == 200


def test_a_full_disk_is_a_503_that_says_when_to_come_back(open_api):
    api = open_api(least_free_bytes=2**62)
    answer = api.client.post("/v1/videos", json={"prompt": "p"})
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"]["code"] == "server_is_overloaded"
    assert api.client.get("/v1/videos").json()["data"] == []


def test_what_is_unforeseen_is_a_500_without_its_text(api, caplog):
    api.ledger.database.read = None
    answer = api.client.get("/v1/videos")
    request_id = answer.headers["x-request-id"]
    assert answer.status_code == 500 and answer.json()["error"]["code"] == "server_error"
    assert request_id in answer.text and "NoneType" not in answer.text and "Traceback" not in answer.text
    assert any(record.exc_info and record.levelno == logging.ERROR for record in caplog.records)


def test_every_answer_has_an_id_of_its_own(api):
    answers = [
        api.client.get("/v1/models"),
        api.client.get("/nothing"),
        api.client.put("/v1/videos"),
        api.client.post("/v1/videos", content=b"{", headers={"content-type": "application/json"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 405, 400]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 4
    for answer in answers:
        assert answer.headers["openai-version"] and answer.headers["openai-processing-ms"].isdigit()
        if answer.status_code != 200:
            assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_a_log_line_is_json_and_names_request_and_video(api):
    lines = io.StringIO()
    handler, log = logging.StreamHandler(lines), logging.getLogger("kinora.api")
    handler.setFormatter(JsonFormatter())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        answer = api.client.post("/v1/videos", json={"prompt": "p\n"})
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    accepted, answered = map(json.loads, lines.getvalue().splitlines())
    assert accepted["video"] == answer.json()["id"]
    assert (answered["method"], answered["path"], answered["status"]) == ("POST", "/v1/videos", 200)
    assert answered["level"] == "info" and answered["time"].endswith("Z") and answered["duration_ms"] >= 0
    assert accepted["request"] == answered["request"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "localhost:8000"}, 200),
        ({"host": "127.0.0.9"}, 200),
        ({"host": "[::1]:8000", "origin": "http://localhost:3000"}, 200),
        ({"host": "evil.example:8000"}, 403),
        ({"host": "localhost", "origin": "https://evil.example"}, 403),
        ({"host": "localhost", "origin": "null"}, 403),
        ({"host": "[::1"}, 403),
    ],
)
def test_without_keys_a_page_in_the_browser_is_kept_out(open_api, headers, status):
    assert open_api().client.get("/v1/models", headers=headers).status_code == status


def test_with_a_key_any_name_will_do(open_api):
    headers = {"host": "kinora.example", "origin": "https://app.example", **bearer("ann")}
    assert open_api(keys=(key("ann"),)).client.get("/v1/models", headers=headers).status_code == 200


def test_a_database_that_is_locked_is_a_503_that_says_when_to_come_back(open_api, monkeypatch):
    monkeypatch.setattr("kinora.serving.ledger.dialects.BUSY_S", 0.05)
    api = open_api()
    frozen = sqlite3.connect(api.config.data / "ledger.sqlite", isolation_level=None)
    frozen.execute("BEGIN IMMEDIATE")
    answer = api.client.post("/v1/videos", json={"prompt": "a fox"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "locked" not in answer.text
    frozen.execute("ROLLBACK")
    assert api.client.post("/v1/videos", json={"prompt": "a fox"}).status_code == 200
