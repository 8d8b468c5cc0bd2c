"""Header fields that say when: moments as HTTP writes them (RFC 9110 section 5.6.7), pauses (section 10.2.3). Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: However long a server wants to be left alone: nobody waits longer in silence.
MAX_PAUSE: Final = 3_600.0


def http_moment(text: str | None) -> datetime | None:
    """A moment as HTTP writes it, in UTC; None where there is none."""
    try:
        moment = parsedate_to_datetime(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def until_reset(text: str | None, now: datetime) -> float | None:
    """Seconds until the moment at which a limit begins anew, where a server names one as ISO 8601 writes it (Jira's
    X-RateLimit-Reset), 0 to MAX_PAUSE; None where it does not, or where that is over. `now` is the server's clock."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    left = (moment - now).total_seconds() if moment.tzinfo else 0.0
    return min(left, MAX_PAUSE) if left > 0 else None


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds of Retry-After, 0 to MAX_PAUSE, which names seconds or a moment; None where it says neither.

    `now` is the server's clock.
    """
    seconds = re.fullmatch(r"\s*(\d{1,9})(?:\.\d*)?\s*", text or "")
    if seconds:
        return min(float(seconds[1]), MAX_PAUSE)
    until = http_moment(text)
    return None if until is None else min(max(0.0, (until - now).total_seconds()), MAX_PAUSE)
