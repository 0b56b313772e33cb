"""A server that is told when a video is done, and believes only what is signed.

In Kinora's config.toml, with a secret of your own ("whsec_" and base64):

    [[webhooks]]
    url = "http://127.0.0.1:9000"
    secret = "whsec_..."

OPENAI_WEBHOOK_SECRET=whsec_... OPENAI_API_KEY=any python webhook_receiver.py 9000
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from openai import InvalidWebhookSignatureError, OpenAI

client = OpenAI()


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is signed and 401 to anything else."""

    def do_POST(self) -> None:
        """Take one event. The same one can come twice: its `webhook-id` tells."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        try:
            event = client.webhooks.unwrap(body, dict(self.headers))
        except (InvalidWebhookSignatureError, ValueError):
            self.send_error(401)
            return
        self.send_response(204)
        self.end_headers()
        print(f"{event.type} {event.data.id}", flush=True)


HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
