"""When to try a source again: pure arithmetic."""

from datetime import timedelta
from typing import Final

from monitor.errors import AuthError, ConfigError, TransientError

FIRST_PAUSE: Final = 1.0
MAX_PAUSE: Final = 60.0
#: What is live is blind until it is back, and one connection every few seconds harms nobody.
MAX_LIVE_PAUSE: Final = 5.0
#: A refused login is tried again slowly: many a server locks an account after a handful of refusals.
AUTH_PAUSES: Final = (30.0, 120.0, 600.0)


def pause_after_success(poll_every: timedelta, took_seconds: float, jitter: float) -> float:
    """Seconds until the next poll, so that polls begin `poll_every` apart, spread by up to a tenth (`jitter` 0 to 1)."""
    every = poll_every.total_seconds()
    return max(0.0, every - took_seconds) + 0.1 * every * (jitter - 0.5)


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
