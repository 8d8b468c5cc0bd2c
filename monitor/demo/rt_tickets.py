"""Tickets with every record of their history, as Request Tracker keeps them; the oldest are let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

CAP: Final = 2_000  # tickets that are kept; the oldest go first
NOBODY: Final = "Nobody"
SYSTEM: Final = "RT_System"
#: A moment that is not set.
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Records of one ticket that can be numbered.
_MAX_RECORDS: Final = 100


class Account(NamedTuple):
    """Somebody that Request Tracker knows. `privileged`: it may be given rights, so it is staff."""

    id: int
    privileged: bool
    real_name: str
    address: str | None


class Record(NamedTuple):
    """One record ("transaction") of a history."""

    id: int
    ticket: int  # the one in which it was written; a merge brings it into another one's history
    kind: str
    by: str
    at: datetime
    field: str = ""
    old: str = ""
    new: str = ""
    data: str = ""


class Words(NamedTuple):
    """What somebody wrote."""

    text: str
    headers: str = ""
    content_type: str = "text/plain"


@dataclass(slots=True)
class Ticket:
    """What a ticket holds at present, and its history."""

    number: int
    created: datetime
    creator: str
    requestors: tuple[str, ...]
    queue: str  # its id, as in `fields`
    subject: str
    updated: datetime
    updated_by: str
    fields: dict[str, str]  # id of a custom field -> value; empty: none
    sla: str = ""
    status: str = "new"
    owner: str = NOBODY
    priority: str = "50"
    due: datetime = NEVER
    records: list[Record] = field(default_factory=list)


class TicketSystem:
    """All tickets by their numbers. Moments are cut to whole seconds, as Request Tracker's clock does."""

    def __init__(
        self, accounts: Mapping[str, Account], queues: Mapping[str, str], fields: Mapping[str, str], cap: int = CAP
    ) -> None:
        """`queues` and `fields` (custom fields): id -> name."""
        self.accounts = dict(accounts)
        self.queues = queues
        self.fields = fields
        self.tickets: dict[int, Ticket] = {}
        self.words: dict[int, Words] = {}  # by the record that brought them
        self._cap = cap

    def open(
        self, number: int, by: str, at: datetime, queue: str, words: Words, *, subject: str = "", requestor: str | None = None
    ) -> int:
        """A new ticket, asked for by `requestor` (default: who enters it). Gives the number of its first record."""
        at = _whole_second(at)
        empty = dict.fromkeys(self.fields, "")
        self.tickets[number] = Ticket(number, at, by, (requestor or by,), queue, subject, at, by, empty)
        while len(self.tickets) > self._cap:
            gone = self.tickets.pop(next(iter(self.tickets)))
            for each in gone.records:
                self.words.pop(each.id, None)
        record = self.record(number, "Create", by, at)
        self.words[record] = words
        return record

    def record(
        self, number: int, kind: str, by: str, at: datetime, field: str = "", old: str = "", new: str = "", data: str = ""
    ) -> int:
        """A further record of its history. Gives the record's number."""
        ticket, at = self.tickets[number], _whole_second(at)
        record = self.next_record(ticket)
        ticket.records.append(Record(record, number, kind, by, at, field, old, new, data))
        ticket.updated, ticket.updated_by = at, by
        return record

    def next_record(self, ticket: Ticket) -> int:
        """The number of the ticket's next record: the same in every run, so that a restarted demo tells nothing twice."""
        return ticket.number * _MAX_RECORDS + len(ticket.records)

    def say(self, number: int, by: str, at: datetime, words: Words, kind: str = "Correspond") -> int:
        """Words to or from the customer, or a comment. Gives the record's number."""
        record = self.record(number, kind, by, at, data="No Subject")
        self.words[record] = words
        return record

    def set(self, number: int, name: str, new: str, by: str, at: datetime) -> int:
        """Status, Owner (a name), Queue (an id), Priority or Due (as `stamp` writes it) changes. Gives the record's number."""
        ticket = self.tickets[number]
        old = held(ticket, name)
        if name == "Status":
            ticket.status = new
            return self.record(number, "Status", by, at, name, old, new)
        if name == "Owner":
            ids = (str(self.accounts[old].id), str(self.accounts[new].id))
            ticket.owner = new
            changed = self.record(number, "Set", by, at, name, *ids)
            self.record(number, "SetWatcher", by, at, name, *ids)
            return changed
        if name == "Queue":
            ticket.queue = new
        elif name == "Priority":
            ticket.priority = new
        else:
            ticket.due = datetime.fromisoformat(f"{new}+00:00")
        return self.record(number, "Set", by, at, name, old, new)

    def set_custom(self, number: int, name: str, new: str, by: str, at: datetime) -> int:
        """The custom field `name` (its id) holds another value. Gives the record's number."""
        fields = self.tickets[number].fields
        old, fields[name] = fields[name], new
        return self.record(number, "CustomField", by, at, name, old, new)


def held(ticket: Ticket, name: str) -> str:
    """What one of the fields that `TicketSystem.set` changes holds."""
    found = {"Status": ticket.status, "Owner": ticket.owner, "Queue": ticket.queue, "Priority": ticket.priority}
    return found[name] if name in found else stamp(ticket.due)


def stamp(at: datetime) -> str:
    """A moment as histories and searches write it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _whole_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
