"""Business time against tables worked out by hand; every moment is UTC unless a zone stands beside it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.hours import ROUND_THE_CLOCK, Calendar, Span, parse_week
from monitor.domain.public_holidays import closed_days

LONDON = ZoneInfo("Europe/London")
OFFICE = {"mon-thu": ["09:00-12:30", "13:30-17:30"], "fri": "09:00-16:00"}  # 7.5 h, and 7 h on Friday


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(hours: dict[str, object], zone: str = "Europe/London", *closed: str) -> Calendar:
    return Calendar("test", ZoneInfo(zone), parse_week(hours), closed_days(also=[date.fromisoformat(day) for day in closed]))


def office(*closed: str) -> Calendar:
    return calendar(dict(OFFICE), "Europe/London", *closed)


# Monday is 2 November 2026; London is on UTC that week.
@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-11-02T09:00", "2026-11-02T12:30", 3.5 * 3600),
        ("2026-11-02T12:00", "2026-11-02T14:00", 3600),
        ("2026-11-02T12:30", "2026-11-02T13:30", 0),
        ("2026-11-02T08:00", "2026-11-02T18:00", 7.5 * 3600),
        ("2026-11-02T17:00", "2026-11-03T09:30", 3600),
        ("2026-11-02T17:30", "2026-11-03T09:00", 0),
        ("2026-11-06T15:00", "2026-11-09T10:00", 2 * 3600),
        ("2026-11-07T00:00", "2026-11-09T00:00", 0),
        ("2026-11-02T00:00", "2026-11-09T00:00", 37 * 3600),
        ("2026-11-02T10:00", "2026-11-02T10:00", 0),
        ("2026-11-02T11:00", "2026-11-02T10:00", 0),
        ("2026-11-02T09:00:00.000001", "2026-11-02T09:00:01", 0.999999),
        ("2026-11-02T08:59:59.999999", "2026-11-02T09:00:00.000001", 0.000001),
        ("2019-11-04T12:00", "2019-11-04T14:00", 3600),
        ("2031-11-03T12:00", "2031-11-03T14:00", 3600),
        # 1 January 2027 is a Friday; without holidays it is an opening day.
        ("2026-12-31T17:00", "2027-01-01T10:00", 1800 + 3600),
        # 52 weeks of 37 hours, from Monday to Monday, over two ends of a year and four clock changes.
        ("2025-11-03T00:00", "2027-11-01T00:00", 104 * 37 * 3600),
    ],
)
def test_opening_seconds_between(start: str, end: str, seconds: float) -> None:
    assert office().seconds_between(utc(start), utc(end)) == seconds


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        ("2026-11-02T09:00", 4 * 3600, "2026-11-02T14:00"),
        ("2026-11-02T17:00", 3600, "2026-11-03T09:30"),
        ("2026-11-02T08:00", 60, "2026-11-02T09:01"),
        ("2026-11-02T12:30", 1800, "2026-11-02T14:00"),
        ("2026-11-07T12:00", 1, "2026-11-09T09:00:01"),
        ("2026-11-06T16:00", 1, "2026-11-09T09:00:01"),
        ("2026-11-02T09:00", 0.000001, "2026-11-02T09:00:00.000001"),
        ("2019-11-04T17:00", 3600, "2019-11-05T09:30"),
        ("2031-11-03T17:00", 3600, "2031-11-04T09:30"),
        ("2026-12-31T17:00", 5400, "2027-01-01T10:00"),
        ("2025-11-03T00:00", 104 * 37 * 3600, "2027-10-29T15:00"),
    ],
)
def test_moment_after_opening_seconds(start: str, seconds: float, due: str) -> None:
    assert office().moment_after(utc(start), seconds) == utc(due)


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        ("2026-11-02T08:00", 3.5 * 3600, "2026-11-02T12:30"),
        ("2026-11-06T15:00", 3600, "2026-11-06T16:00"),
        ("2026-11-06T15:00", 3599.999999, "2026-11-06T15:59:59.999999"),
        ("2026-11-06T15:00", 3600.000001, "2026-11-09T09:00:00.000001"),
        ("2026-11-02T00:00", 37 * 3600, "2026-11-06T16:00"),
    ],
)
def test_a_limit_used_up_at_a_closing_is_due_at_that_closing(start: str, seconds: float, due: str) -> None:
    assert office().moment_after(utc(start), seconds) == utc(due)


@pytest.mark.parametrize(
    ("moment", "is_open", "opening"),
    [
        ("2026-11-02T08:59:59.999999", False, "2026-11-02T09:00"),
        ("2026-11-02T09:00", True, "2026-11-02T09:00"),
        ("2026-11-02T10:17", True, "2026-11-02T10:17"),
        ("2026-11-02T12:29:59.999999", True, "2026-11-02T12:29:59.999999"),
        ("2026-11-02T12:30", False, "2026-11-02T13:30"),
        ("2026-11-06T16:00", False, "2026-11-09T09:00"),
        ("2026-11-08T00:00", False, "2026-11-09T09:00"),
        ("2026-12-31T23:59:59.999999", False, "2027-01-01T09:00"),
    ],
)
def test_open_from_the_opening_instant_until_before_the_closing(moment: str, is_open: bool, opening: str) -> None:
    assert office().is_open(utc(moment)) is is_open
    assert office().next_opening(utc(moment)) == utc(opening)
    assert office().moment_after(utc(moment), 0) == utc(opening)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-02T08:00", 3, "2026-11-04T17:30"),
        ("2026-11-02T09:00", 3, "2026-11-04T17:30"),
        ("2026-11-02T09:00:00.000001", 3, "2026-11-05T17:30"),
        ("2026-11-02T13:00", 1, "2026-11-03T17:30"),
        ("2026-11-05T08:59", 2, "2026-11-06T16:00"),
        ("2026-11-06T10:00", 1, "2026-11-09T17:30"),
        ("2026-11-07T10:00", 1, "2026-11-09T17:30"),
        ("2026-12-29T10:00", 3, "2027-01-01T16:00"),
    ],
)
def test_a_limit_in_opening_days_is_due_at_the_closing_of_the_last_day(start: str, days: int, due: str) -> None:
    assert office().closing_of_day(utc(start), days) == utc(due)


def test_opening_days_skip_holidays() -> None:
    # Christmas 2026: Friday 25th, and Monday 28th instead of Saturday 26th.
    closed = office("2026-12-25", "2026-12-28", "2027-01-01")
    assert closed.closing_of_day(utc("2026-12-24T10:00"), 3) == utc("2026-12-31T17:30")
    assert closed.closing_of_day(utc("2026-12-24T10:00"), 4) == utc("2027-01-04T17:30")


def test_an_opening_night_is_one_day_that_ends_in_the_morning() -> None:
    nights = calendar({"daily": "22:00-06:00"})
    assert nights.closing_of_day(utc("2026-11-02T23:00"), 1) == utc("2026-11-04T06:00")
    assert nights.closing_of_day(utc("2026-11-02T22:00"), 1) == utc("2026-11-03T06:00")
    assert nights.closing_of_day(utc("2026-12-31T22:00"), 1) == utc("2027-01-01T06:00")


def test_a_day_inside_the_night_before_it_does_not_end_earlier_than_that_night() -> None:
    # Monday 20:00 to Tuesday 10:00, and Tuesday 08:00 to 09:00.
    long_night = calendar({"mon": "20:00-10:00", "tue": "08:00-09:00"})
    assert long_night.closing_of_day(utc("2026-11-02T12:00"), 1) == utc("2026-11-03T10:00")
    assert long_night.closing_of_day(utc("2026-11-02T12:00"), 2) == utc("2026-11-03T10:00")
    assert long_night.closing_of_day(utc("2026-11-02T21:00"), 1) == utc("2026-11-03T10:00")


def test_round_the_clock_a_day_closes_at_midnight() -> None:
    always = Calendar("always", LONDON, ROUND_THE_CLOCK)
    assert always.closing_of_day(utc("2026-11-04T10:00"), 3) == utc("2026-11-08T00:00")
    assert always.closing_of_day(utc("2026-11-04T00:00"), 1) == utc("2026-11-05T00:00")
    assert always.is_open(utc("2026-12-31T23:59:59.999999"))
    assert always.is_open(utc("2027-01-01T00:00"))
    assert always.moment_after(utc("2026-12-31T23:00"), 7200) == utc("2027-01-01T01:00")
    assert always.seconds_between(utc("2020-01-01T00:00"), utc("2031-01-01T00:00")) == 4018 * 86400  # 11 years, 3 of them leap


@pytest.mark.parametrize(
    ("moment", "closing"),
    [
        ("2026-11-02T09:00", "2026-11-02T12:30"),
        ("2026-11-02T12:29:59.999999", "2026-11-02T12:30"),
        ("2026-11-02T13:30", "2026-11-02T17:30"),
        ("2026-11-06T15:00", "2026-11-06T16:00"),
        ("2026-11-06T16:00", "2026-11-06T16:00"),  # closed already
        ("2026-11-08T10:00", "2026-11-08T10:00"),
    ],
)
def test_the_closing_of_the_span_that_is_open(moment: str, closing: str) -> None:
    assert office().next_closing(utc(moment)) == utc(closing)


def test_a_closing_after_the_turn_of_the_year_and_one_that_never_comes() -> None:
    nights = calendar({"daily": "22:00-06:00"}, "Europe/London", "2027-01-01")
    assert nights.next_closing(utc("2026-12-31T23:00")) == utc("2027-01-01T06:00")
    until_midnight = calendar({"daily": "18:00-24:00"}, "Europe/London")
    assert until_midnight.next_closing(utc("2026-12-31T23:00")) == utc("2027-01-01T00:00")
    always = calendar({"daily": "00:00-24:00"}, "Europe/London")
    with pytest.raises(ValueError, match="stays open for 5 years"):
        always.next_closing(utc("2026-12-31T23:00"))


def test_a_holiday_closes_what_begins_on_it_and_leaves_the_night_before_alone() -> None:
    nights = calendar({"daily": "22:00-06:00"}, "Europe/London", "2026-12-25")
    assert nights.seconds_between(utc("2026-12-25T00:00"), utc("2026-12-26T12:00")) == 6 * 3600
    assert nights.moment_after(utc("2026-12-25T05:00"), 7200) == utc("2026-12-26T23:00")


def test_the_last_night_of_the_year_is_closed_by_the_old_years_holiday() -> None:
    nights = calendar({"daily": "22:00-06:00"}, "Europe/London", "2026-12-31")
    assert not nights.is_open(utc("2027-01-01T03:00"))
    assert nights.next_opening(utc("2026-12-31T12:00")) == utc("2027-01-01T22:00")


def test_a_closing_at_midnight_and_spans_that_overlap() -> None:
    late = calendar({"mon": ["18:00-24:00", "20:00-23:00"], "tue": "00:00-02:00"})
    assert late.seconds_between(utc("2026-11-02T00:00"), utc("2026-11-04T00:00")) == 8 * 3600
    assert late.is_open(utc("2026-11-03T00:00"))
    assert late.closing_of_day(utc("2026-11-02T12:00"), 1) == utc("2026-11-03T00:00")


def test_overlapping_nights_are_counted_once() -> None:
    both = calendar({"mon": "20:00-10:00", "tue": "08:00-12:00"})
    assert both.seconds_between(utc("2026-11-02T00:00"), utc("2026-11-04T00:00")) == 16 * 3600


def test_a_span_inside_another_does_not_shorten_it() -> None:
    day = Calendar("day", LONDON, {0: [Span(540, 1020), Span(600, 660)]})
    assert day.seconds_between(utc("2026-11-02T00:00"), utc("2026-11-03T00:00")) == 8 * 3600
    assert day.closing_of_day(utc("2026-11-02T08:00"), 1) == utc("2026-11-02T17:00")


def test_the_turn_of_the_year_at_both_ends_of_the_world() -> None:
    # Twelve hours behind UTC, Wednesday 30 December 23:00 to Thursday 22:00 ends on 1 January at 10:00 UTC.
    west = calendar({"wed": "23:00-22:00"}, "Etc/GMT+12")
    assert west.is_open(utc("2027-01-01T09:59"))
    assert west.seconds_between(utc("2026-12-31T00:00"), utc("2027-01-02T00:00")) == 23 * 3600
    # Fourteen hours ahead, 1 January lasts from 10:00 UTC on 31 December.
    east = calendar({"daily": "00:00-24:00"}, "Pacific/Kiritimati", "2027-01-01")
    assert east.is_open(utc("2026-12-31T09:59"))
    assert east.next_opening(utc("2026-12-31T10:00")) == utc("2027-01-01T10:00")


# London leaves winter time at 2026-03-29 01:00 UTC (01:00 becomes 02:00), summer time at 2026-10-25 01:00 (02:00 becomes 01:00).
# New York: 2026-03-08 07:00 (02:00 to 03:00), 2026-11-01 06:00 (02:00 to 01:00).
# Lord Howe, half an hour: 2026-10-03 15:30 (02:00 to 02:30), 2026-04-04 15:00 (02:00 to 01:30).
# Midnight is skipped in Sao Paulo 2018-11-04, Beirut 2024-03-31, Cairo 2024-04-26, the Azores 2024-03-31;
# the hour before it comes twice in Sao Paulo 2018-02-17, Beirut 2024-10-26, Cairo 2024-10-31;
# the hour after it comes twice in the Azores 2024-10-27.
@pytest.mark.parametrize(
    ("zone", "hours", "opens", "closes"),
    [
        ("Europe/London", {"sun": "00:00-24:00"}, "2026-03-29T00:00", "2026-03-29T23:00"),  # 23 hours
        ("Europe/London", {"sun": "00:00-24:00"}, "2026-10-24T23:00", "2026-10-26T00:00"),  # 25 hours
        ("Europe/London", {"sat": "22:00-06:00"}, "2026-03-28T22:00", "2026-03-29T05:00"),  # 7 hours
        ("Europe/London", {"sat": "22:00-06:00"}, "2026-10-24T21:00", "2026-10-25T06:00"),  # 9 hours
        ("Europe/London", {"mon": "09:00-17:30"}, "2026-03-30T08:00", "2026-03-30T16:30"),
        ("Europe/London", {"sun": "01:30-05:00"}, "2026-03-29T01:00", "2026-03-29T04:00"),  # opening skipped
        ("Europe/London", {"sun": "01:00-05:00"}, "2026-03-29T01:00", "2026-03-29T04:00"),
        ("Europe/London", {"sun": "02:00-05:00"}, "2026-03-29T01:00", "2026-03-29T04:00"),
        ("Europe/London", {"sun": "00:00-01:30"}, "2026-03-29T00:00", "2026-03-29T01:00"),  # closing skipped
        ("Europe/London", {"sun": "01:30-05:00"}, "2026-10-25T00:30", "2026-10-25T05:00"),  # opening twice: first
        ("Europe/London", {"sun": "00:00-01:30"}, "2026-10-24T23:00", "2026-10-25T01:30"),  # closing twice: second
        ("Europe/London", {"sun": "01:15-01:45"}, "2026-10-25T00:15", "2026-10-25T01:45"),
        ("Europe/London", {"sun": "00:00-02:00"}, "2026-10-24T23:00", "2026-10-25T02:00"),
        ("America/New_York", {"sun": "02:30-08:00"}, "2026-03-08T07:00", "2026-03-08T12:00"),
        ("America/New_York", {"sun": "01:30-08:00"}, "2026-11-01T05:30", "2026-11-01T13:00"),
        ("America/New_York", {"sun": "00:00-01:30"}, "2026-11-01T04:00", "2026-11-01T06:30"),
        ("Australia/Lord_Howe", {"sun": "00:00-06:00"}, "2026-10-03T13:30", "2026-10-03T19:00"),  # 5.5 hours
        ("Australia/Lord_Howe", {"sun": "00:00-06:00"}, "2026-04-04T13:00", "2026-04-04T19:30"),  # 6.5 hours
        ("Australia/Lord_Howe", {"sun": "02:15-06:00"}, "2026-10-03T15:30", "2026-10-03T19:00"),
        ("Australia/Lord_Howe", {"sun": "01:45-06:00"}, "2026-04-04T14:45", "2026-04-04T19:30"),
        ("Australia/Lord_Howe", {"sun": "00:00-01:45"}, "2026-04-04T13:00", "2026-04-04T15:15"),
        ("Asia/Kolkata", {"mon": "09:00-17:30"}, "2026-11-02T03:30", "2026-11-02T12:00"),
        ("America/Sao_Paulo", {"sun": "00:00-08:00"}, "2018-11-04T03:00", "2018-11-04T10:00"),
        ("America/Sao_Paulo", {"sat": "18:00-24:00"}, "2018-11-03T21:00", "2018-11-04T03:00"),
        ("America/Sao_Paulo", {"sat": "18:00-24:00"}, "2018-02-17T20:00", "2018-02-18T03:00"),  # 7 hours
        ("America/Sao_Paulo", {"sat": "20:00-23:30"}, "2018-02-17T22:00", "2018-02-18T02:30"),
        ("Asia/Beirut", {"sun": "00:00-24:00"}, "2024-03-30T22:00", "2024-03-31T21:00"),
        ("Asia/Beirut", {"sat": "00:00-24:00"}, "2024-10-25T21:00", "2024-10-26T22:00"),
        ("Africa/Cairo", {"fri": "00:00-24:00"}, "2024-04-25T22:00", "2024-04-26T21:00"),
        ("Africa/Cairo", {"thu": "00:00-24:00"}, "2024-10-30T21:00", "2024-10-31T22:00"),
        ("Atlantic/Azores", {"sun": "00:00-24:00"}, "2024-03-31T01:00", "2024-04-01T00:00"),
        ("Atlantic/Azores", {"sat": "18:00-24:00"}, "2024-10-26T18:00", "2024-10-27T01:00"),
        ("Atlantic/Azores", {"sun": "00:00-12:00"}, "2024-10-27T00:00", "2024-10-27T13:00"),
    ],
)
def test_the_day_of_a_clock_change(zone: str, hours: dict[str, object], opens: str, closes: str) -> None:
    one_span, begin, end = calendar(hours, zone), utc(opens), utc(closes)
    length = (end - begin).total_seconds()
    assert one_span.next_opening(begin - timedelta(hours=12)) == begin
    assert one_span.seconds_between(begin - timedelta(days=2), end + timedelta(days=2)) == length
    assert one_span.moment_after(begin - timedelta(days=2), length) == end
    assert one_span.closing_of_day(begin, 1) == end
    assert one_span.is_open(begin)
    assert not one_span.is_open(end)


def test_a_span_inside_the_skipped_hour_vanishes_and_its_day_is_no_opening_day() -> None:
    small = calendar({"sun": "01:15-01:45"})
    assert small.seconds_between(utc("2026-03-28T00:00"), utc("2026-03-30T00:00")) == 0
    assert small.next_opening(utc("2026-03-28T00:00")) == utc("2026-04-05T00:15")
    assert small.closing_of_day(utc("2026-03-28T00:00"), 1) == utc("2026-04-05T00:45")


def test_round_the_clock_has_no_hole_where_midnight_comes_twice() -> None:
    always = Calendar("always", ZoneInfo("Atlantic/Azores"), ROUND_THE_CLOCK)
    assert always.seconds_between(utc("2024-10-26T00:00"), utc("2024-10-28T00:00")) == 48 * 3600


def test_a_wait_over_the_weekend_of_the_clock_change_keeps_its_opening_hours() -> None:
    # Friday 27 March 17:00 London is 17:00 UTC; Monday 30 March opens at 08:00 UTC.
    assert calendar({"mon-fri": "09:00-17:30"}).moment_after(utc("2026-03-27T17:00"), 3600) == utc("2026-03-30T08:30")


def test_apia_skips_a_whole_day() -> None:
    # 30 December 2011 does not exist there: at 10:00 UTC on the 30th, midnight of the 30th becomes midnight of the 31st.
    days = calendar({"daily": "09:00-17:00"}, "Pacific/Apia")
    assert days.seconds_between(utc("2011-12-29T10:00"), utc("2011-12-31T10:00")) == 16 * 3600
    assert days.closing_of_day(utc("2011-12-29T18:00"), 2) == utc("2011-12-31T03:00")
    nights = calendar({"daily": "22:00-06:00"}, "Pacific/Apia")
    assert nights.seconds_between(utc("2011-12-30T08:00"), utc("2011-12-30T16:00")) == 8 * 3600
    assert not nights.is_open(utc("2011-12-30T07:59"))
    assert not nights.is_open(utc("2011-12-30T16:00"))


def test_moments_in_other_zones_are_the_same_moments() -> None:
    # 31 December 20:00 in New York is already 2027 in UTC.
    new_york = datetime(2026, 12, 31, 20, tzinfo=ZoneInfo("America/New_York"))
    always = Calendar("always", LONDON, ROUND_THE_CLOCK)
    assert always.seconds_between(new_york, utc("2027-01-01T02:00")) == 3600
    due = always.moment_after(new_york, 3600)
    assert due == utc("2027-01-01T02:00")
    assert due.tzinfo is UTC


def test_naive_moments_are_refused() -> None:
    naive = datetime(2026, 11, 2, 9)  # noqa: DTZ001  # the point of the test
    for call in (office().is_open, office().next_opening, lambda moment: office().seconds_between(moment, moment)):
        with pytest.raises(ValueError, match="no time zone"):
            call(naive)


def test_a_calendar_without_hours_is_refused() -> None:
    for hours in ({}, {"mon": []}):
        with pytest.raises(ValueError, match="'test' never opens"):
            calendar(hours)


def test_spans_that_cannot_be_are_refused() -> None:
    for span in (Span(-1, 60), Span(1440, 1500), Span(60, 60), Span(0, 1441)):
        with pytest.raises(ValueError, match="no span of one day"):
            Calendar("test", LONDON, {0: [span]})
    with pytest.raises(ValueError, match="no weekday"):
        Calendar("test", LONDON, {7: [Span(0, 60)]})


def test_a_calendar_closed_every_day_has_no_business_time_and_no_due_moment() -> None:
    def every_day(year: int) -> frozenset[date]:
        return frozenset(date.fromordinal(day) for day in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))

    closed, start = Calendar("shut", LONDON, ROUND_THE_CLOCK, every_day), utc("2026-11-02T09:00")
    assert closed.seconds_between(start, utc("2030-01-01T00:00")) == 0
    for call in (
        lambda: closed.moment_after(start, 60),
        lambda: closed.next_opening(start),
        lambda: closed.closing_of_day(start, 1),
    ):
        with pytest.raises(ValueError, match="'shut' stays closed for 5 years after 2026-11-02"):
            call()


def test_four_closed_years_are_bridged() -> None:
    days = [str(date.fromordinal(day)) for day in range(date(2027, 1, 1).toordinal(), date(2031, 1, 1).toordinal())]
    # 1 January 2031 is a Wednesday.
    assert office(*days).moment_after(utc("2026-12-31T17:00"), 3600) == utc("2031-01-01T09:30")


def test_outside_the_known_years_all_is_closed() -> None:
    always = Calendar("always", LONDON, ROUND_THE_CLOCK)
    assert always.seconds_between(datetime.min.replace(tzinfo=UTC), utc("1970-01-02T00:00")) == 86400
    assert always.seconds_between(utc("2100-12-31T00:00"), datetime.max.replace(tzinfo=UTC)) == 86400
    assert not always.is_open(datetime.max.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match="stays closed"):
        always.moment_after(datetime.max.replace(tzinfo=UTC), 1)


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_seconds_that_are_no_duration_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="opening seconds"):
        office().moment_after(utc("2026-11-02T09:00"), seconds)


def test_no_opening_days_is_refused() -> None:
    with pytest.raises(ValueError, match="0 opening days"):
        office().closing_of_day(utc("2026-11-02T09:00"), 0)


NINE_TO_FIVE = (Span(540, 1020),)


@pytest.mark.parametrize(
    ("hours", "week"),
    [
        ({"mon-wed": "09:00-17:00"}, {0: NINE_TO_FIVE, 1: NINE_TO_FIVE, 2: NINE_TO_FIVE}),
        ({"sat,sun": "9:00-17:00"}, {5: NINE_TO_FIVE, 6: NINE_TO_FIVE}),
        ({"Sat - Mon": " 09:00 - 17:00 "}, {5: NINE_TO_FIVE, 6: NINE_TO_FIVE, 0: NINE_TO_FIVE}),
        ({"mon,thu-fri": ["09:00-17:00"]}, {0: NINE_TO_FIVE, 3: NINE_TO_FIVE, 4: NINE_TO_FIVE}),
        ({"wednesday": "09:00-17:00", "sun": []}, {2: NINE_TO_FIVE, 6: ()}),
        ({"daily": "00:00-24:00"}, dict(ROUND_THE_CLOCK)),
        ({"mon-sun": "00:00-24:00"}, dict(ROUND_THE_CLOCK)),
        ({"fri": "22:00-06:00"}, {4: (Span(1320, 1800),)}),
        ({"fri": "22:00-00:00"}, {4: (Span(1320, 1440),)}),
        ({"fri": "09:00-09:00"}, {4: (Span(540, 1980),)}),
        ({"fri": ["13:00-17:00", "09:00-13:30"]}, {4: NINE_TO_FIVE}),
        ({"fri": ["09:00-12:00", "12:00-17:00"]}, {4: NINE_TO_FIVE}),
        ({"fri": ["09:00-17:00", "10:00-11:00"]}, {4: NINE_TO_FIVE}),
        ({"fri": ["08:00-20:00", "20:00-08:30"]}, {4: (Span(480, 1200), Span(1200, 1950))}),  # together more than a day
    ],
)
def test_a_week_as_people_write_it(hours: dict[str, object], week: dict[int, tuple[Span, ...]]) -> None:
    assert parse_week(hours) == week


@pytest.mark.parametrize(
    ("hours", "named"),
    [
        ({"mon-fry": "09:00-17:00"}, ["'mon-fry'", "'fry'", "mon-fri"]),
        ({"mon-": "09:00-17:00"}, ["'mon-'", "''"]),
        ({"mon-tue-wed": "09:00-17:00"}, ["'mon-tue-wed'"]),
        ({"mon": "9-17"}, ["'mon'", "'9-17'", "09:00-17:30"]),
        ({"mon": "09:00-17:60"}, ["'09:00-17:60'"]),
        ({"mon": "24:00-06:00"}, ["'24:00-06:00'", "23:59"]),
        ({"mon": "09:00-24:01"}, ["'09:00-24:01'", "24:00"]),
        ({"mon": 540}, ["'mon'", "540"]),
        ({"mon": None}, ["'mon'", "None"]),
        ({"mon": [540]}, ["'mon'", "540"]),
        ({"mon-fri": "09:00-17:00", "fri": "09:00-16:00"}, ["fri twice", "'mon-fri'", "'fri'", "leave it out"]),
        ({"daily,sun": "09:00-17:00"}, ["sun twice"]),
    ],
)
def test_a_week_that_cannot_be_read_says_where_and_what_to_write(hours: dict[str, object], named: list[str]) -> None:
    with pytest.raises(ValueError, match="hours") as error:
        parse_week(hours)
    for part in named:
        assert part in str(error.value)


def test_the_longest_opening_day_of_a_week_is_told_without_holidays_and_nights() -> None:
    assert calendar({"mon-thu": ["09:00-12:30", "13:30-17:30"], "fri": "09:00-16:00"}).longest_day_seconds() == 7.5 * 3600
    assert calendar({"sat": "22:00-06:00"}).longest_day_seconds() == 8 * 3600
    assert Calendar("always", LONDON, ROUND_THE_CLOCK).longest_day_seconds() == 86400


def spans(start: str, end: str, which: Calendar) -> list[tuple[str, str]]:
    found = which.open_spans(utc(start), utc(end))
    return [(f"{since:%Y-%m-%dT%H:%M}", f"{until:%Y-%m-%dT%H:%M}") for since, until in found]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (
            "2026-11-02T12:00",
            "2026-11-03T10:00",
            [
                ("2026-11-02T12:00", "2026-11-02T12:30"),
                ("2026-11-02T13:30", "2026-11-02T17:30"),
                ("2026-11-03T09:00", "2026-11-03T10:00"),
            ],
        ),
        ("2026-11-02T12:30", "2026-11-02T13:30", []),
        ("2026-11-07T00:00", "2026-11-08T23:00", []),
        ("2026-11-02T10:00", "2026-11-02T10:00", []),
        ("2026-11-02T11:00", "2026-11-02T10:00", []),
        (
            "2026-12-31T17:00",
            "2027-01-01T10:00",
            [("2026-12-31T17:00", "2026-12-31T17:30"), ("2027-01-01T09:00", "2027-01-01T10:00")],
        ),
        # The clocks go back at 01:00 UTC on 25 October 2026: nine in London is 08:00 UTC on Friday and 09:00 on Monday.
        (
            "2026-10-23T14:00",
            "2026-10-26T10:00",
            [("2026-10-23T14:00", "2026-10-23T15:00"), ("2026-10-26T09:00", "2026-10-26T10:00")],
        ),
    ],
)
def test_the_spans_in_which_it_is_open(start: str, end: str, expected: list[tuple[str, str]]) -> None:
    assert spans(start, end, office()) == expected


def test_a_night_over_the_end_of_a_year_is_one_span() -> None:
    always = Calendar("always", UTC, ROUND_THE_CLOCK)
    whole = [("2025-12-30T08:00", "2027-01-02T09:00")]
    assert spans("2025-12-30T08:00", "2027-01-02T09:00", always) == whole
