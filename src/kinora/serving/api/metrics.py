"""Figures for Prometheus: requests as they are answered, and the ledger as it stands when it is asked."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric, SummaryMetricFamily

from kinora.serving.ledger.ledger import Ledger

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATENCIES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Metrics:
    """The counters of one API process."""

    def __init__(self, ledger: Ledger) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "kinora_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._latency_s = Histogram(
            "kinora_http_request_duration_seconds",
            "From a request's first byte to its answer's last.",
            ("method", "route"),
            buckets=LATENCIES_S,
            registry=self._registry,
        )
        self._refusals = Counter(
            "kinora_refusals", "Requests refused and videos not made, by code.", ("code",), registry=self._registry
        )
        self._registry.register(_Standing(ledger))
        # Looking a child up by its labels costs more than counting, so each is looked up once.
        self._children: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    def answered(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one answer. `route` is a path as the application declares it, of which there are few."""
        child = self._children.get((method, route, status))
        if child is None:
            child = self._requests.labels(method, route, str(status)), self._latency_s.labels(method, route)
            self._children[method, route, status] = child
        child[0].inc()
        child[1].observe(duration_s)

    def refused(self, code: str) -> None:
        """Count one refusal."""
        self._refusals.labels(code).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Standing:
    """The ledger's counts, taken anew at every scrape: true across processes and restarts."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def describe(self) -> list[Metric]:
        """Nothing ahead of a scrape, so that registering reads no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        counts = self._ledger.counts()
        videos = GaugeMetricFamily("kinora_videos", "Videos in the ledger, by status.", labels=["status"])
        for status in ("queued", "in_progress", "completed"):
            videos.add_metric([status], getattr(counts, status))
        videos.add_metric(["failed"], sum(counts.failed.values()))
        failed = GaugeMetricFamily("kinora_videos_failed", "Failed videos in the ledger, by code.", labels=["code"])
        for code, number in counts.failed.items():
            failed.add_metric([code], number)
        about = "How long the oldest queued video has waited."
        oldest = _gauge("kinora_oldest_queued_seconds", about, counts.oldest_queued_s)
        yield from (videos, failed, oldest)
        yield from self._made()

    def _made(self) -> Iterator[Metric]:
        seconds, spent_s = self._ledger.made()
        yield _gauge("kinora_video_seconds", "Seconds of all completed videos in the ledger.", seconds)
        yield _gauge("kinora_making_seconds", "Seconds from first begin to end, of all completed videos.", spent_s)
        stages = GaugeMetricFamily("kinora_videos_in_stage", "Videos in progress, by stage.", labels=["stage"])
        for stage, number in self._ledger.stages().items():
            stages.add_metric([stage], number)
        yield stages
        times = SummaryMetricFamily("kinora_stage_seconds", "How long finished stages took.", labels=["stage"])
        for stage, (taken_s, finished) in self._ledger.stage_times().items():
            times.add_metric([stage], finished, taken_s)
        yield times


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)
