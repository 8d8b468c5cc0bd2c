"""Single dates with hours of their own, against tables worked out by hand; every moment is UTC unless a zone stands beside it.

December 2026 in London is on UTC: Thursday 24 December 09:00-12:00, Friday 25 and Monday 28 holidays, Thursday 31 short.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.hours import Calendar, Span, parse_dates, parse_week
from monitor.domain.public_holidays import closed_days

HOUR = 3600


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(
    dates: Mapping[str, object], week: Mapping[str, object] | None = None, zone: str = "Europe/London", also: str = ""
) -> Calendar:
    closed = closed_days("GB", "ENG", also=[date.fromisoformat(also)] if also else [])
    return Calendar("test", ZoneInfo(zone), parse_week(week or {"mon-fri": "09:00-17:30"}), closed, parse_dates(dates))


CHRISTMAS = calendar({"2026-12-24": "09:00-12:00", "2026-12-31": ["09:00-11:00", "12:00-14:00"]})


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-12-24T00:00", "2026-12-25T00:00", 3),
        ("2026-12-24T11:30", "2026-12-24T17:00", 0.5),
        ("2026-12-24T12:00", "2026-12-29T09:00", 0),
        ("2026-12-23T16:30", "2026-12-29T10:00", 1 + 3 + 1),
        ("2026-12-31T00:00", "2027-01-01T00:00", 4),
        ("2026-12-31T10:00", "2026-12-31T13:00", 2),
        ("2025-12-24T00:00", "2025-12-25T00:00", 8.5),  # the year before is another day
    ],
)
def test_a_half_day_has_the_hours_that_are_written(start: str, end: str, hours: float) -> None:
    assert CHRISTMAS.seconds_between(utc(start), utc(end)) == hours * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-12-24T11:00", 1, "2026-12-24T12:00"),  # at the early closing
        ("2026-12-24T11:00", 4, "2026-12-29T12:00"),
        ("2026-12-31T10:30", 1, "2026-12-31T12:30"),
    ],
)
def test_a_limit_runs_on_over_a_half_day(start: str, hours: float, due: str) -> None:
    assert CHRISTMAS.moment_after(utc(start), hours * HOUR) == utc(due)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-24T08:59:59.999999", False), ("2026-12-24T09:00", True), ("2026-12-24T11:59:59.999999", True),
        ("2026-12-24T12:00", False), ("2026-12-24T12:00:00.000001", False), ("2026-12-31T11:30", False),
        ("2026-12-31T13:00", True),
    ],
)  # fmt: skip
def test_open_and_closed_on_a_half_day(moment: str, is_open: bool) -> None:
    assert CHRISTMAS.is_open(utc(moment)) is is_open


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-12-23T09:00", 2, "2026-12-24T12:00"),  # a day on which we open is an opening day, however short
        ("2026-12-24T09:00", 1, "2026-12-24T12:00"),
        ("2026-12-24T09:00:00.000001", 1, "2026-12-29T17:30"),
        ("2026-12-23T10:00", 3, "2026-12-30T17:30"),  # 24, 29, 30
        ("2026-12-30T10:00", 1, "2026-12-31T14:00"),
    ],
)
def test_a_half_day_is_a_whole_opening_day(start: str, days: int, due: str) -> None:
    assert CHRISTMAS.closing_of_day(utc(start), days) == utc(due)


@pytest.mark.parametrize(
    ("dates", "also", "hours"),
    [
        ({}, "", 0),  # Christmas Day
        ({"2026-12-25": "10:00-12:00"}, "", 2),  # goes before the public holiday
        ({"2026-12-25": "10:00-12:00"}, "2026-12-25", 2),  # and before a closed day of one's own
        ({"2026-12-25": []}, "", 0),
    ],
)
def test_what_a_date_says_is_all_that_holds_on_it(dates: dict[str, object], also: str, hours: float) -> None:
    assert calendar(dates, also=also).seconds_between(utc("2026-12-25T00:00"), utc("2026-12-26T00:00")) == hours * HOUR


def test_a_date_may_open_on_a_weekday_that_is_closed_and_close_one_that_is_open() -> None:
    made = calendar({"2026-12-19": "10:00-14:00", "2026-12-21": []})  # a Saturday, and the Monday after
    assert made.seconds_between(utc("2026-12-19T00:00"), utc("2026-12-22T00:00")) == 4 * HOUR
    assert made.closing_of_day(utc("2026-12-18T10:00"), 2) == utc("2026-12-22T17:30")  # Saturday, Tuesday
    assert {date(2026, 12, 21), date(2026, 12, 25)} <= made.closed_dates(2026)
    assert date(2026, 12, 21) not in made.closed_dates(2027)
    assert date(2026, 12, 25) not in calendar({"2026-12-25": "10:00-12:00"}).closed_dates(2026)


def test_hours_past_midnight_belong_to_the_date_they_begin_on() -> None:
    """A night of 22:00-06:00; on the 24th it is 18:00-02:00, and the night that began on the 23rd goes on to its end."""
    nights = calendar({"2026-12-24": "18:00-02:00", "2026-12-31": []}, {"daily": "22:00-06:00"})
    assert nights.seconds_between(utc("2026-12-23T22:00"), utc("2026-12-24T12:00")) == 8 * HOUR
    assert nights.seconds_between(utc("2026-12-24T12:00"), utc("2026-12-25T12:00")) == 8 * HOUR
    assert nights.is_open(utc("2026-12-25T01:59:59.999999"))
    assert not nights.is_open(utc("2026-12-25T02:00"))
    assert nights.seconds_between(utc("2026-12-30T12:00"), utc("2027-01-01T12:00")) == 8 * HOUR  # New Year's Eve has no night
    assert nights.seconds_between(utc("2026-12-31T12:00"), utc("2027-01-01T12:00")) == 0


@pytest.mark.parametrize(
    ("day", "start", "end", "hours"),
    [
        # 29 March 2026, 01:00 becomes 02:00: 00:00-06:00 lasts five hours; 25 October, 02:00 becomes 01:00: seven
        ("2026-03-29", "2026-03-29T00:00", "2026-03-29T12:00", 5),
        ("2026-10-25", "2026-10-24T23:00", "2026-10-25T12:00", 7),
    ],
)
def test_on_a_day_on_which_the_clock_changes(day: str, start: str, end: str, hours: float) -> None:
    assert calendar({day: "00:00-06:00"}).seconds_between(utc(start), utc(end)) == hours * HOUR


def test_a_date_is_one_of_the_calendars_own_zone() -> None:
    """24 December in Auckland (UTC+13) begins at 11:00 UTC of the 23rd: 09:00-12:00 there is 20:00-23:00 UTC."""
    there = calendar({"2026-12-24": "09:00-12:00"}, zone="Pacific/Auckland")
    opening = utc("2026-12-23T20:00")
    assert there.next_opening(utc("2026-12-23T12:00")) == opening
    assert there.moment_after(opening, 3 * HOUR) == opening + timedelta(hours=3)


def test_dates_at_the_turn_of_the_year_are_in_both_years_tables() -> None:
    """New Year's night in Auckland lies in the old year of UTC: 1 January 2027 00:00-14:00 is from 11:00 to 01:00."""
    there = calendar({"2027-01-01": "00:00-14:00"}, zone="Pacific/Auckland")
    assert there.seconds_between(utc("2026-12-31T11:00"), utc("2027-01-01T12:00")) == 14 * HOUR


@pytest.mark.parametrize(
    ("given", "spans"),
    [
        ("09:00-12:00", (Span(540, 720),)),
        (["09:00-10:00", "11:00-12:00"], (Span(540, 600), Span(660, 720))),
        ("22:00-06:00", (Span(1320, 1800),)),
        ("00:00-24:00", (Span(0, 1440),)),
        ([], ()),
    ],
)
def test_hours_of_a_date_are_written_as_those_of_a_weekday(given: object, spans: tuple[Span, ...]) -> None:
    assert parse_dates({"2026-12-24": given}) == {date(2026, 12, 24): spans}
    assert parse_dates({"1999-12-24": given}) == {date(1999, 12, 24): spans}  # what is over stays in the file


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("2026-02-30", "09:00-12:00", "'2026-02-30' is no day of the calendar"),
        ("2026-13-01", "09:00-12:00", "'2026-13-01' is no day of the calendar"),
        ("2026-02-29", "09:00-12:00", "'2026-02-29' is no day of the calendar"),
        ("12-24", "09:00-12:00", "'12-24' is not a date: write 2026-12-24, with its year"),
        ("24.12.2026", "09:00-12:00", "'24.12.2026' is not a date: write 2026-12-24"),
        ("20261224", "09:00-12:00", "'20261224' is not a date: write 2026-12-24"),
        ("2026-12-24 ", "09:00-12:00", "'2026-12-24 ' is not a date: write 2026-12-24"),
        ("thu", "09:00-12:00", "'thu' is not a date: write 2026-12-24"),
        ("2026-12-24", "9-12", "hours of '2026-12-24': '9-12' is no opening time; write opening and closing as 09:00-17:30"),
        ("2026-12-24", "09:00-24:30", "hours of '2026-12-24': '09:00-24:30' leaves the day"),
        ("2026-12-24", "closed", "hours of '2026-12-24': 'closed' is no opening time; .* and \\[\\] for closed"),
        ("2026-12-24", None, "hours of '2026-12-24': None is no opening time"),
        ("2026-12-24", ["09:00-12:00", 5], "hours of '2026-12-24': 5 is no opening time"),
    ],
)
def test_a_wrong_date_is_refused_with_the_remedy(key: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_dates({key: value})


def test_a_span_that_cannot_be_is_refused_by_the_calendar_too() -> None:
    week = parse_week({"mon": "09:00-17:00"})
    with pytest.raises(ValueError, match="is no span of one day"):
        Calendar("a", ZoneInfo("Europe/London"), week, dates={date(2026, 12, 24): (Span(600, 600),)})
