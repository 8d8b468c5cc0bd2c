"""Clauses of JQL about moments. Pure.

JQL knows days and minutes in the zone of the account that asks, without an offset; and milliseconds, which no page of Atlassian's
names and programs use all the same.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from monitor.errors import TransientError

_HALF_AN_HOUR: Final = timedelta(minutes=30)


def since_clause(at: datetime, zone: str, *, as_number: bool) -> str:
    """What was changed at or after a moment. In minutes of `zone` something that is earlier, by two hours at most, comes along.

    Raises TransientError for a zone that nobody knows.
    """
    if as_number:
        return f"updated >= {int(at.timestamp() * 1000)}"
    try:
        known = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise TransientError(
            f"the account's time zone is {zone!r}, which is unknown here: set another one", reason="protocol"
        ) from None
    local = at.astimezone(UTC)
    # Where clocks go back an hour comes twice, and which of the two a minute means nobody says: from before it, then.
    while _comes_twice(local, known):
        local -= _HALF_AN_HOUR
    return f'updated >= "{local.astimezone(known):%Y-%m-%d %H:%M}"'


def _comes_twice(at: datetime, zone: ZoneInfo) -> bool:
    written = at.astimezone(zone)
    return written.replace(fold=0).utcoffset() != written.replace(fold=1).utcoffset()
