"""Records of Request Tracker's history -> facts of a ticket. Pure.

What a record means was measured on 5.0.3: docs/connectors/request_tracker.md.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from monitor.connectors._http.fields import items, name, optional_name, part, whole
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
    Change,
    Fact,
    Merge,
    Message,
    Side,
    Stamp,
    Ticket,
    Value,
)
from monitor.connectors._tickets.people import People
from monitor.errors import DataError

NOBODY: Final = "Nobody"
_FIELDS: Final = {"Status": STATUS, "Owner": OWNER, "Queue": QUEUE, "Priority": PRIORITY}
#: A change of the owner comes twice: SetWatcher tells it again.
_REPEATED: Final = "SetWatcher"
_LINKED: Final = re.compile(r"/ticket/(\d+)\Z")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)Z?\Z", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
#: A date that is not set is that of the beginning of the epoch.
_UNSET_UNTIL: Final = date(1970, 1, 2)
_MAX_VALUE: Final = 200
#: Request Tracker opens a ticket again by itself, in the second of the words that made it do so.
_AT_ONCE: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """How the records of one ticket are read."""

    ref: str  # the ticket's number; records of others were merged into it
    queues: Mapping[str, str]  # id -> name
    people: People
    requestors: Sequence[str]
    fields: Mapping[str, str]  # id of a custom field -> its name
    nobody: str | None  # the id of the owner that is none

    def ticket(self, data: Any, held: Mapping[str, Value], records: Sequence[Any]) -> Ticket:
        """The ticket of a listing's `data` with its history. Raises DataError."""
        facts: list[Fact] = []
        merged: dict[str, Stamp] = {}
        begun: dict[str, Stamp] = {}  # of those that were merged into it
        opened, author = Stamp("created", moment(data, "Created"), self._side(data), 0), name(data, "Creator", "id")
        for record, stamp in self._stamped(records):
            own = name(record, "ObjectId") == self.ref
            if own and part(record, "Type") == "Create":
                opened = stamp
            elif own:
                facts += self._own(record, stamp)
            elif part(record, "Field") == "MergedInto":
                merged[name(record, "ObjectId")] = stamp
            else:
                begun.setdefault(name(record, "ObjectId"), stamp)
                facts += self._brought(record, stamp)
        customer = author if opened.by == "customer" else next(iter(self.requestors), None)
        absorbed = [
            # Nobody can tell any more in which queue it was.
            Ticket(ref, ref, begun.get(ref, stamp), customer, {QUEUE: held.get(QUEUE)}, [Merge(stamp, self.ref)])
            for ref, stamp in merged.items()
        ]
        return Ticket(self.ref, self.ref, opened, customer, held, facts, absorbed=absorbed)

    def _stamped(self, records: Sequence[Any]) -> list[tuple[Any, Stamp]]:
        """Each record with its stamp. What the system did because of somebody's words is that person's doing."""
        found = []
        spoke: Stamp | None = None
        for record in records:
            stamp = Stamp(name(record, "id"), moment(record, "Created"), self._side(record), whole(record, "id"))
            if part(record, "Type") == "Correspond":
                spoke = stamp
            elif part(record, "Type") == "Status" and stamp.by == "rule" and spoke and stamp.at - spoke.at <= _AT_ONCE:
                stamp = stamp._replace(by=spoke.by)
            found.append((record, stamp))
        return found

    def _side(self, record: Any) -> Side:
        return self.people.side(name(record, "Creator", "id"), self.requestors)

    def _own(self, record: Any, stamp: Stamp) -> list[Fact]:
        kind, field = name(record, "Type"), optional_name(record, "Field")
        if kind in ("Correspond", "Comment"):
            return [_message(kind, stamp)]
        if kind == "CustomField":
            called = self.fields.get(field or "")
            return [] if called is None else [Change(stamp, called, value(record, "OldValue"), value(record, "NewValue"))]
        if not field or kind == _REPEATED or kind.endswith(("Link", "Watcher", "Record")):
            return []
        called = _FIELDS.get(field, field)
        return [Change(stamp, called, self._value(called, record, "OldValue"), self._value(called, record, "NewValue"))]

    def _brought(self, record: Any, stamp: Stamp) -> list[Fact]:
        """What a ticket that was merged into this one brings along: its words. Its first ones are the customer's question."""
        kind = name(record, "Type")
        if kind == "Create" and stamp.by == "customer":
            return [Message(stamp)]
        return [_message(kind, stamp)] if kind in ("Correspond", "Comment") else []

    def _value(self, field: str, record: Any, key: str) -> Value:
        found = value(record, key)
        if field == OWNER:
            return None if found == self.nobody else found
        if field == QUEUE and isinstance(found, str):
            return self.queues.get(found, f"#{found}")
        return found


def _message(kind: str, stamp: Stamp) -> Message:
    public = kind == "Correspond"
    is_looked_at = stamp.by == "customer" or (public and stamp.by == "agent")
    return Message(stamp, public=public, words_ref=stamp.id if is_looked_at else None)


def rank(priority: str) -> float | None:
    """How urgent a priority is: a number, more is more urgent."""
    return float(priority) if re.fullmatch(r"-?\d{1,9}", priority) else None


def value(data: Any, *path: str | int) -> Value:
    """A field's value: a moment, a day, a text; None where it is not set."""
    found = part(data, *path)
    if not isinstance(found, str):
        return optional_name(data, *path)
    try:
        if match := _MOMENT.match(found):
            at = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00")
            return None if at.date() < _UNSET_UNTIL else at
        if _DAY.match(found):
            day = date.fromisoformat(found)
            return None if day < _UNSET_UNTIL else day
    except ValueError:
        pass  # digits like those of a date
    return found[:_MAX_VALUE] or None


def moment(data: Any, *path: str | int) -> datetime:
    """A moment that must be there. Raises DataError."""
    found = value(data, *path)
    if not isinstance(found, datetime):
        raise DataError(f"no moment {'.'.join(map(str, path))}")
    return found


def values_held(data: Any, owner: str | None) -> dict[str, Value]:
    """What the fields hold at present, by the same names as in the history. `owner` is the owner's id."""
    held: dict[str, Value] = {
        STATUS: name(data, "Status"), OWNER: owner, QUEUE: name(data, "Queue", "Name"), PRIORITY: optional_name(data, "Priority"),
        "SLA": optional_name(data, "SLA"), "Due": value(data, "Due"),
    }  # fmt: skip
    return held | {name(each, "name"): value(each, "values", 0) for each in items(data, "CustomFields")}


def content(data: Any) -> str | None:
    """The text of an attachment."""
    found = part(data, "Content")
    try:
        return b64decode(found).decode("utf-8", "replace") if isinstance(found, str) else None
    except ValueError:
        return None
