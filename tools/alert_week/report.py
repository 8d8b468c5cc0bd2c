"""Results of simulated weeks -> figures and the tables of docs/alerts.md."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from tools.alert_week.alertmanager import Message
from tools.alert_week.firing import Firing
from tools.alert_week.places import HOUR
from tools.alert_week.run import Result
from tools.alert_week.truth import Hour

#: Signals of somebody who waits on the line; an alert about another one does not tell of a bad hour.
_ON_THE_LINE: Final = ("", "long_wait", "slow_answer", "abandoned", "long_hold")
#: A message so much later is no help in that hour any more.
IN_TIME_MINUTES: Final = 25
#: Who is told at night was woken.
_NIGHT: Final = (20, 7)


class Told(NamedTuple):
    """A bad hour, and how many minutes after its beginning somebody was paged and warned; None: not within it."""

    hour: Hour
    paged: int | None
    warned: int | None

    @property
    def first(self) -> int | None:
        """The earlier of the two."""
        return min((each for each in (self.paged, self.warned) if each is not None), default=None)


class Figures(NamedTuple):
    """One week in figures. Messages are counted with those that say that something has ended."""

    bad_hours: int
    in_time: int
    within_the_hour: int
    pages: int
    pages_too_many: int
    warnings: int
    busiest_day: int
    messages_a_day: float
    starts_a_day: float
    at_night: int


def told(result: Result) -> list[Told]:
    """Each bad hour and what was told of it."""
    return [Told(hour, _after(result, hour, "critical"), _after(result, hour, "warning")) for hour in result.hours if hour.bad]


def _after(result: Result, hour: Hour, severity: str) -> int | None:
    """Minutes into the hour at which a message had told of an alert of this severity that fires in this hour."""
    ends = hour.start + HOUR
    moments = [
        max(message.at, hour.start)
        for message in result.messages
        for firing in message.firing
        if _concerns(firing, hour, severity) and message.at < ends and firing.until > hour.start
    ]
    return None if not moments else round((min(moments) - hour.start) / 60)


def _concerns(firing: Firing, hour: Hour, severity: str) -> bool:
    labels = firing.labels
    about = labels.get("contact_point") == hour.point and labels.get("signal", "") in _ON_THE_LINE
    return about and labels["severity"] == severity and labels["family"] == "customer"


def pages(result: Result) -> list[tuple[int, int, str]]:
    """From when until when each contact point had a page: those that overlap or follow within ten minutes are one."""
    found: list[tuple[int, int, str]] = []
    critical = [each for each in result.firings if each.labels["severity"] == "critical"]
    for firing in sorted(critical, key=lambda each: (_subject(each), each.since)):
        name = _subject(firing)
        if found and found[-1][2] == name and firing.since - found[-1][1] <= 600:
            found[-1] = (found[-1][0], max(found[-1][1], firing.until), name)
        else:
            found.append((firing.since, firing.until, name))
    return found


def _subject(firing: Firing) -> str:
    return firing.labels.get("contact_point") or firing.labels.get("source", "the monitor")


def figures(result: Result) -> Figures:
    """What one week comes to."""
    hours = told(result)
    bad = {(each.hour.point, each.hour.start) for each in hours}
    paged = pages(result)
    excess = [since for since, _, name in paged if (name, since - since % HOUR) not in bad]
    zone = next(iter(result.places.values())).zone
    days = _by_day(result.messages, zone)
    working = [count for day, count in days.items() if day.weekday() < 5]
    spanned = sum(each.weekday() < 5 for each in {datetime.fromtimestamp(h.start, zone).date() for h in result.hours}) or 1
    starts = [message for message in result.messages if message.firing]
    return Figures(
        len(hours),
        sum(each.first is not None and each.first <= IN_TIME_MINUTES for each in hours),
        sum(each.first is not None for each in hours),
        len(paged),
        len(excess),
        sum(each.labels["severity"] == "warning" for each in result.firings),
        max(days.values(), default=0),
        sum(working) / spanned,
        len(starts) / spanned,
        sum(_at_night(message.at, zone) for message in result.messages),
    )


def _by_day(messages: Iterable[Message], zone: ZoneInfo) -> dict[date, int]:
    days: dict[date, int] = {}
    for message in messages:
        day = datetime.fromtimestamp(message.at, UTC).astimezone(zone).date()
        days[day] = days.get(day, 0) + 1
    return days


def _at_night(moment: int, zone: ZoneInfo) -> bool:
    local = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    return local.hour >= _NIGHT[0] or local.hour < _NIGHT[1] or local.weekday() >= 5


def hour_table(result: Result) -> str:
    """Every bad hour in a table of Markdown."""
    rows = ["| line | hour | callers | waited too long | paged | warned |", "| --- | --- | --- | --- | --- | --- |"]
    for each in told(result):
        place = result.places[each.hour.point]
        hour = datetime.fromtimestamp(each.hour.start, UTC).astimezone(place.zone)
        cells = (place.title, f"{hour:%a %H:%M}", each.hour.callers, each.hour.late, _minutes(each.paged), _minutes(each.warned))
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def _minutes(after: int | None) -> str:
    return "–" if after is None else f"after {after} min" if after else "already"


def figure_table(rows: Sequence[tuple[str, Figures]]) -> str:
    """One line for each week."""
    head = (
        "week", "bad hours", f"told within {IN_TIME_MINUTES} min", "told within the hour", "pages", "pages too many", "warnings",
        "messages a working day", "of these not only “ended”", "most on one day", "at night",
    )  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for name, each in rows:
        cells = (
            name, each.bad_hours, each.in_time, each.within_the_hour, each.pages, each.pages_too_many, each.warnings,
            f"{each.messages_a_day:.1f}", f"{each.starts_a_day:.1f}", each.busiest_day, each.at_night,
        )  # fmt: skip
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)
