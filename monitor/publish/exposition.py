"""The text of `/metrics`: prometheus-client's own exposition, kept per contact point and redone only where something changed.

The client needs some 10 µs a series, 1,000 phone lines have 140,000 of them, and nearly all are as they were at the
last scrape. Sample lines are alike in both formats (without exemplars and timestamps), so they are kept once; the
headers of a family are not, and are made by each format's own encoder.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from monitor.domain.snapshot import PointState, Snapshot
from monitor.publish.catalogue import METRICS, SPEC, MetricSpec
from monitor.publish.metrics import (
    Distribution,
    Labels,
    RowsByName,
    Share,
    Week,
    daemon_rows,
    family,
    kinds_of_sources,
    owner,
    point_rows,
    share_out,
    source_rows,
    weeks_by_point,
)

_EOF: Final = b"# EOF\n"
#: What is asked of the client's `choose_encoder` once it is known which format a scraper takes. All our names are plain
#: ASCII words, so that the ways of escaping names and the versions of a format come to the same text.
_OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; escaping=underscores"
_TEXT_1: Final = "text/plain; version=1.0.0; escaping=underscores"
_TEXT_0: Final = "text/plain; version=0.0.4"
_FORMATS: Final = (_OPENMETRICS, _TEXT_1, _TEXT_0)


#: Kept as tuples: unlike 20,000 lists they are soon no concern of the garbage collector, whose passes stop everything.
FrozenRows = tuple[tuple[Labels, float | Distribution], ...]


@dataclass(frozen=True, slots=True)
class Only:
    """What an encoder takes for a registry: these families and no others."""

    metrics: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


@dataclass(slots=True)
class _Seen:
    """One contact point (or source, or the daemon) as it was last rendered."""

    rows: dict[str, FrozenRows]
    lines: dict[str, bytes]
    state: PointState | None = None
    share: Share | None = None
    weeks: list[Week] | None = None


@dataclass(slots=True)
class _Cells:
    """Everything that was rendered, in the order of the page."""

    points: dict[str, _Seen] = field(default_factory=dict)
    sources: dict[str, _Seen] = field(default_factory=dict)
    daemon: _Seen = field(default_factory=lambda: _Seen({}, {}))


class Exposition:
    """Renders snapshots. One thread at a time may call `render`: it works on what it remembers from the last time."""

    def __init__(self) -> None:
        self._cells = _Cells()
        self._last: Snapshot | None = None
        self._process = CollectorRegistry(auto_describe=True)  # by their names `name[]` finds them
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)
        self._encoders: dict[str, tuple[Callable[..., bytes], str]] = {form: choose_encoder(form) for form in _FORMATS}
        self._headers = {form: _headers(encode) for form, (encode, _) in self._encoders.items()}

    def render(self, snapshot: Snapshot, accept: str | None = None, names: Sequence[str] | None = None) -> tuple[bytes, str]:
        """The page and its content type. `names` (the query's `name[]`) keeps only these series."""
        self._update(snapshot)
        form = _chosen(accept)
        encode, content_type = self._encoders[form]
        cells = (*self._cells.points.values(), *self._cells.sources.values(), self._cells.daemon)
        wanted = None if names is None else set(names)
        chunks: list[bytes] = []
        for spec in METRICS:
            part = [seen.lines[spec.name] for seen in cells if spec.name in seen.lines]
            if wanted is None or spec.full_name in wanted:
                chunks += (self._headers[form][spec.name], *part)
            elif some := _filtered(spec, part, wanted):
                chunks += (self._headers[form][spec.name], *some)
        chunks.append(encode(self._process if wanted is None else self._process.restricted_registry(wanted)))
        return b"".join(chunks), content_type

    def _update(self, snapshot: Snapshot) -> None:
        """Renders anew what differs from the last time.

        Values are compared: scrapes are rarer than snapshots and may skip some.
        """
        last = self._last
        if snapshot is last:
            return
        kinds = kinds_of_sources(snapshot)
        if last is not None and (snapshot.wait_bounds != last.wait_bounds or kinds != kinds_of_sources(last)):
            self._cells = _Cells()
        shares, weeks = share_out(snapshot), weeks_by_point(snapshot)
        points: dict[str, _Seen] = {}
        for name, state in snapshot.points.items():
            share, point_weeks, seen = shares.points[owner(state)], weeks.get(state.info.name, []), self._cells.points.get(name)
            if seen is None or seen.state != state or seen.share != share or seen.weeks != point_weeks:
                rows = point_rows(state, share, point_weeks, snapshot.wait_bounds, kinds)
                seen = _rendered(rows, seen)
                seen.state, seen.share, seen.weeks = state, share, point_weeks
            points[name] = seen
        sources = {
            name: _rendered(source_rows(state, shares.sources[name]), self._cells.sources.get(name))
            for name, state in snapshot.sources.items()
        }
        self._cells = _Cells(points, sources, _rendered(daemon_rows(snapshot, shares.daemon), self._cells.daemon))
        self._last = snapshot


def _rendered(rows: RowsByName, seen: _Seen | None) -> _Seen:
    """`rows` as sample lines; those of families that are as they were are taken over from `seen`."""
    frozen = {name: tuple(these) for name, these in rows.items()}
    lines: dict[str, bytes] = {}
    for name, these in frozen.items():
        kept = seen is not None and seen.rows.get(name) == these
        lines[name] = seen.lines[name] if seen is not None and kept else _sample_lines(SPEC[name], these)
    return _Seen(frozen, lines)


def _sample_lines(spec: MetricSpec, rows: FrozenRows) -> bytes:
    """The client's text for these rows, without the two header lines (a HELP is one line: its line ends are escaped)."""
    try:
        text = generate_latest(Only((family(spec, rows),)))
    except UnicodeEncodeError:  # half a character in a name, as broken mail headers give: it must not cost the whole page
        text = generate_latest(Only((family(spec, [(tuple(map(_whole, labels)), value) for labels, value in rows]),)))
    return text.split(b"\n", 2)[2]


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _headers(encode: Callable[..., bytes]) -> dict[str, bytes]:
    """What the encoder writes for each family before its samples."""
    return {spec.name: encode(Only((family(spec),))).removesuffix(_EOF) for spec in METRICS}


def _chosen(accept: str | None) -> str:
    """The format that the client's own negotiation gives for this Accept header."""
    try:
        content_type = choose_encoder(accept or "")[1]
    except TypeError:  # a version that is no number: the client compares words with numbers
        return _TEXT_0
    if content_type.startswith("application/openmetrics-text"):
        return _OPENMETRICS
    return _TEXT_1 if "version=1.0.0" in content_type else _TEXT_0


def _filtered(spec: MetricSpec, part: Iterable[bytes], wanted: set[str]) -> list[bytes]:
    """Of a histogram, the wanted ones of its three kinds of series."""
    if spec.type != "histogram":
        return []
    samples = [f"{spec.full_name}_{suffix}" for suffix in ("bucket", "sum", "count")]
    starts = tuple(f"{sample}{after}".encode() for sample in samples if sample in wanted for after in "{ ")
    return [line + b"\n" for lines in part for line in lines.split(b"\n") if starts and line.startswith(starts)]
