"""Snapshot -> metric families: which series exist, and with what value. `exposition` makes the text of them."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, chain
from typing import Final, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.utils import floatToGoString

from monitor import __version__
from monitor.domain.channels import SIGNALS_OF
from monitor.domain.contact import Direction
from monitor.domain.snapshot import (
    BUCKETS,
    DETECTION_DELAY_BOUNDS,
    NOTIFICATION_OUTCOMES,
    REPORT_MAIL_STATES,
    RING_BUCKETS,
    PointInfo,
    PointState,
    ReportMails,
    Snapshot,
    SourceState,
    WeekKey,
    week_counts,
)
from monitor.errors import FAILURE_REASONS, REJECT_REASONS
from monitor.publish.catalogue import (
    DAEMON_METRICS,
    METRICS,
    POINT_METRICS,
    SOURCE_METRICS,
    MetricSpec,
)

_DIRECTIONS: Final[tuple[Direction, ...]] = ("inbound", "outbound")

Labels = tuple[str, ...]

#: Wait -> the bounds of its buckets.
WaitBounds = Mapping[str, tuple[float, ...]]
TotalsByMetric = Mapping[str, Mapping[Labels, float]]


class Distribution(NamedTuple):
    """The value of a histogram: cumulative counts by `le`, the last being +Inf, and the sum of what was observed."""

    buckets: tuple[tuple[str, float], ...]
    sum: float


#: (label values, value); of a histogram the value is a Distribution.
Rows = list[tuple[Labels, float | Distribution]]
#: Metric name without prefix -> its rows.
RowsByName = dict[str, Rows]


class OwnTotals(NamedTuple):
    """The totals of one owner (a contact point, a source, the daemon), as two parallel lists: quick to compare."""

    keys: list[tuple[str, Labels]]
    values: list[float]

    def by_metric(self) -> dict[str, dict[Labels, float]]:
        """Metric -> label values -> total."""
        found: dict[str, dict[Labels, float]] = {}
        for (metric, labels), value in zip(self.keys, self.values, strict=True):
            found.setdefault(metric, {})[labels] = value
        return found


@dataclass(slots=True)
class TotalsByOwner:
    """All totals by their owners. Owners that configuration no longer knows are left out."""

    points: dict[Labels, OwnTotals] = field(default_factory=dict)  # (channel, contact point): one name may serve two channels
    sources: dict[str, OwnTotals] = field(default_factory=dict)
    daemon: OwnTotals = field(default_factory=lambda: OwnTotals([], []))


def _stored_names(specs: Sequence[MetricSpec]) -> Iterator[str]:
    """The names under which the totals keep these metrics."""
    for spec in specs:
        if spec.type == "counter":
            yield spec.name
        elif spec.type == "histogram":
            yield from (f"{spec.name}_bucket", f"{spec.name}_sum")


_POINT_TOTALS: Final = frozenset(_stored_names(POINT_METRICS))
_SOURCE_TOTALS: Final = frozenset(_stored_names(SOURCE_METRICS))
_DAEMON_TOTALS: Final = frozenset(_stored_names(DAEMON_METRICS))


def owner_of(state: PointState) -> Labels:
    """The labels that all series of a contact point begin with."""
    return (state.info.channel, state.info.name)


def totals_by_owner(snapshot: Snapshot) -> TotalsByOwner:
    """One pass over the totals. This runs at every scrape over every series that is kept, hence the plain loop."""
    by_owner = TotalsByOwner(
        {owner_of(state): OwnTotals([], []) for state in snapshot.points.values()},
        {name: OwnTotals([], []) for name in snapshot.sources},
    )
    points, sources = by_owner.points, by_owner.sources
    for key, value in snapshot.totals.items():
        metric, labels = key
        if metric in _POINT_TOTALS:
            own = points.get(labels[:2])
        elif metric in _SOURCE_TOTALS:
            own = sources.get(labels[0])
        else:
            own = by_owner.daemon if metric in _DAEMON_TOTALS else None
        if own is not None:
            own.keys.append(key)
            own.values.append(value)
    return by_owner


class OwnWeeks(NamedTuple):
    """The weeks of one contact point, as two parallel lists: quick to compare."""

    keys: list[WeekKey]
    counts: list[tuple[int, int]]  # assessed, signals


def weeks_by_point(snapshot: Snapshot) -> dict[str, OwnWeeks]:
    """Name of a contact point -> its weeks in which something was assessed, in any order. A plain loop for the same reason."""
    found = {state.info.name: OwnWeeks([], []) for state in snapshot.points.values()}
    for key, counts in snapshot.weeks.items():
        if counts[0] > 0 and (own := found.get(key[0])) is not None:
            own.keys.append(key)
            own.counts.append(counts)
    return found


def distribution(kept: Mapping[str, float], total: float, bounds: tuple[float, ...]) -> Distribution:
    """Cumulative buckets for `bounds` from counts kept one by one under their `le`.

    A count whose `le` is no longer among the bounds goes to the next higher one: nothing observed is ever lost.
    """
    edges, les = _edges(bounds)
    if kept.keys() <= set(les):
        return Distribution(tuple(zip(les, accumulate(kept.get(le, 0.0) for le in les), strict=True)), total)
    counts = sorted((float(le), count) for le, count in kept.items())
    buckets: list[tuple[str, float]] = []
    cumulative, at = 0.0, 0
    for bound, le in zip(edges, les, strict=True):
        while at < len(counts) and counts[at][0] <= bound:
            cumulative += counts[at][1]
            at += 1
        buckets.append((le, cumulative))
    return Distribution(tuple(buckets), total)


@lru_cache(maxsize=256)
def _edges(bounds: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The bounds in order, +Inf last, and the `le` of each as the Python client prints floats (30 is "30.0")."""
    edges = (*sorted(bounds), float("inf"))
    # The client's own function is not annotated; printing floats otherwise would give other strings than its pages do.
    return edges, tuple(floatToGoString(bound) for bound in edges)  # type: ignore[no-untyped-call]


def kinds_of(state: PointState, sources: Mapping[str, SourceState]) -> dict[str, str]:
    """Name of each source that feeds a contact point -> its type."""
    return {name: sources[name].kind for name in state.info.sources if name in sources}


def counted_rows(info: PointInfo, own: OwnTotals, wait_bounds: WaitBounds) -> RowsByName:
    """The series of a contact point that are counted."""
    totals, here = own.by_metric(), (info.channel, info.name)
    by_signal = [(*here, signal) for signal in info.objectives]
    rows: RowsByName = {
        "contacts_total": _counter_rows(totals, "contacts_total", [(*here, direction) for direction in _DIRECTIONS]),
        "outcomes_total": _counter_rows(
            totals, "outcomes_total", [(*here, outcome, target) for outcome in info.outcomes for target in ("true", "false")]
        ),
        "assessed_total": _counter_rows(totals, "assessed_total", by_signal),
        "signals_total": _counter_rows(totals, "signals_total", by_signal),
        "signals_retracted_total": _counter_rows(totals, "signals_retracted_total", by_signal),
        "history_assessed_total": _counter_rows(totals, "history_assessed_total", by_signal),
        "history_signals_total": _counter_rows(totals, "history_signals_total", by_signal),
        "wait_seconds": _histogram_rows(
            totals,
            "wait_seconds",
            [(*here, wait) for wait in info.waits],
            lambda labels: wait_bounds.get(labels[-1]) or BUCKETS.get(labels[-1], ()),
        ),
    }
    if "promise" in info.waits:
        rows["promises_made_total"] = _counter_rows(totals, "promises_made_total", [here])
        rows["promises_kept_late_total"] = _counter_rows(totals, "promises_kept_late_total", [here])
    if info.channel == "phone" and "abandoned" in info.outcomes:
        rows["abandons_recovered_total"] = _counter_rows(totals, "abandons_recovered_total", [here])
    if info.channel == "phone" and "ring" in info.waits:
        rows["rings"] = _histogram_rows(totals, "rings", [here], lambda _: RING_BUCKETS)
    return rows


def weeks_of(info: PointInfo, weeks: Mapping[str, OwnWeeks], snapshot: Snapshot) -> OwnWeeks:
    """Those of one channel, where customers come to a contact point on several; what cannot be told apart is left out."""
    kept = weeks[info.name]
    if not info.other_channels:
        return kept
    pairs = zip(kept.keys, kept.counts, strict=True)
    own = [(key, counts) for key, counts in pairs if week_counts(snapshot, info, key[1], key[2]) == counts]
    return OwnWeeks([key for key, _ in own], [counts for _, counts in own])


def week_rows(info: PointInfo, own: OwnWeeks) -> RowsByName:
    """The series of a contact point by calendar weeks, of its own channel's signals, in the order of signals and weeks."""
    here, signals = (info.channel, info.name), SIGNALS_OF[info.channel]
    weeks = sorted(pair for pair in zip(own.keys, own.counts, strict=True) if pair[0][1] in signals)
    return {
        "report_week_assessed": [((*here, signal, start), float(assessed)) for (_, signal, start), (assessed, _) in weeks],
        "report_week_signals": [((*here, signal, start), float(bad)) for (_, signal, start), (_, bad) in weeks],
    }


def state_rows(state: PointState, kinds: Mapping[str, str]) -> RowsByName:
    """What a contact point is and how it stands. A blind one (`running` None) has no live series: unknown is not zero."""
    info, here = state.info, owner_of(state)
    signals = list(info.objectives)
    rows: RowsByName = {
        "open": [(here, float(state.open))],
        "objective_ratio": [((*here, signal), info.objectives[signal]) for signal in signals],
        "limit_seconds": [((*here, signal), info.limit_seconds[signal]) for signal in signals if signal in info.limit_seconds],
        "opening_day_seconds": [(here, info.opening_day_seconds)],
        "utc_offset_seconds": [((*here, state.zone.abbreviation), state.zone.utc_offset_seconds)],
        "source_info": [((*here, name, kind), 1.0) for name, kind in kinds.items()],
        "info": [((*here, info.team, info.timezone, info.title), 1.0)],
    }
    if state.running is not None:
        rows |= _live_rows(here, info.waits, state)
    if state.agents is not None:
        rows["agents"] = [((*here, doing), float(count)) for doing, count in state.agents.items()]
    return rows


def _live_rows(here: Labels, waits: Sequence[str], state: PointState) -> RowsByName:
    waiting, overdue, soon, oldest, business, due, broken = (Rows() for _ in range(7))
    for wait in waits:
        labels, running = (*here, wait), (state.running or {}).get(wait)
        waiting.append((labels, float(running.waiting if running else 0)))
        overdue.append((labels, float(running.overdue if running else 0)))
        if running and running.due_soon is not None:
            soon.append((labels, float(running.due_soon)))
        business.append((labels, running.oldest_business_seconds if running else 0.0))
        if running and running.oldest_since is not None:
            oldest.append((labels, running.oldest_since.timestamp()))
        if running and running.next_due is not None:
            due.append((labels, running.next_due.timestamp()))
        if wait == "promise" and running and running.broken_business_seconds is not None:
            broken.append((here, running.broken_business_seconds))
    return {
        "waiting": waiting,
        "overdue": overdue,
        "due_soon": soon,
        "oldest_wait_start_timestamp_seconds": oldest,
        "oldest_wait_business_seconds": business,
        "next_due_timestamp_seconds": due,
        "newest_broken_promise_business_seconds": broken,
    }


def source_rows(state: SourceState, own: OwnTotals) -> RowsByName:
    """Every series of one source. What is not known yet is left out."""
    here, totals = (state.name, state.kind), own.by_metric()
    known: dict[str, float | None] = {
        "source_up": None if state.up is None else float(state.up),
        "source_last_success_timestamp_seconds": _timestamp(state.last_success),
        "source_watermark_timestamp_seconds": _timestamp(state.watermark),
        "source_last_outbound_timestamp_seconds": _timestamp(state.last_outbound),
        "source_poll_interval_seconds": state.poll_interval_seconds,
        "source_poll_duration_seconds": state.poll_duration_seconds,
        "source_clock_offset_seconds": state.clock_offset_seconds,
    }
    rows: RowsByName = {name: [] if value is None else [(here, value)] for name, value in known.items()}
    reasons = {"source_poll_failures_total": FAILURE_REASONS, "source_records_rejected_total": REJECT_REASONS}
    for spec in SOURCE_METRICS:
        if spec.type == "counter":
            possible = [(*here, reason) for reason in reasons[spec.name]] if spec.name in reasons else [here]
            rows[spec.name] = _counter_rows(totals, spec.name, possible)
    return rows


def daemon_rows(snapshot: Snapshot, own: OwnTotals) -> RowsByName:
    """The series about the daemon itself."""
    totals = own.by_metric()
    size = snapshot.store_size_bytes
    return {
        "detection_delay_seconds": _histogram_rows(totals, "detection_delay_seconds", [()], lambda _: DETECTION_DELAY_BOUNDS),
        "build_info": [((__version__, platform.python_version()), 1.0)],
        "config_last_reload_successful": [((), float(snapshot.config_ok))],
        "config_last_reload_success_timestamp_seconds": [((), snapshot.config_loaded_at.timestamp())],
        "store_up": [((), float(snapshot.store_trouble is None))],
        "store_size_bytes": [] if size is None else [((), float(size))],
        "notifications_total": _counter_rows(
            totals, "notifications_total", [(name, outcome) for name in snapshot.receivers for outcome in NOTIFICATION_OUTCOMES]
        ),
        **_report_rows(snapshot.report_mails),
        "store_write_failures_total": _counter_rows(totals, "store_write_failures_total", [()]),
    }


def _report_rows(mails: ReportMails | None) -> RowsByName:
    """The weekly report by mail."""
    due, last = (None, None) if mails is None else (mails.due, mails.last_sent)
    standing = {} if mails is None or due is None else dict.fromkeys(REPORT_MAIL_STATES, 0) | dict(mails.standing)
    return {
        "report_due_timestamp_seconds": [] if due is None else [((), due.timestamp())],
        "report_mails": [((state,), float(count)) for state, count in standing.items()],
        "report_last_sent_timestamp_seconds": [] if last is None else [((), last.timestamp())],
    }


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """All families of the catalogue in its order, as a custom collector yields them."""
    by_owner, weeks = totals_by_owner(snapshot), weeks_by_point(snapshot)
    points = snapshot.points.values()
    parts: list[RowsByName] = [
        *(counted_rows(state.info, by_owner.points[owner_of(state)], snapshot.wait_bounds) for state in points),
        *(week_rows(state.info, weeks_of(state.info, weeks, snapshot)) for state in points),
        *(state_rows(state, kinds_of(state, snapshot.sources)) for state in points),
        *(source_rows(state, by_owner.sources[name]) for name, state in snapshot.sources.items()),
        daemon_rows(snapshot, by_owner.daemon),
    ]
    for spec in METRICS:
        yield family(spec, *(part[spec.name] for part in parts if spec.name in part))


def family(spec: MetricSpec, *parts: Iterable[tuple[Labels, float | Distribution]]) -> Metric:
    """One prometheus-client family holding these rows."""
    metric: CounterMetricFamily | GaugeMetricFamily | InfoMetricFamily | HistogramMetricFamily
    if spec.type == "histogram":
        metric = HistogramMetricFamily(spec.full_name, spec.help, labels=spec.labels, unit=spec.unit)
    elif spec.type == "info":
        metric = InfoMetricFamily(spec.full_name.removesuffix("_info"), spec.help, labels=spec.labels)
    elif spec.type == "counter":
        metric = CounterMetricFamily(spec.full_name, spec.help, labels=spec.labels, unit=spec.unit)
    else:
        metric = GaugeMetricFamily(spec.full_name, spec.help, labels=spec.labels, unit=spec.unit)
    for labels, value in chain.from_iterable(parts):
        if isinstance(metric, InfoMetricFamily):
            metric.add_metric(labels, {})
        elif isinstance(metric, HistogramMetricFamily) and isinstance(value, Distribution):
            metric.add_metric(labels, value.buckets, value.sum)
        elif isinstance(metric, CounterMetricFamily | GaugeMetricFamily) and not isinstance(value, Distribution):
            metric.add_metric(labels, value)
    return metric


def _timestamp(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _counter_rows(totals: TotalsByMetric, name: str, possible: Sequence[Labels]) -> Rows:
    """What configuration makes possible, with 0, overlaid with what was counted (a signal since switched off stays)."""
    return list({**dict.fromkeys(possible, 0.0), **totals.get(name, {})}.items())


def _histogram_rows(
    totals: TotalsByMetric,
    name: str,
    possible: Sequence[Labels],
    bounds: Callable[[Labels], tuple[float, ...]],
) -> Rows:
    """The same for a histogram, whose kept counts carry `le` as their last label."""
    kept: dict[Labels, dict[str, float]] = {labels: {} for labels in possible}
    for (*labels, le), count in totals.get(f"{name}_bucket", {}).items():
        kept.setdefault(tuple(labels), {})[le] = count
    sums = totals.get(f"{name}_sum", {})
    return [(labels, distribution(counts, sums.get(labels, 0.0), bounds(labels))) for labels, counts in kept.items()]
