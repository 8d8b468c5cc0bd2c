"""Where an axis of time has its marks: round times on the clocks of a zone, few enough to be read on a phone. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

#: At most so many steps: seven labels fit on a phone.
_MOST_STEPS: Final = 6
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_WITHIN_A_DAY: Final = (
    1, 2, 5, 10, 15, 30,
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
)  # fmt: skip
_DAYS: Final = (1, 2, 7, 14)
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60)


class Tick(NamedTuple):
    """A mark. `more` goes on after `words` where there is room."""

    at: datetime
    words: str
    more: str = ""


def ticks(begin: datetime, end: datetime, zone: ZoneInfo) -> list[Tick]:
    """The marks within [begin, end], in their order. A time that a clock change skips has none, one that it repeats has one."""
    return [tick for tick in _all(begin, end, zone) if begin <= tick.at <= end]


def _all(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Tick]:
    span, first, last = (end - begin).total_seconds(), begin.astimezone(zone).date(), end.astimezone(zone).date()
    step = next((each for each in _WITHIN_A_DAY if span <= _MOST_STEPS * each), None)
    if step is not None:
        return _times(begin, end, step, zone)
    days = next((each for each in _DAYS if span <= _MOST_STEPS * each * _DAY), None)
    if days is not None:
        return _dates(first, last, days, zone)
    months = next((each for each in _MONTHS if span <= _MOST_STEPS * each * 30 * _DAY), _MONTHS[-1])
    return _firsts(first, last, months, zone)


def _times(begin: datetime, end: datetime, step: int, zone: ZoneInfo) -> Iterator[Tick]:
    """Round times on the clock on the wall; midnight has the day's name."""
    local = begin.astimezone(zone).replace(tzinfo=None, fold=0)
    midnight = datetime.combine(local.date(), time())
    wall = midnight + timedelta(seconds=(local - midnight).total_seconds() // step * step)
    last = end.astimezone(zone).replace(tzinfo=None)
    while wall <= last:
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None, fold=0) == wall:  # else it is skipped
            if wall.time() == time():
                yield _named(wall.date(), at)
            else:
                yield Tick(at, wall.strftime("%H:%M:%S" if step < _MINUTE else "%H:%M"))
        wall += timedelta(seconds=step)


def _dates(first: date, last: date, days: int, zone: ZoneInfo) -> Iterator[Tick]:
    """Midnights; where only some days have a mark, Mondays."""
    begin = first - timedelta(days=first.weekday()) if days >= 7 else first
    for day in _each(begin, last, days):
        at = _at(day, zone)
        yield _named(day, at) if days < 7 else Tick(at, f"{day.day} {day:%b}")


def _firsts(first: date, last: date, months: int, zone: ZoneInfo) -> Iterator[Tick]:
    month = (first.year * 12 + first.month - 1) // months * months
    while (day := date(month // 12, month % 12 + 1, 1)) <= last:
        yield Tick(_at(day, zone), f"{day:%b}", f" {day.year}")
        month += months


def _named(day: date, at: datetime) -> Tick:
    return Tick(at, f"{day:%a}", f" {day.day}")


def _each(first: date, last: date, days: int) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=days)


def _at(day: date, zone: ZoneInfo) -> datetime:
    """Midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
