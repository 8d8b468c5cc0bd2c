"""Calendar weeks: names, bounds over clock changes and the turn of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.weeks import monday_of, parse_week, week_bounds, week_name, weeks_until

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "monday"),
    [
        ("2026-W46", date(2026, 11, 9)),
        ("2026-W53", date(2026, 12, 28)),
        ("2026-W01", date(2025, 12, 29)),
        ("2025-W01", date(2024, 12, 30)),
    ],
)
def test_names_are_those_of_iso_8601(name: str, monday: date) -> None:
    assert parse_week(name) == monday
    assert week_name(monday) == name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("46", "is no week; write year and week of ISO 8601, as 2026-W46"),
        ("2026-46", "is no week; write year and week of ISO 8601, as 2026-W46"),
        ("2026-w46", "is no week; write year and week of ISO 8601, as 2026-W46"),
        ("2026-W00", "is no week; 2026 has weeks W01 to W53"),
        ("2025-W53", "is no week; 2025 has weeks W01 to W52"),
        ("0000-W10", "is no week"),
        ("٢٠٢٦-W46", None),
    ],
)
def test_what_is_no_week_is_refused_with_the_remedy(text: str, why: str | None) -> None:
    with pytest.raises(ValueError, match="is no week") as refused:
        parse_week(text)
    assert why is None or str(refused.value) == why


def test_a_week_ends_where_the_next_one_begins_and_is_an_hour_longer_when_clocks_go_back() -> None:
    # 25 October 2026: 3:00 becomes 2:00 in Berlin
    assert week_bounds(date(2026, 10, 19), BERLIN) == (
        datetime(2026, 10, 18, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    lengths = [end - start for start, end in (week_bounds(date(2026, 10, 19), BERLIN), week_bounds(date(2026, 3, 23), BERLIN))]
    assert lengths == [timedelta(hours=169), timedelta(hours=167)]


def test_a_zone_without_midnight_on_its_monday_begins_at_the_first_instant_there_is() -> None:
    # Beirut goes forward at midnight: on Sunday 29 March 2026 there is no 00:00; weeks there begin on Mondays all the same
    start, end = week_bounds(date(2026, 3, 23), ZoneInfo("Asia/Beirut"))
    assert end - start == timedelta(hours=167)


def test_a_moment_belongs_to_the_week_of_its_zone() -> None:
    late_on_sunday = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)
    assert monday_of(late_on_sunday, UTC) == date(2026, 11, 9)
    assert monday_of(late_on_sunday, BERLIN) == date(2026, 11, 16)


def test_weeks_before_are_listed_oldest_first() -> None:
    assert weeks_until(date(2026, 1, 5), 3) == [date(2025, 12, 22), date(2025, 12, 29), date(2026, 1, 5)]
