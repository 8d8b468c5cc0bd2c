"""Complaint deadlines: whole calendar weeks in local time, by the table in force on the day of receipt."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.complaints import SECTORS, deadline
from monitor.domain.hours import Calendar, parse_week

LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Received Monday 5 January 2026, in winter time: 56 days later is Monday 2 March, whose end is midnight UTC.
@pytest.mark.parametrize("sector", ["finance", "telecoms", "energy", "water", "", None, " Finance "])
def test_eight_weeks_end_with_the_local_day(sector: str | None) -> None:
    assert deadline(sector, utc("2026-01-05T10:00"), LONDON) == utc("2026-03-03T00:00")


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # 7 April, local; 8 weeks later is 2 June, which ends at 23:00 UTC in summer time.
        ("2026-04-07T22:59:59.999999", "2026-06-02T23:00"),
        # 8 April begins in London at 23:00 UTC; 6 weeks later is 20 May.
        ("2026-04-07T23:00", "2026-05-20T23:00"),
        ("2026-04-08T12:00", "2026-05-20T23:00"),
    ],
)
def test_telecoms_complaints_have_six_weeks_from_8_april_2026(received: str, due: str) -> None:
    assert deadline("telecoms", utc(received), LONDON) == utc(due)


def test_the_other_sectors_keep_eight_weeks_after_that_day() -> None:
    for sector in ("finance", "energy", "water", None):
        assert deadline(sector, utc("2026-04-08T12:00"), LONDON) == utc("2026-06-03T23:00")


def test_weeks_are_calendar_weeks_over_a_clock_change() -> None:
    # Received Tuesday 1 September in summer time; 27 October ends in winter time, an hour more than 57 times 24.
    assert deadline("finance", utc("2026-09-01T10:00"), LONDON) == utc("2026-10-28T00:00")


def test_the_day_of_receipt_is_the_local_one() -> None:
    # 23:30 UTC on 1 June is 2 June in London.
    assert deadline("finance", utc("2026-06-01T23:30"), LONDON) == utc("2026-07-28T23:00")
    assert deadline("finance", utc("2026-06-01T23:30"), ZoneInfo("America/New_York")) == utc("2026-07-28T04:00")


def test_where_midnight_is_skipped_the_day_ends_with_the_change() -> None:
    # Sao Paulo, 4 November 2018: midnight became one o'clock at 03:00 UTC. Eight weeks before the 3rd is 8 September.
    assert deadline(None, utc("2018-09-08T15:00"), ZoneInfo("America/Sao_Paulo")) == utc("2018-11-04T03:00")


def test_where_midnight_comes_twice_the_day_ends_with_the_first() -> None:
    # The Azores, 27 October 2024: one o'clock became midnight again. Eight weeks before the 26th is 31 August.
    assert deadline(None, utc("2024-08-31T15:00"), ZoneInfo("Atlantic/Azores")) == utc("2024-10-27T00:00")


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        deadline(None, datetime(2026, 1, 5, 10), LONDON)  # noqa: DTZ001  # the point of the test


def test_the_sectors_are_named() -> None:
    assert SECTORS == ("finance", "telecoms", "energy", "payments")


def closed_on(*days: str) -> Calendar:
    dates = frozenset(map(date.fromisoformat, days))
    week = parse_week({"mon-sat": "09:00-17:00"})
    return Calendar("office", LONDON, week, lambda year: frozenset(day for day in dates if day.year == year))


@pytest.mark.parametrize(
    ("received", "closed", "due"),
    [
        # Wednesday 1 July: the fifteenth business day after it is Wednesday 22 July, which ends at 23:00 UTC in summer time.
        ("2026-07-01T08:00", (), "2026-07-22T23:00"),
        # Saturday 4 July: Monday 6 July is the first, Friday 24 July the fifteenth.
        ("2026-07-04T08:00", (), "2026-07-24T23:00"),
        # A bank holiday (Monday 13 July here) moves it by a day; a Saturday on which nothing opens does not.
        ("2026-07-01T08:00", ("2026-07-13", "2026-07-11"), "2026-07-23T23:00"),
    ],
)
def test_payment_services_have_fifteen_business_days(received: str, closed: tuple[str, ...], due: str) -> None:
    assert deadline("payments", utc(received), LONDON, closed_on(*closed)) == utc(due)


def test_without_a_calendar_every_weekday_is_a_business_day() -> None:
    assert deadline("payments", utc("2026-07-01T08:00"), LONDON) == utc("2026-07-22T23:00")


def test_business_days_go_on_over_the_end_of_a_year() -> None:
    assert deadline("payments", utc("2026-12-24T08:00"), LONDON, closed_on("2026-12-25", "2027-01-01")) == utc("2027-01-19T00:00")
