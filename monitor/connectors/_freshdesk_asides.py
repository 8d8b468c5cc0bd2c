"""When to look for what Freshdesk's list of tickets does not tell: bins, and ratings. One of them in a pass, in turn."""

from datetime import datetime, timedelta
from typing import Final

from monitor.clock import Clock

RATED: Final = "rated"
#: The other two are filters of the list.
_KINDS: Final = (RATED, "deleted", "spam")
_EVERY: Final = 300.0
#: As long as tickets change, they come first; but not for ever.
_AT_LATEST: Final = 2 * _EVERY


class Asides:
    """One account's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # Ratings at once, so that a first read has them; the others later, and apart.
        now = clock.monotonic()
        self._at = {kind: now - _EVERY * (1 - place / len(_KINDS)) for place, kind in enumerate(_KINDS)}
        self._since: dict[str, datetime] = {}
        self._first: datetime | None = None

    def begin(self, since: datetime) -> None:
        """A pass begins, over what changed since then. What another process had looked for is known up to a while before."""
        self._first = self._first or since - timedelta(seconds=_AT_LATEST)

    def due(self, *, busy: bool) -> str | None:
        """What is to be looked for next; None: nothing yet."""
        kind = min(_KINDS, key=lambda each: self._at[each])
        waited = self._clock.monotonic() - self._at[kind]
        is_first = kind == RATED and kind not in self._since
        return kind if waited >= (_EVERY if is_first or not busy else _AT_LATEST) else None

    def since(self, kind: str) -> datetime:
        """From when on it is not known."""
        assert self._first is not None, "after `begin` only"
        return self._since.get(kind, self._first)

    def done(self, kind: str, until: datetime) -> None:
        """It is known until then."""
        self._at[kind], self._since[kind] = self._clock.monotonic(), until
