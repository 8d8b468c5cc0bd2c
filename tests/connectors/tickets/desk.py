"""A helpdesk in memory, with knobs, for tests of how tickets are read. Its clock is that of the test, or beside it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.connector import Finding, Place, Untold
from monitor.connectors._tickets.facts import QUEUE, STATUS, Change, Fact, Message, Stamp, State, Ticket, Value, Words
from monitor.connectors._tickets.helpdesk import Absence, Listing, Row
from monitor.connectors._tickets.rules import Rules
from monitor.testing import FakeClock

PLACE = Place("queue", "A queue.")
RULES = Rules({"resolved": State("closed"), "stalled": State("pending")}, rank=lambda _text: None)


@dataclass
class Desk:
    """Tickets by number; pages of `per_page` by id."""

    clock: FakeClock
    place: Place = PLACE
    overlap: timedelta = timedelta(minutes=2)
    lag: timedelta = timedelta(seconds=1)
    rough: bool = True
    looked_at: int = 100
    per_page: int = 3
    ahead: timedelta = timedelta(0)  # its clock before ours
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    opened: dict[str, Stamp] = field(default_factory=dict)
    updated: dict[str, datetime] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    opening: dict[str, str] = field(default_factory=dict)  # ticket -> what it was opened with, where that comes along
    asked: list[str] = field(default_factory=list)  # what was asked for, in order
    fails: dict[str, list[Exception]] = field(default_factory=dict)  # ticket -> what asking for it raises, in turn
    absorbed: dict[str, list[Ticket]] = field(default_factory=dict)
    hidden: dict[str, Absence] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    slowness: float = 0.0  # seconds for each ticket
    filter_works: bool = True
    on_page: Any = None  # called before each page
    brings_theirs: bool = False  # customers' words come along
    asks_for_ours: bool = False  # our words must be asked for, as customers' must; else they come along

    # what happens there

    def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def open(self, number: str, by: Any = "customer") -> None:
        """A new ticket."""
        at = self._at()
        self.opened[number] = Stamp(f"{number}-0", at, by, 0)
        self.facts[number] = []
        self.updated[number] = at

    def say(self, number: str, by: Any, text: str = "words", *, public: bool = True) -> None:
        """A message on it."""
        stamp = self._stamp(number, by)
        self.texts[stamp.id] = text
        comes_along = (by == "agent" and not self.asks_for_ours) or (by == "customer" and self.brings_theirs)
        said = {"text": text} if comes_along else {"words_ref": stamp.id}
        self.facts[number].append(Message(stamp, public=public, **said))

    def change(self, number: str, name: str, old: Value, new: Value, by: Any = "agent") -> None:
        """A field gets another value."""
        self.facts[number].append(Change(self._stamp(number, by), name, old, new))

    def _stamp(self, number: str, by: Any) -> Stamp:
        at = self.updated[number] = self._at()
        seq = len(self.facts[number]) + 1
        return Stamp(f"{number}-{seq}", at, by, seq)

    def _at(self) -> datetime:
        return self.now().replace(microsecond=0)

    # what it answers

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        yield

    async def prepare(self) -> Rules:
        self.asked.append("prepare")
        return RULES

    def untold(self) -> Untold:
        return Untold(self.why)

    async def changed(self, since: datetime, mark: Any) -> Listing:
        self.asked.append(f"list {mark}")
        if self.on_page is not None:
            self.on_page(mark)
        after = int(mark or 0)
        numbers = sorted(
            int(n) for n, moment in self.updated.items() if (moment >= since or not self.filter_works) and int(n) > after
        )
        page = [str(n) for n in numbers[: self.per_page] if str(n) not in self.hidden]
        more = len(numbers) > self.per_page
        return Listing([Row(n, self.updated[n]) for n in page], str(numbers[self.per_page - 1]) if more else None, len(numbers))

    async def gather(self, rows: Sequence[Row]) -> None:
        """Each ticket is asked for by itself."""

    async def ticket(self, row: Row) -> Ticket | None:
        self.asked.append(f"ticket {row.ref}")
        await self.clock.advance(self.slowness)
        if self.fails.get(row.ref):
            raise self.fails[row.ref].pop(0)
        held: dict[str, Value] = {STATUS: "open", QUEUE: "Support"}
        for fact in self.facts[row.ref]:
            if isinstance(fact, Change):
                held[fact.field] = fact.new
        absorbed = self.absorbed.get(row.ref, [])
        facts = list(self.facts[row.ref])
        text = self.opening.get(row.ref)
        return Ticket(row.ref, row.ref, self.opened[row.ref], "anna@example.org", held, facts, absorbed=absorbed, text=text)

    async def words(self, ref: str, *, ours: bool = False) -> Words:
        self.asked.append(f"words {ref}{' of ours' if ours else ''}")
        if self.fails.get(ref):
            raise self.fails[ref].pop(0)
        return Words(self.texts[ref], automatic="Out of office" in self.texts[ref])

    async def absent(self, refs: Sequence[str]) -> Mapping[str, Absence]:
        self.asked.append(f"look {' '.join(sorted(refs))}")
        return {ref: self.hidden[ref] for ref in refs if ref in self.hidden}

    async def check(self) -> AsyncIterator[Finding]:
        yield Finding(True, "is there")
