"""How long a complaint may stay without a final answer: a table by sector, each row dated because the rules change.

Calendar weeks, or business days, in the contact point's zone; never opening hours.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from monitor.domain.event import from_micros
from monitor.domain.hours import Calendar, instant


class _Row(NamedTuple):
    """What holds for complaints received from a local date on; one of the two is set."""

    since: date
    weeks: int = 0
    business_days: int = 0


_DEFAULT: Final = _Row(date.min, weeks=8)

# Sector -> its rows, the newest first.
_ROWS: Final[dict[str, tuple[_Row, ...]]] = {
    # FCA Handbook, DISP 1.6.2R: final response by the end of 8 weeks after receipt.
    "finance": (_Row(date.min, weeks=8),),
    # Ofcom statement of 8 July 2025: dispute resolution is open to the customer after 6 weeks, from 8 April 2026; 8 before.
    "telecoms": (_Row(date(2026, 4, 8), weeks=6), _Row(date.min, weeks=8)),
    # Gas and Electricity (Consumer Complaints Handling Standards) Regulations 2008; Energy Ombudsman guidance: 8 weeks.
    "energy": (_Row(date.min, weeks=8),),
    # FCA Handbook, DISP 1.6.2AR: payment services and electronic money, 15 business days after the day of receipt. The 35 of
    # exceptional circumstances are a date of their own for each complaint (`due`).
    "payments": (_Row(date.min, business_days=15),),
}

#: The sectors with a row of their own; every other complaint has 8 weeks.
SECTORS: Final = tuple(_ROWS)


def deadline(sector: str | None, received: datetime, timezone: tzinfo, calendar: Calendar | None = None) -> datetime:
    """When the final answer is due, aware UTC: the end of the last local day of the sector's time after the day of receipt.

    Business days are Monday to Friday without the days on which `calendar` is closed. The end of a day is the first
    instant of the next. Raises ValueError for a naive moment.
    """
    if received.utcoffset() is None:
        raise ValueError(f"{received} has no time zone: pass an aware moment")
    day = received.astimezone(timezone).date()
    rows = _ROWS.get((sector or "").strip().lower(), ())
    row = next((row for row in rows if day >= row.since), _DEFAULT)
    last = _business_day(day, row.business_days, calendar) if row.business_days else day + timedelta(weeks=row.weeks)
    return end_of_day(last, timezone)


def end_of_day(day: date, timezone: tzinfo) -> datetime:
    """The first instant of the local day after `day`, aware UTC."""
    return from_micros(instant(day + timedelta(days=1), 0, timezone))


def _business_day(day: date, number: int, calendar: Calendar | None) -> date:
    """The business day so many after `day`."""
    while number:
        day += timedelta(days=1)
        if day.weekday() < 5 and (calendar is None or day not in calendar.closed_dates(day.year)):
            number -= 1
    return day
