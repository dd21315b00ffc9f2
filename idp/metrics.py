"""What is counted (Prometheus). Processes of one `idp serve` count together, through files that
PROMETHEUS_MULTIPROC_DIR names."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_shared = os.environ.get(FOLDER)
_registry = CollectorRegistry()


REQUESTS = Counter(
    "stagedoor_requests", "Requests answered", ("endpoint", "status"), registry=_registry
)
SECONDS = Histogram(
    "stagedoor_request_seconds",
    "How long they took",
    ("endpoint",),
    registry=_registry,
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
SIGN_INS = Counter(
    "stagedoor_sign_ins",
    "Sign-ins that ended, by option and outcome",
    ("option", "outcome"),
    registry=_registry,
)
CODES = Counter(
    "stagedoor_codes", "Codes and calls: sent, used, wrong", ("factor", "event"), registry=_registry
)
MESSAGES = Counter(
    "stagedoor_messages",
    "Messages: handed over, tried again, dropped",
    ("channel", "event"),
    registry=_registry,
)
UPSTREAMS = Counter(
    "stagedoor_upstreams",
    "Sign-ins at companies' own providers: signed in, or why not",
    ("upstream", "outcome"),
    registry=_registry,
)
TOKENS = Counter(
    "stagedoor_tokens", "Access tokens issued, by grant type", ("grant",), registry=_registry
)
CONNECTIONS = Gauge(
    "stagedoor_database_connections_in_use",
    "Connections taken from the pools",
    registry=_registry,
    multiprocess_mode="livesum",
)


@cache
def _child(metric: Any, labels: tuple[str, ...]) -> Any:
    """Finding a labelled metric costs more than counting."""
    return metric.labels(*labels)


def count(counter: Counter, *labels: str) -> None:
    """Add one."""
    _child(counter, labels).inc()


def request(endpoint: str, status: int, seconds: float) -> None:
    """Count a request that was answered, and the seconds it took."""
    _child(REQUESTS, (endpoint, str(status))).inc()
    _child(SECONDS, (endpoint,)).observe(seconds)


def exposition(now: Mapping[str, tuple[str, float]]) -> bytes:
    """Everything counted so far, and these values of the moment: `{name: (what it is, value)}`."""
    momentary = CollectorRegistry()
    momentary.register(_Momentary(now))
    if _shared:
        _bury(Path(_shared))
        counted = CollectorRegistry()
        MultiProcessCollector(counted, path=_shared)  # type: ignore[no-untyped-call]  # the library is typed in part
    else:
        counted = _registry
    return generate_latest(counted) + generate_latest(momentary)


class _Momentary:
    """Values that were read for this very answer. They are no gauges of a process: those would be
    kept in its file, and be answered once for each process, as they were when it was asked last."""

    def __init__(self, now: Mapping[str, tuple[str, float]]) -> None:
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (says, value) in self._now.items():
            yield GaugeMetricFamily(f"stagedoor_{name}", says, value=value)


def _bury(folder: Path) -> None:
    """What processes that have ended held is not held any more."""
    for pid in {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*.db")}:
        if not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            mark_process_dead(pid, path=str(folder))  # type: ignore[no-untyped-call]  # the library is typed in part
