"""Files are sent whole or in part, and every part is what Python's own slices say it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinora.serving.api.content import span_of
from kinora.serving.api.errors import ApiError

FILM = bytes(range(256)) * 3
TYPES = {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}
NUMBERS = st.none() | st.integers(0, 2 * len(FILM))


def sliced(first, last):
    """What `bytes=first-last` stands for, by Python's own slices; None where it stands for nothing."""
    if first is None:
        return FILM[-last:] if last else b""
    return FILM[first : None if last is None else last + 1]


@given(NUMBERS, NUMBERS)
def test_a_range_is_a_slice(first, last):
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    try:
        span = span_of(header, len(FILM))
    except ApiError as error:
        assert error.status == 416 and sliced(first, last) == b""
        return
    if span is None:
        assert (first, last) == (None, None) or (None not in (first, last) and last < first)
    else:
        assert FILM[span.start : span.end] == sliced(first, last) != b""


@given(st.text(max_size=20) | st.text("bytes=-0123456789, ", max_size=20))
def test_any_other_header_is_ignored_or_a_416(header):
    try:
        span = span_of(header, len(FILM))
    except ApiError as error:
        assert error.status == 416
    else:
        assert span is None or 0 <= span.start < span.end <= len(FILM)


def test_each_variant_is_sent_whole_under_its_type(api):
    video_id = api.finished(FILM)
    for variant, media_type in TYPES.items():
        answer = api.client.get(f"/v1/videos/{video_id}/content", params={"variant": variant})
        assert answer.status_code == 200 and answer.headers["content-type"] == media_type
        assert answer.content.endswith(FILM) and answer.headers["content-length"] == str(len(answer.content))
        assert answer.headers["accept-ranges"] == "bytes"
    assert api.client.get(f"/v1/videos/{video_id}/content").content == FILM


def test_a_range_is_answered_with_its_bytes(api):
    path = f"/v1/videos/{api.finished(FILM)}/content"

    @given(st.integers(0, len(FILM) - 1), st.integers(0, len(FILM)))
    @settings(max_examples=25)
    def check(start, length):
        answer = api.client.get(path, headers={"range": f"bytes={start}-{start + length}"})
        assert answer.status_code == 206 and answer.content == FILM[start : start + length + 1]
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(answer.content) - 1}/{len(FILM)}"

    check()


def test_a_range_outside_says_how_large_the_file_is(api):
    answer = api.client.get(f"/v1/videos/{api.finished(FILM)}/content", headers={"range": f"bytes={len(FILM)}-"})
    assert answer.status_code == 416 and answer.headers["content-range"] == f"bytes */{len(FILM)}"
    assert answer.json()["error"]["code"] == "range_not_satisfiable"


def test_head_says_what_get_would(api):
    path = f"/v1/videos/{api.finished(FILM)}/content"
    for headers in ({}, {"range": "bytes=5-9"}):
        head, get = api.client.head(path, headers=headers), api.client.get(path, headers=headers)
        assert head.status_code == get.status_code and head.content == b""
        for name in ("content-length", "content-type", "etag", "content-range"):
            assert head.headers.get(name) == get.headers.get(name)


def test_the_etag_names_the_content_and_guards_ranges(api):
    path = f"/v1/videos/{api.finished(FILM)}/content"
    etag = api.client.get(path).headers["etag"]
    assert etag == f'"{api.store.put(FILM)}"'
    assert api.client.get(path, headers={"if-none-match": f'"other", {etag}'}).status_code == 304
    same = api.client.get(path, headers={"range": "bytes=0-3", "if-range": etag})
    other = api.client.get(path, headers={"range": "bytes=0-3", "if-range": '"other"'})
    assert (same.status_code, same.content) == (206, FILM[:4]) and (other.status_code, other.content) == (200, FILM)


def test_what_has_no_file_says_why(api):
    queued, expired, lost, failed = api.make(), api.finished(), api.finished(b"lost"), api.make()
    api.ledger.forget_result(expired)
    api.store.delete(api.store.put(b"lost"))
    api.ledger.cancel(failed, "")
    codes = {queued: "video_not_ready", failed: "video_failed", expired: "video_expired", lost: "video_expired"}
    for video_id, code in {**codes, "video_" + "0" * 32: "not_found", "..%2f..%2fetc": "not_found"}.items():
        answer = api.client.get(f"/v1/videos/{video_id}/content")
        assert answer.status_code == 404 and answer.json()["error"]["code"] == code


@pytest.mark.parametrize("variant", ["film", "", "../video"])
def test_another_variant_is_refused(api, variant):
    answer = api.client.get(f"/v1/videos/{api.finished()}/content", params={"variant": variant})
    assert answer.status_code == 400 and answer.json()["error"]["param"] == "variant"
