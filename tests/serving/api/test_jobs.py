"""Jobs on videos: what each may be told, what is kept of its files, and what is refused before it is accepted."""

import io
import wave
from hashlib import sha256

import pytest

from kinora.serving.api.calls import CALLS
from kinora.serving.config import Key
from kinora.serving.tasks import LANDED

FILM = ("v.mp4", "film")


@pytest.fixture(scope="session")
def tune():
    """Two and a half seconds of a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x10\x20" * 20_000)
    return file.getvalue()


def accepted(api, answer):
    assert answer.status_code == 200, answer.text
    video = api.ledger.get(answer.json()["id"], "")
    assert (video.status, answer.json()["error"]) == ("queued", None)
    return video


JOBS = [
    ("extensions", {"prompt": "p", "before": True}, "extend", {"seconds": 4, "before": True}, "7"),
    ("fill", {"from": "0.5", "to": 2}, "fill", {"from": 0.5, "to": 2.0}, "3"),
    ("fill", {"frames": "[3, 7, 8]"}, "mend", {"frames": [3, 7, 8]}, "3"),
    ("fill", {"fps": 24, "prompt": "p"}, "smooth", {"fps": 24}, "3"),
    ("loop", {}, "loop", {"seconds": 2}, "5"),
    ("loop", {"seconds": "3", "fps": 12}, "loop", {"seconds": 3}, "6"),
    ("score", {"effects": "rain"}, "score", {"effects": "rain", "music": "", "keep": False}, "3"),
]


@pytest.mark.parametrize(("path", "fields", "task", "arguments", "seconds"), JOBS)
def test_a_job_takes_a_file_or_a_video_made_before(api, film, path, fields, task, arguments, seconds):
    sent = api.client.post(f"/v1/videos/{path}", data=fields, files={"video": ("v.mp4", film)})
    made = api.finished(seconds=3, size="160x192", seed=5)
    named = api.client.post(f"/v1/videos/{path}", json={**fields, "video": {"id": made}})
    for answer, blob, size in ((sent, api.store.put(film), "160x192"), (named, api.store.put(b"film"), "160x192")):
        video = accepted(api, answer)
        assert (video.task, dict(video.wish["arguments"]), video.wish["sources"]) == (task, arguments, {"video": blob})
        assert (answer.json()["seconds"], answer.json()["size"]) == (seconds, size)
    assert named.json()["kinora"]["seed"] == 5


def test_a_part_of_a_sound_can_be_made_again(api, film):
    made = api.finished(seconds=3)
    answer = api.client.post("/v1/videos/score", json={"video": {"id": made}, "from": 1, "to": "2.5"})
    arguments = {"effects": "", "music": "", "keep": False, "from": 1, "to": 2.5}
    assert dict(accepted(api, answer).wish["arguments"]) == arguments
    silent = api.client.post("/v1/videos/score", data={"from": 1}, files={"video": ("v.mp4", film)})
    assert silent.status_code == 400 and "no sound that could stay" in silent.json()["error"]["message"]


def test_two_videos_are_joined_in_the_first_one_s_shape(api, film):
    made = api.finished(seconds=2, size="320x192")
    form = {"first[id]": made, "prompt": "p"}
    video = accepted(api, api.client.post("/v1/videos/join", data=form, files={"second": ("v", film)}))
    assert video.wish["sources"] == {"first": api.store.put(b"film"), "second": api.store.put(film)}
    assert (video.task, video.seconds, video.size) == ("join", 7, "320x192")


def test_pictures_and_a_sound_are_kept_by_name(api, picture, tune):
    fields = {"prompt": "p", "keyframes[][seconds]": ["1.5", "2"], "size": "320x192"}
    files = [
        ("first_frame", picture),
        ("last_frame", picture),
        ("sound", tune),
        *[("keyframes[][picture]", picture)] * 2,
    ]
    pairs = [("keyframes[][seconds]", (None, "1.5")), files[3], ("keyframes[][seconds]", (None, "2")), files[4]]
    sent = [("prompt", (None, fields["prompt"])), *pairs, *files[:3]]
    video = accepted(api, api.client.post("/v1/videos", files=sent))
    shown = api.store.put(picture)
    assert video.wish["sources"] == {
        **dict.fromkeys(("first_frame", "last_frame", "keyframe_1", "keyframe_2"), shown),
        "sound": api.store.put(tune),
    }
    assert video.wish["arguments"] == {"keyframes": [1.5, 2.0]}
    # As long as the sound, in whole seconds, where nothing is said.
    assert (video.task, video.seconds) == ("reference", 3)
    assert all(api.ledger.refers_to(blob) for blob in video.wish["sources"].values())


def test_what_a_job_is_made_from_stays_until_it_is_removed(api, film):
    video = accepted(api, api.client.post("/v1/videos/loop", files={"video": ("v", film)}))
    blob = api.store.put(film)
    assert api.ledger.refers_to(blob)
    api.client.delete(f"/v1/videos/{video.id}")
    assert not api.ledger.refers_to(blob)


SHOTS = [
    {"prompt": "a fox runs", "seconds": 1.5},
    {"prompt": "it sleeps", "seed": 9},
    {"prompt": "a bear eats", "seconds": "2.5"},
]


def test_a_storyboard_is_planned_before_it_is_accepted(api):
    told = {"shots": SHOTS, "line": "at night", "characters": {"Mia": "a girl"}, "seed": 3, "size": "320x192"}
    answer = api.client.post("/v1/videos/storyboard", json=told)
    plan = {
        "line": "at night",
        "characters": {"Mia": "a girl"},
        "shots": [
            {"prompt": "a fox runs", "seconds": 1.5, "seed": 3},
            {"prompt": "a fox sleeps", "seconds": 4.0, "seed": 9},
            {"prompt": "a bear eats", "seconds": 2.5, "seed": 5},
        ],
    }
    assert answer.json()["kinora"]["plan"] == plan and answer.json()["seconds"] == "8"
    assert accepted(api, answer).wish["plan"] == plan
    # A plan that came back is the same when it is sent once more.
    again = api.client.post("/v1/videos/storyboard", json={**plan, "seed": 3, "size": "320x192"})
    assert again.json()["kinora"]["plan"] == plan


def test_a_shot_is_made_again_in_a_film_that_has_it(api):
    story = api.client.post("/v1/videos/storyboard", json={"shots": SHOTS, "seed": 3}).json()
    path = f"/v1/videos/{story['id']}/redo"
    assert api.client.post(path, json={"shot": 2}).json()["error"]["code"] == "video_not_ready"
    api.finish(story["id"], b"story")
    answer = api.client.post(path, json={"shot": "2", "seed": 77})
    video, before = accepted(api, answer), story["kinora"]["plan"]["shots"]
    assert answer.json()["kinora"]["plan"]["shots"] == [before[0], {**before[1], "seed": 77}, before[2]]
    assert (video.task, video.wish["sources"]) == ("redo", {"video": api.store.put(b"story")})
    assert (video.wish["arguments"], video.wish["request"]["seed"]) == ({"shot": 2}, 3)
    assert (answer.json()["remixed_from_video_id"], video.seconds) == (story["id"], 8)
    told = api.client.post(path, json={"shot": 1, "prompt": "a cat runs"}).json()["kinora"]["plan"]["shots"][0]
    assert told["prompt"] == "a cat runs" and told["seed"] != before[0]["seed"]
    for sent in ({"shot": 4}, {"shot": 0}, {}):
        refused = api.client.post(path, json=sent)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "shot")
    single = api.client.post(f"/v1/videos/{api.finished()}/redo", json={"shot": 1})
    assert (single.status_code, single.json()["error"]["param"]) == (400, "video_id")


TOLD = "A red fox runs in the snow. A brown bear sleeps in the forest."


@pytest.mark.parametrize(
    ("fields", "lengths", "seconds"),
    [
        ({"prompt": TOLD}, [2.0, 2.0], "4"),
        ({"prompt": "a fox runs", "seconds": "12"}, [4.0, 4.0, 4.0], "12"),
        ({"prompt": "[0-4s] a fox runs [4-10s] a bear sleeps"}, [4.0, 6.0], "10"),
        ({"prompt": "[0-4s] a fox runs [4-10s] a bear sleeps", "seconds": 10}, [4.0, 6.0], "10"),
    ],
)
def test_a_prompt_that_tells_shots_is_planned(api, fields, lengths, seconds):
    answer = api.client.post("/v1/videos", json=fields)
    assert [shot["seconds"] for shot in answer.json()["kinora"]["plan"]["shots"]] == lengths
    assert (answer.json()["seconds"], answer.json()["prompt"]) == (seconds, fields["prompt"])
    assert accepted(api, answer).task == "generate"


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "a fox runs", "seconds": 8},
        {"prompt": TOLD, "one_shot": True},
        {"prompt": "a fox", "seconds": 60, "one_shot": "true"},
    ],
)
def test_a_prompt_that_tells_one_picture_is_not(api, fields, picture):
    assert "plan" not in api.client.post("/v1/videos", json=fields).json()["kinora"]
    shown = api.client.post("/v1/videos", data={"prompt": TOLD}, files={"first_frame": picture})
    assert "plan" not in shown.json()["kinora"]


REFUSED = [
    ("fill", {}, "from"),
    ("fill", {"from": 1}, "from"),
    ("fill", {"from": 1, "to": 2, "fps": 24}, "from"),
    ("fill", {"from": 2, "to": 1}, "to"),
    ("fill", {"from": 1, "to": 3.5}, "to"),
    ("fill", {"from": -1, "to": 2}, "from"),
    ("fill", {"from": 0, "to": 3}, "to"),
    ("fill", {"frames": '["\\ud800"]'}, "frames"),
    ("fill", {"frames": '["\\u0000"]'}, "frames"),
    ("fill", {"frames": []}, "frames"),
    ("fill", {"frames": "3-7"}, "frames"),
    ("fill", {"frames": [1.5]}, "frames"),
    ("fill", {"frames": {"a": 1}}, "frames"),
    ("fill", {"frames": "[" * 2000}, "frames"),
    ("loop", {"seconds": 0}, "seconds"),
    ("loop", {"seconds": 58}, "seconds"),
    ("loop", {"prompt": " "}, "prompt"),
    ("score", {"effects": 5}, "effects"),
    ("score", {"music": True}, "music"),
    ("score", {"from": 1, "to": 3.5}, "from"),
    ("score", {"to": 3}, "to"),
    ("score", {"from": 1, "keep": True}, "from"),
    ("extensions", {"prompt": "p", "before": "perhaps"}, "before"),
    ("extensions", {"prompt": "p", "size": "1920x160"}, "size"),
]


@pytest.mark.parametrize(("path", "fields", "param"), REFUSED)
def test_what_a_job_can_not_do_is_a_400_that_names_the_field(api, path, fields, param):
    made = api.finished(seconds=3)
    answer = api.client.post(f"/v1/videos/{path}", json={**fields, "video": {"id": made}})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param), error
    assert error["message"].isprintable() and len(error["message"]) < 200


def test_an_uploaded_silent_film_has_nothing_to_keep(api, film, picture):
    files = {"video": ("v.mp4", film)}
    answer = api.client.post("/v1/videos/score", data={"keep": "true"}, files=files)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "keep")
    heard = api.client.post("/v1/videos", data={"prompt": "p"}, files={"sound": film})
    assert (heard.status_code, heard.json()["error"]["param"]) == (400, "sound")
    shown = api.client.post("/v1/videos/loop", files={"video": ("p.png", picture)})
    assert (shown.status_code, shown.json()["error"]["message"]) == (400, "video is a picture; give a video")


WRONG_SHOTS = [
    ("shots", {}),
    ("shots", {"shots": []}),
    ("shots", {"shots": "a fox"}),
    ("shots", {"shots": [{"seconds": 2}]}),
    ("shots", {"shots": [{"prompt": "a fox", "who": "me"}]}),
    ("shots", {"shots": ["a fox"]}),
    ("shots", {"shots": [{"prompt": "a fox", "seconds": 0.2}]}),
    ("shots", {"shots": [{"prompt": "a fox", "seconds": 40}] * 2}),
    ("shots", {"shots": [{"prompt": "a fox", "seed": -1}]}),
    ("shots", {"shots": [{"prompt": "x" * 20_000, "seconds": 1}] * 2}),
    ("characters", {"shots": SHOTS, "characters": {"Mia": 5}}),
    ("characters", {"shots": SHOTS, "characters": [1]}),
    ("line", {"shots": SHOTS, "line": ""}),
]


@pytest.mark.parametrize(("param", "fields"), WRONG_SHOTS)
def test_a_story_that_can_not_be_told_is_a_400(api, param, fields):
    answer = api.client.post("/v1/videos/storyboard", json=fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param), error
    assert error["message"].isprintable() and len(error["message"]) < 200


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": "[0-4s] a fox [6-8s] a bear"}, "prompt"),
        ({"prompt": "[0-4s] a fox [4-8s] a bear", "seconds": 5}, "seconds"),
        ({"prompt": "p", "keyframes": [{"seconds": 5, "picture": "data:x"}]}, "keyframes"),
        ({"prompt": "p", "keyframes": [{"picture": "data:x"}]}, "keyframes"),
        ({"prompt": "p", "keyframes": "x"}, "keyframes"),
        ({"prompt": "p", "keyframes": [[]]}, "keyframes"),
        ({"prompt": "p", "sound": {"id": "video_x"}}, "sound"),
        ({"prompt": "p", "first_frame": "data:x", "input_reference": "data:x"}, "first_frame"),
    ],
)
def test_what_can_not_be_shown_is_refused(api, fields, param):
    answer = api.client.post("/v1/videos", json=fields)
    assert answer.status_code in (400, 404) and answer.json()["error"]["param"] == param


def test_blocked_words_are_blocked_wherever_they_stand(api):
    blocked = "a naked child"
    made = api.finished(seconds=3)
    for path, fields in {
        "storyboard": {"shots": [*SHOTS, {"prompt": blocked}]},
        "score": {"video": {"id": made}, "music": blocked},
        "fill": {"video": {"id": made}, "from": 1, "to": 2, "prompt": blocked},
    }.items():
        told = api.client.post(f"/v1/videos/{path}", json=fields).json()
        assert (told["status"], told["error"]["code"]) == ("failed", "moderation_blocked"), told
    shared = {"storyboard": {"shots": SHOTS, "line": blocked}}
    assert api.client.post("/v1/videos/storyboard", json=shared["storyboard"]).json()["status"] == "failed"


NESTED = [
    ("", {"prompt": "p", "input_reference": '{"file_id": "video_%s"}'}),
    ("", {"prompt": "p", "keyframes": '[{"seconds": 1, "picture": {"file_id": "%s"}}]'}),
    ("", {"prompt": "p", "characters[]": '{"id": "%s"}'}),
    ("/loop", {"video": '{"id": "video_%s"}'}),
    ("/storyboard", {"shots": '[{"prompt": "a fox %s"}]'}),
    ("/storyboard", {"shots": '[{"prompt": "a fox"}]', "characters": '{"Mia": "%s"}'}),
    ("/storyboard", {"shots": '[{"prompt": "a fox"}]', "characters": '{"%s": "a girl"}'}),
]


@pytest.mark.parametrize("broken", [r"\ud800", r"\u0000"])
@pytest.mark.parametrize(("path", "fields"), NESTED)
def test_what_no_database_keeps_is_refused_in_nested_json_too(api, path, fields, broken):
    filled = {name: value.replace("%s", broken) for name, value in fields.items()}
    answer = api.client.post(f"/v1/videos{path}", data=filled)
    param = [*fields][-1].removesuffix("[]")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text


def chain(api, made, path, **fields):
    """The stored request of a job on a video, and the job's id once it is finished."""
    answer = api.client.post(f"/v1/videos/{path}", json={**fields, "video": {"id": made}})
    request = accepted(api, answer).wish["request"]
    api.finish(answer.json()["id"])
    return request, answer.json()["id"]


def test_jobs_take_over_what_became_of_the_sound_and_the_rate(api, film):
    """Not what was once asked for of a source: a silent film that is scored is heard from then on."""
    silent = accepted(api, api.client.post("/v1/videos/loop", files={"video": ("v", film)}))
    assert (silent.wish["request"]["sound"], silent.wish["request"]["fps"]) == (False, 8)
    api.finish(silent.id)
    kept = api.client.post("/v1/videos/score", json={"video": {"id": silent.id}, "keep": True})
    assert (kept.status_code, kept.json()["error"]["param"]) == (400, "keep")
    scored, scored_id = chain(api, silent.id, "score", effects="rain")
    assert scored["sound"] is True
    assert chain(api, scored_id, "score", effects="wind", keep=True)[0]["sound"] is True
    assert chain(api, scored_id, "loop")[0].get("sound", True)
    smooth, smooth_id = chain(api, silent.id, "fill", fps=24, generate_sound=True)
    assert (smooth["fps"], smooth["sound"]) == (24, False)
    assert chain(api, smooth_id, "loop")[0]["fps"] == 24
    joined = api.client.post("/v1/videos/join", json={"first": {"id": silent.id}, "second": {"id": scored_id}})
    assert accepted(api, joined).wish["request"].get("sound", True)


def test_frames_that_are_added_are_counted_at_the_rate_of_the_video(api, film):
    told = {"prompt": "p", "num_frames": 16}
    sent = api.client.post("/v1/videos/extensions", data=told, files={"video": ("v", film)})
    assert accepted(api, sent).wish["arguments"]["seconds"] == 2
    quick = api.finished(seconds=2, fps=16)
    for path, arguments in (("extensions", {"video": {"id": quick}}), (f"{quick}/remix", {})):
        answer = api.client.post(f"/v1/videos/{path}", json={**told, **arguments})
        video = accepted(api, answer)
        assert video.seconds - (2 if path == "extensions" else 0) == 1


def test_an_idempotent_job_is_one_video(api, film):
    def send(key):
        files = {"video": ("v", film)}
        return api.client.post("/v1/videos/loop", files=files, headers={"Idempotency-Key": key})

    first, again, other = send("a").json()["id"], send("a").json()["id"], send("b").json()["id"]
    assert first == again != other
    assert (
        api.client.post("/v1/videos/score", files={"video": ("v", film)}, headers={"Idempotency-Key": "a"}).status_code
        == 409
    )


def test_another_owner_s_video_is_nobody_s(open_api):
    keys = tuple(Key(id=name, sha256=sha256(name.encode()).hexdigest()) for name in ("theirs", "ours"))
    api = open_api(keys=keys)
    theirs, ours = ({"authorization": f"Bearer {name}"} for name in ("theirs", "ours"))
    made = api.client.post("/v1/videos", json={"prompt": "a fox"}, headers=theirs).json()["id"]
    api.finish(made)
    for path, param in {"loop": "video", "score": "video", "join": "first"}.items():
        sent = {"effects": "rain", "video": {"id": made}, "first": {"id": made}, "second": {"id": made}}
        for id in (made, "video_" + "0" * 32):
            told = api.client.post(f"/v1/videos/{path}", json={**sent, param: {"id": id}}, headers=ours)
            assert (told.status_code, told.json()["error"]["param"]) == (404, param)
        assert api.client.post(f"/v1/videos/{path}", json=sent, headers=theirs).status_code == 200
    shown = {"prompt": "p", "first_frame": {"file_id": made}}
    assert api.client.post("/v1/videos", json=shown, headers=ours).status_code == 404
    assert api.client.post("/v1/videos", json=shown, headers=theirs).status_code == 200


def test_every_call_has_a_task_that_has_landed():
    tasks = {"create": "generate"}
    assert {tasks.get(name, name) for name in CALLS} - LANDED == {"edit"}
