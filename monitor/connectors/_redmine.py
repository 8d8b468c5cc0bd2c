"""Journals of Redmine -> facts of an issue, and which of its accounts are staff. Pure.

What a journal means was measured on 5.0.4: docs/connectors/redmine.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from monitor.connectors._http.fields import items, name, number, optional_items, optional_name, part, whole
from monitor.connectors._redmine_notes import plain_notes
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
    Change,
    Fact,
    Message,
    Stamp,
    State,
    Ticket,
    Value,
)
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import folded
from monitor.errors import DataError

DUE_DATE: Final = "due_date"
_TRACKER: Final = "tracker"
_CATEGORY: Final = "category"
_CUSTOM: Final = "cf"
_DUPLICATES: Final = "duplicates"
_DATES: Final = (DUE_DATE, "start_date")
_BOTH: Final = ("old_value", "new_value")
#: What Redmine's own default data call the status in which an issue waits for who reported it, in the languages that it knows.
_FEEDBACK: Final = frozenset((
    "commentaire", "comentaris", "comentarios", "commenti", "feedback", "tagasiside", "atsauksmes", "așteaptă reacții",
    "berrelikadura", "geribildirim", "grįžtamasis ryšys", "odpowiedź", "palaute", "phản hồi", "povratna informacija",
    "përshtypje", "terugkoppeling", "tilbakemelding", "umpan balik", "visszajelzés", "återkoppling", "čaká na odsúhlasenie",
    "čeka se povratna informacija", "čeká se", "əks əlaqə", "σχόλια", "зворотний зв'язок", "нужен отклик", "обратна връзка",
    "повратна информация", "משוב", "التغذية الراجعة", "بازخورد", "รอคำตอบ", "フィードバック", "反馈", "已回應", "의견",
))  # fmt: skip
_FIELDS: Final = {
    "assigned_to_id": OWNER, "project_id": QUEUE, "priority_id": PRIORITY, "tracker_id": _TRACKER, "category_id": _CATEGORY,
    **{each: each for each in _DATES},
}  # fmt: skip
#: A custom field that is called like one of Redmine's own stays unread.
_OWN: Final = frozenset((STATUS, *_FIELDS.values()))
#: Who changes one of these in somebody else's issue must have the right to edit issues.
_EDITED: Final = frozenset((*_FIELDS, "status_id", "done_ratio", "fixed_version_id", "subject", "description"))
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_MAX_VALUE: Final = 200
#: The account that stands for all who have none, as it is called in English.
_ANONYMOUS: Final = "anonymous"


class Members(NamedTuple):
    """Who belongs to a project, by the numbers of accounts."""

    people: frozenset[str]
    staff: frozenset[str]  # who may edit its issues
    groups: frozenset[str]  # which issues can be assigned to as well


@dataclass(slots=True)
class Names:
    """What numbers mean: as the lists of the system say, and where it has none, as issues have shown it."""

    known: dict[str, dict[str, str]]  # field -> number -> name; custom fields themselves under `cf`
    closed: frozenset[str] = frozenset()  # numbers of statuses

    def of(self, field: str, held: str) -> str:
        """The name that a number stands for in this field; `#held` where nobody has told it."""
        return self.known.get(field, {}).get(held, f"#{held}")

    def field(self, custom: str) -> str | None:
        """The name of a custom field."""
        return self.known.get(_CUSTOM, {}).get(custom)

    def learn(self, data: Any) -> None:
        """Takes the names from an issue that no list tells. Raises DataError."""
        if part(data, _CATEGORY) is not None:
            self.known.setdefault(_CATEGORY, {})[name(data, _CATEGORY, "id")] = name(data, _CATEGORY, "name")
        custom = {name(each, "id"): name(each, "name") for each in _custom_fields(data)}
        self.known.setdefault(_CUSTOM, {}).update({key: called for key, called in custom.items() if called not in _OWN})


def states_of(statuses: Sequence[Any]) -> dict[str, State]:
    """What each status of `/issue_statuses.json` means. Raises DataError."""
    found: dict[str, State] = {}
    for each in statuses:
        status = name(each, "name")
        if part(each, "is_closed") is True:
            found[status] = State("closed", how="done")
            found[_duplicate(status)] = State("discarded", reason="duplicate")
        elif folded(status) in _FEEDBACK:
            found[status] = State("pending", on="customer")
    return found


def _duplicate(status: str) -> str:
    """An issue that duplicates another one and is closed is as if in a status of its own; no real one has such a name."""
    return f"{status}\nduplicate"


def projects_of(data: Any) -> list[str]:
    """The numbers of all projects in which the issue is or was, the present one first. Raises DataError."""
    found = [number(data, "project", "id")]
    for _, detail in _all_details(data):
        if _is(detail, "attr", "project_id"):
            found += [number(detail, key) for key in _BOTH]
    return list(dict.fromkeys(found))


def proven_staff(data: Any) -> set[str]:
    """Who has edited this issue though he did not open it: memberships end when people leave, their words stay.

    Raises DataError.
    """
    editors = {
        _account(journal, "user")
        for journal, detail in _all_details(data)
        if part(detail, "property") == "cf" or (part(detail, "property") == "attr" and optional_name(detail, "name") in _EDITED)
    }
    return editors - {_account(data, "author")}


@dataclass(frozen=True, slots=True)
class Reader:
    """How the journals of one issue are read."""

    names: Names
    people: People
    groups: frozenset[str]
    source: str  # its accounts have numbers, which mean somebody else elsewhere

    def ticket(self, data: Any) -> Ticket:
        """The issue with its history, as `/issues/N.json?include=journals,relations` tells it. Raises DataError."""
        self.names.learn(data)
        ref, author = number(data, "id"), _account(data, "author")
        opened = Stamp("created", moment(data, "created_on"), self.people.side(author), 0)
        is_somebody = author and folded(optional_name(data, "author", "name")) != _ANONYMOUS
        customer = f"{self.source} account {author}" if is_somebody and opened.by == "customer" else None
        said = part(data, "description")
        text = plain_notes(said) if isinstance(said, str) and opened.by == "customer" else None
        return Ticket(ref, ref, opened, customer, self._held(data), self._facts(data), text=text)

    def _held(self, data: Any) -> dict[str, Value]:
        """What the fields hold at present, by the same names as in the history."""
        status, owner = name(data, "status", "id"), optional_name(data, "assigned_to", "id")
        held: dict[str, Value] = {
            STATUS: self._status(status, _sets_now(data)), OWNER: self._owner(owner, _account(data, "author")),
            QUEUE: self.names.of(QUEUE, name(data, "project", "id")), PRIORITY: optional_name(data, "priority", "name"),
            _TRACKER: optional_name(data, _TRACKER, "name"), _CATEGORY: optional_name(data, _CATEGORY, "name"),
            **{each: value(part(data, each)) for each in _DATES},
        }  # fmt: skip
        return {name(each, "name"): value(part(each, "value")) for each in _custom_fields(data)} | held

    def _facts(self, data: Any) -> list[Fact]:
        facts: list[Fact] = []
        author, sets, status = _account(data, "author"), _sets_at_first(data), _status_at_first(data)
        shown = self._status(status, sets)
        for journal in items(data, "journals"):
            stamp = self._stamp(journal)
            facts += _messages(journal, stamp)
            before = dict(sets)
            for detail in _details(journal):
                if (key := _set_of(detail, sets)) is not None:
                    sets[key] = _after(sets[key], detail)
                elif _is(detail, "attr", "status_id"):
                    status = optional_name(detail, "new_value")
                else:
                    facts += self._changes(detail, stamp, author)
            facts += self._changed_sets(before, sets, stamp)
            earlier, shown = shown, self._status(status, sets)
            facts += [Change(stamp, STATUS, earlier, shown)] if shown != earlier else []
        return facts

    def _stamp(self, journal: Any) -> Stamp:
        seq = whole(journal, "id")
        return Stamp(str(seq), moment(journal, "created_on"), self.people.side(_account(journal, "user")), seq)

    def _status(self, held: str | None, sets: "_Sets") -> str:
        status = self.names.of(STATUS, held or "")
        return _duplicate(status) if sets[_DUPLICATES] and held in self.names.closed else status

    def _changed_sets(self, before: "_Sets", after: "_Sets", stamp: Stamp) -> list[Change]:
        return [
            Change(stamp, field, value([*before[key]]), value([*after[key]]))
            for key in after
            if after[key] != before[key] and key != _DUPLICATES and (field := self.names.field(key)) is not None
        ]

    def _changes(self, detail: Any, stamp: Stamp, author: str) -> list[Change]:
        kind, called = part(detail, "property"), optional_name(detail, "name") or ""
        old, new = (part(detail, key) for key in _BOTH)
        if kind == "cf":
            field = self.names.field(called)
            return [] if field is None else [Change(stamp, field, value(old), value(new))]
        if kind != "attr" or called not in _FIELDS:
            return []
        field = _FIELDS[called]
        return [Change(stamp, field, self._value(field, old, author), self._value(field, new, author))]

    def _value(self, field: str, raw: Any, author: str) -> Value:
        """A value in the history of a field that is no custom one: a date, or a number that stands for something."""
        if field in _DATES:
            return value(raw)
        stands_for = optional_name(raw)
        if field == OWNER:
            return self._owner(stands_for, author)
        return None if stands_for is None else self.names.of(field, stands_for)

    def _owner(self, assignee: str | None, author: str) -> str | None:
        """A person of ours: what is given to a group, or back to the customer, is in nobody's hands."""
        back = assignee == author and self.people.side(author) == "customer"
        return None if back or assignee in self.groups else assignee


def _messages(journal: Any, stamp: Stamp) -> list[Message]:
    """The words of a journal, if it has any. Those of a customer come along as long as nothing is attached to them, ours where
    the customer sees them."""
    notes = part(journal, "notes")
    if not isinstance(notes, str) or not notes.strip():
        return []
    attached = any(part(each, "property") == "attachment" for each in _details(journal))
    public = part(journal, "private_notes") is not True
    text = None
    if stamp.by == "customer" and not attached:
        text = notes
    elif stamp.by == "agent" and public:
        text = plain_notes(notes)
    return [Message(stamp, public=public, text=text)]


# What has several values at once, and changes by a row for each: fields that may, and the issues that this one duplicates.

_Sets = dict[str, frozenset[str]]


def _sets_now(data: Any) -> _Sets:
    """By `duplicates`, or the number of a custom field."""
    own = name(data, "id")
    duplicated = frozenset(
        name(each, "issue_to_id")
        for each in optional_items(data, "relations")
        if part(each, "relation_type") == _DUPLICATES and name(each, "issue_id") == own
    )
    several = (each for each in _custom_fields(data) if isinstance(part(each, "value"), list))
    return {_DUPLICATES: duplicated, **{name(each, "id"): frozenset(map(str, each["value"])) for each in several}}


def _sets_at_first(data: Any) -> _Sets:
    sets = _sets_now(data)
    for _, detail in reversed(_all_details(data)):
        if (key := _set_of(detail, sets)) is not None:
            sets[key] = _after(sets[key], detail, back=True)
    return sets


def _set_of(detail: Any, sets: _Sets) -> str | None:
    """Which of them a row changes."""
    if _is(detail, "relation", _DUPLICATES):
        return _DUPLICATES
    called = optional_name(detail, "name")
    return called if part(detail, "property") == "cf" and called in sets else None


def _after(held: frozenset[str], detail: Any, *, back: bool = False) -> frozenset[str]:
    """What is held after a row, or `back` before it."""
    gone, come = (part(detail, key) for key in (_BOTH[::-1] if back else _BOTH))
    return (held - {str(gone)}) | (frozenset() if come in (None, "") else {str(come)})


def _status_at_first(data: Any) -> str | None:
    first = next((detail for _, detail in _all_details(data) if _is(detail, "attr", "status_id")), None)
    return name(data, "status", "id") if first is None else optional_name(first, "old_value")


# values


def _details(journal: Any) -> list[Any]:
    return items(journal, "details")


def _all_details(data: Any) -> list[tuple[Any, Any]]:
    """Each row of the history beside its journal, oldest first. Raises DataError."""
    return [(journal, detail) for journal in items(data, "journals") for detail in _details(journal)]


def _is(detail: Any, kind: str, called: str) -> bool:
    return (part(detail, "property"), part(detail, "name")) == (kind, called)


def _custom_fields(data: Any) -> list[Any]:
    return optional_items(data, "custom_fields")


def _account(data: Any, key: str) -> str:
    """The number of an account; empty where nobody is named."""
    return optional_name(data, key, "id") or ""


def value(raw: Any) -> Value:
    """A field's value: a day, a text; several values separated by commas; None where it is not set."""
    if isinstance(raw, list):
        return ", ".join(sorted(str(each) for each in raw if each not in (None, "")))[:_MAX_VALUE] or None
    if raw is None or raw == "":
        return None
    text = str(raw)
    try:
        return date.fromisoformat(text) if _DAY.match(text) else text[:_MAX_VALUE]
    except ValueError:
        return text  # digits like those of a date


def moment(data: Any, *path: str | int) -> datetime:
    """A moment that must be there, in UTC. Raises DataError."""
    found = part(data, *path)
    try:
        if isinstance(found, str) and _MOMENT.match(found):
            return datetime.fromisoformat(found.replace("Z", "+00:00"))
    except ValueError:
        pass
    raise DataError(f"no moment {'.'.join(map(str, path))}")
