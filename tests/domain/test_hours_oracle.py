"""Business time against an independent oracle that steps every UTC minute and reads the wall clock; and its laws."""

from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.hours import Calendar, Span, parse_week
from monitor.domain.public_holidays import closed_days

MINUTE = 60_000_000
WINDOW_DAYS = 16

#: name -> the week as configured, and for the oracle: (weekdays, opening, closing) in minutes; a closing past 1440 is next day's.
WEEKS = {
    "office": ({"mon-fri": "09:00-17:30"}, [(range(5), 540, 1050)]),
    "always": ({"daily": "00:00-24:00"}, [(range(7), 0, 1440)]),
    "nights": ({"daily": "22:00-06:00"}, [(range(7), 1320, 1800)]),
    "split": (
        {"mon-thu": ["09:00-12:30", "13:30-17:30"], "fri": "09:00-16:00", "sun": "00:00-06:00"},
        [(range(4), 540, 750), (range(4), 810, 1050), ([4], 540, 960), ([6], 0, 360)],
    ),
}
#: Windows of 16 days from these UTC dates: both clock changes of 2026, and the turn of the year.
WINDOWS = {
    "Europe/London": ["2026-03-21", "2026-10-17", "2026-12-24"],
    "America/New_York": ["2026-03-01", "2026-10-24", "2026-12-24"],
    "Australia/Lord_Howe": ["2026-03-28", "2026-09-26", "2026-12-24"],
    "Asia/Kolkata": ["2026-06-01", "2026-12-24"],
}


def wall_clock_states(
    zone: str,
    first: str,
    spans: list[tuple[list[int], int, int]],
    dates: Mapping[date, list[Span]] | None = None,
    holidays: Set[date] = frozenset(),
) -> bytes:
    """One byte for each UTC minute of the window: is this a minute of opening time, by the clock on the wall?"""
    tz, moment = ZoneInfo(zone), datetime.fromisoformat(first).replace(tzinfo=UTC)

    def begun_on(day: date) -> list[tuple[int, int]]:
        if dates is not None and day in dates:
            return [(span.opens, span.closes) for span in dates[day]]
        return [] if day in holidays else [(opens, closes) for days, opens, closes in spans if day.weekday() in days]

    @cache
    def minutes_of(day: date) -> list[bool]:
        today, before = begun_on(day), begun_on(day - timedelta(days=1))
        late = [(opens - 1440, closes - 1440) for opens, closes in before]
        return [any(opens <= minute < closes for opens, closes in (*today, *late)) for minute in range(1440)]

    states = bytearray()
    for _ in range(WINDOW_DAYS * 1440):
        local = moment.astimezone(tz)
        states.append(minutes_of(local.date())[local.hour * 60 + local.minute])
        moment += timedelta(minutes=1)
    return bytes(states)


def stepped_between(states: bytes, start: int, end: int) -> int:
    """Open microseconds between two offsets into the window, minute by minute."""
    total = 0
    for minute in range(start // MINUTE, -(-end // MINUTE)):
        if states[minute]:
            total += min(end, (minute + 1) * MINUTE) - max(start, minute * MINUTE)
    return total


def stepped_after(states: bytes, start: int, needed: int) -> int | None:
    """The offset at which so many open microseconds have passed; None when the window is too short."""
    for minute in range(start // MINUTE, len(states)):
        if states[minute]:
            begin = max(start, minute * MINUTE)
            here = (minute + 1) * MINUTE - begin
            if needed <= here:
                return begin + needed
            needed -= here
    return None


@cache
def known_week(zone: str, first: str, name: str) -> tuple[Calendar, bytes]:
    hours, spans = WEEKS[name]
    states = wall_clock_states(zone, first, [(list(days), opens, closes) for days, opens, closes in spans])
    return Calendar(name, ZoneInfo(zone), parse_week(hours)), states


OFFSETS = st.one_of(
    st.integers(0, WINDOW_DAYS * 1440 * MINUTE),
    st.integers(0, WINDOW_DAYS * 48).map(lambda halves: halves * 30 * MINUTE),
    st.builds(lambda halves, off: max(0, halves * 30 * MINUTE + off), st.integers(0, WINDOW_DAYS * 48 - 1), st.integers(-1, 1)),
)


def check(calendar: Calendar, states: bytes, first: str, one: int, other: int) -> None:
    origin = datetime.fromisoformat(first).replace(tzinfo=UTC)
    start, end = sorted((one, other))
    since, until = origin + timedelta(microseconds=start), origin + timedelta(microseconds=end)
    assert calendar.seconds_between(since, until) == stepped_between(states, start, end) / 1e6
    if start < len(states) * MINUTE:
        assert calendar.is_open(since) == bool(states[start // MINUTE])
    needed = (end - start) // 3 + 1
    due = stepped_after(states, start, needed)
    if due is not None:
        assert calendar.moment_after(since, needed / 1e6) == origin + timedelta(microseconds=due)


@pytest.mark.parametrize("name", WEEKS)
@pytest.mark.parametrize("zone", WINDOWS)
@settings(max_examples=40, deadline=None)
@given(data=st.data(), one=OFFSETS, other=OFFSETS)
def test_agrees_with_the_clock_on_the_wall(zone: str, name: str, data: st.DataObject, one: int, other: int) -> None:
    first = data.draw(st.sampled_from(WINDOWS[zone]))
    calendar, states = known_week(zone, first, name)
    check(calendar, states, first, one, other)


def any_span(edges: st.SearchStrategy[int]) -> st.SearchStrategy[Span]:
    return st.builds(lambda opens, closes: Span(opens, closes if closes > opens else closes + 1440), edges, edges)


#: Half-hours from 03:00 to 23:30: no clock change of these zones touches them, so that the wall clock alone decides.
UNTOUCHED = st.integers(6, 47).map(lambda halves: halves * 30)
ANY_EDGE = st.integers(0, 1439)


def any_week(edges: st.SearchStrategy[int]) -> st.SearchStrategy[dict[int, list[Span]]]:
    return st.dictionaries(st.integers(0, 6), st.lists(any_span(edges), min_size=1, max_size=3), min_size=1)


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(sorted(WINDOWS)), data=st.data(), week=any_week(UNTOUCHED), one=OFFSETS, other=OFFSETS)
def test_any_week_agrees_with_the_clock_on_the_wall(
    zone: str, data: st.DataObject, week: dict[int, list[Span]], one: int, other: int
) -> None:
    first = data.draw(st.sampled_from(WINDOWS[zone]))
    spans = [([day], opens, closes) for day, row in week.items() for opens, closes in row]
    check(Calendar("any", ZoneInfo(zone), week), wall_clock_states(zone, first, spans), first, one, other)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(sorted(WINDOWS)), data=st.data(), week=any_week(UNTOUCHED), one=OFFSETS, other=OFFSETS,
    hours=st.dictionaries(st.integers(-1, WINDOW_DAYS), st.lists(any_span(UNTOUCHED), max_size=2), min_size=1, max_size=4),
    closed=st.sets(st.integers(-1, WINDOW_DAYS), max_size=4),
)  # fmt: skip
def test_any_dates_with_other_hours_agree_with_the_clock_on_the_wall(
    zone: str,
    data: st.DataObject,
    week: dict[int, list[Span]],
    one: int,
    other: int,
    hours: dict[int, list[Span]],
    closed: set[int],
) -> None:
    """Some dates of the window have hours of their own or none, some are holidays, some are both."""
    first = data.draw(st.sampled_from(WINDOWS[zone]))
    dates = {date.fromisoformat(first) + timedelta(days=day): spans for day, spans in hours.items()}
    holidays = frozenset(date.fromisoformat(first) + timedelta(days=day) for day in closed)
    spans = [([day], opens, closes) for day, row in week.items() for opens, closes in row]
    calendar = Calendar("any", ZoneInfo(zone), week, closed_days(also=holidays), dates)
    check(calendar, wall_clock_states(zone, first, spans, dates, holidays), first, one, other)


LAW_ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Beirut", "Atlantic/Azores"]
MOMENTS = st.builds(
    lambda micros: datetime(2023, 12, 20, tzinfo=UTC) + timedelta(microseconds=micros), st.integers(0, 380 * 86400 * 1_000_000)
)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(LAW_ZONES),
    week=any_week(ANY_EDGE),
    moments=st.tuples(MOMENTS, MOMENTS, MOMENTS),
    micros=st.integers(1, 40 * 86400 * 1_000_000),
    days=st.integers(1, 10),
    own=st.dictionaries(st.integers(0, 380), st.lists(any_span(ANY_EDGE), max_size=2), max_size=6),
)
def test_the_laws_hold_for_every_week(
    zone: str,
    week: dict[int, list[Span]],
    moments: tuple[datetime, datetime, datetime],
    micros: int,
    days: int,
    own: dict[int, list[Span]],
) -> None:
    dates = {date(2023, 12, 20) + timedelta(days=day): spans for day, spans in own.items()}
    calendar = Calendar("any", ZoneInfo(zone), week, dates=dates)
    a, b, c = sorted(moments)
    seconds = micros / 1e6

    due = calendar.moment_after(a, seconds)
    assert calendar.seconds_between(a, due) == seconds
    assert calendar.seconds_between(a, due - timedelta(microseconds=1)) < seconds  # the first such moment

    ab, bc, ac = calendar.seconds_between(a, b), calendar.seconds_between(b, c), calendar.seconds_between(a, c)
    assert round((ab + bc) * 1e6) == round(ac * 1e6)
    assert 0 <= ab <= min(ac, (b - a).total_seconds())
    assert calendar.seconds_between(b, a) == 0 or a == b

    assert calendar.moment_after(b, seconds) >= due
    assert calendar.moment_after(a, seconds + 1) > due
    assert calendar.moment_after(a, 0) == calendar.next_opening(a) >= a
    assert calendar.is_open(calendar.next_opening(a))

    closing = calendar.closing_of_day(a, days)
    assert a < closing <= calendar.closing_of_day(b, days)
    assert closing <= calendar.closing_of_day(a, days + 1)
