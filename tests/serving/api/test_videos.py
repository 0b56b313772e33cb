"""Requests for videos: what may be said, how it may be said, and what comes of it."""

import json

import pytest

from kinora.serving.ledger.records import Video
from kinora.serving.tasks import NOT_YET

SORA_FIELDS = {
    *("id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at", "prompt", "size"),
    *("seconds", "remixed_from_video_id", "error"),
}
NOBODY = "video_" + "0" * 32


def test_a_video_has_openai_s_fields_and_one_of_ours(api):
    answer = api.client.post("/v1/videos", json={"prompt": "a fox jumps"})
    assert answer.status_code == 200 and set(answer.json()) == SORA_FIELDS | {"kinora"}
    told = answer.json()
    assert (told["status"], told["seconds"], told["size"]) == ("queued", "4", "720x1280")
    assert (told["model"], told["prompt"], told["error"]) == ("sora-2", "a fox jumps", None)
    assert api.client.get(f"/v1/videos/{told['id']}").json() == told


SAID = {
    "seconds": ("8", 8),
    "width": ("320", 320),
    "height": ("192", 192),
    "fps": ("24", 24),
    "seed": ("7", 7),
    "num_inference_steps": ("3", 3),
    "guidance_scale": ("1.5", 1.5),
    "generate_sound": ("false", False),
    "priority": ("-2", -2),
}


def test_a_form_s_text_means_what_json_s_numbers_mean(api):
    form = {name: text for name, (text, _) in SAID.items()}
    typed = {name: value for name, (_, value) in SAID.items()}
    asked = {
        "json": api.client.post("/v1/videos", json={"prompt": "a fox", **typed}),
        "json as text": api.client.post("/v1/videos", json={"prompt": "a fox", **form}),
        "form": api.client.post("/v1/videos", data={"prompt": "a fox", **form}),
        "multipart": api.client.post(
            "/v1/videos", files={n: (None, v) for n, v in {"prompt": "a fox", **form}.items()}
        ),
    }
    videos = {how: api.ledger.get(answer.json()["id"], "") for how, answer in asked.items()}
    request = {"prompt": "a fox", "seconds": 8, "size": "320x192", "fps": 24, "seed": 7}
    request |= {"steps": 3, "guidance": 1.5, "sound": False}
    assert {how: dict(video.wish["request"]) for how, video in videos.items()} == dict.fromkeys(asked, request)
    assert {(video.seconds, video.size, video.priority) for video in videos.values()} == {(8, "320x192", -2)}


WRONG = [
    *[("seconds", value) for value in ("0", 0, 61, "4.5", 4.5, "four", True, [], {}, "", "9" * 30, float(10**20))],
    *[
        ("size", v)
        for v in ("720", "720x", "158x160", "160x1922", "161x160", "x", "-160x160", "٣٢٠x320", 5, "", ["1x1"])
    ],
    *[("fps", value) for value in (7, 31, "24.5", None.__class__.__name__)],
    *[("seed", value) for value in (-1, 2**32, "x", 1.5)],
    *[("num_inference_steps", value) for value in (0, 251, "x")],
    *[("guidance_scale", value) for value in (-1, 21, "nan", "inf", "x", True, [1])],
    *[("generate_sound", value) for value in ("perhaps", 2, [])],
    *[("priority", value) for value in (101, -101, "high")],
    *[("model", value) for value in ("", " ", "x" * 201, 5, [])],
    *[("prompt", value) for value in ("", "  ", "x" * 32_001, 5, [], None)],
    ("num_frames", 50),
    ("num_frames", 12 * 61),
    ("characters", "x"),
    ("characters", [{"id": "a"}] * 3),
    ("input_reference", 5),
    ("input_reference", {}),
    ("input_reference", {"image_url": "a", "file_id": "b"}),
    ("input_reference", {"image_url": ["a"]}),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_field_is_a_400_that_names_it(api, name, value):
    answer = api.client.post("/v1/videos", json={"prompt": "a fox", name: value})
    error = answer.json()["error"]
    assert answer.status_code == 400 and set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", name) and "\n" not in error["message"]
    assert api.client.get("/v1/videos").json()["data"] == []


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({"num_frames": 48}, 4),
        ({"num_frames": 49}, 4),
        ({"num_frames": 97, "fps": 24}, 4),
        ({"num_frames": "80", "fps": "16"}, 5),
        ({"num_frames": 24, "seconds": 2}, 2),
        ({"seconds": 60}, 60),
    ],
)
def test_frames_at_a_rate_are_seconds(api, given, seconds):
    assert api.client.post("/v1/videos", json={"prompt": "a fox", **given}).json()["seconds"] == str(seconds)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"num_frames": 24, "seconds": 4}, "num_frames"),
        ({"width": 320}, "height"),
        ({"height": 320}, "width"),
        ({"width": 321, "height": 320}, "width"),
        ({"width": 320, "height": 320, "size": "320x322"}, "size"),
        ({"input_reference": {"file_id": NOBODY}, "image_reference": {"file_id": NOBODY}}, "image_reference"),
    ],
)
def test_fields_that_contradict_each_other_are_refused(api, given, param):
    answer = api.client.post("/v1/videos", json={"prompt": "a fox", **given})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_what_has_no_effect_is_said(api):
    fields = {"prompt": "a fox", "negative_prompt": "rain", "flow_shift": 3, "unheard_of": {"a": [1]}, "lora": None}
    told = api.client.post("/v1/videos", json=fields).json()
    assert told["kinora"]["ignored"] == ["flow_shift", "lora", "negative_prompt", "unheard_of"]


def test_any_model_is_taken_echoed_and_resolved_by_the_map(open_api):
    api = open_api(models={"*": "storybook", "mine": "vace-1.3b"})
    for model, engine in {
        "mine": "vace-1.3b",
        "vace-1.3b": "vace-1.3b",
        "sora-2-pro": "storybook",
        "gpt-9": "storybook",
    }.items():
        told = api.client.post("/v1/videos", json={"prompt": "a fox", "model": model}).json()
        assert told["model"] == model and api.ledger.get(told["id"], "").engine == engine


def test_a_seed_is_drawn_once_and_kept(api):
    ids = [api.make() for _ in range(4)]
    seeds = {api.ledger.get(each, "").wish["request"]["seed"] for each in ids}
    told = {api.client.get(f"/v1/videos/{each}").json()["kinora"]["seed"] for each in ids}
    assert seeds == told and len(seeds) > 1


BAD_BODIES = {
    "not json": b"{",
    "nan": b'{"prompt": "a", "x": NaN}',
    "infinite": b'{"prompt": "a", "x": 1e999}',
    "doubled": b'{"prompt": "a", "prompt": "b"}',
    "doubled inside": b'{"prompt": "a", "x": {"y": 1, "y": 2}}',
    "list": b'["a"]',
    "text": b'"a"',
    "deep": b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep enough": b'{"prompt": "a", "x": ' + b"[" * 20 + b"]" * 20 + b"}",
    "bad utf-8": b'{"prompt": "\xff"}',
    "half a pair": b'{"prompt": "\\ud800"}',
    "half a pair inside": b'{"prompt": "a", "x": ["\\udfff"]}',
    "nul": b'{"prompt": "a\\u0000"}',
    "long number": b'{"prompt": "a", "x": ' + b"9" * 5000 + b"}",
    "many fields": json.dumps({"prompt": "a", **{str(n): n for n in range(100)}}).encode(),
    "long name": json.dumps({"prompt": "a", "x" * 65: 1}).encode(),
    "empty": b"",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/videos", "/v1/videos/edits", f"/v1/videos/{NOBODY}/remix"])
def test_a_bad_body_is_a_400(api, path, body):
    answer = api.client.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400 and answer.json()["error"]["type"] == "invalid_request_error"


def test_another_content_type_is_a_400(api):
    answer = api.client.post("/v1/videos", content=b"<a/>", headers={"content-type": "text/xml"})
    assert answer.status_code == 400 and "application/json" in answer.json()["error"]["message"]


def test_a_refused_prompt_is_a_video_that_failed(api):
    told = api.client.post("/v1/videos", json={"prompt": "a naked man"})
    assert told.status_code == 200 and told.json()["status"] == "failed"
    assert told.json()["error"]["code"] == "moderation_blocked" and told.json()["completed_at"]
    assert api.ledger.unhanded(10) == []
    assert [(e.type, e.video_id) for e in api.ledger.unhanded_events(10)] == [("video.failed", told.json()["id"])]


def test_test_prompts_reach_the_worker_or_are_answered_at_once(api):
    for name in ("moderation", "fail", "slow"):
        video = api.ledger.get(api.make(prompt=f"kinora:test/{name}"), "")
        assert (video.status, video.wish["test"]) == ("queued", name)
    limited = api.client.post("/v1/videos", json={"prompt": "kinora:test/rate-limit"})
    assert limited.status_code == 429 and int(limited.headers["retry-after"]) >= 1
    assert limited.json()["error"]["code"] == "rate_limit_exceeded"
    unknown = api.client.post("/v1/videos", json={"prompt": "kinora:test/what"})
    assert unknown.status_code == 400 and "kinora:test/slow" in unknown.json()["error"]["message"]


def test_a_remix_is_its_source_under_another_prompt(api):
    source = api.finished(seconds=5, size="320x192", seed=9, fps=24, model="mine")
    told = api.client.post(f"/v1/videos/{source}/remix", json={"prompt": "a cat sits"}).json()
    assert (told["remixed_from_video_id"], told["status"], told["model"]) == (source, "queued", "mine")
    video = api.ledger.get(told["id"], "")
    asked = {"prompt": "a cat sits", "seconds": 5, "size": "320x192", "seed": 9, "fps": 24}
    assert dict(video.wish["request"]) == asked and video.wish["sources"] == {}


@pytest.mark.parametrize("path", ["edits", "extensions"])
def test_a_source_must_exist_be_the_owner_s_and_be_finished(api, path):
    api.ledger.accept(Video(id="video_" + "1" * 32, owner="another", prompt="p", seconds=4, size="320x192"))
    ids = {"video_" + "1" * 32: 404, NOBODY: 404, "../x": 404, "a\0"[:1]: 404, api.make(): 400, "": 404}
    for video_id, status in ids.items():
        answer = api.client.post(f"/v1/videos/{path}", json={"prompt": "p", "video": {"id": video_id}})
        assert (answer.status_code, answer.json()["error"]["param"]) == (status, "video")
    for video in (None, 5, [], {"id": 5}, {"url": "x"}):
        answer = api.client.post(f"/v1/videos/{path}", json={"prompt": "p", "video": video})
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "video")


def test_an_extension_is_as_long_as_the_whole(api):
    source = api.finished(seconds=8)
    told = api.client.post(
        "/v1/videos/extensions", json={"prompt": "p", "seconds": "12", "video": {"id": source}}
    ).json()
    assert told["seconds"] == "20"
    long = api.finished(seconds=60)
    refused = api.client.post("/v1/videos/extensions", json={"prompt": "p", "seconds": 61, "video": {"id": long}})
    assert refused.status_code == 400 and refused.json()["error"]["param"] == "seconds"


def test_tasks_that_have_not_landed_are_videos_that_say_so(api):
    source = {"video": {"id": api.finished()}}
    asked = {
        "edit": api.client.post("/v1/videos/edits", json={"prompt": "p", **source}),
        "extend": api.client.post("/v1/videos/extensions", json={"prompt": "p", **source}),
        "reference": api.client.post(
            "/v1/videos", json={"prompt": "p", "input_reference": {"file_id": source["video"]["id"]}}
        ),
    }
    for task, answer in asked.items():
        video = api.ledger.get(answer.json()["id"], "")
        assert answer.status_code == 200 and video.task == task
        error = {"code": "not_available", "message": NOT_YET[task]} if task in NOT_YET else None
        assert answer.json()["error"] == error


def test_pages_follow_each_other_without_gaps(api):
    ids = [api.make() for _ in range(5)]
    for order, expected in {"asc": ids, "desc": ids[::-1]}.items():
        seen, after = [], {}
        while True:
            page = api.client.get("/v1/videos", params={"limit": 2, "order": order, **after}).json()
            assert page["first_id"] == page["data"][0]["id"] and page["last_id"] == page["data"][-1]["id"]
            seen += [video["id"] for video in page["data"]]
            after = {"after": page["last_id"]}
            if not page["has_more"]:
                break
        assert seen == expected
    empty = api.client.get("/v1/videos", params={"limit": 0}).json()
    assert (empty["data"], empty["first_id"], empty["has_more"]) == ([], None, True)


@pytest.mark.parametrize(
    "query", ["limit=101", "limit=-1", "limit=x", "order=up", "after=nothing", "after=%00", "after=%ff", "limit="]
)
def test_a_wrong_page_is_a_400_that_names_the_parameter(api, query):
    answer = api.client.get(f"/v1/videos?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, query.partition("=")[0])


def test_a_deleted_video_is_gone(api):
    video_id = api.make()
    answer = api.client.delete(f"/v1/videos/{video_id}")
    assert answer.json() == {"id": video_id, "object": "video.deleted", "deleted": True}
    for ask in (api.client.get, api.client.delete):
        assert ask(f"/v1/videos/{video_id}").status_code == 404


def test_cancel_and_retry(api):
    video_id = api.make()
    cancelled = api.client.post(f"/v1/videos/{video_id}/cancel").json()
    assert (cancelled["status"], cancelled["error"]["code"]) == ("failed", "cancelled")
    again = api.client.post(f"/v1/videos/{video_id}/retry").json()
    assert (again["status"], again["error"]) == ("queued", None)
    api.finish(video_id)
    for act in ("cancel", "retry"):
        assert api.client.post(f"/v1/videos/{video_id}/{act}").json()["status"] == "completed"
        assert api.client.post(f"/v1/videos/{NOBODY}/{act}").status_code == 404


def test_an_idempotency_key_stands_for_one_request(api):
    headers = {"idempotency-key": "k"}
    first = api.client.post("/v1/videos", json={"prompt": "a fox", "seed": 1}, headers=headers).json()
    same = api.client.post("/v1/videos", json={"seed": 1, "prompt": "a fox"}, headers=headers).json()
    other = api.client.post("/v1/videos", json={"prompt": "a cat"}, headers=headers)
    assert same["id"] == first["id"] and other.status_code == 409
    assert other.json()["error"]["code"] == "idempotency_key_reused"
    unseeded = [api.client.post("/v1/videos", json={"prompt": "a"}, headers={"idempotency-key": "u"}) for _ in range(2)]
    assert unseeded[0].json() == unseeded[1].json()
    long = api.client.post("/v1/videos", json={"prompt": "a"}, headers={"idempotency-key": "k" * 256})
    assert long.status_code == 400 and len(api.client.get("/v1/videos").json()["data"]) == 2


def test_a_key_holds_for_the_same_file_however_its_form_is_framed(api, picture):
    ids = [
        api.client.post(
            "/v1/videos",
            data={"prompt": "p"},
            files={"input_reference": (name, picture)},
            headers={"idempotency-key": "f"},
        ).json()["id"]
        for name in ("a.png", "b.png")
    ]
    assert ids[0] == ids[1]
