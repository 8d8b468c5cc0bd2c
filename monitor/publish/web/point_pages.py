"""What the page of one contact point says: who waits now, today, this week and the 13 before, who is behind them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from monitor.domain.moments import iso
from monitor.domain.policy import DEFAULTS
from monitor.domain.snapshot import PointInfo, PointState, Snapshot, WhoWaits
from monitor.domain.weeks import monday_of
from monitor.publish.charts.heat import draw_heat, heat_table
from monitor.publish.charts.shapes import Picture, Table
from monitor.publish.charts.trend import draw_trend, trend_table
from monitor.publish.report.values import FORMULAS, PointWeek, WeekReport, reaches
from monitor.publish.web.board.lines import SIGNS
from monitor.publish.web.board.standing import standing_of
from monitor.publish.web.details import limit_in_words, listed_line, short_duration
from monitor.publish.web.moments import common_moment
from monitor.publish.web.overview import PointLine, point_line, rounded_duration, store_notice, week_of
from monitor.publish.web.services import SignalsPage
from monitor.publish.web.signal_pages import WaitingLine, waiting_line
from monitor.publish.words import BOARD_STANDINGS, SIGNALS, WAITS, readable, words

#: The page lists this many signals of the last LISTED_FOR.
LISTED: Final = 100
LISTED_FOR: Final = timedelta(days=7)
#: Of each kind of wait so many are shown.
SHOWN_WAITING: Final = 12
_TREND: Final = (156, 36)
_WEEK: Final = timedelta(days=7)
_DAY: Final = 86400

#: Monday -> the report of that week; None: it cannot be had now.
Reports = Mapping[date, WeekReport | None]


class WeekLine(NamedTuple):
    """One signal of a contact point against its objective: today, in the running week, in the whole weeks before."""

    words: str
    name: str  # as configuration and alerts name it
    limit: str
    signals: int
    assessed: int
    share: str
    objective: str
    met: bool | None  # None: nothing was assessed
    formula: str = ""  # the letter of the service level's formula
    today: str = ""  # kept; empty: nothing was assessed
    today_of: int = 0
    budget: str = ""  # how many more may go wrong
    path: str = ""  # the contacts behind the number
    trend: Picture | None = None
    table: Table | None = None


class WaitFigures(NamedTuple):
    """How long waits of a kind lasted that ended in the running week: half, and nine in ten, were no longer."""

    words: str
    ended: int
    median: str
    p90: str
    in_opening_hours: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One channel of the contact point."""

    line: PointLine
    sign: str
    standing: str  # in words
    who: Sequence[tuple[str, int, Sequence[WaitingLine]]]  # in words, how many there are, the first of them
    week: Sequence[WeekLine]
    waits: Sequence[WaitFigures]
    heat: Picture | None
    heat_of: str
    heat_table: Table | None
    is_known: bool  # the figures of the stored history could be had


def mondays_of(states: Mapping[str, PointState], snapshot: Snapshot) -> set[date]:
    """The weeks whose reports the page wants: the running one, and the last whole one for the 13 before now."""
    running = {monday_of(snapshot.at, ZoneInfo(state.info.timezone)) for state in states.values()}
    return running | {monday - _WEEK for monday in running}


def contact_point_page(
    states: Mapping[str, PointState],
    signals: SignalsPage,
    snapshot: Snapshot,
    waiting: Mapping[str, Mapping[str, WhoWaits]] | None = None,
    reports: Reports | None = None,
) -> dict[str, Any]:
    """Everything the page of one contact point says; `signals` are the newest. `waiting`: by key of the state, by wait."""
    sections = [_section(state, key, snapshot, (waiting or {}).get(key, {}), reports or {}) for key, state in states.items()]
    info = next(iter(states.values())).info
    zones = {state.info.channel: ZoneInfo(state.info.timezone) for state in states.values()}
    return {
        "at": common_moment(snapshot.at, states.values()),
        "store": store_notice(snapshot),
        "title": info.title or info.name,
        "all_path": f"/signals?{urlencode({'contact_point': info.name}, errors='replace')}",
        "all_as_json": f"/api/v1/signals?contact_point={quote(info.name, safe='', errors='replace')}&limit=1000",
        "zone": info.timezone if len(set(zones.values())) == 1 else "",
        "sections": sections,
        "signals": [listed_line(row, zones.get(row["channel"], ZoneInfo(info.timezone))) for row in signals.rows],
        "more": signals.cursor is not None,
        "days": LISTED_FOR.days,
        "has_channels": len(states) > 1,
    }


def _section(state: PointState, key: str, snapshot: Snapshot, waiting: Mapping[str, WhoWaits], reports: Reports) -> Section:
    info = state.info
    monday = monday_of(snapshot.at, ZoneInfo(info.timezone))
    running, last = reports.get(monday), reports.get(monday - _WEEK)
    now = None if running is None else running.of(info.name, info.channel)
    heat = None if now is None else now.heat
    of = "" if heat is None else words(SIGNALS, heat.signal)
    standing = standing_of(key, state, waiting, snapshot.at).standing
    where = f"{of}, by weekday and hour of arrival in the week from {monday:%-d %B}"
    return Section(
        line=point_line(state, snapshot),
        sign=SIGNS[standing],
        standing=BOARD_STANDINGS[standing].one,
        who=[
            (words(WAITS, wait, found.total), found.total, [waiting_line(each, state, snapshot) for each in found.first])
            for wait, found in waiting.items()
        ],
        week=week_lines(state, snapshot, None if last is None else last.of(info.name, info.channel), now),
        waits=[] if now is None else _wait_figures(now),
        heat=None if heat is None else draw_heat(heat, f"How many {where}. The same stands in the table below."),
        heat_of=of,
        heat_table=None if heat is None else heat_table(heat, f"How many {where}"),
        is_known=running is not None and last is not None,
    )


def week_lines(
    state: PointState, snapshot: Snapshot, last: PointWeek | None = None, running: PointWeek | None = None
) -> list[WeekLine]:
    """Every signal that is switched on, whether or not anything was assessed yet. `last`: the last whole week, for the trend;
    `running`: this one, for what the totals of the weeks do not tell from other channels of the contact point."""
    week = week_of(state, snapshot)
    read = {} if running is None else {line.signal: (line.judged, line.breached) for line in running.signals}
    trends = {} if last is None else {line.signal: line.trend for line in last.signals}
    lines = []
    for signal, objective in state.info.objectives.items():
        line = _week_line(state.info, signal, objective, *(week.get(signal, (0, 0)) or read.get(signal, (0, 0))))
        today, bad_today = snapshot.today.get((state.info.name, state.info.channel, signal), (0, 0))
        trend = trends.get(signal)
        lines.append(
            line._replace(
                today=_share(today, bad_today),
                today_of=today,
                path=_behind(state.info, signal, snapshot.at),
                trend=draw_trend(trend, objective, *_TREND) if trend else None,
                table=trend_table(trend, objective, f"Week by week: {line.words}") if trend else None,
            )
        )
    return lines


def _week_line(info: PointInfo, signal: str, objective: float, assessed: int, bad: int) -> WeekLine:
    left = int((1 - Fraction(repr(objective))) * assessed) - bad
    return WeekLine(
        words=words(SIGNALS, signal),
        name=readable(signal),
        limit=_limit(info, signal),
        signals=bad,
        assessed=assessed,
        share=_share(assessed, bad),
        objective=f"{round(objective * 100, 3):g} %",
        met=reaches(assessed, bad, objective) if assessed else None,
        formula=FORMULAS.get(signal, ""),
        budget="" if not assessed else f"{left} left" if left >= 0 else f"{-left} too many",
    )


def _limit(info: PointInfo, signal: str) -> str:
    """In words: days where it runs by the clock; empty where it has none but a moment, as a promise."""
    seconds = info.limit_seconds.get(signal) or None
    by_the_clock = DEFAULTS[signal].wait not in info.opening_hours_waits
    if seconds is not None and by_the_clock and seconds % _DAY == 0:
        return rounded_duration(seconds)
    return limit_in_words(seconds, info.limit_opening_days.get(signal))


def _share(assessed: int, bad: int) -> str:
    """Rounded down to a tenth, so that a missed objective never reads as met; empty where nothing was assessed."""
    if not assessed:
        return ""
    whole, tenth = divmod((assessed - bad) * 1000 // assessed, 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"


def _behind(info: PointInfo, signal: str, at: datetime) -> str:
    """The contacts behind the number of the running week. It counts by when they came: what fell earlier is in no such week."""
    zone = ZoneInfo(info.timezone)
    begun = datetime.combine(monday_of(at, zone), time(), zone)
    return f"/signals?{urlencode({'contact_point': info.name, 'signal': signal, 'since': iso(begun)}, errors='replace')}"


def _wait_figures(week: PointWeek) -> list[WaitFigures]:
    return [
        WaitFigures(
            words(WAITS, each.wait),
            each.count,
            _length(each.p50_seconds, in_opening_hours=each.opening_hours),
            _length(each.p90_seconds, in_opening_hours=each.opening_hours),
            each.opening_hours,
        )
        for each in week.waits
    ]


def _length(seconds: float, *, in_opening_hours: bool) -> str:
    """By the clock in its two largest parts; opening hours never in days."""
    if not in_opening_hours:
        return rounded_duration(seconds)
    return short_duration(int(seconds))
