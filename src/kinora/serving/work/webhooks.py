"""Telling others that a video was closed: Standard Webhooks, at least once, never to where it could do harm.

An event is a workflow of one recorded step, which posts it to every address that does not have it yet. What is left is
the next workflow's, put in line with a delay, so that a deaf address holds no thread while it is waited for.
"""

import base64
import hashlib
import hmac
import http.client
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from kinora.serving.config import Config, Webhook, is_loopback
from kinora.serving.ledger.ledger import Ledger
from kinora.serving.ledger.records import Event
from kinora.serving.work.steps import Queue, Steps, step

log = logging.getLogger("kinora.work")

QUEUE = Queue(name="webhooks", at_once=4)
TIMEOUT_S = 10.0
# After the first try: 5 s, 10 s, 20 s ... at most 6 hours apart; twenty tries take about two days.
FIRST_DELAY_S, MOST_DELAY_S, MOST_TRIES = 5.0, 6 * 3600.0, 20
ANSWER_BYTES = 1024


class Undelivered(Exception):
    """An address did not take an event."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a connection goes: the address that was checked, not the name, which could mean another a moment later."""

    scheme: str
    host: str
    ip: str
    port: int
    path: str


class Herald:
    """Hands events to workflows and delivers them."""

    def __init__(self, config: Config, ledger: Ledger, steps: Steps) -> None:
        self._webhooks = {webhook.url: webhook for webhook in config.webhooks}
        self._allowed = allowed(config)
        self._ledger, self._steps = ledger, steps
        self._tell = steps.workflow("tell", self.tell)

    def take_in(self, limit: int) -> None:
        """Put new events in line; where nobody asked to be told they are closed."""
        for event in self._ledger.unhanded_events(limit):
            workflow = f"{event.id}.0"
            if self._webhooks:
                self._put_in_line(workflow, event.id, body_of(event), sorted(self._webhooks), 0)
                self._ledger.hand_over_event(event.id, workflow)
            else:
                self._ledger.close_event(event.id, delivered=False)

    def tell(self, event: str, body: str, urls: list[str], tries: int) -> None:
        """Post an event to these addresses, and put in line what they did not take; the body of the workflow."""
        left: list[str] = step("post", lambda: [url for url in urls if not self._took(url, event, body)])
        if left and tries + 1 < MOST_TRIES:
            delay_s = min(FIRST_DELAY_S * 2**tries, MOST_DELAY_S)
            self._put_in_line(f"{event}.{tries + 1}", event, body, left, tries + 1, delay_s=delay_s)
        else:
            self._ledger.close_event(event, delivered=not left)

    def _put_in_line(self, workflow: str, *arguments: object, delay_s: float | None = None) -> None:
        self._steps.enqueue(QUEUE.name, self._tell, *arguments, workflow=workflow, delay_s=delay_s)

    def _took(self, url: str, event: str, body: str) -> bool:
        # An address that is no longer in the configuration is not told any more.
        webhook = self._webhooks.get(url)
        try:
            if webhook:
                post(webhook, event, body, self._allowed)
            return True
        except (Undelivered, OSError, http.client.HTTPException) as error:
            log.warning("webhook not delivered to %s: %s", urlsplit(url).hostname, error)
            return False


def body_of(event: Event) -> str:
    """Return an event as OpenAI's clients read it."""
    facts = {"object": "event", "id": event.id, "type": event.type, "created_at": event.created_at}
    return json.dumps({**facts, "data": {"id": event.video_id}}, separators=(",", ":"))


def headers_of(webhook: Webhook, event: str, body: str, *, now: int) -> Mapping[str, str]:
    """Return the headers by which Standard Webhooks proves who sent a body. `now` is unix seconds."""
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{event}.{now}.{body}".encode(), hashlib.sha256)
    return {
        "content-type": "application/json",
        "user-agent": "kinora",
        "webhook-id": event,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


def post(webhook: Webhook, event: str, body: str, allowed: Callable[[str], bool]) -> None:
    """Deliver an event once, to an IP address that is allowed. Raises Undelivered, OSError or HTTPException; to be
    sent elsewhere is no delivery."""
    address = resolve(webhook.url, allowed)
    connection = connect(address)
    try:
        headers = {**headers_of(webhook, event, body, now=int(time.time())), "host": urlsplit(webhook.url).netloc}
        connection.request("POST", address.path, body=body.encode(), headers=headers)
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES)
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise Undelivered(f"answered {answer.status}")


def resolve(
    url: str, allowed: Callable[[str], bool], *, look_up: Callable[..., Sequence[Any]] = socket.getaddrinfo
) -> Address:
    """Return where a URL leads. Raises Undelivered where any of its IP addresses is not allowed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Undelivered("the address is no http or https URL")
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    found = [entry[4][0] for entry in look_up(parts.hostname, port, type=socket.SOCK_STREAM)]
    if not all(map(allowed, found)):
        raise Undelivered("the address is private: set private_webhooks = true to allow it")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(scheme=parts.scheme, host=parts.hostname, ip=found[0], port=port, path=path)


def connect(address: Address) -> http.client.HTTPConnection:
    """Return an open connection to the checked address; its certificate must be the named host's."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT_S)
    connection.sock = socket.create_connection((address.ip, address.port), timeout=TIMEOUT_S)
    if address.scheme == "https":
        # Takes the plain socket over, and closes it where the certificate is not right.
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(connection.sock, server_hostname=address.host)
    return connection


def allowed(config: Config) -> Callable[[str], bool]:
    """Return which IP addresses may be told: public ones; this machine's own, of a server that serves nobody else; all
    where the configuration says so."""
    local = is_loopback(config.host)
    return lambda ip: config.private_webhooks or is_public(ip) or (local and is_loopback(ip))


def is_public(ip: str) -> bool:
    """Whether an address is one of the internet's, not of a private network, whatever way it is written."""
    found = ip_address(ip.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or found
    return inner.is_global and not inner.is_multicast
