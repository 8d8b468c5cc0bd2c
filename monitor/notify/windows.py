"""What has grown, and what has stayed true, over the last minutes: the memory that a snapshot of one moment lacks. Pure.

It is kept in memory only. After a start a window counts as watched once it has passed: nothing is said of what nobody saw.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from monitor.domain.durations import parse_duration
from monitor.domain.snapshot import PointState, Snapshot, TotalKey
from monitor.notify.values import AlertId
from monitor.publish import alert_facts

#: What is remembered: a kind, and what it is of.
Key = tuple[str, ...]

ANSWERED_WITHIN: Final = parse_duration(alert_facts.UNANSWERED_WITHIN)
NOBODY_WITHIN: Final = parse_duration(alert_facts.NOBODY_WITHIN)
CAME_WITHIN: Final = parse_duration(alert_facts.CAME_WITHIN)
CRITICAL_WITHIN: Final = parse_duration(alert_facts.CRITICAL_WITHIN)
REFUSED_WITHIN: Final = parse_duration(alert_facts.REFUSED_WITHIN)
#: Who looks this much later has not watched what was between.
_MAX_GAP: Final = timedelta(minutes=2)
#: A window is kept in so many steps at most, however often something grows.
_STEPS: Final = 20


class Growth(NamedTuple):
    """How a counter grew: `grown` holds what was added, by moments within its window."""

    since: datetime
    total: float
    grown: tuple[tuple[datetime, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Windows:
    """`true_since`: since when a condition has been true without a break; `last_true`: when it last was."""

    at: datetime | None = None
    growths: Mapping[Key, Growth] = field(default_factory=dict)
    true_since: Mapping[Key, datetime] = field(default_factory=dict)
    last_true: Mapping[Key, datetime] = field(default_factory=dict)

    def grown(self, *key: str) -> float:
        """How much was added within the counter's window."""
        found = self.growths.get(key)
        return sum(by for _, by in found.grown) if found is not None else 0.0

    def watched(self, within: timedelta, *key: str) -> bool:
        """Whether a counter was watched for the whole of its window."""
        found = self.growths.get(key)
        return self.at is not None and found is not None and self.at - found.since >= within

    def lasted(self, within: timedelta, *key: str) -> bool:
        """Whether a condition has been true for so long."""
        since = self.true_since.get(key)
        return self.at is not None and since is not None and self.at - since >= within

    def critical_totals(self) -> dict[AlertId, float]:
        """The totals of signals of which not one is allowed: what a restart must not take for new."""
        return {of: growth.total for of, growth in self.growths.items() if isinstance(of, AlertId)}

    def was_true(self, within: timedelta, *key: str) -> bool:
        """Whether a condition was true at any moment within this time."""
        last = self.last_true.get(key)
        return self.at is not None and last is not None and self.at - last < within


def observe(windows: Windows, snapshot: Snapshot, critical: frozenset[str], counted: Mapping[AlertId, float]) -> Windows:
    """The memory after this snapshot. `critical`: contact points of which every single negative contact alerts.

    `counted`: totals of signals of which not one is allowed, as they were when they were last looked at, before a restart too.
    """
    now = snapshot.at
    if windows.at is not None and not timedelta(0) <= now - windows.at <= _MAX_GAP:
        windows = Windows()
    is_first = windows.at is None
    growths: dict[Key, Growth] = {}
    for key, within, total in _counters(snapshot, critical):
        before = windows.growths.get(key)
        if before is None:
            # what is new since the start began at 0; what was there before is news only where it was not counted then
            known = counted.get(key) if isinstance(key, AlertId) else None
            before = Growth(now, known if known is not None else total if is_first else 0.0)
        growths[key] = _grow(before, now, within, total)
    true = set(_conditions(snapshot))
    lately = {key: last for key, last in windows.last_true.items() if now - last < CAME_WITHIN}
    return Windows(
        at=now,
        growths=growths,
        true_since={key: windows.true_since.get(key, now) for key in true},
        last_true={**lately, **dict.fromkeys(true, now)},
    )


def _grow(before: Growth, now: datetime, within: timedelta, total: float) -> Growth:
    kept = tuple(each for each in before.grown if now - each[0] < within)
    by = total - before.total
    if by <= 0:
        return Growth(before.since, total, kept)
    if kept and now - kept[-1][0] < within / _STEPS:
        *kept_before, (began, so_far) = kept
        return Growth(before.since, total, (*kept_before, (began, so_far + by)))
    return Growth(before.since, total, (*kept, (now, by)))


def new_signals(totals: Mapping[TotalKey, float], channel: str, point: str, signal: str) -> float:
    """The negative contacts of a signal without those that were history when they were counted."""
    labels = (channel, point, signal)
    return totals.get(("signals_total", labels), 0.0) - totals.get(("history_signals_total", labels), 0.0)


def critical_signals(state: PointState, critical: frozenset[str]) -> Iterator[AlertId]:
    """The signals of a contact point of which not one is allowed. Complaints have an alert of their own."""
    info = state.info
    for signal, objective in info.objectives.items():
        is_critical = objective == 1 or (info.name in critical and signal not in alert_facts.TRENDS)
        if is_critical and signal != alert_facts.COMPLAINT_DEADLINE_NEAR.signal:
            yield AlertId(alert_facts.CRITICAL_SIGNAL.name, info.channel, info.name, signal)


def _counters(snapshot: Snapshot, critical: frozenset[str]) -> Iterator[tuple[Key, timedelta, float]]:
    totals = snapshot.totals
    for state in snapshot.points.values():
        channel, name = state.info.channel, state.info.name
        if "queue" in state.info.waits:
            answered = sum(totals.get(("outcomes_total", (channel, name, "answered", each)), 0.0) for each in ("true", "false"))
            yield ("answered", channel, name), ANSWERED_WITHIN, answered
            yield ("came", channel, name), CAME_WITHIN, totals.get(("contacts_total", (channel, name, "inbound")), 0.0)
        for of in critical_signals(state, critical):
            yield of, CRITICAL_WITHIN, new_signals(totals, channel, name, of.detail)
    for source in snapshot.sources.values():
        refused = totals.get(("source_poll_failures_total", (source.name, source.kind, "auth")), 0.0)
        yield ("refused", source.name), REFUSED_WITHIN, refused


def _conditions(snapshot: Snapshot) -> Iterator[Key]:
    for state in snapshot.points.values():
        here = (state.info.channel, state.info.name)
        if state.open:
            yield ("open", *here)
        if state.agents is not None and not state.agents.get("ready", 0) + state.agents.get("busy", 0):
            yield ("nobody", *here)
