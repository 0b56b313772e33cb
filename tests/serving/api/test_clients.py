"""The real `openai` client against a real server on a real socket: the core calls, sync and async."""

import asyncio
import socket
import threading
import time

import httpx
import openai
import pytest
import uvicorn

from kinora.serving.tasks import NOT_YET

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


@pytest.fixture
def served(api):
    """The API's address, while uvicorn serves it from a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def client(served):
    with openai.OpenAI(base_url=served, api_key="any", max_retries=0) as client:
        yield client


def test_create_retrieve_list_download_and_delete(api, client):
    video = client.videos.create(prompt="a fox jumps", seconds="8", size="1280x720")
    assert (video.status, video.seconds, video.size) == ("queued", "8", "1280x720")
    api.finish(video.id, b"film")
    done = client.videos.retrieve(video.id)
    assert done.status == "completed" and done.progress == 100 and done.completed_at and done.error is None
    assert client.videos.download_content(video.id).read() == b"film"
    assert client.videos.download_content(video.id, variant="thumbnail").read() == b"thumbnail film"
    assert [each.id for each in client.videos.list(limit=1)] == [video.id]
    assert client.videos.delete(video.id).deleted
    with pytest.raises(openai.NotFoundError) as error:
        client.videos.retrieve(video.id)
    assert error.value.request_id.startswith("req_") and error.value.code == "not_found"


def test_polling_ends_with_the_video(api, client):
    timer = threading.Timer(0.3, lambda: api.finish(client.videos.list().data[0].id))
    timer.start()
    assert client.videos.create_and_poll(prompt="a fox jumps").status == "completed"
    timer.join()


def test_a_refused_prompt_ends_polling_at_once(client):
    video = client.videos.create_and_poll(prompt="a naked man")
    assert (video.status, video.error.code) == ("failed", "moderation_blocked")


def test_remix_edit_extend_and_characters(api, client, film):
    source = api.finished()
    assert client.videos.remix(source, prompt="a cat").remixed_from_video_id == source
    for task, ask in {"edit": client.videos.edit, "extend": client.videos.extend}.items():
        seconds = {"seconds": "4"} if task == "extend" else {}
        video = ask(prompt="p", video=("v.mp4", film), **seconds)
        assert api.ledger.get(video.id, "").task == task and (video.status == "failed") == (task in NOT_YET)
    by_id = client.post("/videos/edits", body={"prompt": "p", "video": {"id": source}}, cast_to=openai.types.Video)
    assert by_id.seconds == "4"
    character = client.videos.create_character(name="Mossy", video=("v.mp4", film))
    assert client.videos.get_character(character.id).model_dump() == character.model_dump()


def test_errors_are_the_client_s_own(client):
    with pytest.raises(openai.BadRequestError) as wrong:
        client.videos.create(prompt="a fox", size="1x1")
    assert (wrong.value.param, wrong.value.type) == ("size", "invalid_request_error")
    with pytest.raises(openai.RateLimitError) as limited:
        client.videos.create(prompt="kinora:test/rate-limit")
    assert limited.value.response.headers["retry-after"]


def test_the_async_client_too(api, served):
    async def go():
        async with openai.AsyncOpenAI(base_url=served, api_key="any") as client:
            video = await client.videos.create(prompt="a fox jumps")
            return await client.videos.retrieve(video.id)

    assert asyncio.run(go()).prompt == "a fox jumps"


def test_a_client_that_sends_too_much_reads_why(open_api, served, api):
    with httpx.Client(timeout=60) as client:
        answer = client.post(f"{served}/videos", content=b"x" * (api.config.upload_bytes + (2 << 20)))
    assert answer.status_code == 413 and answer.json()["error"]["code"] == "too_large"
