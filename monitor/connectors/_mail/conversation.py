"""One mail conversation as it is stored between two reads: who takes part, who asked, and answers read before their question."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from monitor.connectors._mail.our_words import Gists
from monitor.connectors._mail.parties import ClassifiedMail

_MAX_CUSTOMERS: Final = 8
_NO_GISTS: Final[Gists] = MappingProxyType({})
pack: Final = json.JSONEncoder(separators=(",", ":")).encode


class Parked(NamedTuple):
    """An event that was read before the mail that begins its conversation. `at` in microseconds."""

    id: str
    kind: str
    at: int
    gists: Gists = _NO_GISTS


@dataclass(slots=True)
class Conversation:
    """The stored state of one conversation. It has no name until there is an event of it."""

    key: str
    begun: int
    last: int
    name: str = ""
    place: str = ""
    customers: list[str] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # of the customers those who wrote to us
    firms: list[str] = field(default_factory=list)  # of those who asked; where nobody has, of those we wrote to

    @classmethod
    def from_entry(cls, key: str, entry: str) -> "Conversation":
        """What `to_entry` wrote, here or in version 0.1."""
        begun, last, name, place, customers, parked, *added = json.loads(entry)
        asked, firms = added or (customers[:1], [])  # as stored before there were these two
        return cls(key, begun, last, name, place, customers, [Parked(*each) for each in parked], asked, firms)

    def to_entry(self) -> str:
        """The form in which it is stored, without its key."""
        parked = [each if each.gists else each[:3] for each in self.parked]
        row = (self.begun, self.last, self.name, self.place, self.customers, parked, self.asked, self.firms)
        return pack(row)

    def touch(self, at: int, customers: Iterable[str]) -> None:
        """Something was written in it at `at`, to or by these."""
        self.begun, self.last = min(self.begun, at), max(self.last, at)
        join(self.customers, customers)

    def asks(self, p: ClassifiedMail, at: int) -> None:
        """A customer's mail joins. Whom our own mails name are customers too, but have not asked."""
        self.begun, self.last = min(self.begun, at), max(self.last, at)
        if p.others and p.others[0] in self.asked:
            return
        if not self.asked:
            self.firms = []
        join(self.customers, p.others)
        join(self.asked, p.others)
        join(self.firms, p.firms)

    def knows(self, p: ClassifiedMail) -> bool:
        """Whether who wrote or gets this mail takes part here, in person or by the firm of who asked."""
        return meet(self.customers, p.others) or meet(self.firms, p.firms)

    def is_told_by(self, p: ClassifiedMail) -> bool:
        """Whether this mail of ours goes to who asked here. Where nobody did or nobody is named, whoever gets it."""
        if not p.others or not self.asked:
            return not p.others or not self.customers or self.knows(p)
        return p.others[0] in self.asked or meet(self.asked, p.others) or meet(self.firms, p.firms)


def meet(known: Sequence[str], some: Iterable[str]) -> bool:
    """Whether one of these is known."""
    return not set(some).isdisjoint(known)


def join(known: list[str], new: Iterable[str]) -> None:
    """Adds those that are not known yet, as long as there are not too many."""
    for each in new:
        if each not in known and len(known) < _MAX_CUSTOMERS:
            known.append(each)
