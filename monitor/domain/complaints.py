"""How long a complaint may stay without a final answer: a table by sector, each row dated because the rules change.

Calendar weeks in the contact point's zone, not opening hours.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from monitor.domain.event import from_micros
from monitor.domain.hours import instant

_DEFAULT_WEEKS: Final = 8

# Sector -> (complaints received from this local date on, weeks), the newest first.
_WEEKS: Final[dict[str, tuple[tuple[date, int], ...]]] = {
    # FCA Handbook, DISP 1.6.2R: final response by the end of 8 weeks after receipt.
    "finance": ((date.min, 8),),
    # Ofcom statement of 8 July 2025: dispute resolution is open to the customer after 6 weeks, from 8 April 2026; 8 before.
    "telecoms": ((date(2026, 4, 8), 6), (date.min, 8)),
    # Gas and Electricity (Consumer Complaints Handling Standards) Regulations 2008; Energy Ombudsman guidance: 8 weeks.
    "energy": ((date.min, 8),),
}

#: The sectors with a row of their own; every other complaint has 8 weeks.
SECTORS: Final = tuple(_WEEKS)


def deadline(sector: str | None, received: datetime, timezone: tzinfo) -> datetime:
    """When the final answer is due, aware UTC: the end of the local day so many weeks after the day of receipt.

    The end of a day is the first instant of the next. Raises ValueError for a naive moment.
    """
    if received.utcoffset() is None:
        raise ValueError(f"{received} has no time zone: pass an aware moment")
    day = received.astimezone(timezone).date()
    rows = _WEEKS.get((sector or "").strip().lower(), ())
    weeks = next((weeks for since, weeks in rows if day >= since), _DEFAULT_WEEKS)
    return from_micros(instant(day + timedelta(weeks=weeks, days=1), 0, timezone))
