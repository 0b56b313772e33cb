"""One JSON object a line: time, level, message, the request and the video it is about."""

import json
import logging
import time
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request in hand; threads that work for it inherit it."""

FACTS = ("video", "owner", "method", "path", "status", "duration_ms")
"""What a record may carry in `extra`."""


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON, UTC, with the request id where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        told = {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        line: dict[str, Any] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({"request": request_id.get()} if request_id.get() else {}),
            **told,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logs(level: str = "INFO") -> None:
    """Every log record of this process as JSON on standard error, uvicorn's too."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # It warns of every crooked form, which a client can send by the million.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
