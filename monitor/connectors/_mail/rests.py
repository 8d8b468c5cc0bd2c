"""Accounts whose server says when to come back: left alone until then, while the others of their source are read on."""

from collections.abc import Sequence

from monitor.clock import Clock
from monitor.errors import SourceError, TransientError


class Rests:
    """Which accounts rest, and why."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, tuple[float, TransientError]] = {}  # account -> monotonic seconds

    def failure(self, account: str) -> TransientError | None:
        """What its server said, with what is left of the pause; None when the account may be read."""
        until, failure = self._until.get(account, (0.0, None))
        left = until - self._clock.monotonic()
        return TransientError(str(failure), reason=failure.reason, retry_after=left) if failure is not None and left > 0 else None

    def noted(self, account: str, failure: SourceError) -> SourceError:
        """The failure; where it names a pause, the account rests from now on."""
        if isinstance(failure, TransientError) and failure.retry_after is not None:
            self._until[account] = self._clock.monotonic() + failure.retry_after, failure
        return failure


def soonest(failures: Sequence[SourceError], accounts: int) -> SourceError:
    """The failure of a source of so many accounts: it is tried again as soon as one of them may be read."""
    first = min(failures, key=lambda failure: getattr(failure, "retry_after", None) or 0.0)
    if len(failures) < accounts and isinstance(first, TransientError):
        return TransientError(str(first), reason=first.reason)
    return first
