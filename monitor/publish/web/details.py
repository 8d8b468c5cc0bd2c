"""What the page of a contact point says, in words: its waits, its signals, what is behind them. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from monitor.domain.durations import format_opening_days
from monitor.domain.snapshot import PointInfo, PointState, Snapshot
from monitor.publish.web.moments import Moment, common_moment, moment
from monitor.publish.web.overview import point_line, store_notice, week_of
from monitor.publish.web.services import SignalsPage
from monitor.publish.words import CHANNELS, SIGNALS, readable, words

#: The page of a contact point lists this many signals of the last LISTED_FOR.
LISTED: Final = 100
LISTED_FOR: Final = timedelta(days=7)


class WeekLine(NamedTuple):
    """One signal of a contact point against its objective in the running week."""

    words: str
    name: str  # as configuration and alerts name it
    limit: str
    signals: int
    assessed: int
    share: str
    objective: str
    met: bool | None  # None: nothing was assessed


class ListedLine(NamedTuple):
    """One signal as a row. `contact` is empty when the contact is not kept any more."""

    at: Moment
    words: str
    channel: str
    waited: str
    limit: str
    contact: str
    native: str
    related: str = ""  # our id of another contact that it rests on


def states_of(name: str, snapshot: Snapshot) -> dict[str, PointState]:
    """The states of a contact point by their key in the snapshot: one for each channel it has."""
    return {key: state for key, state in sorted(snapshot.points.items()) if state.info.name == name}


def contact_point_page(states: Mapping[str, PointState], signals: SignalsPage, snapshot: Snapshot) -> dict[str, Any]:
    """Everything the page of one contact point says; `signals` are the newest."""
    lines = [(point_line(state, key, snapshot), week_lines(state, snapshot)) for key, state in states.items()]
    info = next(iter(states.values())).info
    zones = {state.info.channel: ZoneInfo(state.info.timezone) for state in states.values()}
    return {
        "at": common_moment(snapshot.at, states.values()),
        "store": store_notice(snapshot),
        "title": info.title or info.name,
        "all_as_json": f"/api/v1/signals?contact_point={quote(info.name, safe='', errors='replace')}&limit=1000",
        "zone": info.timezone if len(set(zones.values())) == 1 else "",
        "lines": lines,
        "signals": [listed_line(row, zones.get(row["channel"], ZoneInfo(info.timezone))) for row in signals.rows],
        "more": signals.cursor is not None,
        "days": LISTED_FOR.days,
        "has_channels": len(states) > 1,
    }


def week_lines(state: PointState, snapshot: Snapshot) -> list[WeekLine]:
    """Every signal that is switched on, whether or not anything was assessed yet."""
    week = week_of(state, snapshot)
    return [
        _week_line(signal, objective, _limit_of(state.info, signal), *week.get(signal, (0, 0)))
        for signal, objective in state.info.objectives.items()
    ]


def _week_line(signal: str, objective: float, limit: str, assessed: int, bad: int) -> WeekLine:
    good = assessed - bad
    return WeekLine(
        words=words(SIGNALS, signal),
        name=readable(signal),
        limit=limit,
        signals=bad,
        assessed=assessed,
        share=f"{_tenths(good * 1000 // assessed)} %" if assessed else "",
        objective=f"{round(objective * 100, 3):g} %",
        # The configured decimal is meant, not the float nearest to it: 19 of 20 keeps an objective of 0.95.
        met=good >= Fraction(repr(objective)) * assessed if assessed else None,
    )


def _tenths(count: int) -> str:
    """Rounded down by the caller, so that a missed objective never reads as met."""
    whole, tenth = divmod(count, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def listed_line(row: Mapping[str, Any], zone: ZoneInfo) -> ListedLine:
    """A row of `signals` in words."""
    return ListedLine(
        at=moment(row["at"], zone),
        words=words(SIGNALS, row["signal"]),
        channel=words(CHANNELS, row["channel"]),
        waited=_or_nothing(row["waited_seconds"]),
        limit=limit_in_words(row["limit_seconds"], row["limit_opening_days"]),
        contact=row["contact"],
        native=row["native_id"],
        related=row["related"] or "",
    )


def exact_duration(seconds: float) -> str:
    """`20.4` -> `20.4 s`, `93784.2` -> `26 h 3 min 4 s`: what is compared is exact, below an hour to the millisecond.

    Never in days: a day of opening hours has not 24 of them.
    """
    millis = max(0, round(seconds * 1000))
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    last = f"{rest // 1000}" if hours else f"{rest / 1000:g}"
    parts = ((str(hours), "h"), (str(minutes), "min"), (last, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count != "0") or "0 s"


def _limit_of(info: PointInfo, signal: str) -> str:
    return limit_in_words(info.limit_seconds.get(signal), info.limit_opening_days.get(signal))


def limit_in_words(seconds: float | None, opening_days: int | None) -> str:
    """A limit in words; empty where it has neither seconds nor opening days."""
    return _or_nothing(seconds) if opening_days is None else format_opening_days(opening_days)


def _or_nothing(seconds: float | None) -> str:
    return "" if seconds is None else exact_duration(seconds)
