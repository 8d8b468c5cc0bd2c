"""The reference of the metrics, docs/metrics.md, written from the catalogue."""

from typing import Final

from monitor.publish.catalogue import DAEMON_METRICS, POINT_METRICS, SOURCE_METRICS, MetricSpec

_HEAD: Final = """# Metrics

Generated from the catalogue: `make generated`.

The daemon reads its sources on its own clock; a scrape shows its latest snapshot and never asks a source. Counters
and histograms are kept in the store and never fall. Every label set that the configuration makes possible exists
with 0; what is not known is absent, never 0. Seconds, bytes and ratios throughout; no averages, no percentages.
"""
_TABLE_HEAD: Final = "| metric | type | labels | meaning | stability |\n| --- | --- | --- | --- | --- |\n"


def reference() -> str:
    """The whole page."""
    return (
        f"{_HEAD}\n"
        f"## Contact points\n\n{_table(POINT_METRICS)}\n"
        f"## Sources\n\n{_table(SOURCE_METRICS)}\n"
        f"## The daemon\n\n{_table(DAEMON_METRICS)}\n"
        "The usual `process_…` and `python_…` metrics of the Python client stand beside these.\n"
    )


def _table(specs: tuple[MetricSpec, ...]) -> str:
    return _TABLE_HEAD + "".join(map(_row, specs))


def _row(spec: MetricSpec) -> str:
    labels = ", ".join(f"`{label}`" for label in spec.labels) or "–"
    return f"| `{spec.full_name}` | {spec.type} | {labels} | {spec.help} | {spec.stability} |\n"
