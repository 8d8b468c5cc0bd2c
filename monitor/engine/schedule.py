"""When to try a source again: pure arithmetic."""

from datetime import timedelta
from typing import Final

from monitor.errors import AuthError, ConfigError, TransientError

FIRST_PAUSE: Final = 1.0
MAX_PAUSE: Final = 60.0
#: What is live is blind until it is back, and one connection every few seconds harms nobody.
MAX_LIVE_PAUSE: Final = 5.0
#: Polls that a limit brings forward come at least this part of `poll_every` after the one before, and begin so many seconds
#: after the limit, that the source's own clock, cut to milliseconds, has passed it too.
CLOSEST_POLLS: Final = 0.1
AFTER_LIMIT: Final = 0.05
#: A refused login is tried again slowly: many a server locks an account after a handful of refusals.
AUTH_PAUSES: Final = (30.0, 120.0, 600.0)


def pause_after_success(poll_every: timedelta, took_seconds: float, jitter: float) -> float:
    """Seconds until the next poll, so that polls begin `poll_every` apart, spread by up to a tenth (`jitter` 0 to 1)."""
    every = poll_every.total_seconds()
    return max(0.0, every - took_seconds) + 0.1 * every * (jitter - 0.5)


def pause_before_limit(pause: float, poll_every: timedelta, behind: float | None) -> float:
    """The pause, cut where a limit of the source falls before the next poll.

    `behind`: how many seconds the last poll's watermark was before the next limit, less what has passed since the poll began;
    None: no limit runs. Polls come at most ten times as often as `poll_every`, however many limits fall.
    """
    if behind is None:
        return pause
    return min(pause, max(poll_every.total_seconds() * CLOSEST_POLLS, behind + AFTER_LIMIT))


def pause_after_failure(error: Exception, failures: int, jitter: float, longest: float = MAX_PAUSE) -> float | None:
    """Seconds until the next try after the `failures`-th failure in a row; None: wait for a new configuration."""
    if isinstance(error, ConfigError):
        return None
    if isinstance(error, AuthError):
        return AUTH_PAUSES[failures - 1] if failures <= len(AUTH_PAUSES) else None
    if isinstance(error, TransientError) and error.retry_after is not None:
        return error.retry_after
    pause = min(longest, FIRST_PAUSE * 2.0 ** min(failures - 1, 10))
    return pause * (0.75 + 0.5 * jitter)
