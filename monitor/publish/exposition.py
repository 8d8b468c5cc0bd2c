"""The text of `/metrics`, as prometheus-client would write it: kept by contact point, written anew only where something changed.

1,000 phone lines have 420,000 sample lines, and nearly all are as they were at the last scrape. They are alike in both
formats, so they are kept once; the headers of a family are not, and are made by each format's own encoder. Why the sample
lines have a writer of our own: docs/decisions/metrics-writer.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVarTuple

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from monitor.domain.snapshot import Snapshot
from monitor.publish.catalogue import METRICS, SPEC, MetricSpec
from monitor.publish.metrics import (
    RowsByName,
    counted_rows,
    daemon_rows,
    family,
    kinds_of,
    owner_of,
    source_rows,
    state_rows,
    totals_by_owner,
    week_rows,
    weeks_by_point,
    weeks_of,
)
from monitor.publish.sample_lines import sample_lines

Given = TypeVarTuple("Given")

_EOF: Final = b"# EOF\n"
#: What is asked of the client's `choose_encoder` once it is known which format a scraper takes. All our names are plain
#: ASCII words, so that the ways of escaping names and the versions of a format come to the same text.
_OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; escaping=underscores"
_TEXT_1: Final = "text/plain; version=1.0.0; escaping=underscores"
_TEXT_0: Final = "text/plain; version=0.0.4"
_FORMATS: Final = (_OPENMETRICS, _TEXT_1, _TEXT_0)


@dataclass(frozen=True, slots=True)
class FixedRegistry:
    """What an encoder takes for a registry: these families and no others."""

    metrics: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


class _Part(NamedTuple):
    """A part of the page as it was last written, and from what. The rows between the two are not kept: they take most room."""

    given: object
    lines: dict[str, bytes]  # by the family's name without prefix


class Exposition:
    """Renders snapshots. One thread at a time may call `render`: it works on what it rendered the last time."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, ...], _Part] = {}  # in the order in which they are written
        self._process = CollectorRegistry(auto_describe=True)  # by their names `name[]` finds them
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)
        self._encoders: dict[str, tuple[Callable[..., bytes], str]] = {form: choose_encoder(form) for form in _FORMATS}
        self._headers = {form: _headers(encode) for form, (encode, _) in self._encoders.items()}

    def render(self, snapshot: Snapshot, accept: str | None = None, names: Sequence[str] | None = None) -> tuple[bytes, str]:
        """The text and its content type. `names` (the query's `name[]`) keeps only these series."""
        self._parts = self._updated(snapshot)
        form = _negotiated(accept)
        encode, content_type = self._encoders[form]
        wanted = None if names is None else set(names)
        by_name: dict[str, list[bytes]] = {spec.name: [] for spec in METRICS}
        for part in self._parts.values():
            for name, written in part.lines.items():
                by_name[name].append(written)
        chunks: list[bytes] = []
        for spec in METRICS:
            lines = by_name[spec.name]
            if wanted is None or spec.full_name in wanted:
                chunks += (self._headers[form][spec.name], *lines)
            elif some := _filtered(spec, lines, wanted):
                chunks += (self._headers[form][spec.name], *some)
        chunks.append(encode(self._process if wanted is None else self._process.restricted_registry(wanted)))
        return b"".join(chunks), content_type

    def _updated(self, snapshot: Snapshot) -> dict[tuple[str, ...], _Part]:
        """Every part, written anew where what it shows differs from the last time.

        Values are compared: scrapes are rarer than snapshots and may skip some.
        """
        parts: dict[tuple[str, ...], _Part] = {}
        totals, weeks, bounds = totals_by_owner(snapshot), weeks_by_point(snapshot), snapshot.wait_bounds

        def add(key: tuple[str, ...], rows_of: Callable[[*Given], RowsByName], *given: *Given) -> None:
            last_time = self._parts.get(key)
            unchanged = last_time is not None and last_time.given == given
            parts[key] = last_time if last_time is not None and unchanged else _Part(given, _lines(rows_of(*given)))

        for name, point in snapshot.points.items():
            add(("counted", name), counted_rows, point.info, totals.points[owner_of(point)], bounds)
            add(("weeks", name), week_rows, point.info, weeks_of(point.info, weeks, snapshot))
            add(("state", name), state_rows, point, kinds_of(point, snapshot.sources))
        for name, source in snapshot.sources.items():
            add(("source", name), source_rows, source, totals.sources[name])
        parts[("daemon",)] = _Part(None, _lines(daemon_rows(snapshot, totals.daemon)))
        return parts


def _lines(rows: RowsByName) -> dict[str, bytes]:
    return {name: sample_lines(SPEC[name], these) for name, these in rows.items()}


def _headers(encode: Callable[..., bytes]) -> dict[str, bytes]:
    """What the encoder writes for each family before its samples."""
    return {spec.name: encode(FixedRegistry((family(spec),))).removesuffix(_EOF) for spec in METRICS}


def _negotiated(accept: str | None) -> str:
    """The format that the client's own negotiation gives for this Accept header."""
    try:
        content_type = choose_encoder(accept or "")[1]
    except TypeError:  # a version that is no number: the client compares words with numbers
        return _TEXT_0
    if content_type.startswith("application/openmetrics-text"):
        return _OPENMETRICS
    return _TEXT_1 if "version=1.0.0" in content_type else _TEXT_0


def _filtered(spec: MetricSpec, parts: Iterable[bytes], wanted: set[str]) -> list[bytes]:
    """Of a histogram, the wanted ones of its three kinds of series."""
    if spec.type != "histogram":
        return []
    samples = [f"{spec.full_name}_{suffix}" for suffix in ("bucket", "sum", "count")]
    starts = tuple(f"{sample}{after}".encode() for sample in samples if sample in wanted for after in "{ ")
    return [line + b"\n" for lines in parts for line in lines.split(b"\n") if starts and line.startswith(starts)]
