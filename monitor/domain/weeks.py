"""Calendar weeks: ISO 8601, Monday to Sunday, in a zone. One in which clocks change has 167 or 169 hours."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

_NAME: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
_DAYS: Final = timedelta(days=7)


def week_name(monday: date) -> str:
    """`2026-W46` for the week that begins on this Monday."""
    year, week, _ = monday.isocalendar()
    return f"{year:04}-W{week:02}"


def parse_week(text: str) -> date:
    """The Monday of a week written as `2026-W46`. Raises ValueError whose text goes on where the value was shown."""
    match = _NAME.fullmatch(text)
    if match is None:
        raise ValueError("is no week; write year and week of ISO 8601, as 2026-W46")
    year, week = int(match[1]), int(match[2])
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        last = f"; {year:04} has weeks W01 to W{date(year, 12, 28).isocalendar().week}" if year else ""
        raise ValueError(f"is no week{last}") from None


def monday_of(moment: datetime, zone: tzinfo) -> date:
    """The Monday of the week in which a moment lies in that zone."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def week_bounds(monday: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When that week begins and ends there, in UTC: [first, last)."""
    first, last = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (monday, monday + _DAYS))
    return first, last


def weeks_until(monday: date, count: int) -> list[date]:
    """The Mondays of so many weeks, that of `monday` last."""
    return [monday - back * _DAYS for back in reversed(range(count))]
