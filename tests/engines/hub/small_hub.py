"""A hub on loopback: the API of the real one, over a small repository made here."""

import hashlib
import json
import random
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "c0ffee" + "0" * 34
REPOSITORY = "maker/tiny"


def safetensors(seed, num_numbers=30_000):
    """The bytes of a file with one tensor."""
    content = random.Random(seed).randbytes(2 * num_numbers)
    head = json.dumps({"w": {"dtype": "BF16", "shape": [num_numbers], "data_offsets": [0, len(content)]}}).encode()
    return struct.pack("<Q", len(head)) + head + content


INDEX = {
    "_class_name": "WanPipeline",
    "_diffusers_version": "0.42.1",
    "scheduler": ["diffusers", "UniPCMultistepScheduler"],
    "text_encoder": ["transformers", "UMT5EncoderModel"],
    "tokenizer": ["transformers", "T5TokenizerFast"],
    "transformer": ["diffusers", "WanTransformer3DModel"],
    "image_encoder": [None, None],
}
SHARDS = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
NEEDED = {
    "model_index.json": json.dumps(INDEX).encode(),
    "scheduler/scheduler_config.json": b"{}",
    "text_encoder/config.json": b"{}",
    "text_encoder/model-00001-of-00002.safetensors": safetensors(1),
    "text_encoder/model-00002-of-00002.safetensors": safetensors(2),
    "text_encoder/model.safetensors.index.json": json.dumps(SHARDS).encode(),
    "tokenizer/tokenizer_config.json": b"{}",
    "tokenizer/spiece.model": b"words",
    "transformer/config.json": b'{"num_layers": 1}',
    "transformer/diffusion_pytorch_model.safetensors": safetensors(3, 100_000),
}
NOT_NEEDED = {
    "README.md": b"hello",
    ".gitattributes": b"*.safetensors lfs",
    "assets/film.mp4": b"film",
    "text_encoder/pytorch_model.bin": b"pickle",
    "text_encoder/diffusion_pytorch_model.bin": b"pickle",
    "transformer/modeling.py": b"print('code')",
    "transformer/diffusion_pytorch_model.fp16.safetensors": safetensors(4),
    "transformer/model.onnx": b"onnx",
    "unused/config.json": b"{}",
}


class Hub:
    """What the server has, and what was asked of it. `cuts` are sizes at which answers break off, one after another."""

    def __init__(self):
        self.files = {**NEEDED, **NOT_NEEDED}
        self.commit, self.rows, self.cuts, self.asked = COMMIT, {}, [], []
        self.honours_ranges, self.page, self.fails, self.elsewhere = True, 1000, [], None
        self.served, self.slow_s, self.next_page, self.answers_with = {}, 0.0, "", ""

    def row(self, path):
        """A line of the list, as the real hub writes it; `rows` holds those that differ."""
        content = self.files[path]
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        row = {"type": "file", "path": path, "size": len(content), "oid": blob}
        if path.endswith((".safetensors", ".model", ".bin")):
            row["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return row | self.rows.get(path, {})

    def table(self):
        """The whole list, with a folder in it."""
        return [{"type": "directory", "path": "vae", "oid": "0" * 40, "size": 0}, *map(self.row, self.files)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def do_GET(self):
        hub, parts = self.server.hub, urlsplit(self.path)
        hub.asked.append((self.path, dict(self.headers.items())))
        if hub.fails:
            return self.answer(hub.fails.pop(0), b"")
        start = f"/api/models/{REPOSITORY}/"
        if parts.path.startswith(f"{start}revision/"):
            asked = parts.path.rpartition("/")[2]
            known = asked in ("main", hub.commit)
            return self.answer(200 if known else 404, json.dumps({"sha": hub.answers_with or hub.commit}).encode())
        if parts.path == f"{start}tree/{hub.commit}":
            return self.list_page(hub, parts.query)
        prefix = f"/{REPOSITORY}/resolve/{hub.commit}/"
        path = parts.path.removeprefix(prefix).removeprefix("/blobs/")
        if path not in hub.files:
            return self.answer(404, b"")
        if hub.elsewhere and parts.path.startswith(prefix):
            return self.answer(302, b"", {"Location": f"{hub.elsewhere}/blobs/{path}"})
        return self.file(hub, hub.served.get(path, hub.files[path]))

    def list_page(self, hub, query):
        first = int(query.rpartition("cursor=")[2]) if "cursor=" in query else 0
        rows = hub.table()
        more = first + hub.page
        there = hub.next_page or f"{self.server.address}{urlsplit(self.path).path}"
        link = {"Link": f'<{there}?recursive=1&cursor={more}>; rel="next"'}
        self.answer(200, json.dumps(rows[first:more]).encode(), link if more < len(rows) else {})

    def file(self, hub, content):
        start = 0
        headers = {}
        asked = self.headers.get("Range", "")
        if asked and hub.honours_ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                return self.answer(416, b"")
            headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        self.answer(206 if headers else 200, content[start:], headers)

    def answer(self, status, content, headers=None):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        hub = self.server.hub
        if hub.cuts and status in (200, 206) and "/resolve/" in self.path:
            content = content[: hub.cuts.pop(0)]
        step = 20_000 if hub.slow_s else max(len(content), 1)
        for start in range(0, len(content), step):
            self.wfile.write(content[start : start + step])
            time.sleep(hub.slow_s)


def serve(hub):
    """A server of a hub, at `.address`, until it is shut down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # Whoever hangs up in the middle does so on purpose.
    server.handle_error = lambda *_: None
    server.hub, server.address = hub, f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server
