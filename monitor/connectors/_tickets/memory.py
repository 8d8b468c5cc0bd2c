"""What is kept of each ticket that is not closed: so few words that a hundred thousand of them are no burden."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.connector import StateReader
from monitor.connectors._tickets.events import Verdict

STATE_PREFIX: Final = "ticket:"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One open ticket."""

    ref: str
    place: str = ""  # where it was when it was read last, as an event carries it
    judged: int = -1  # messages up to this `seq` were looked at
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)  # what those of them are that ask nothing
    gone: int = 0  # since when it is out of sight, micros; 0: it is there

    def packed(self) -> str:
        """As it is stored."""
        return json.dumps([self.ref, self.place, self.judged, self.verdicts, self.gone], separators=(",", ":"), sort_keys=True)

    @classmethod
    def unpacked(cls, entry: str) -> "Remembered":
        return cls(*json.loads(entry))


class Memory:
    """All open tickets by their number, as the store has them; `drain` gives what changed."""

    def __init__(self) -> None:
        self._open: dict[str, Remembered] = {}
        self._changed: dict[str, str | None] = {}
        self._looked_up_to = ""  # the last that `next_to_look_at` gave

    async def restore(self, state: StateReader) -> None:
        """Reads them anew."""
        entries = await state.prefix(STATE_PREFIX)
        self._open = {key.removeprefix(STATE_PREFIX): Remembered.unpacked(entry) for key, entry in entries.items()}
        self._changed = {}

    def get(self, number: str, ref: str) -> Remembered:
        """What is known of a ticket."""
        return self._open.get(number) or Remembered(ref)

    def keep(self, number: str, remembered: Remembered) -> None:
        """It is open, and this is known of it."""
        if self._open.get(number) != remembered:
            self._open[number] = remembered
            self._changed[STATE_PREFIX + number] = remembered.packed()

    def drop(self, number: str) -> None:
        """It is closed or gone."""
        if self._open.pop(number, None) is not None:
            self._changed[STATE_PREFIX + number] = None

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
