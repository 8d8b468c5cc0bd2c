"""The weekly report, put together: exact totals of the weeks that are kept, one week read row by row, gaps, open complaints.

1. The lines of all contact points with their trends, from the weeks' totals. 2. What of it is more than chance, over all lines at
once. 3. The reported week, read (`history`). 4. What is only known now: complaints near their day.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from monitor.domain.channels import SIGNALS_OF
from monitor.domain.event import Channel, from_micros, to_micros
from monitor.domain.hours import Calendar
from monitor.domain.snapshot import PointInfo, WeekKey
from monitor.domain.statistics import nearest_rank
from monitor.domain.weeks import monday_of, week_bounds, week_name, weeks_until
from monitor.engine.directory import Directory
from monitor.engine.evaluation import read_running
from monitor.engine.history import PointHistory, PointKey, read_week
from monitor.engine.judged_anew import read_judged_anew
from monitor.engine.live_state import point_info
from monitor.engine.unseen import is_missed
from monitor.publish.report.findings import changes, heat_cells, lasting, worst_hours
from monitor.publish.report.values import (
    COMPLAINT_DAYS,
    WORST_SHOWN,
    Change,
    Heat,
    JudgedAnew,
    OpenComplaint,
    PointWeek,
    Promises,
    ReportGap,
    SignalWeek,
    StageCause,
    TrendWeek,
    WaitWeek,
    WeekReport,
    WeekSummary,
    Worst,
    reaches,
)
from monitor.publish.report.words import news
from monitor.store.base import Store

#: Weeks of a trend, the reported one among them, where nobody asks for another number.
TREND_WEEKS: Final = 13
#: Weeks that are listed: a year, and the running one.
MAX_SUMMARIES: Final = 53
#: Weeks that are looked at before a trend, to tell a contact point that is new from one that was quiet.
_LOOKED_BACK: Final = 53
_COMPLAINTS_SHOWN: Final = 50
_CAUSES_SHOWN: Final = 3
_WEEK: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)


class _Point(NamedTuple):
    """A contact point of the report, with what holds there."""

    info: PointInfo
    zone: tzinfo
    calendar: Calendar | None
    own_signals: frozenset[str]  # those that no other channel of this contact point has: its weeks' totals are theirs

    @property
    def key(self) -> PointKey:
        return self.info.name, self.info.channel

    def unseen(self, gaps: Iterable[ReportGap], monday: date) -> tuple[ReportGap, ...]:
        """The gaps that hide something of its week, cut to it: while it is closed nobody is expected."""
        mine = _within((gap for gap in gaps if gap.source in self.info.sources), *week_bounds(monday, self.zone))
        return tuple(gap for gap in mine if is_missed(self.calendar, gap.since, gap.until))


class _Line(NamedTuple):
    """A signal at a contact point. `before`: the week before the reported one, whether or not it is shown."""

    point: _Point
    signal: str
    trend: tuple[TrendWeek, ...]
    before: TrendWeek | None

    @property
    def week(self) -> TrendWeek:
        return self.trend[-1]


def week_report(
    store: Store, directory: Directory, monday: date, now: datetime, timezone: tzinfo,
    *, weeks: int = TREND_WEEKS, blind: Mapping[str, datetime] | None = None,
) -> WeekReport:  # fmt: skip
    """The report of the week that begins on this Monday, under the objectives that `directory` holds now. Blocks.

    `timezone`: by whose clocks the report as a whole is dated. `blind`: sources that cannot be seen, and since when.
    """
    points = _points(directory)
    zones = {point.key: point.zone for point in points}
    mondays = weeks_until(monday, weeks + 1)  # the first one is only compared with
    bounds = [week_bounds(monday, zone) for zone in {timezone, *zones.values()}]
    first, last = min(start for start, _ in bounds), max(end for _, end in bounds)
    gaps = _gaps(store, first - weeks * _WEEK, last, now, blind or {})
    complete = now >= last
    kept = store.weeks(weeks_until(monday, weeks + _LOOKED_BACK)[0].isoformat())  # before the rows: see `_is_read_whole`
    history = read_week(store, directory, monday, zones)
    began = _began(kept)
    lines = _lines(points, history, mondays, kept, began, _unseen_weeks(points, gaps, mondays))
    changed = changes([(line.before, line.week) for line in lines])
    by_point: dict[PointKey, list[SignalWeek]] = {point.key: [] for point in points}
    for line, change in zip(lines, changed, strict=True):
        by_point[line.point.key].append(_signal_week(line, change if complete else None, complete))
    starts, ends = week_bounds(monday, timezone)
    return WeekReport(
        week=week_name(monday),
        monday=monday,
        timezone=str(timezone),
        starts=starts,
        ends=ends,
        complete=complete,
        made_at=now,
        contact_points=tuple(
            _point_week(point, monday, history[point.key], by_point[point.key], gaps, began.get(point.info.name))
            for point in points
        ),
        gaps=_within(gaps, first, last),
        complaints=_complaints(store, points, now) if now < last + _WEEK else (),
        weeks=tuple(map(week_name, mondays[1:])),
        judged_anew=_judged_anew(store, first, last),
    )


def _judged_anew(store: Store, first: datetime, last: datetime) -> JudgedAnew | None:
    spans = read_judged_anew(store).of(first, last)
    if not spans:
        return None
    reached = to_micros(first)
    for span in spans:  # the earliest first, none over another
        if span.since <= reached:
            reached = max(reached, span.until)
    return JudgedAnew(max(span.done_at for span in spans), reached >= to_micros(last))


def week_summaries(
    store: Store, directory: Directory, now: datetime, timezone: tzinfo, *, blind: Mapping[str, datetime] | None = None
) -> tuple[WeekSummary, ...]:
    """The weeks from the first one in which anything was judged to the running one, MAX_SUMMARIES at most, the newest first.
    Blocks."""
    points = _points(directory)
    mondays = weeks_until(monday_of(now, timezone), MAX_SUMMARIES)
    kept = store.weeks((mondays[0] - _WEEK).isoformat())  # the first one is only compared with
    first = min((start for _, _, start in kept), default=None)
    gaps = _gaps(store, week_bounds(mondays[0], timezone)[0] - _WEEK, now, now, blind or {})
    known = [monday for monday in mondays if first is not None and monday.isoformat() >= first]
    began, unseen = _began(kept), _unseen_weeks(points, gaps, weeks_until(mondays[-1], MAX_SUMMARIES + 1))
    found = []
    for monday in reversed(known):
        lines = _lines(points, {}, (monday - _WEEK, monday), kept, began, unseen)
        is_gap = any(unseen[point.key, monday] for point in points)
        found.append(_summary(_by_totals(points, lines, monday, gaps, now, timezone), is_gap=is_gap))
    return tuple(found)


def _by_totals(
    points: Sequence[_Point], lines: Sequence[_Line], monday: date, gaps: Sequence[ReportGap], now: datetime, timezone: tzinfo
) -> WeekReport:
    """A week by what its totals say alone: no contact is read. A signal that channels of a contact point share is left out."""
    bounds = {zone: week_bounds(monday, zone) for zone in {timezone, *(point.zone for point in points)}}
    first, last = min(start for start, _ in bounds.values()), max(end for _, end in bounds.values())
    complete = now >= last
    changed = changes([(line.before, line.week) for line in lines]) if complete else [None] * len(lines)
    by_point: dict[PointKey, list[SignalWeek]] = {point.key: [] for point in points}
    for line, change in zip(lines, changed, strict=True):
        by_point[line.point.key].append(_signal_week(line, change, complete))
    return WeekReport(
        week=week_name(monday),
        monday=monday,
        timezone=str(timezone),
        starts=bounds[timezone][0],
        ends=bounds[timezone][1],
        complete=complete,
        made_at=now,
        contact_points=tuple(
            PointWeek(
                *point.key, point.info.title, point.info.team, point.info.timezone, *bounds[point.zone],
                contacts=0, with_signal=0, signals=tuple(by_point[point.key]), kept=False,
            )
            for point in points
        ),
        gaps=_within(gaps, first, last),
    )  # fmt: skip


def _summary(report: WeekReport, *, is_gap: bool) -> WeekSummary:
    lines = [line for point in report.contact_points for line in point.signals]
    verdicts = [line.met for line in lines if line.met is not None]
    return WeekSummary(
        week=report.week,
        monday=report.monday,
        starts=report.starts,
        ends=report.ends,
        complete=report.complete,
        gap=is_gap,
        judged=sum(line.judged for line in lines),
        breached=sum(line.breached for line in lines),
        met=sum(verdicts),
        judged_lines=len(verdicts),
        news=news(report) if report.complete else "",
    )


def _met(judged: int, breached: int, objective: float, gap: bool) -> bool | None:
    """Whether a whole week was at least as good as its objective; None where nothing was judged, and where a gap hides what may
    have been worse."""
    met = reaches(judged, breached, objective) if judged else None
    return None if met and gap else met


def _points(directory: Directory) -> list[_Point]:
    known = list(directory.points())
    points = []
    for config, channel, fed_by in known:
        policy = directory.look_up(config.name, channel)
        others = {each for other, each, _ in known if other.name == config.name and each != channel}
        shared = {signal for other in others for signal in SIGNALS_OF[other]}
        info = point_info(config, channel, fed_by, policy)
        points.append(_Point(info, policy.timezone, policy.calendar, frozenset(SIGNALS_OF[channel]) - shared))
    return points


def _gaps(store: Store, since: datetime, last: datetime, now: datetime, blind: Mapping[str, datetime]) -> list[ReportGap]:
    """All gaps from a moment on, oldest first."""
    found = [ReportGap(row.source, from_micros(row.since), from_micros(row.until)) for row in store.gaps(to_micros(since))]
    found += [ReportGap(name, seen, min(now, last), open=True) for name, seen in blind.items() if seen < min(now, last)]
    return sorted(found, key=lambda gap: (gap.since, gap.source))


def _within(gaps: Iterable[ReportGap], start: datetime, end: datetime) -> tuple[ReportGap, ...]:
    """Those that reach into a span, cut to it."""
    return tuple(
        gap._replace(since=max(gap.since, start), until=min(gap.until, end))
        for gap in gaps
        if gap.since < end and gap.until > start
    )


def _began(kept: Mapping[WeekKey, tuple[int, int]]) -> Mapping[str, str]:
    """Contact point -> the first Monday of which anything is kept."""
    began: dict[str, str] = {}
    for name, _, start in kept:
        began[name] = min(start, began.get(name, start))
    return began


def _unseen_weeks(
    points: Sequence[_Point], gaps: Sequence[ReportGap], mondays: Iterable[date]
) -> Mapping[tuple[PointKey, date], bool]:
    """Whether a gap hides something of these weeks of a contact point."""
    return {(point.key, monday): bool(point.unseen(gaps, monday)) for monday in mondays for point in points}


def _lines(
    points: Sequence[_Point], history: Mapping[PointKey, PointHistory], mondays: Sequence[date],
    kept: Mapping[WeekKey, tuple[int, int]], began: Mapping[str, str], unseen: Mapping[tuple[PointKey, date], bool],
) -> list[_Line]:  # fmt: skip
    """One for each signal that is switched on at a contact point; a signal that several of its channels share has one only where
    `history` has it."""
    lines, weeks = [], [(week_name(monday), monday.isoformat()) for monday in mondays]
    for point in points:
        gaps = [unseen[point.key, monday] for monday in mondays]
        for signal in point.info.objectives:
            before: TrendWeek | None = None
            if signal in point.own_signals:
                before, *trend = _trend(point.info.name, signal, weeks, kept, began, gaps)
                before = trend[-2] if len(trend) > 1 else before
            elif point.key in history:
                hours = history[point.key].hours.get(signal)
                judged, breached = (0, 0) if hours is None else (sum(hours.judged), sum(hours.breached))
                trend = [TrendWeek(weeks[-1][0], judged, breached, gaps[-1])]
            else:
                continue
            lines.append(_Line(point, signal, tuple(trend), before))
    return lines


def _trend(
    name: str, signal: str, weeks: Sequence[tuple[str, str]], kept: Mapping[WeekKey, tuple[int, int]],
    began: Mapping[str, str], unseen: Sequence[bool],
) -> tuple[TrendWeek, ...]:  # fmt: skip
    """`weeks`: their names, and the dates on which they start."""
    first, trend = began.get(name), []
    for (week, start), gap in zip(weeks, unseen, strict=True):
        is_blank = first is None or start < first
        judged, breached = (None, None) if is_blank else kept.get((name, signal, start), (0, 0))
        trend.append(TrendWeek(week, judged, breached, gap and not is_blank))
    return tuple(trend)


def _signal_week(line: _Line, change: Change | None, complete: bool) -> SignalWeek:
    info, week = line.point.info, line.week
    judged, breached = week.judged or 0, week.breached or 0
    objective = info.objectives[line.signal]
    return SignalWeek(
        signal=line.signal,
        judged=judged,
        breached=breached,
        objective=objective,
        met=_met(judged, breached, objective, line.week.gap) if complete else None,
        limit_seconds=info.limit_seconds.get(line.signal),
        limit_opening_days=info.limit_opening_days.get(line.signal),
        trend=line.trend,
        change=change,
        lasting=lasting(line.trend, objective) if complete else None,
    )


def _point_week(
    point: _Point, monday: date, history: PointHistory, signals: Sequence[SignalWeek], gaps: Sequence[ReportGap],
    began: str | None,
) -> PointWeek:  # fmt: skip
    """`began`: the Monday of the first week of which anything is kept."""
    info = point.info
    starts, ends = week_bounds(monday, point.zone)
    own = point.unseen(gaps, monday)
    causes = [
        cause
        for line in signals
        if line.signal in history.hours
        if (cause := worst_hours(line.signal, history.hours[line.signal]))
    ]
    bad = [line for line in signals if line.breached]
    total = sum(line.breached for line in bad)
    promised = next((line for line in signals if line.signal == "slipped_promise" and line.judged), None)
    return PointWeek(
        contact_point=info.name,
        channel=info.channel,
        title=info.title,
        team=info.team,
        timezone=info.timezone,
        starts=starts,
        ends=ends,
        kept=_is_read_whole(point, history, signals),
        contacts=history.contacts,
        with_signal=history.with_signal,
        signals=tuple(signals),
        waits=_waits(info, history),
        heat=_heat(signals, history, own, point.zone),
        hours=tuple(sorted(causes, key=lambda cause: -cause.breached)[:_CAUSES_SHOWN]),
        stages=tuple(StageCause(line.signal, line.breached, total) for line in sorted(bad, key=lambda line: -line.breached)),
        worst=_worst(signals, history),
        promises=None if promised is None else _promises(promised, history),
        gaps=own,
        first=from_micros(history.first) if history.first is not None and began == monday.isoformat() else None,
    )


def _is_read_whole(point: _Point, history: PointHistory, signals: Iterable[SignalWeek]) -> bool:
    """Whether all contacts are kept that count for the week: totals stay when contacts are pruned. The totals were read first,
    so that what was counted meanwhile is in the contacts alone."""
    return all(
        line.signal in history.hours and sum(history.hours[line.signal].judged) >= line.judged
        for line in signals
        if line.judged and line.signal in point.own_signals
    )


def _waits(info: PointInfo, history: PointHistory) -> tuple[WaitWeek, ...]:
    found = []
    for wait in info.waits:
        if wait in history.waits:
            ordered = sorted(history.waits[wait])
            p50, p90, p95 = (nearest_rank(ordered, percent) for percent in (50, 90, 95))
            found.append(WaitWeek(wait, len(ordered), p50, p90, p95, ordered[-1], wait in info.opening_hours_waits))
    return tuple(found)


def _heat(signals: Sequence[SignalWeek], history: PointHistory, gaps: Sequence[ReportGap], zone: tzinfo) -> Heat | None:
    """Of the first signal that was judged; None where none was."""
    first = next((line.signal for line in signals if line.signal in history.hours), None)
    if first is None:
        return None
    return Heat(first, heat_cells(history.hours[first]), _unseen_hours(gaps, zone))


def _unseen_hours(gaps: Iterable[ReportGap], zone: tzinfo) -> tuple[tuple[int, int], ...]:
    """The hours on the clock of which a gap, already cut to the week, takes a part."""
    hours = set()
    for gap in gaps:
        moment = gap.since
        while moment < gap.until:
            local = moment.astimezone(zone)
            hours.add((local.weekday(), local.hour))
            into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            moment += _HOUR - into
    return tuple(sorted(hours))


def _worst(signals: Sequence[SignalWeek], history: PointHistory) -> tuple[Worst, ...]:
    """The worst of each signal, in the order of the lines; then the second of each, until there are enough."""
    kept = {line.signal: line for line in signals if line.signal in history.worst}
    ranked = [
        each._replace(limit_opening_days=line.limit_opening_days if each.limit_seconds is None else None)
        for rank in range(WORST_SHOWN)
        for signal, line in kept.items()
        for each in history.worst[signal][rank : rank + 1]
    ]
    return tuple(ranked[:WORST_SHOWN])


def _promises(line: SignalWeek, history: PointHistory) -> Promises:
    late = min(line.breached, history.promises_late)
    return Promises(line.judged - line.breached, late, line.breached - late)


def _complaints(store: Store, points: Sequence[_Point], now: datetime) -> tuple[OpenComplaint, ...]:
    """Those that run now and are near their day, the nearest first."""
    near, found = now + timedelta(days=COMPLAINT_DAYS), []
    for source in sorted({source for point in points for source in point.info.sources}):
        for row in store.running(source):
            for wait in read_running(row.running):
                if wait.wait == "complaint" and wait.due_at is not None and wait.due_at <= near:
                    channel: Channel = row.channel  # type: ignore[assignment]  # written by `evaluate`
                    found.append(OpenComplaint(row.id, row.contact_point, channel, wait.due_at, wait.overdue))
    return tuple(sorted(found, key=lambda each: (each.warn_at, each.contact))[:_COMPLAINTS_SHOWN])
