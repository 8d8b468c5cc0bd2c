"""What a helpdesk's own part tells of a ticket: values without any meaning of ours yet. `events.py` gives them that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

#: Who did something: a customer, one of us, or what the system does by itself.
Side = Literal["customer", "agent", "rule", "bot"]

#: Fields that have a meaning everywhere. All others (dates that are promises, tags, custom fields) go by the system's names.
STATUS: Final = "status"
OWNER: Final = "owner"
QUEUE: Final = "queue"
PRIORITY: Final = "priority"
#: The moment until which a pending status is meant to stand, where the system keeps one.
UNTIL: Final = "pending until"

#: A field's value: text as the system writes it, a moment (aware, UTC), a day; None where it is not set.
Value = str | date | None


class Stamp(NamedTuple):
    """One record of a ticket's history: its name there, when it was made, by whom, and its place among those of one moment."""

    id: str  # unique within the ticket; the same whenever it is read again
    at: datetime  # aware, UTC
    by: Side
    seq: int  # grows with what was recorded later; 0 to 2**40
    after: datetime | None = None  # nobody recorded it: it happened between then and `at`, two looks at the ticket


class Message(NamedTuple):
    """Words that somebody wrote."""

    stamp: Stamp
    public: bool = True  # the customer sees or wrote it
    automatic: bool = False  # a machine of the customer wrote it
    text: str | None = None  # where it came along; looked at in memory and dropped
    words_ref: str | None = None  # what `Helpdesk.words` is asked for where it matters: its text, or whether there is more to it


class Words(NamedTuple):
    """What a message says. Looked at in memory and dropped."""

    text: str | None  # None: there is none, or of a customer's, there is more to it than text, a file perhaps
    automatic: bool = False  # a machine wrote it


class Change(NamedTuple):
    """A field got another value."""

    stamp: Stamp
    field: str
    old: Value
    new: Value


class Merge(NamedTuple):
    """The ticket goes on in another one, and says so itself. Where only the other one says it: `Ticket.absorbed`."""

    stamp: Stamp
    into: str  # the other one's number


class Rating(NamedTuple):
    """How content the customer was, 0 (not at all) to 1."""

    stamp: Stamp
    score: float


class Judged(NamedTuple):
    """What the system's own clocks say of a wait that ran, or ended, at the stamp's moment."""

    stamp: Stamp
    wait: Literal["reply", "follow_up", "resolution"]
    breached: bool


Fact = Message | Change | Merge | Rating | Judged


@dataclass(frozen=True, slots=True)
class Ticket:
    """All that is known of one ticket now."""

    ref: str  # what the interface calls it
    number: str  # as people know it; the name of the contact
    opened: Stamp  # its creation: by the customer with the first message, or by one of us, or a rule
    customer: str | None  # an address or number, raw: it is hashed before it leaves the connector
    now: Mapping[str, Value]  # what each field holds at present; fields without a meaning may be left out
    facts: Sequence[Fact] = field(default_factory=tuple)  # what came after the creation, in any order
    answered: bool = False  # it began with our words to a customer, who has asked nothing
    follows: str | None = None  # the number of the ticket whose matter goes on here
    names: Sequence[str] = ()  # what else stands in the customer's record: numbers and addresses, raw
    text: str | None = None  # what the customer opened it with, where that came along; looked at in memory and dropped
    #: Tickets that go on in this one, as far as it tells of them: with a Merge. Their words are among the facts here, by the
    #: names that they had there.
    absorbed: "Sequence[Ticket]" = field(default_factory=tuple)
    #: What is to be found again as `Row.kept` when the ticket is read next, JSON: of a system that keeps no history, what it was
    #: like. Stored in one transaction with the events. No words of anybody.
    kept: Any = None

    @property
    def is_merged(self) -> bool:
        """Whether it goes on in another one."""
        return any(isinstance(fact, Merge) for fact in self.facts)

    def in_order(self) -> list[Fact]:
        """What came after the creation, oldest first."""
        return sorted(self.facts, key=lambda fact: (fact.stamp.at, fact.stamp.seq))

    def public_messages(self) -> list[Message]:
        """The words that the customer sees or wrote, oldest first."""
        return [fact for fact in self.in_order() if isinstance(fact, Message) and fact.public]


StateKind = Literal["open", "pending", "closed", "discarded"]


class State(NamedTuple):
    """What a status means."""

    kind: StateKind
    on: Literal["customer", "third_party", "time"] | None = None  # pending: whom it waits for
    how: Literal["done", "rejected", "duplicate", "timeout"] | None = None  # closed
    reason: str | None = None  # discarded: spam, deleted, duplicate, rejected


OPEN: Final = State("open")
