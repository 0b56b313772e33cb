"""How to test a program that makes videos: against a real Kinora, with prompts for what goes wrong.

Where Kinora, openai and pytest are installed: pytest test_my_app.py
"""

import pytest
from openai import OpenAI, RateLimitError


@pytest.fixture
def client(kinora_server):
    """OpenAI's client, pointed at the server that the fixture of Kinora started; it does not try again by itself."""
    return OpenAI(base_url=kinora_server.base_url, api_key=kinora_server.api_key, max_retries=0)


def make(client, prompt):
    """The smallest video there is."""
    return client.videos.create_and_poll(prompt=prompt, seconds="1", size="160x160", extra_body={"seed": 1})


def test_a_video_is_made(client):
    video = make(client, "a red ball bounces on the beach")
    assert video.status == "completed"
    assert client.videos.download_content(video.id).content[4:8] == b"ftyp"


@pytest.mark.parametrize(("outcome", "code"), [("fail", "server_error"), ("moderation", "moderation_blocked")])
def test_a_video_that_fails_says_why(client, outcome, code):
    video = make(client, f"kinora:test/{outcome}")
    assert (video.status, video.error.code) == ("failed", code)


def test_too_many_requests(client):
    with pytest.raises(RateLimitError) as refused:
        make(client, "kinora:test/rate-limit")
    assert int(refused.value.response.headers["retry-after"]) >= 1
