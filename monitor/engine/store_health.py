"""Whether the store takes writes: one line in the log when it stops, one when it goes on, and the trouble for whoever looks."""

from datetime import datetime, timedelta
from typing import Final, Literal

from monitor import log
from monitor.domain.durations import format_duration
from monitor.domain.snapshot import StoreTrouble
from monitor.errors import StoreUnavailable

#: What is written: the batches of one source, the daemon's own counters, the limits that fell.
Writer = tuple[Literal["batches", "counters", "limits"], str]
#: Nothing must be refused for so long before the trouble is over: a store that takes and refuses in turns is one trouble.
WELL_AFTER: Final = timedelta(seconds=10)
COUNTERS: Final[Writer] = ("counters", "")
LIMITS: Final[Writer] = ("limits", "")


def batches_of(source: str) -> Writer:
    """What comes of one source."""
    return "batches", source


class StoreHealth:
    """What the store refuses and is offered again. One object serves all generations of a daemon.

    The trouble lasts until all of it was taken and nothing was refused for a while: on a nearly full disk small writes are
    taken between large ones that are not, and that must not look like an end. Belongs to the event loop's thread.
    """

    def __init__(self) -> None:
        self.trouble: StoreTrouble | None = None
        self._refused: set[Writer] = set()
        self._last_refusal: datetime | None = None

    def refuses(self, writer: Writer) -> bool:
        """Whether this is being refused."""
        return writer in self._refused

    def refused(self, writer: Writer, error: StoreUnavailable, now: datetime) -> None:
        """It did not take what will be offered again."""
        before = self.trouble
        self._refused.add(writer)
        self._last_refusal = now
        self.trouble = StoreTrouble(error.why, error.to_do, before.since if before is not None else now)
        if before is None:
            log.get("store").error("store does not take writes, trying again", error=str(error))
        elif before.why != error.why:
            log.get("store").error("store still does not take writes", error=str(error))

    def took(self, writer: Writer, now: datetime) -> None:
        """It took all that there was to write, if anything."""
        self._refused.discard(writer)
        if self.trouble is None or self._last_refusal is None:
            return
        if not self._refused and now - self._last_refusal >= WELL_AFTER:
            log.get("store").info("store takes writes again", after=format_duration((now - self.trouble.since).total_seconds()))
            self.trouble = None

    def given_up(self, writer: Writer) -> None:
        """It is not offered again (a reload, a cursor that moved): whether the store would take it is not known."""
        self._refused.discard(writer)
