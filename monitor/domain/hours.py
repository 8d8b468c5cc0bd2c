"""Business time: opening seconds between two moments, and the moment after so many of them.

Opening hours are written as local wall-clock time. They are turned into UTC intervals once per year, in whole microseconds;
all arithmetic happens on those. Local datetimes are never subtracted: over a clock change the result would be wrong.

An edge of a span that the clock change touches is placed so:
- it falls into the hour that is skipped: it moves to the instant of the change (a span wholly inside vanishes);
- it happens twice: an opening takes the first occurrence, a closing the second.
A span is open at its opening and closed at its closing. A holiday closes every span that begins on that local date; a date
with hours of its own has these instead of its weekday's, holiday or not.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain
from typing import Final, NamedTuple

from monitor.domain.event import from_micros, to_micros

#: Outside these years (of UTC) every calendar is closed: a hostile date must not make us build ten thousand tables.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2100
#: A calendar that stays closed this long is taken as one that never opens.
SEARCH_YEARS: Final = 5

_MICROS: Final = 1_000_000
_MINUTE: Final = 60 * _MICROS
_DAY_MINUTES: Final = 24 * 60
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class Span(NamedTuple):
    """One opening time, in minutes after the local midnight of the day it begins on; `closes` may lie in the next day."""

    opens: int
    closes: int


#: Weekday (0 = Monday) -> its spans; a weekday that is not named is closed.
Week = Mapping[int, Sequence[Span]]
#: Local date -> its spans instead of its weekday's, whatever else is said of the day; a date with none is closed.
Dates = Mapping[date, Sequence[Span]]
#: Local year -> the local dates on which nothing opens.
ClosedDates = Callable[[int], frozenset[date]]

ROUND_THE_CLOCK: Final[Week] = {weekday: (Span(0, _DAY_MINUTES),) for weekday in range(7)}


class _Year(NamedTuple):
    """The opening table of one UTC year: disjoint intervals cut at the year's ends, and opening days by their first opening."""

    opens: list[int]
    closes: list[int]
    before: list[int]  # open microseconds of this year before each interval
    total: int
    day_opens: list[int]
    day_closes: list[int]

    def elapsed(self, micros: int) -> int:
        """Open microseconds from the start of the year to this instant."""
        i = bisect_right(self.opens, micros) - 1
        if i < 0:
            return 0
        closes = self.closes[i]
        return self.before[i] + (micros if micros < closes else closes) - self.opens[i]


_CLOSED_YEAR: Final = _Year([], [], [], 0, [], [])


_NO_DATES: Final[Dates] = {}


def _never_closed(_year: int) -> frozenset[date]:
    return frozenset()


class Calendar:
    """The opening hours of a contact point. Never changes; the tables of its years are made when first needed."""

    __slots__ = ("_closed", "_dates", "_week", "_years", "name", "timezone")

    def __init__(
        self, name: str, timezone: tzinfo, week: Week, closed: ClosedDates = _never_closed, dates: Dates = _NO_DATES
    ) -> None:
        """`closed` gives the dates without opening of a local year; `dates` goes before it and before the week.

        Raises ValueError for hours that cannot be.
        """
        for weekday in week:
            if weekday not in range(7):
                raise ValueError(f"calendar {name!r}: {weekday} is no weekday; Monday is 0 and Sunday is 6")
        for opens, closes in chain.from_iterable((*week.values(), *dates.values())):
            if not (0 <= opens < _DAY_MINUTES and opens < closes <= opens + _DAY_MINUTES):
                raise ValueError(f"calendar {name!r}: {opens} to {closes} minutes is no span of one day; see Span")
        if not any(week.values()):
            raise ValueError(f"calendar {name!r} never opens: give at least one day opening hours, as mon-fri: 09:00-17:30")
        self.name = name
        self.timezone = timezone
        self._week = {weekday: tuple(spans) for weekday, spans in week.items()}
        self._closed = closed
        self._dates = {day: tuple(spans) for day, spans in dates.items()}
        self._years: dict[int, _Year] = {}

    def closed_dates(self, year: int) -> frozenset[date]:
        """The local dates of a year on which nothing opens, holidays included: what to keep beside stored figures."""
        emptied = {day for day, spans in self._dates.items() if day.year == year and not spans}
        return (self._closed(year) - self._dates.keys()) | emptied

    def longest_day_seconds(self) -> float:
        """Opening seconds of the weekday that is open longest; holidays, single dates and clock changes do not count."""
        return max(60.0 * sum(span.closes - span.opens for span in spans) for spans in self._week.values())

    def seconds_between(self, start: datetime, end: datetime) -> float:
        """Opening seconds from start to end; 0.0 when end is not after start. Raises ValueError for naive moments."""
        start, end = _in_utc(start), _in_utc(end)
        if end <= start:
            return 0.0
        first = self._year(start.year)
        if start.year == end.year:
            return (first.elapsed(to_micros(end)) - first.elapsed(to_micros(start))) / _MICROS
        between = sum(self._year(year).total for year in range(max(start.year + 1, FIRST_YEAR), min(end.year, LAST_YEAR + 1)))
        last = self._year(end.year)
        return (first.total - first.elapsed(to_micros(start)) + between + last.elapsed(to_micros(end))) / _MICROS

    def moment_after(self, start: datetime, seconds: float) -> datetime:
        """The first moment at which so many opening seconds have passed since start; for 0 seconds, `next_opening`.

        A limit used up exactly at a closing falls at that closing, not at the next opening.
        Raises ValueError when the calendar stays closed for SEARCH_YEARS, for naive moments and for negative seconds.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"{seconds} is no number of opening seconds: it must be 0 or more")
        needed = round(seconds * _MICROS)
        if needed == 0:
            return self.next_opening(start)
        start = _in_utc(start)
        since = to_micros(start)
        for table in self._search(start.year):
            target = table.elapsed(since) + needed
            if target <= table.total:
                i = bisect_left(table.before, target) - 1
                return from_micros(table.opens[i] + target - table.before[i])
            needed = target - table.total
        raise self._stays_closed(start)

    def next_opening(self, moment: datetime) -> datetime:
        """The moment itself while open, else the next opening. Raises ValueError as `moment_after`."""
        moment = _in_utc(moment)
        micros = to_micros(moment)
        for table in self._search(moment.year):
            i = bisect_right(table.closes, micros)
            if i < len(table.closes):
                return moment if table.opens[i] <= micros else from_micros(table.opens[i])
        raise self._stays_closed(moment)

    def next_closing(self, moment: datetime) -> datetime:
        """The closing instant of the span that is open, else the moment itself. Raises ValueError where it stays open for years,
        and for naive moments."""
        moment = _in_utc(moment)
        micros = to_micros(moment)
        for year in range(moment.year, moment.year + SEARCH_YEARS + 1):
            table = self._year(year)
            i = bisect_right(table.opens, micros) - 1
            if i < 0 or micros >= table.closes[i]:
                return from_micros(micros)
            micros = table.closes[i]
            if i + 1 < len(table.closes):
                return from_micros(micros)
        raise ValueError(f"calendar {self.name!r} stays open for {SEARCH_YEARS} years after {moment:%Y-%m-%d}")

    def closing_of_day(self, start: datetime, days: int) -> datetime:
        """When the Nth whole opening day ends: the due moment of a limit such as `3bd`.

        The day of arrival counts only if start is not after its first opening. An opening day is the local date its first span
        begins on; it ends with the last span that begins on that date, and never before the opening day ahead of it.
        Raises ValueError for days < 1, else as `moment_after`.
        """
        if days < 1:
            raise ValueError(f"{days} opening days is no limit: use 1 or more")
        start = _in_utc(start)
        since, left = to_micros(start), days
        for table in self._search(start.year):
            first = bisect_left(table.day_opens, since)
            if left <= len(table.day_opens) - first:
                return from_micros(table.day_closes[first + left - 1])
            left -= len(table.day_opens) - first
        raise self._stays_closed(start)

    def open_spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans within [start, end] in which it is open, in their order, in UTC. Raises ValueError for naive moments."""
        start, end = _in_utc(start), _in_utc(end)
        since, until = to_micros(start), to_micros(end)
        begun: int | None = None  # of a span that may go on over the end of a year
        ended = since
        for year in range(start.year, end.year + 1):
            table = self._year(year)
            for i in range(bisect_right(table.closes, since), len(table.opens)):
                opens, closes = max(table.opens[i], since), min(table.closes[i], until)
                if opens >= until:
                    break
                if begun is not None and opens > ended:
                    yield from_micros(begun), from_micros(ended)
                    begun = None
                begun, ended = opens if begun is None else begun, closes
        if begun is not None:
            yield from_micros(begun), from_micros(ended)

    def is_open(self, moment: datetime) -> bool:
        """Open at the opening instant, closed at the closing instant. Raises ValueError for naive moments."""
        moment = _in_utc(moment)
        table, micros = self._year(moment.year), to_micros(moment)
        i = bisect_right(table.opens, micros) - 1
        return i >= 0 and micros < table.closes[i]

    def _search(self, year: int) -> Iterator[_Year]:
        closed_years = 0
        while closed_years <= SEARCH_YEARS:
            table = self._year(year)
            yield table
            closed_years = 0 if table.opens else closed_years + 1
            year += 1

    def _stays_closed(self, start: datetime) -> ValueError:
        remedy = "give it more hours or fewer holidays"
        return ValueError(f"calendar {self.name!r} stays closed for {SEARCH_YEARS} years after {start:%Y-%m-%d}: {remedy}")

    def _year(self, year: int) -> _Year:
        table = self._years.get(year)
        if table is None:
            if not FIRST_YEAR <= year <= LAST_YEAR:
                return _CLOSED_YEAR
            table = self._years[year] = self._tabulate(year)
        return table

    def _tabulate(self, year: int) -> _Year:
        begin, end = to_micros(datetime(year, 1, 1, tzinfo=UTC)), to_micros(datetime(year + 1, 1, 1, tzinfo=UTC))
        closed = self._closed(year - 1) | self._closed(year) | self._closed(year + 1)
        intervals: list[tuple[int, int]] = []
        days: list[tuple[int, int]] = []
        latest = begin
        # Two days before and one after: spans last up to a day and zones lie up to 14 hours off UTC.
        first = date(year, 1, 1).toordinal() - 2
        for ordinal in range(first, date(year + 1, 1, 1).toordinal() + 1):
            day = date.fromordinal(ordinal)
            spans = self._dates.get(day)
            if spans is None:
                spans = () if day in closed else self._week.get(day.weekday(), ())
            edges = [
                (instant(day, span.opens, self.timezone), instant(day, span.closes, self.timezone, last=True)) for span in spans
            ]
            edges = [(opens, closes) for opens, closes in edges if opens < closes]
            intervals += edges
            if edges:
                # A day inside the long night before it ends with that night: a later arrival must not be due earlier.
                latest = max(latest, *(closes for _, closes in edges))
                days.append((min(opens for opens, _ in edges), latest))
        days = sorted(day for day in days if begin <= day[0] < end)
        opens, closes = _disjoint(intervals, begin, end)
        before, total = [], 0
        for a, b in zip(opens, closes, strict=True):
            before.append(total)
            total += b - a
        return _Year(opens, closes, before, total, [a for a, _ in days], [b for _, b in days])


def _disjoint(intervals: list[tuple[int, int]], begin: int, end: int) -> tuple[list[int], list[int]]:
    """The union of intervals, cut to [begin, end), as rising openings and closings."""
    opens: list[int] = []
    closes: list[int] = []
    for a, b in sorted(intervals):
        start, stop = max(a, begin), min(b, end)
        if start >= stop:
            continue
        if closes and start <= closes[-1]:
            closes[-1] = max(closes[-1], stop)
        else:
            opens.append(start)
            closes.append(stop)
    return opens, closes


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone: pass an aware moment")
    return moment.astimezone(UTC)


def instant(day: date, minute: int, zone: tzinfo, *, last: bool = False) -> int:
    """UTC microseconds of a wall-clock minute counted from the day's midnight, by the clock-change rules of this module.

    `last` takes the second occurrence of a repeated time. A skipped time gives the instant of the change.
    """
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    micros = (day.toordinal() - _EPOCH_DAY) * _DAY_MINUTES * _MINUTE + minute * _MINUTE
    first_offset, second_offset = _offset(wall), _offset(wall.replace(fold=1))
    if first_offset < second_offset:
        return _change(zone, micros - second_offset, micros - first_offset)
    return micros - (second_offset if last else first_offset)


def _offset(wall: datetime) -> int:
    offset = wall.utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _change(zone: tzinfo, low: int, high: int) -> int:
    """The instant in (low, high] from which the zone's offset is that of `high`. Changes fall on whole seconds."""
    new = _offset(from_micros(high).astimezone(zone))
    low, high = low // _MICROS, high // _MICROS
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(from_micros(middle * _MICROS).astimezone(zone)) == new:
            high = middle
        else:
            low = middle
    return high * _MICROS


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN: Final = re.compile(r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")
_DAYS_REMEDY: Final = "name days as mon, mon-fri, sat,sun or daily"
_SPAN_REMEDY: Final = "write opening and closing as 09:00-17:30, several of them as a list, and [] for closed"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_week(hours: Mapping[str, object]) -> dict[int, tuple[Span, ...]]:
    """`{"mon-thu": ["09:00-12:30", "13:30-17:30"], "fri": "09:00-16:00"}` -> the spans of each weekday.

    A closing at or before its opening lies in the next day; overlapping spans become one. Raises ValueError with the remedy.
    """
    week: dict[int, tuple[Span, ...]] = {}
    named: dict[int, str] = {}
    for key, value in hours.items():
        spans = _parse_spans(key, value)
        for weekday in _parse_days(key):
            if weekday in named:
                day = _WEEKDAYS[weekday][:3]
                raise ValueError(f"hours name {day} twice, in {named[weekday]!r} and in {key!r}: leave it out of one of them")
            named[weekday], week[weekday] = key, spans
    return week


def parse_dates(dates: Mapping[str, object]) -> dict[date, tuple[Span, ...]]:
    """`{"2026-12-24": "09:00-12:00"}` -> the spans of each date, written as in `parse_week`. Raises ValueError with the remedy.

    A date has its year: a yearly one would open an office on the Saturday on which it falls.
    """
    return {_parse_date(key): _parse_spans(key, value) for key, value in dates.items()}


def _parse_date(key: object) -> date:
    if not _DATE.fullmatch(str(key)):
        raise ValueError(f"{key!r} is not a date: write 2026-12-24, with its year")
    try:
        return date.fromisoformat(str(key))
    except ValueError:
        raise ValueError(f"{key!r} is no day of the calendar: write one such as 2026-12-24") from None


def _parse_spans(key: str, value: object) -> tuple[Span, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        raise ValueError(f"hours of {key!r}: {value!r} is no opening time; {_SPAN_REMEDY}")
    return _merged(_parse_span(key, text) for text in texts)


def _parse_days(key: str) -> list[int]:
    days: list[int] = []
    for part in str(key).lower().split(","):
        if part.strip() == "daily":
            days += range(7)
            continue
        first, dash, last = (name.strip() for name in part.partition("-"))
        begin = _weekday(key, first)
        days += [(begin + i) % 7 for i in range((_weekday(key, last) - begin) % 7 + 1)] if dash else [begin]
    return days


def _weekday(key: str, name: str) -> int:
    for weekday, full in enumerate(_WEEKDAYS):
        if name in (full, full[:3]):
            return weekday
    raise ValueError(f"hours of {key!r}: {name!r} is no day of the week; {_DAYS_REMEDY}")


def _parse_span(key: str, text: object) -> Span:
    match = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"hours of {key!r}: {text!r} is no opening time; {_SPAN_REMEDY}")
    opens, closes = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    if opens >= _DAY_MINUTES or closes > _DAY_MINUTES:
        raise ValueError(f"hours of {key!r}: {text!r} leaves the day; open at 23:59 or before, close at 24:00 or before")
    return Span(opens, closes if closes > opens else closes + _DAY_MINUTES)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        opens, closes = merged[-1] if merged else span
        joined = Span(opens, max(closes, span.closes))
        if merged and span.opens <= closes and joined.closes - opens <= _DAY_MINUTES:
            merged[-1] = joined
        else:
            merged.append(span)
    return tuple(merged)
