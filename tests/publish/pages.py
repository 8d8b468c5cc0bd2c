"""The page as prometheus-client would write it, to compare ours with."""

from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from monitor.domain.snapshot import Snapshot
from monitor.publish.exposition import Exposition, FixedRegistry
from monitor.publish.metrics import families

OPENMETRICS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3"
FIRST_OF_PROCESS = b"# HELP process_virtual_memory_bytes"
EOF = b"# EOF\n"


def own_part(page: bytes) -> bytes:
    """Without the process's own metrics, which never stand still."""
    return page[: page.index(FIRST_OF_PROCESS)]


def as_text(*metrics: Metric) -> bytes:
    """The client's text format 0.0.4."""
    return generate_latest(FixedRegistry(metrics))


def as_openmetrics(*metrics: Metric) -> bytes:
    """The client's OpenMetrics, without the end mark."""
    return generate_openmetrics(FixedRegistry(metrics)).removesuffix(EOF)


def check_same_as_the_client(page: Exposition, current: Snapshot) -> None:
    """Both formats, byte for byte."""
    metrics = list(families(current))
    assert own_part(page.render(current)[0]) == as_text(*metrics)
    assert own_part(page.render(current, OPENMETRICS)[0]) == as_openmetrics(*metrics)
