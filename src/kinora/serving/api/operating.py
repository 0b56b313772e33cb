"""The routes of those who run the service."""

from starlette.requests import Request
from starlette.responses import Response

from kinora.engines.catalog import CATALOG
from kinora.serving.api.answers import json_answer
from kinora.serving.api.metrics import CONTENT_TYPE
from kinora.serving.api.services import Services

SORA = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06")
"""Names that clients know; any other is taken as well."""


class Operating:
    """Each method is one route."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def health(self) -> Response:
        """The API is up and its ledger answers."""
        self._services.ledger.beats()
        return json_answer({"status": "ok"})

    def metrics(self) -> Response:
        """Figures in Prometheus's text format."""
        return Response(self._services.metrics.text(), media_type=CONTENT_TYPE)

    def models(self, request: Request) -> Response:
        """Names that a request may give as its model; any other is taken for "*"."""
        models = self._services.config.models
        named = {name for name in (*models, *models.values()) if name in CATALOG or name in models} - {"*"}
        facts = {"object": "model", "created": 0, "owned_by": "kinora"}
        names = sorted({*SORA, *named})
        return json_answer({"object": "list", "data": [{"id": name, **facts} for name in names]})
