"""Which report is due: by hand and calendar."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from monitor.notify.weekly.due import Appointment, Due, due

LONDON, SYDNEY, LORD_HOWE = ZoneInfo("Europe/London"), ZoneInfo("Australia/Sydney"), ZoneInfo("Australia/Lord_Howe")
MONDAY_SEVEN = Appointment(0, time(7), LONDON)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "week", "since"),
    [
        ("2026-11-16 07:00:00", "2026-W46", "2026-11-16 07:00"),  # to the minute
        ("2026-11-16 06:59:59", "2026-W45", "2026-11-09 07:00"),  # a second before
        ("2026-11-22 23:59:59", "2026-W46", "2026-11-16 07:00"),  # a daemon that was down all week
        ("2026-11-23 07:00:00", "2026-W47", "2026-11-23 07:00"),  # and not that week's as well
        ("2027-01-04 07:00:00", "2026-W53", "2027-01-04 07:00"),  # a year of 53 weeks
        ("2027-01-11 07:00:00", "2027-W01", "2027-01-11 07:00"),
        ("2026-07-06 06:00:00", "2026-W27", "2026-07-06 06:00"),  # summer time: 07:00 there is 06:00
        ("2026-10-26 06:59:59", "2026-W42", "2026-10-19 06:00"),  # the Monday after the clocks went back
        ("2026-10-26 07:00:00", "2026-W43", "2026-10-26 07:00"),
    ],
)
def test_monday_at_seven_in_london(now: str, week: str, since: str):
    found = due(MONDAY_SEVEN, utc(now))
    assert (found.week, found.since) == (week, utc(since))
    assert found.since <= utc(now) < found.until


def test_a_skipped_time_is_the_end_of_the_gap():
    """Sunday 29 March 2026: London's clocks go from 01:00 to 02:00, at 01:00 UTC."""
    appointment = Appointment(6, time(1, 30), LONDON)
    assert due(appointment, utc("2026-03-29 00:59:59")).week == "2026-W11"  # since Sunday 22 March
    assert due(appointment, utc("2026-03-29 01:00:00")) == Due("2026-W12", utc("2026-03-29 01:00:00"), utc("2026-04-05 00:30:00"))


def test_of_a_time_that_comes_twice_the_first_counts():
    """Sunday 25 October 2026: London's clocks go from 02:00 back to 01:00, at 01:00 UTC; 01:30 is 00:30 and 01:30 UTC."""
    appointment = Appointment(6, time(1, 30), LONDON)
    first, between, second = utc("2026-10-25 00:30"), utc("2026-10-25 01:10"), utc("2026-10-25 01:30")
    assert due(appointment, first) == due(appointment, between) == due(appointment, second)
    assert due(appointment, first).since == first


def test_half_an_hour_that_is_skipped():
    """Lord Howe Island, Sunday 4 October 2026: from 02:00 (+10:30) to 02:30 (+11), at Saturday 15:30 UTC."""
    assert due(Appointment(6, time(2, 15), LORD_HOWE), utc("2026-10-03 15:30")).since == utc("2026-10-03 15:30")


def test_a_zone_in_which_it_is_monday_already():
    """07:00 on Monday 16 November in Sydney is Sunday 20:00 UTC."""
    found = due(Appointment(0, time(7), SYDNEY), utc("2026-11-15 20:00"))
    assert (found.week, found.since) == ("2026-W46", utc("2026-11-15 20:00"))


@pytest.mark.parametrize(("weekday", "since"), [(4, "2026-11-13 07:00"), (6, "2026-11-15 07:00"), (0, "2026-11-16 07:00")])
def test_other_days(weekday: int, since: str):
    """On Monday 16 November at noon: Friday's report and Sunday's are of week 45, the last whole one before that day."""
    found = due(Appointment(weekday, time(7), LONDON), utc("2026-11-16 12:00"))
    assert (found.week, found.since) == ("2026-W46" if weekday == 0 else "2026-W45", utc(since))
