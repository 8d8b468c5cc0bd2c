"""Snapshot -> which alerts hold at this moment, by the same thresholds and in the same words as Prometheus' rules. Pure.

An alert about customers begins at a contact point that is open and seen; while the figures are missing by which it could
end, it neither begins nor ends (docs/alerts.md, "No false all-clear"). Alerts over shares of a window are left to Prometheus.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import quote

from monitor.domain.durations import parse_duration
from monitor.domain.snapshot import LocalZone, PointState, Running, Snapshot, SourceState
from monitor.notify.values import AlertId, Finding, Judgement, Standing
from monitor.notify.windows import (
    ANSWERED_WITHIN,
    CAME_WITHIN,
    CRITICAL_WITHIN,
    NOBODY_WITHIN,
    Windows,
    critical_signals,
)
from monitor.publish import alert_facts
from monitor.publish.alert_facts import AlertFacts, length, opening_time
from monitor.publish.words import ALARMS, PROMISED, readable

_DOWN_FOR: Final = parse_duration(alert_facts.DOWN_FOR)
UTC_ZONE: Final = LocalZone(0.0, "UTC")
_NOBODY: Final = Running(0, 0, None, 0.0, None)

#: What goes on while its contact point is not seen; the others end then.
_LASTING: Final = frozenset(
    facts.name
    for facts in (
        alert_facts.HOLD_TOO_LONG,
        alert_facts.QUEUE_UNANSWERED,
        alert_facts.NOBODY_THERE,
        alert_facts.REPLY_VERY_LATE,
        alert_facts.DUE_SOON,
        alert_facts.PROMISE_BROKEN,
        alert_facts.COMPLAINT_DEADLINE_NEAR,
    )
)


class Limits(NamedTuple):
    """What a site may choose (settings `alerts`), as for the rules."""

    hold_factor: float
    queue_factor: float
    critical: frozenset[str]


def judge(snapshot: Snapshot, windows: Windows, limits: Limits, active: Iterable[AlertId]) -> Judgement:
    """What holds at the snapshot's moment; `windows` have seen it. `active`: the alerts that were not over before."""
    findings: dict[AlertId, Finding] = {}
    standings: dict[tuple[str, str], Standing] = {}
    fed: dict[str, list[PointState]] = {name: [] for name in snapshot.sources}
    for state in snapshot.points.values():
        info = state.info
        page = f"/contact-points/{quote(info.name, safe='', errors='replace')}"
        standings[info.channel, info.name] = Standing(info.team, state.open, state.running is not None, page, state.zone)
        for name in info.sources:
            fed.setdefault(name, []).append(state)
        findings.update(_Point(state, snapshot.at, windows, limits).findings())
    for name, source in snapshot.sources.items():
        points = fed[name]
        is_open = not points or any(point.open for point in points)
        standings["", name] = Standing("", is_open, True, "/sources", UTC_ZONE)
        findings.update(_source(source, snapshot, windows, points))
    for of in active:
        standing = standings.get((of.channel, of.subject))
        if of not in findings and of.name in _LASTING and standing is not None and not standing.is_seen:
            findings[of] = Finding(None)
    return Judgement(snapshot.at, findings, standings)


def said_moment(moment: datetime, zone: LocalZone = UTC_ZONE) -> str:
    """ "Sat 28 Nov 02:07 CET", as the rules' templates write it."""
    local = moment.astimezone(UTC) + timedelta(seconds=zone.utc_offset_seconds)
    return f"{local:%a} {local.day} {local:%b %H:%M} {zone.abbreviation}"


class _Point:
    """One contact point at one moment."""

    def __init__(self, state: PointState, now: datetime, windows: Windows, limits: Limits) -> None:
        self._state, self._info, self._now, self._windows, self._limits = state, state.info, now, windows, limits
        self._here = (state.info.channel, state.info.name)

    def findings(self) -> Iterator[tuple[AlertId, Finding]]:
        yield from self._critical_signals()
        if self._state.running is None:
            return
        yield from self._hold_too_long()
        yield from self._nobody_there()
        yield from self._queue_unanswered()
        for wait, signal in alert_facts.LATE_WAITS:
            yield from self._very_late(wait, signal)
        for wait in self._info.waits:
            yield from self._due_soon(wait)
        yield from self._promise_due_soon()
        yield from self._promise_broken()
        yield from self._complaint()

    def _running(self, wait: str) -> Running:
        return (self._state.running or {}).get(wait, _NOBODY)

    def _found(
        self, facts: AlertFacts, holds: bool | None, detail: str = "", said: Mapping[str, str] = {}, *, begins: bool | None = None
    ) -> Iterator[tuple[AlertId, Finding]]:
        summary, description = "", ""
        if holds:
            texts = {"title": self._info.title or self._info.name, "callers": self._callers(), **said}
            summary, description = facts.summary.format(**texts), facts.description.format(**texts)
        may_begin = self._state.open if begins is None else begins
        yield AlertId(facts.name, *self._here, detail), Finding(holds, may_begin, summary, description)

    def _callers(self) -> str:
        return "callers" if self._info.channel == "phone" else "customers"

    def _since(self, running: Running) -> str:
        since = running.oldest_since
        return said_moment(since, self._state.zone) if since is not None else "an unknown moment"

    def _hold_too_long(self) -> Iterator[tuple[AlertId, Finding]]:
        hold, limit = self._running("hold"), self._info.limit_seconds.get("long_hold")
        if limit is not None and hold.oldest_business_seconds > self._limits.hold_factor * limit:
            said = {
                "held": alert_facts.HELD.format(length=length(hold.oldest_business_seconds)),
                "since": self._since(hold),
                "waiting": str(hold.waiting),
                "limit": length(limit),
            }
            yield from self._found(alert_facts.HOLD_TOO_LONG, True, said=said)

    def _about_queue(self) -> dict[str, str]:
        queue, agents = self._running("queue"), self._state.agents
        several = alert_facts.SEVERAL_WAIT.format(count=queue.waiting, callers=self._callers())
        who = ""
        if agents is not None:
            there = agents.get("ready", 0) + agents.get("busy", 0)
            who = alert_facts.WHO_IS_THERE.format(there=there, paused=agents.get("paused", 0), away=agents.get("away", 0))
        return {"waiting": f"{alert_facts.ONE_WAITS if queue.waiting == 1 else several} {self._since(queue)}", "who": who}

    def _nobody_there(self) -> Iterator[tuple[AlertId, Finding]]:
        agents = self._state.agents
        if agents is None:  # no source tells any more: what was said of them stands
            yield from self._found(alert_facts.NOBODY_THERE, None)
        elif self._running("queue").waiting and not agents.get("ready", 0) + agents.get("busy", 0):
            yield from self._found(alert_facts.NOBODY_THERE, self._nobody_for_long(), said=self._about_queue())

    def _nobody_for_long(self) -> bool | None:
        """Of those who wait while nobody is there. None: not for long enough, or not known before a restart."""
        if not self._windows.lasted(NOBODY_WITHIN, "nobody", *self._here):
            return None
        if self._windows.grown("came", *self._here) >= alert_facts.CAME_AT_LEAST:
            return True
        return False if self._windows.watched(CAME_WITHIN, "came", *self._here) else None

    def _queue_unanswered(self) -> Iterator[tuple[AlertId, Finding]]:
        queue, limit = self._running("queue"), self._info.limit_seconds.get("long_wait")
        oldest = queue.oldest_business_seconds
        if limit is None or not queue.waiting or oldest <= self._limits.queue_factor * limit:
            return
        if (queue.waiting < 2 and oldest < alert_facts.ALONE_SECONDS) or self._windows.grown("answered", *self._here):
            return
        holds = True if self._windows.watched(ANSWERED_WITHIN, "answered", *self._here) else None
        begins = self._state.open and self._windows.lasted(ANSWERED_WITHIN, "open", *self._here)
        yield from self._found(alert_facts.QUEUE_UNANSWERED, holds, said=self._about_queue(), begins=begins)

    def _very_late(self, wait: str, signal: str) -> Iterator[tuple[AlertId, Finding]]:
        running, limit, day = self._running(wait), self._info.limit_seconds.get(signal), self._info.opening_day_seconds
        if limit is not None and running.oldest_business_seconds > limit + day:
            said = {
                "opening_time": opening_time(running.oldest_business_seconds, day),
                "since": self._since(running),
                "late": str(running.overdue),
            }
            yield from self._found(alert_facts.REPLY_VERY_LATE, True, wait, said)

    def _due_soon(self, wait: str) -> Iterator[tuple[AlertId, Finding]]:
        running = self._running(wait)
        if running.due_soon:
            due = said_moment(running.next_due, self._state.zone) if running.next_due is not None else "at an unknown moment"
            yield from self._found(alert_facts.DUE_SOON, True, wait, {"soon": str(running.due_soon), "due": due})

    def _promise_due_soon(self) -> Iterator[tuple[AlertId, Finding]]:
        promise = self._running("promise")
        if promise.next_due is None or not self._state.open:
            return
        left = (promise.next_due - self._now).total_seconds()
        if 0 < left < alert_facts.PROMISE_SECONDS:
            said = {
                "promised": self._promised(),
                "length": length(left),
                "due": said_moment(promise.next_due, self._state.zone),
                "waiting": str(promise.waiting),
                "overdue": str(promise.overdue),
            }
            yield from self._found(alert_facts.PROMISE_DUE_SOON, True, said=said)

    def _promise_broken(self) -> Iterator[tuple[AlertId, Finding]]:
        promise, day = self._running("promise"), self._info.opening_day_seconds
        since_broken = promise.broken_business_seconds
        if since_broken is not None and since_broken < alert_facts.BROKEN_OPENING_DAYS * day:
            said = {
                "promised": self._promised(),
                "overdue": str(promise.overdue),
                "opening_time": opening_time(since_broken, day),
                "since": self._since(promise),
            }
            yield from self._found(alert_facts.PROMISE_BROKEN, True, said=said)

    def _promised(self) -> str:
        return PROMISED.get(self._info.channel, "made")

    def _complaint(self) -> Iterator[tuple[AlertId, Finding]]:
        complaint = self._running("complaint")
        if complaint.overdue:
            said = {"overdue": str(complaint.overdue), "since": self._since(complaint)}
            yield from self._found(alert_facts.COMPLAINT_DEADLINE_NEAR, True, said=said)

    def _critical_signals(self) -> Iterator[tuple[AlertId, Finding]]:
        for of in critical_signals(self._state, self._limits.critical):
            count = self._windows.grown(*of)
            if count and self._windows.was_true(CRITICAL_WITHIN, "open", *self._here):
                alarm = ALARMS.get(of.detail, readable(of.detail)).replace("callers", self._callers())
                said = {"alarm": alarm, "count": f"{count:.0f}"}
                yield from self._found(alert_facts.CRITICAL_SIGNAL, True, of.detail, said, begins=True)
            elif not count and not self._windows.watched(CRITICAL_WITHIN, *of):
                yield from self._found(alert_facts.CRITICAL_SIGNAL, None, of.detail)


def _source(
    state: SourceState, snapshot: Snapshot, windows: Windows, points: list[PointState]
) -> Iterator[tuple[AlertId, Finding]]:
    at, reading = snapshot.at, state.reading(snapshot.at)
    named = {"source": state.name, "source_kind": f"{state.name} ({state.kind})"}
    last_good = said_moment(state.last_success) if state.last_success is not None else "not yet"

    def found(facts: AlertFacts, holds: bool | None, begins: bool = True, **said: str) -> tuple[AlertId, Finding]:
        texts = {**named, **said}
        summary, description = (facts.summary.format(**texts), facts.description.format(**texts)) if holds else ("", "")
        return AlertId(facts.name, "", state.name), Finding(holds, begins, summary, description)

    if reading != "up":
        seen = state.watermark
        since = said_moment(seen) if seen is not None else "it was configured"
        yield found(
            alert_facts.SOURCE_BLIND,
            None if reading == "not read yet" else True,
            any(point.open for point in points),
            feeds=f"{len(points)} contact point{'s' * (len(points) != 1)}",
            since=since,
            lag=length((at - seen).total_seconds()) if seen is not None else "an unknown time",
        )
    if not state.up:  # also not tried yet, since a restart: what was said of it stands
        is_down = state.up is False and state.since is not None and at - state.since >= _DOWN_FOR
        yield found(alert_facts.SOURCE_DOWN, is_down or None, last_good=last_good)
        refused = state.up is False and _is_refused(state, snapshot, windows)
        yield found(alert_facts.SOURCE_AUTH_REFUSED, refused or None, last_good=last_good)
    offset = state.clock_offset_seconds
    if offset is not None and abs(offset) > alert_facts.SKEW_SECONDS:
        yield found(alert_facts.SOURCE_CLOCK_SKEW, True, length=length(abs(offset)))


def _is_refused(state: SourceState, snapshot: Snapshot, windows: Windows) -> bool:
    """Whether credentials were refused within a day, or from the first attempt on."""
    ever = snapshot.totals.get(("source_poll_failures_total", (state.name, state.kind, "auth")), 0.0)
    polls = snapshot.totals.get(("source_polls_total", (state.name, state.kind)), 0.0)
    return windows.grown("refused", state.name) > 0 or (ever > 0 and ever >= polls - 1)
