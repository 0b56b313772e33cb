"""Events reach those who asked, signed so that independent software believes them, and never where they could harm."""

import base64
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from openai import OpenAI
from standardwebhooks import Webhook as Verifier

from kinora.serving.config import Config, Key, Webhook
from kinora.serving.ledger.records import Event
from kinora.serving.work.webhooks import Undelivered, allowed, body_of, headers_of, is_public, post, resolve

SECRET = "whsec_" + base64.b64encode(b"a secret of a test, 32 bytes long").decode()
EVENT = Event(id="evt_1", type="video.completed", video_id="video_1", created_at=1_750_000_000)


@contextmanager
def listener(statuses):
    """Yield (url, what came): a real server that answers with these statuses in turn, and 204 afterwards."""
    came, left = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            status = left.pop(0) if left else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?x=1", came
    finally:
        server.shutdown()
        server.server_close()


def anywhere(_):
    return True


def test_a_delivery_is_believed_by_software_of_others():
    with listener([]) as (url, came):
        post(Webhook(url=url, secret=SECRET), EVENT.id, body_of(EVENT), anywhere)
    ((headers, body),) = came
    headers = {name.lower(): value for name, value in headers.items()}
    assert Verifier(SECRET).verify(body, headers) == json.loads(body)
    event = OpenAI(api_key="any").webhooks.unwrap(body.decode(), headers, secret=SECRET)
    assert (event.type, event.data.id, event.created_at) == ("video.completed", "video_1", EVENT.created_at)


def test_a_changed_body_is_not_believed():
    body = body_of(EVENT)
    headers = headers_of(Webhook(url="https://there.example", secret=SECRET), EVENT.id, body, now=int(time.time()))
    with pytest.raises(Exception, match="signature"):
        Verifier(SECRET).verify(body.replace("video_1", "video_2"), dict(headers))


@pytest.mark.parametrize("status", [301, 307, 400, 410, 500])
def test_anything_but_success_is_no_delivery(status):
    with listener([status]) as (url, came), pytest.raises(Undelivered):
        post(Webhook(url=url, secret=SECRET), EVENT.id, body_of(EVENT), anywhere)
    assert len(came) == 1, "a redirection was followed"


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"]
PRIVATE += ["::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:10.0.0.1"]


@pytest.mark.parametrize("ip", PRIVATE)
def test_no_private_address_is_told_whatever_its_name(ip):
    names = [(None, None, None, None, (found, 443)) for found in ("93.184.215.14", ip)]
    with pytest.raises(Undelivered, match="private"):
        resolve("https://innocent.example/hook", is_public, look_up=lambda *_, **__: names)


def test_the_checked_address_is_the_one_that_is_connected_to():
    names = [(None, None, None, None, ("93.184.215.14", 8443))]
    address = resolve("https://there.example:8443/hook?x=1", is_public, look_up=lambda *_, **__: names)
    assert (address.ip, address.port, address.host) == ("93.184.215.14", 8443, "there.example")
    assert address.path == "/hook?x=1"


def config(**changes):
    return replace(Config(data=Path(), database="", store="", steps=""), **changes)


def test_loopback_is_told_only_by_a_server_that_serves_nobody_else():
    may_tell = allowed(config())
    assert may_tell("127.0.0.1")
    assert not may_tell("10.0.0.1")
    open_to_all = config(host="0.0.0.0", keys=(Key(id="k", sha256="0" * 64),))
    assert not allowed(open_to_all)("127.0.0.1")
    assert allowed(replace(open_to_all, private_webhooks=True))("10.0.0.1")


@pytest.mark.parametrize("url", ["ftp://there.example/", "file:///etc/passwd", "https:///hook", "there.example"])
def test_only_http_is_spoken(url):
    with pytest.raises(Undelivered):
        resolve(url, anywhere)


def test_an_event_is_delivered_though_the_first_tries_fail(small_yard):
    """From a real worker, with the tries' delays as they are: one of 5 s."""
    with listener([500]) as (url, came):
        small_yard.config["webhooks"] = [{"url": url, "secret": SECRET}]
        small_yard.start("api")
        small_yard.start("worker")
        video = small_yard.ask("key", prompt="kinora:test/fail")
        small_yard.wait(lambda: small_yard.ledger.database.read("SELECT 1 FROM events WHERE delivered = 1"))
    assert len(came) == 2
    first, second = ({name.lower(): value for name, value in headers.items()} for headers, _ in came)
    assert first["webhook-id"] == second["webhook-id"]
    facts = Verifier(SECRET).verify(came[1][1], second)
    assert (facts["type"], facts["data"]["id"]) == ("video.failed", video)
