"""Files from outside: kept where they are what they should be, refused in one line where not, and never left lying."""

import base64
import os
import tracemalloc
from io import BytesIO

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def leftovers(api):
    """What uploads have left in the data folder."""
    return [path.name for path in api.config.data.iterdir() if path.name.startswith(("upload-", "url-"))]


def data_url(content, media_type="image/png"):
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def test_a_picture_is_kept_however_it_is_sent(api, picture):
    file = {"input_reference": ("../../etc/passwd", picture, "text/html")}
    url = data_url(picture, "text/html;charset=utf-8")
    asked = {
        "file": api.client.post("/v1/videos", data={"prompt": "p"}, files=file),
        "json": api.client.post("/v1/videos", json={"prompt": "p", "input_reference": {"image_url": url}}),
        "text": api.client.post("/v1/videos", json={"prompt": "p", "image_reference": url}),
        "bracketed": api.client.post("/v1/videos", data={"prompt": "p", "input_reference[image_url]": url}),
        "json in a form": api.client.post(
            "/v1/videos", data={"prompt": "p", "image_reference": f'{{"image_url": "{url}"}}'}
        ),
    }
    for answer in asked.values():
        video = api.ledger.get(answer.json()["id"], "")
        assert (video.task, video.wish["sources"]) == ("reference", {"input_reference": api.store.put(picture)})
    assert leftovers(api) == []


def test_an_uploaded_film_s_length_and_size_are_taken_over(api, film):
    for path, seconds in {"edits": "3", "extensions": "7"}.items():
        told = api.client.post(f"/v1/videos/{path}", data={"prompt": "p"}, files={"video": ("v.mp4", film)}).json()
        assert (told["seconds"], told["size"]) == (seconds, "160x192")
        assert api.ledger.get(told["id"], "").wish["sources"] == {"video": api.store.put(film)}


def test_a_film_of_a_size_that_is_not_made_needs_another(api, picture):
    refused = api.client.post("/v1/videos/edits", data={"prompt": "p"}, files={"video": ("v.png", picture)})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "video")
    sized = api.client.post(
        "/v1/videos/edits", data={"prompt": "p", "size": "320x240"}, files={"video": ("v", picture)}
    )
    assert sized.json()["size"] == "320x240"


def test_a_character_is_a_name_and_a_film(api, film):
    made = api.client.post("/v1/videos/characters", data={"name": "Mossy"}, files={"video": ("v.mp4", film)})
    assert made.status_code == 200 and set(made.json()) == {"id", "name", "created_at"}
    path = f"/v1/videos/characters/{made.json()['id']}"
    assert api.client.get(path).json() == made.json()
    assert api.client.get("/v1/videos/characters/char_x").status_code == 404
    shown = api.client.post("/v1/videos", json={"prompt": "Mossy walks", "characters": [{"id": made.json()["id"]}]})
    video = api.ledger.get(shown.json()["id"], "")
    assert (video.task, video.wish["sources"]) == ("character", {"character_1": api.store.put(film)})
    form = {"prompt": "Mossy walks", "characters[][id]": made.json()["id"]}
    assert api.ledger.get(api.client.post("/v1/videos", data=form).json()["id"], "").task == "character"
    unknown = api.client.post("/v1/videos", json={"prompt": "p", "characters": [{"id": "char_x"}]})
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (404, "characters")


@pytest.mark.parametrize(
    ("fields", "files", "param"),
    [
        ({}, {"video": b"x"}, "name"),
        ({"name": "x" * 81}, {"video": b"x"}, "name"),
        ({"name": "Mossy"}, {"name2": b"x"}, "video"),
        ({"name": "Mossy", "video": "text"}, {"other": b"x"}, "video"),
        ({"name": "Mossy"}, {"video": b"not a film"}, "video"),
    ],
)
def test_a_character_without_name_or_film_is_refused(api, fields, files, param):
    answer = api.client.post("/v1/videos/characters", data=fields, files=files)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,!!!!",
        "data:image/png,abc",
        "data:;base64,",
        "data:",
        "data:image/png;base64,é",
        "file:///etc/passwd",
        "http://127.0.0.1/a.png",
        "http://example.org/a.png",
        "ftp://x/",
        "",
        "x",
        data_url(b"not a picture"),
    ],
)
def test_a_url_that_is_no_picture_here_is_refused(api, url):
    answer = api.client.post("/v1/videos", json={"prompt": "p", "input_reference": {"image_url": url}})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "input_reference")
    assert leftovers(api) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/a", "http://localhost/a", "http://[::1]/a", "file:///etc/passwd"])
def test_where_addresses_are_allowed_private_ones_are_not(open_api, url):
    answer = open_api(fetch_urls=True).client.post("/v1/videos", json={"prompt": "p", "input_reference": url})
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "url_not_allowed"


def test_too_much_is_a_413_and_leaves_nothing(open_api, picture):
    api = open_api(upload_bytes=len(picture) - 1)
    file = {"input_reference": ("a.png", picture)}
    for answer in (
        api.client.post("/v1/videos", data={"prompt": "p"}, files=file),
        api.client.post("/v1/videos", json={"prompt": "p", "input_reference": data_url(picture)}),
        api.client.post("/v1/videos", json={"prompt": "p", "x": "x" * (25 << 20)}),
        api.client.post("/v1/videos", data={"prompt": "p"}, files={"input_reference": b"x" * (25 << 20)}),
    ):
        assert answer.status_code == 413 and answer.json()["error"]["type"] == "invalid_request_error"
    assert leftovers(api) == []


HEAD = b'--B\r\nContent-Disposition: form-data; name="prompt"'
BAD_FORMS = {
    "no end": HEAD + b"\r\n\r\na",
    "no last boundary": HEAD + b"\r\n\r\na\r\n--B\r\n",
    "no name": b"--B\r\nContent-Disposition: form-data\r\n\r\na\r\n--B--\r\n",
    "no disposition": b"--B\r\nX: y\r\n\r\na\r\n--B--\r\n",
    "bad header": b"--B\r\n\x00\xff: y\r\n\r\na\r\n--B--\r\n",
    "bad utf-8": HEAD + b"\r\n\r\n\xff\r\n--B--\r\n",
    "bad name": b'--B\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--B--\r\n',
    "twice": HEAD + b"\r\n\r\na\r\n" + HEAD + b"\r\n\r\nb\r\n--B--\r\n",
    "nul": HEAD + b"\r\n\r\n\x00\r\n--B--\r\n",
    "a prompt that is a file": HEAD + b'; filename="a"\r\n\r\na\r\n--B--\r\n',
    "another boundary": HEAD.replace(b"--B", b"--C") + b"\r\n\r\na\r\n--C--\r\n",
    "many": (b'--B\r\nContent-Disposition: form-data; name="a[]"\r\n\r\na\r\n') * 101 + b"--B--\r\n",
    "empty": b"",
    "only the end": b"--B--\r\n",
}


@pytest.mark.parametrize("body", BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_bad_form_is_a_400(api, body):
    answer = api.client.post("/v1/videos", content=body, headers={"content-type": "multipart/form-data; boundary=B"})
    assert answer.status_code == 400 and answer.json()["error"]["type"] == "invalid_request_error"
    assert leftovers(api) == []


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'B' * 500}"]
)
def test_a_form_without_a_good_boundary_is_a_400(api, kind):
    answer = api.client.post("/v1/videos", content=HEAD, headers={"content-type": kind})
    assert answer.status_code == 400


def test_any_bytes_for_a_form_are_a_400_or_a_video(api):
    good = HEAD + b"\r\n\r\na fox\r\n" + HEAD.replace(b"prompt", b"x[y]") + b"\r\n\r\nz\r\n--B--\r\n"

    @given(st.lists(st.tuples(st.integers(0, len(good) - 1), st.binary(max_size=3)), max_size=3))
    @settings(max_examples=60)
    def check(changes):
        body = bytearray(good)
        for place, new in changes:
            body[place : place + 1] = new
        headers = {"content-type": "multipart/form-data; boundary=B"}
        assert api.client.post("/v1/videos", content=bytes(body), headers=headers).status_code in (200, 400)

    check()


def test_what_a_killed_process_left_is_swept_a_day_later(open_api, tmp_path):
    data = open_api().config.data
    old, new, other = data / "upload-1", data / "url-2", data / "store"
    for folder in (old, new):
        folder.mkdir()
        (folder / "file").write_bytes(b"half")
    for folder in (old, other):
        os.utime(folder, (0, 0))
    open_api()
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)


def test_a_long_sound_takes_no_memory_where_it_is_taken_in(api):
    """A minute of silence is a few kilobytes of FLAC, and 23 MB as it is heard."""
    file = BytesIO()
    with av.open(file, "w", format="flac") as container:
        track = container.add_stream("flac", rate=48_000, layout="stereo")
        for _ in range(60):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 48_000), np.int16), format="s16", layout="stereo")
            frame.sample_rate = 48_000
            container.mux(track.encode(frame))
        container.mux(track.encode(None))

    def taken():
        """A video that is as long as the sound, and the bytes that its request held at most."""
        tracemalloc.start()
        try:
            answer = api.client.post("/v1/videos", data={"prompt": "p"}, files={"sound": file.getvalue()})
            return answer.json(), tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    taken()  # loads numpy
    video, peak_bytes = taken()
    assert video["seconds"] == "60" and peak_bytes < 4 << 20
