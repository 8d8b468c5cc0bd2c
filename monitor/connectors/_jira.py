"""Issues of Jira Service Management, with comments and changelog -> facts of a ticket. Pure.

What each of them means, and where that comes from: docs/connectors/jira_service_management.md.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from monitor.connectors._http.fields import items, name, optional_name, part, whole
from monitor.connectors._jira_text import document_of
from monitor.connectors._jira_values import (
    DUE,
    KEYS,
    LINK,
    TAGS,
    TYPE,
    Names,
    Sides,
    account_of,
    is_done,
    is_ours,
    moment,
    project_of,
    several,
    value_of,
)
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
    Change,
    Fact,
    Judged,
    Message,
    Rating,
    Side,
    Stamp,
    Ticket,
    Value,
)
from monitor.connectors._tickets.written import PER_SECOND, places

#: Fields of the changelog that have a meaning, by their ids there; those of the desk's own go by their titles.
_FIELDS: Final = {
    "status": STATUS, "assignee": OWNER, "priority": PRIORITY, "labels": TAGS, "duedate": DUE, "issuetype": TYPE, KEYS: QUEUE,
}  # fmt: skip
#: What automation does because of a customer's words comes within so much time of them.
_AT_ONCE: Final = timedelta(seconds=60)
_BEST: Final = 5  # stars


class _Record(NamedTuple):
    """A comment, or an entry of the changelog."""

    at: datetime
    is_change: bool
    id: int
    data: Any


class Reader:
    """How one issue is read: as the search gives it, with all its comments and its whole changelog. Raises DataError."""

    def __init__(self, names: Names, sides: Sides, row: Any, comments: Sequence[Any], changelog: Sequence[Any]) -> None:
        self._names = names
        self._row = row
        self._roles = sides.in_issue(row, comments, changelog)
        told = [(each, False) for each in comments] + [(each, True) for each in changelog]
        records = (_Record(moment(part(data, "created"), "created"), change, whole(data, "id"), data) for data, change in told)
        self._records = sorted(records, key=lambda record: (record.at, record.is_change, record.id))  # oldest first
        self._seqs = places(self._records, lambda record: record.at)

    def ticket(self) -> Ticket:
        """Raises DataError."""
        opener = self._opener()
        first = next(iter(self._seqs.values()), 0)
        opened = Stamp("created", moment(part(self._row, "fields", "created"), "created"), opener, first)
        names = self._customer()
        words = document_of(part(self._row, "fields", "description"))
        return Ticket(
            name(self._row, "id"), self._number(), opened, names[0] if names else None, self._now(),
            [*self._facts(), *self._judged(), *self._rated()], names=names[1:],
            text=words.text if opener == "customer" and not words.has_files else None,
        )  # fmt: skip

    def _number(self) -> str:
        """The key that it had first: an issue that goes to another project gets another one. Raises DataError."""
        first = next((item for record in self._records for item in _items(record, KEYS)), None)
        return name(self._row, "key") if first is None else name(first, "fromString")

    def _customer(self) -> tuple[str, ...]:
        """The reporter's address, where it is shown, and account, which is the same at every site."""
        reporter = part(self._row, "fields", "reporter")
        account, address = account_of(reporter), optional_name(reporter, "emailAddress")
        return tuple(each for each in (address, f"Atlassian account {account}" if account else None) if each)

    def _opener(self) -> Side:
        """Who asks for something himself is the customer; what an agent raises for somebody else is an agent's."""
        side = self._roles.side(part(self._row, "fields", "creator"))
        return "customer" if side == "rule" else side  # a mail, a form on a web page

    # its fields

    def _now(self) -> dict[str, Value]:
        """What its fields hold: as listed, or as newer entries of the changelog have it: the index is behind it."""
        fields = part(self._row, "fields")
        links, status = self._links_and_status_now()
        held: dict[str, Value] = {
            STATUS: self._status(status, links), OWNER: account_of(part(fields, "assignee")) or None,
            QUEUE: optional_name(fields, "project", "key"), PRIORITY: value_of(part(fields, "priority")),
            TAGS: value_of(part(fields, "labels")), DUE: value_of(part(fields, "duedate")),
            TYPE: value_of(part(fields, "issuetype")),
        }  # fmt: skip
        for field, title in self._names.fields.items():  # several may have one title
            held[title] = held.get(title) or value_of(part(fields, field))
        for item in self._newer_items():
            changed = self._field(item)
            if changed not in (None, STATUS):
                held[changed] = _value(changed, item, "to")
        return held

    def _newer_items(self) -> Iterator[Any]:
        updated = moment(part(self._row, "fields", "updated"), "updated")
        for record in self._records:
            if record.is_change and record.at > updated:
                yield from _items(record)

    def _links_and_status_now(self) -> tuple[frozenset[str], str]:
        """Which issues it duplicates, and the number of its status."""
        links = frozenset(
            name(each, "outwardIssue", "key")
            for each in several(self._row, "fields", "issuelinks")
            if part(each, "outwardIssue") is not None and self._names.duplicates(part(each, "type", "outward"))
        )
        status = name(self._row, "fields", "status", "id")
        for item in self._newer_items():
            links = self._linked(links, item)
            status = name(item, "to") if _is(item, "status") else status
        return links, status

    def _status(self, number: str, links: frozenset[str]) -> str:
        """What a status is called; of the present one its category comes along."""
        held = part(self._row, "fields", "status")
        return self._names.status(number, links, is_done=number == optional_name(held, "id") and is_done(held))

    def _linked(self, links: frozenset[str], item: Any, *, back: bool = False) -> frozenset[str]:
        """Which issues it duplicates after an entry, or `back` before it."""
        if not _is(item, LINK):
            return links
        gone, come = ("to", "from") if back else ("from", "to")
        if self._names.duplicates(part(item, f"{gone}String")):
            links -= {optional_name(item, gone) or ""}
        if self._names.duplicates(part(item, f"{come}String")):
            links |= {optional_name(item, come) or ""}
        return links - {""}

    def _field(self, item: Any) -> str | None:
        """What a change is of, as far as it is read."""
        called = optional_name(item, "fieldId") or optional_name(item, "field") or ""
        return _FIELDS.get(called) or self._names.fields.get(called)

    # what came after its creation

    def _facts(self) -> Iterator[Fact]:
        links, status = self._links_and_status_now()
        told = [item for record in self._records for item in _items(record)]
        for item in reversed(told):
            links = self._linked(links, item, back=True)
        status = next((name(item, "from") for item in told if _is(item, "status")), status)
        shown = self._status(status, links)
        asked: datetime | None = None  # when the customer wrote last
        for record in self._records:
            if not record.is_change:
                message = self._message(record)
                asked = record.at if message.public and message.stamp.by == "customer" else asked
                yield message
                continue
            stamp = Stamp(f"h{record.id}", record.at, self._roles.side(part(record.data, "author")), self._seqs[id(record)])
            for item in _items(record):
                links = self._linked(links, item)
                status = name(item, "to") if _is(item, "status") else status
                field = self._field(item)
                if field not in (None, STATUS) and (old := _value(field, item, "from")) != (new := _value(field, item, "to")):
                    yield Change(stamp, field, old, new)
            earlier, shown = shown, self._status(status, links)
            if shown != earlier:
                yield Change(self._because_of(stamp, asked, shown), STATUS, earlier, shown)

    def _because_of(self, stamp: Stamp, asked: datetime | None, status: str) -> Stamp:
        """What automation opens right after a customer's words is the customer's doing."""
        at_once = asked is not None and stamp.at - asked <= _AT_ONCE
        is_hers = stamp.by == "rule" and at_once and self._names.state(status).kind == "open"
        return stamp._replace(by="customer") if is_hers else stamp

    def _message(self, record: _Record) -> Message:
        """Words; a customer's come along as long as nothing is attached to them, ours where the customer sees them."""
        stamp = Stamp(str(record.id), record.at, self._roles.side(part(record.data, "author")), self._seqs[id(record)])
        words, public = document_of(part(record.data, "body")), not is_ours(record.data)
        text: str | None = words.text
        if (stamp.by == "customer" and words.has_files) or (stamp.by != "customer" and not public):
            text = None
        return Message(stamp, public=public, text=text)

    # what Jira itself says of it

    def _judged(self) -> Iterator[Judged]:
        """What its service levels say: each cycle that is over, and one that runs and is late."""
        for field, wait in self._names.levels.items():
            held = part(self._row, "fields", field)
            cycles = [*several(held, "completedCycles"), part(held, "ongoingCycle")]
            for place, cycle in enumerate(cycles):
                late = part(cycle, "breached") is True
                at = _epoch(cycle, "breachTime") if late else None
                at = at or _epoch(cycle, "stopTime")
                if at is not None:
                    kind = "follow_up" if wait == "reply" and place > 0 else wait
                    yield Judged(Stamp(f"{field}:{place}", at, "rule", int(at.timestamp()) * PER_SECOND), kind, late)

    def _rated(self) -> Iterator[Rating]:
        """How content the customer was, in stars, and when she said so."""
        stars = part(self._row, "fields", self._names.rating or "", "rating")
        at = part(self._row, "fields", self._names.rated or "")
        if isinstance(stars, int) and stars is not True and 1 <= stars <= _BEST and at is not None:
            when = moment(at, "when it was rated")
            seq = int(when.timestamp()) * PER_SECOND
            yield Rating(Stamp(f"rated:{seq}", when, "customer", seq), (stars - 1) / (_BEST - 1))


def _epoch(cycle: Any, key: str) -> datetime | None:
    found = part(cycle, key, "epochMillis")
    return None if found is None else moment(found, key)


def _items(record: _Record, called: str | None = None) -> list[Any]:
    """The changes of an entry; those of one field. Raises DataError."""
    return [each for each in items(record.data, "items") if called is None or _is(each, called)] if record.is_change else []


def _is(item: Any, called: str) -> bool:
    return called in (part(item, "fieldId"), part(item, "field"))


def _value(field: str | None, item: Any, end: str) -> Value:
    """What a field held before a change (`from`), or after it (`to`)."""
    said = part(item, f"{end}String")
    if field == OWNER:
        return optional_name(item, end)
    if field == QUEUE:
        return project_of(said)
    if field == TAGS:
        return value_of(said.split()) if isinstance(said, str) else None
    exact = value_of(part(item, end))  # dates are written for people in the other one
    return value_of(said) if exact is None or isinstance(exact, str) else exact
