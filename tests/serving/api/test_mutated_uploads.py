"""Files made worse on purpose, sent as clients send files: taken, or refused in one line, and nothing is left over."""

import gc
import random
from pathlib import Path

import mutate
import pytest

SEEDS = sorted(Path(mutate.__file__).with_name("corpus").iterdir())


def mutation(number):
    """The file of this number, from the corpus that decoding is tested with; its kind is whatever it says."""
    chance = random.Random(f"upload {number}")
    return mutate.mutated(chance.choice(SEEDS).read_bytes(), chance.choice(SEEDS).read_bytes(), chance)


def held():
    """How many handles and children this process has."""
    children = "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return len(list(Path("/proc/self/fd").iterdir())) + len(children.split())


ROUTES = {
    "": ("input_reference", "first_frame", "last_frame", "sound"),
    "/extensions": ("video",),
    "/fill": ("video",),
    "/loop": ("video",),
    "/join": ("first", "second"),
    "/score": ("video",),
}
"""Which files each route takes."""

FIELDS = {"prompt": "p", "from": "0.25", "to": "0.5", "seconds": "1", "size": "320x192", "effects": "rain"}


def send_jobs(api, numbers):
    """How often each status came; every route in turn, all of its files made worse."""
    counts = {}
    routes = sorted(ROUTES)
    for number in numbers:
        path = routes[number % len(routes)]
        names = ROUTES[path]
        files = {name: (f"{number}.mp4", mutation(f"{number} {name}")) for name in names}
        answer = api.client.post(f"/v1/videos{path}", data=FIELDS, files=files)
        counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
        if answer.status_code == 400:
            error = answer.json()["error"]
            assert error["param"] in {*names, *FIELDS} and error["message"].isprintable(), error
            assert len(error["message"]) <= 200
        assert not list(api.config.data.glob("upload-*"))
    assert set(counts) == {200, 400}, counts
    return counts


def send_all(api, numbers):
    """How often each status came."""
    counts = {}
    api.client.get("/health")
    gc.collect()
    before = held()
    for number in numbers:
        files = {"input_reference": (f"{number}.mp4", mutation(number))}
        answer = api.client.post("/v1/videos", data={"prompt": "p"}, files=files)
        counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
        if answer.status_code == 400:
            error = answer.json()["error"]
            assert (error["param"], error["code"]) == ("input_reference", "invalid_file")
            assert error["message"].isprintable() and len(error["message"]) <= 200
        # What earlier tests left to the collector may go at any time.
        assert held() <= before, f"upload {number} leaves something behind"
        assert not list(api.config.data.glob("upload-*"))
    assert set(counts) == {200, 400}, counts
    return counts


def test_twenty_mutated_uploads(open_api):
    send_all(open_api(most_queued=None), range(20))


def test_twenty_four_jobs_on_mutated_uploads(open_api):
    send_jobs(open_api(most_queued=None), range(24))


@pytest.mark.long
def test_a_thousand_jobs_on_mutated_uploads(open_api):
    send_jobs(open_api(most_queued=None), range(1_000))


@pytest.mark.long
def test_two_thousand_mutated_uploads(open_api):
    send_all(open_api(most_queued=None), range(2_000))
