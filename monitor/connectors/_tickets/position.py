"""Up to where a helpdesk has been read: the cursor of its source. Pure.

A pass lists the tickets that changed since the beginning of the last complete pass, in an order in which nothing moves past the
place that was reached (by id, or by a mark of the system's own). It may be cut anywhere: the cursor holds the pass's beginning,
the mark of the page, and which of its tickets are done.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.connector import Cursor
from monitor.domain.event import from_micros, to_micros


@dataclass(slots=True)
class Position:
    """One source's place in its tickets."""

    since: datetime  # everything that was changed before is known; of the server's clock, as all moments here
    began: datetime | None = None  # when the pass that is going on began
    mark: Any = None  # the page it has come to, JSON; None: the first
    seen: dict[str, int] = field(default_factory=dict)  # ticket -> when it was changed, micros: those that will be listed again
    done: int = 0  # tickets read in this pass
    words_since: datetime | None = None  # what we wrote from then on is read; fixed by the first read

    @classmethod
    def of(cls, cursor: Cursor | None, first: datetime) -> "Position":
        """What a cursor says; `first` is where the very first read begins."""
        if cursor is None:
            return cls(first)
        began, words = cursor.get("began"), cursor.get("words")
        return cls(
            from_micros(cursor["since"]), None if began is None else from_micros(began), cursor.get("mark"),
            dict(cursor.get("seen", {})), int(cursor.get("done", 0)), None if words is None else from_micros(words),
        )  # fmt: skip

    def cursor(self) -> Cursor:
        """The same as JSON."""
        found: Cursor = {"since": to_micros(self.since), "seen": dict(self.seen)}
        if self.words_since is not None:
            found["words"] = to_micros(self.words_since)
        if self.began is not None:
            found |= {"began": to_micros(self.began), "mark": self.mark, "done": self.done}
        return found

    def is_known(self, ref: str, updated: datetime) -> bool:
        """Whether a ticket was read as it is now."""
        return self.seen.get(ref) == to_micros(updated)

    def read(self, ref: str, updated: datetime, settled: datetime) -> None:
        """Takes down that a ticket was read; what was changed after `settled` may change again within the same second."""
        self.done += 1
        if updated < settled:
            self.seen[ref] = to_micros(updated)
        else:
            self.seen.pop(ref, None)

    def turn(self, mark: Any, overlap: timedelta) -> None:
        """Goes on to the next page: what will not be listed again need not be remembered."""
        self.mark = mark
        self._forget(overlap)

    def finish(self, overlap: timedelta) -> None:
        """The pass is complete."""
        assert self.began is not None
        self._forget(overlap)
        self.since, self.began, self.mark, self.done = self.began, None, None, 0

    def _forget(self, overlap: timedelta) -> None:
        assert self.began is not None
        oldest = to_micros(self.began - overlap)
        self.seen = {ref: updated for ref, updated in self.seen.items() if updated >= oldest}
