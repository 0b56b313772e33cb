"""What those who run the service see: health, figures, models, and progress as events."""

import json
import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families


def figures(api):
    """Samples by name and labels."""
    text = api.client.get("/metrics").text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}


def events(answer):
    """(name, fields) of each event of a stream."""
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(each["event"], json.loads(each["data"])) for each in lines]


def test_the_api_is_healthy_when_its_ledger_answers(api):
    assert api.client.get("/health").json() == {"status": "ok"}


def test_figures_are_those_of_the_ledger(api):
    api.make(), api.make(), api.finished(), api.make(prompt="a naked man")
    api.ledger.took("fill", 1.5), api.ledger.took("fill", 2.5)
    seen = figures(api)
    status = {
        name: seen["kinora_videos", ("status", name)] for name in ("queued", "in_progress", "completed", "failed")
    }
    assert status == {"queued": 2, "in_progress": 0, "completed": 1, "failed": 1}
    assert seen["kinora_videos_failed", ("code", "moderation_blocked")] == 1
    assert seen["kinora_refusals_total", ("code", "moderation_blocked")] == 1
    assert seen[("kinora_oldest_queued_seconds",)] >= 0
    assert [seen[f"kinora_stage_seconds_{name}", ("stage", "fill")] for name in ("count", "sum")] == [2, 4.0]
    assert seen[("kinora_video_seconds",)] == 4 and seen[("kinora_making_seconds",)] >= 0
    api.ledger.advance(api.begin(api.make()), stage="fill", progress=5)
    assert figures(api)["kinora_videos_in_stage", ("stage", "fill")] == 1


def test_requests_are_counted_by_route_never_by_path(api):
    for number in range(3):
        api.client.get(f"/v1/videos/video_{number}")
        api.client.get(f"/nothing/{number}")
    seen = figures(api)
    labels = (("method", "GET"), ("route", "/v1/videos/{video_id}"), ("status", "404"))
    assert seen[("kinora_http_requests_total", *labels)] == 3
    assert seen["kinora_http_requests_total", ("method", "other"), ("route", "other"), ("status", "404")] == 3
    assert seen[("kinora_http_request_duration_seconds_count", *labels[:2])] == 3


def test_models_are_those_that_clients_know_and_those_of_the_map(open_api):
    told = open_api(models={"*": "storybook", "mine": "vace-1.3b"}).client.get("/v1/models").json()
    names = {model["id"] for model in told["data"]}
    assert {"sora-2", "sora-2-pro", "mine", "storybook", "vace-1.3b"} <= names and "*" not in names


def test_a_closed_video_s_events_end_at_once(api):
    video_id = api.finished()
    answer = api.client.get(f"/v1/videos/{video_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events(answer) == [("completed", api.client.get(f"/v1/videos/{video_id}").json())]


def test_events_follow_a_video_to_its_end(api):
    video_id = api.make()
    seen = []
    get = api.ledger.get

    def look(*arguments):
        """The ledger's own answer; what happens next happens right after it."""
        video = get(*arguments)
        seen.append(video.status)
        acts = {1: lambda: api.ledger.advance(turn[0], stage="fill", progress=40), 2: lambda: api.ledger.fail(**end)}
        acts.get(len(seen), lambda: None)()
        return video

    turn = [api.begin(video_id)]
    end = {"turn": turn[0], "code": "server_error", "message": "broken"}
    api.ledger.get = look
    told = events(api.client.get(f"/v1/videos/{video_id}/events"))
    assert [(name, fields["progress"]) for name, fields in told] == [
        ("in_progress", 0),
        ("in_progress", 40),
        ("failed", 40),
    ]
    assert told[1][1]["kinora"]["stage"] == "fill" and told[2][1]["error"]["code"] == "server_error"


def test_events_of_a_deleted_video_end(api):
    video_id = api.make()
    get = api.ledger.get
    api.ledger.get = lambda *arguments: (get(*arguments), api.ledger.remove(*arguments))[0]
    told = events(api.client.get(f"/v1/videos/{video_id}/events"))
    assert [name for name, _ in told] == ["queued", "deleted"]


def test_the_api_starts_without_anything_heavy():
    heavy = ["numpy", "torch", "av", "PIL", "scipy", "dbos", "kinora.models", "kinora.flow", "limits"]
    heavy += ["diffusers", "transformers", "yaml", "kinora.tasks.jobs", "kinora.tasks.render"]
    program = f"import sys, kinora.serving.api.app; print([m for m in {heavy} if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
