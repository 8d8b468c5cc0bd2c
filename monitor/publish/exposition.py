"""The text of `/metrics`: prometheus-client's own exposition, cached by contact point and redone only where something changed.

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
    OwnTotals,
    RowsByName,
    Week,
    daemon_rows,
    family,
    kinds_of_sources,
    owner_of,
    point_rows,
    source_rows,
    totals_by_owner,
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
class FixedRegistry:
    """What an encoder takes for a registry: these families and no others."""

    metrics: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


@dataclass(slots=True)
class _Rendered:
    """One contact point (or source, or the daemon) as it was last rendered, and from what."""

    rows: dict[str, FrozenRows]
    lines: dict[str, bytes]
    state: PointState | None = None
    totals: OwnTotals | None = None
    weeks: list[Week] | None = None


@dataclass(slots=True)
class _Cache:
    """Everything that was rendered, in the order in which it is written."""

    points: dict[str, _Rendered] = field(default_factory=dict)
    sources: dict[str, _Rendered] = field(default_factory=dict)
    daemon: _Rendered = field(default_factory=lambda: _Rendered({}, {}))

    def all(self) -> tuple[_Rendered, ...]:
        return (*self.points.values(), *self.sources.values(), self.daemon)


class Exposition:
    """Renders snapshots. One thread at a time may call `render`: it works on what it rendered the last time."""

    def __init__(self) -> None:
        self._cache = _Cache()
        self._last: Snapshot | None = None
        self._process = CollectorRegistry(auto_describe=True)  # by their names `name[]` finds them
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        GCCollector(registry=self._process)
        self._encoders: dict[str, tuple[Callable[..., bytes], str]] = {form: choose_encoder(form) for form in _FORMATS}
        self._headers = {form: _headers(encode) for form, (encode, _) in self._encoders.items()}

    def render(self, snapshot: Snapshot, accept: str | None = None, names: Sequence[str] | None = None) -> tuple[bytes, str]:
        """The text and its content type. `names` (the query's `name[]`) keeps only these series."""
        self._update(snapshot)
        form = _negotiated(accept)
        encode, content_type = self._encoders[form]
        wanted = None if names is None else set(names)
        everything = self._cache.all()
        chunks: list[bytes] = []
        for spec in METRICS:
            lines = [each.lines[spec.name] for each in everything if spec.name in each.lines]
            if wanted is None or spec.full_name in wanted:
                chunks += (self._headers[form][spec.name], *lines)
            elif some := _filtered(spec, lines, wanted):
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
            self._cache = _Cache()
        cache, totals, weeks = self._cache, totals_by_owner(snapshot), weeks_by_point(snapshot)

        def point(name: str, state: PointState) -> _Rendered:
            own, own_weeks, last_time = totals.points[owner_of(state)], weeks.get(state.info.name, []), cache.points.get(name)
            if last_time and last_time.state == state and last_time.totals == own and last_time.weeks == own_weeks:
                return last_time
            rendered = _render(point_rows(state, own, own_weeks, snapshot.wait_bounds, kinds), last_time)
            rendered.state, rendered.totals, rendered.weeks = state, own, own_weeks
            return rendered

        self._cache = _Cache(
            {name: point(name, state) for name, state in snapshot.points.items()},
            {
                name: _render(source_rows(state, totals.sources[name]), cache.sources.get(name))
                for name, state in snapshot.sources.items()
            },
            _render(daemon_rows(snapshot, totals.daemon), cache.daemon),
        )
        self._last = snapshot


def _render(rows: RowsByName, last_time: _Rendered | None) -> _Rendered:
    """`rows` as sample lines; families that are as they were keep the lines of `last_time`."""
    frozen = {name: tuple(these) for name, these in rows.items()}
    lines: dict[str, bytes] = {}
    for name, these in frozen.items():
        unchanged = last_time is not None and last_time.rows.get(name) == these
        lines[name] = last_time.lines[name] if last_time is not None and unchanged else _sample_lines(SPEC[name], these)
    return _Rendered(frozen, lines)


def _sample_lines(spec: MetricSpec, rows: FrozenRows) -> bytes:
    """The client's text for these rows, without the two header lines (a HELP is one line: its line ends are escaped)."""
    try:
        text = generate_latest(FixedRegistry((family(spec, rows),)))
    except UnicodeEncodeError:  # half a character in a name, as broken mail headers give: it must not cost the whole page
        whole = [(tuple(map(_without_surrogates, labels)), value) for labels, value in rows]
        text = generate_latest(FixedRegistry((family(spec, whole),)))
    return text.split(b"\n", 2)[2]


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


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
