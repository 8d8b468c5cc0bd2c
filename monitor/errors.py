"""Errors by what to do next (design section 6). The docstring of a class is its remedy in general; the message is the case.

What a message can suggest for a misspelt name stands at the end.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Final


class MonitorError(Exception):
    """Root of every error this project raises on purpose."""


class ConfigError(MonitorError):
    """Refuse to start; or, later, park the source until the configuration changes."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SourceError(MonitorError):
    """Something between us and a source went wrong. `reason` is the closed set of the metrics."""

    reason = "other"
    #: What helps, where that is known better than from the reason: an imperative without a capital and a full stop.
    to_do = ""


class AuthError(SourceError):
    """The source refused our credentials: a few slow tries, then wait for new ones."""

    reason = "auth"


class TransientError(SourceError):
    """Worth trying again after a pause. `retry_after` is in seconds where the source named one."""

    reason = "connect"

    def __init__(self, message: str, *, reason: str = "connect", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after


class SourceSilent(TransientError):
    """A sender that is expected has told nothing: what it says next is taken at once, and until then nothing is known.

    `heard` is when it was heard last: up to there it was known completely, unless it says so itself.
    """

    def __init__(self, message: str, heard: datetime, to_do: str) -> None:
        super().__init__(message, reason="timeout", retry_after=0.0)
        self.heard = heard
        self.to_do = to_do


class DataError(MonitorError):
    """One record could not be used: skip it, count it, keep a redacted sample."""

    def __init__(self, message: str, *, reason: str = "malformed") -> None:
        super().__init__(message)
        self.reason = reason


class StoreUnavailable(MonitorError):
    """The store did not take the write (busy, disk full): keep the cursor, wait, offer the same batch again.

    `why` and `to_do` are for the pages, which anybody may look at: they name no file, no server and no user.
    """

    def __init__(self, message: str, why: str = "it does not answer", to_do: str = "see the log of the monitor") -> None:
        super().__init__(message)
        self.why = why
        self.to_do = to_do


class CursorMoved(MonitorError):
    """Somebody else has moved this source's cursor since we read it: read it again and start over."""


class StoreHeld(MonitorError):
    """Another daemon reads the same sources into the store: end one of the two; leave with exit code 4."""


class StoreBroken(MonitorError):
    """The store cannot be used any more (not a database, newer schema): leave with exit code 3."""


#: Every value `reason` may take in `source_poll_failures_total` and `source_records_rejected_total`.
FAILURE_REASONS = ("auth", "connect", "timeout", "tls", "rate_limit", "protocol", "config", "store", "other")
REJECT_REASONS = (
    "malformed", "unreadable", "too_large", "future", "unknown_kind", "unknown_contact", "too_many_events", "other",
)  # fmt: skip

#: Longer than any name of ours; comparing two names costs their lengths multiplied.
_MAX_COMPARED: Final = 300
_SHOWN: Final = 20


def nearest(name: str, known: Iterable[str], count: int = 5, cutoff: float = 0.6) -> Sequence[str]:
    """At most `count` known names that look like `name`, the most alike first; upper and lower case are alike."""
    folded: dict[str, str] = {}
    for each in known:
        folded.setdefault(each.casefold(), each)
    return [folded[each] for each in get_close_matches(name[:_MAX_COMPARED].casefold(), folded, count, cutoff)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, or else what is known, to end a message with."""
    names = sorted(map(str, known))
    near = nearest(name, names, 1, 0.5)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are {', '.join(names[:_SHOWN])}" if names else ""
