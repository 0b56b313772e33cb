"""Addresses that may be asked for, and those that never are, whatever they are called."""

import http.server
import threading
from contextlib import contextmanager

import pytest

from kinora.serving.api.fetch import fetch, is_public

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *(
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_open_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1", "1.1.1.1"], []])
def test_one_private_address_among_many_is_enough_to_refuse(tmp_path, addresses):
    with pytest.raises(ValueError, match="private address"):
        fetch("http://example.org/a.png", tmp_path / "file", 100, resolve=lambda host, port: addresses)
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
def test_no_way_to_write_this_machine_is_followed(tmp_path, host):
    with pytest.raises(ValueError, match=r"private address|can't be found"):
        fetch(f"http://{host}/a.png", tmp_path / "file", 100)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/a",
        "gopher://x/",
        "//example.org/a",
        "http://",
        "http://a:b@example.org/",
        "http://example.org:99999/",
        "http://example.org/a b",
        "http://example.org/\r\nHost: x",
        "http://[::1/",
        "",
    ],
)
def test_anything_but_a_plain_web_address_is_refused(tmp_path, url):
    with pytest.raises(ValueError, match="not a plain http or https address"):
        fetch(url, tmp_path / "file", 100)


ANSWERS = {
    "/good": (200, {}, b"x" * 100),
    "/large": (200, {}, b"x" * 101),
    "/moved": (302, {"Location": "/good"}, b""),
    "/missing": (404, {}, b"x"),
}


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, headers, content = ANSWERS[self.path]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(content)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Be quiet."""


@contextmanager
def site():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://public.example:{server.server_port}"
        server.shutdown()
        thread.join()


def take(url, target):
    fetch(url, target, 100, permitted=lambda address: True, resolve=lambda host, port: ["127.0.0.1"])


def test_a_file_arrives_from_the_address_that_was_checked(tmp_path):
    with site() as url:
        take(f"{url}/good", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"x" * 100


@pytest.mark.parametrize(
    ("path", "reason"), [("/large", "more than 100 bytes"), ("/moved", "status 302"), ("/missing", "status 404")]
)
def test_too_much_or_anything_but_the_file_itself_is_refused(tmp_path, path, reason):
    with site() as url, pytest.raises(ValueError, match=reason):
        take(f"{url}{path}", tmp_path / "file")
