"""What is kept of each ticket: so few words that a hundred thousand of them are no burden.

Of one that is closed it is kept for as long as it may well come back, so that no message need be asked for again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from monitor.connector import StateReader
from monitor.connectors._tickets.events import Verdict
from monitor.domain.event import to_micros

STATE_PREFIX: Final = "ticket:"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One ticket."""

    ref: str
    place: str = ""  # where it was when it was read last, as an event carries it
    judged: int = -1  # customers' messages up to this `seq` were looked at
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # what those of them are that ask nothing
    gone: int = 0  # since when it is out of sight, micros; 0: it is there
    #: Messages that were read -> the gist of each as it is packed, empty where there is none: our replies, what the customer
    #: opened the ticket with, and those of his messages that give something.
    read: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    closed: int = 0  # when it was last seen closed, or deleted, micros; 0: it is open
    kept: Any = None  # what the system's own part wants to find again

    def packed(self) -> str:
        """As it is stored."""
        told = [self.ref, self.place, self.judged, self.verdicts, self.gone, self.read, self.closed]
        told += [self.kept] if self.kept is not None else []
        return json.dumps(told, separators=(",", ":"), sort_keys=True)

    @classmethod
    def unpacked(cls, entry: str) -> "Remembered":
        """What `packed` wrote; earlier versions wrote fewer."""
        return cls(*json.loads(entry))


class Memory:
    """Tickets by their number, as the store has them; `drain` gives what changed."""

    def __init__(self) -> None:
        self._open: dict[str, Remembered] = {}
        self._closed: dict[str, Remembered] = {}
        self._changed: dict[str, str | None] = {}
        self._looked_up_to = ""  # the last that `next_to_look_at` gave

    async def restore(self, state: StateReader) -> None:
        """Reads them anew."""
        entries = await state.prefix(STATE_PREFIX)
        known = {key.removeprefix(STATE_PREFIX): Remembered.unpacked(entry) for key, entry in entries.items()}
        self._open = {number: each for number, each in known.items() if not each.closed}
        self._closed = {number: each for number, each in known.items() if each.closed}
        self._changed = {}

    def get(self, number: str, ref: str) -> Remembered:
        """What is known of a ticket."""
        return self._open.get(number) or self._closed.get(number) or Remembered(ref)

    def open_by(self, ref: str) -> list[tuple[str, Remembered]]:
        """The open ticket that the interface calls so, with its number; none where it is not known."""
        return [(number, each) for number, each in self._open.items() if each.ref == ref]

    def keep(self, number: str, remembered: Remembered) -> None:
        """It is open, and this is known of it."""
        self._put(self._open, self._closed, number, replace(remembered, closed=0))

    def close(self, number: str, remembered: Remembered, at: datetime) -> None:
        """It is closed, or deleted. Worth keeping is what its messages say, so that they need not be asked for again, what the
        system does not tell a second time, and that it is gone, should it come back."""
        if remembered.read or remembered.verdicts or remembered.kept is not None or remembered.gone:
            self._put(self._closed, self._open, number, replace(remembered, closed=to_micros(at)))
        else:
            self.drop(number)

    def _put(self, there: dict[str, Remembered], elsewhere: dict[str, Remembered], number: str, remembered: Remembered) -> None:
        elsewhere.pop(number, None)
        if there.get(number) != remembered:
            there[number] = remembered
            self._changed[STATE_PREFIX + number] = remembered.packed()

    def drop(self, number: str) -> None:
        """It is gone, or nothing of it is worth keeping."""
        known = self._open.pop(number, None), self._closed.pop(number, None)
        if known != (None, None):
            self._changed[STATE_PREFIX + number] = None

    def forget(self, before: datetime) -> None:
        """Drops what was closed before, and has not changed since."""
        oldest = to_micros(before)
        for number in [number for number, each in self._closed.items() if each.closed < oldest]:
            self.drop(number)

    def drain(self) -> Mapping[str, str | None]:
        """Entries to store, once."""
        changed, self._changed = self._changed, {}
        return changed

    def next_to_look_at(self, count: int) -> dict[str, Remembered]:
        """The next `count` open tickets by number, in turn, so that each is looked at again some time."""
        numbers = sorted(self._open)
        after = [number for number in numbers if number > self._looked_up_to]
        chosen = (after or numbers)[:count]
        self._looked_up_to = chosen[-1] if chosen else ""
        return {number: self._open[number] for number in chosen}
