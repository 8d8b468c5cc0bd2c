"""Public holidays by country and part of it, days of one's own, and where the parts of a country differ."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.hours import Calendar, parse_week
from monitor.domain.public_holidays import Differing, closed_days, differing_days, name_of_day, public_holidays

LONDON = ZoneInfo("Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_public_holidays_follow_the_subdivision() -> None:
    england, scotland = public_holidays("GB", "ENG", 2026), public_holidays("gb", "SCT", 2026)
    easter_monday, st_andrew, substitute = date(2026, 4, 6), date(2026, 11, 30), date(2026, 12, 28)
    assert easter_monday in england
    assert easter_monday not in scotland
    assert st_andrew in scotland
    assert st_andrew not in england
    assert substitute in england


def test_an_observed_day_belongs_to_the_year_it_falls_in() -> None:
    # New Year 2022 was a Saturday; the United States observed it on Friday 31 December 2021.
    assert date(2021, 12, 31) in public_holidays("US", None, 2021)
    assert all(day.year == 2022 for day in public_holidays("US", None, 2022))


def test_own_closures_and_exceptions_add_to_and_take_from_the_holidays() -> None:
    closed = closed_days("GB", "ENG", also=[date(2026, 12, 24)], open_anyway=[date(2026, 12, 28)])
    week = parse_week({"mon-fri": "09:00-17:30"})
    counter = Calendar("counter", LONDON, week, closed)
    assert counter.moment_after(utc("2026-12-23T17:00"), 3600) == utc("2026-12-28T09:30")
    assert Calendar("office", LONDON, week, closed_days("GB", "ENG")).moment_after(utc("2026-12-24T17:00"), 3600) == utc(
        "2026-12-29T09:30"
    )
    assert date(2026, 12, 24) in counter.closed_dates(2026)
    assert date(2026, 12, 24) not in counter.closed_dates(2027)
    assert date(2026, 12, 28) not in counter.closed_dates(2026)


@pytest.mark.parametrize(
    ("country", "subdivision", "named"),
    [
        ("XQ9", None, "'XQ9'"),
        ("GB", "ENGL", "ENG"),
        ("DE", "BYE", "BY"),
        ("US", "Texass", "'Texass'"),
        ("GB", "Q9", "ENG, NIR, SCT, WLS"),
    ],
)
def test_unknown_holidays_are_refused_at_once(country: str, subdivision: str | None, named: str) -> None:
    with pytest.raises(ValueError, match="no data for") as error:
        closed_days(country, subdivision)
    assert named in str(error.value)


def differing(country: str, first: str, day: str) -> Differing:
    [found] = [each for each in differing_days(country, date.fromisoformat(first)) if each.day == date.fromisoformat(day)]
    return found


def test_easter_monday_is_a_holiday_in_three_of_the_four_parts_of_the_united_kingdom() -> None:
    found = differing("GB", "2026-01-01", "2026-04-06")
    assert set(found.closed_in) == {"ENG", "NIR", "WLS"}
    assert (found.open_in, found.counts_as_closed, found.mistaken()) == (("SCT",), False, 3)
    assert name_of_day("gb", "ENG", found.day) == "Easter Monday"


def test_a_day_that_counts_as_closed_is_mistaken_where_it_is_none() -> None:
    """Columbus Day, the second Monday of October: a federal holiday of the United States that Texas does not keep."""
    found = differing("US", "2026-01-01", "2026-10-12")
    assert found.counts_as_closed
    assert "TX" in found.open_in
    assert "NY" in found.closed_in
    assert found.mistaken() == len(found.open_in)


def test_names_are_english_where_they_are_german_there() -> None:
    assert name_of_day("DE", "BY", date(2026, 6, 4)) == "Corpus Christi"


@pytest.mark.parametrize(
    ("first", "there"), [("2026-04-06", True), ("2026-04-07", False), ("2025-04-07", True), ("2025-04-06", False)]
)
def test_one_year_is_looked_at_from_the_day_asked_for(first: str, there: bool) -> None:
    """Easter Monday was 21 April in 2025 and is 6 April in 2026."""
    assert (date(2026, 4, 6) in {each.day for each in differing_days("GB", date.fromisoformat(first))}) == there


def test_where_all_parts_are_alike_nothing_differs() -> None:
    """Good Friday and Christmas are holidays everywhere in the United Kingdom, Ireland has no parts."""
    days = {each.day for each in differing_days("GB", date(2026, 1, 1))}
    assert not {date(2026, 4, 3), date(2026, 12, 25)} & days
    assert differing_days("IE", date(2026, 1, 1)) == []
    assert all(date(2026, 1, 1) <= day < date(2026, 1, 1) + timedelta(days=365) for day in days)
