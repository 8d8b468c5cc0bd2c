"""What ids, statuses, accounts and values of fields mean in Jira. Pure.

Where each fact comes from: docs/connectors/jira_service_management.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from monitor.connectors._http.fields import name, optional_name, part
from monitor.connectors._tickets.facts import OPEN, Side, State, Value
from monitor.connectors._tickets.rules import folded
from monitor.connectors._tickets.written import value
from monitor.errors import DataError

DUE: Final = "duedate"
TAGS: Final = "tags"
TYPE: Final = "type"
#: Entries of the changelog that are of no field: the key, which names the project, and links to other issues.
KEYS: Final = "Key"
LINK: Final = "Link"

#: Kinds of custom fields that Service Management makes.
REQUEST_TYPE: Final = "com.atlassian.servicedesk:vp-origin"
_PARTICIPANTS: Final = "com.atlassian.servicedesk:sd-request-participants"
_LEVEL: Final = "com.atlassian.servicedesk:sd-sla-field"
_RATING: Final = "com.atlassian.servicedesk:sd-request-feedback"
_RATED: Final = "com.atlassian.servicedesk:sd-request-feedback-date"
#: The names that its service levels have when a project is made.
_LEVELS: Final[Mapping[str, Literal["reply", "resolution"]]] = {
    "time to first response": "reply", "time to resolution": "resolution",
}  # fmt: skip
#: Statuses of its own workflows in which a request waits for others than us; none is of a category of its own.
_WAITING: Final = {"waiting for customer": State("pending", on="customer"), "pending": State("pending", on="third_party")}
_DONE: Final = "done"
#: A status of that category that no list has.
_UNLISTED: Final = "unlisted\ndone"
#: An issue that duplicates another one and is closed is as if in a status of its own; no real one has such a name.
_DUPLICATE: Final = "\nduplicate"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)\Z", re.ASCII)
_DUPLICATES: Final = re.compile(r"\bduplicates\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """What ids mean."""

    statuses: Mapping[str, str]  # by number: its name, and where that alone does not tell, the number
    states: Mapping[str, State]  # by those names, and as duplicates
    fields: Mapping[str, str]  # custom fields that the settings name
    levels: Mapping[str, Literal["reply", "resolution"]]  # service levels
    request_type: str | None = None
    participants: str | None = None
    rating: str | None = None
    rated: str | None = None  # when

    def status(self, number: str, duplicated: Iterable[str], *, is_done: bool = False) -> str:
        """What a status is called, of an issue that duplicates these. `is_done`: of one that is not listed, its category."""
        called = self.statuses.get(number, _UNLISTED if is_done else f"#{number}")
        return called + _DUPLICATE if any(duplicated) and called + _DUPLICATE in self.states else called

    def state(self, called: str) -> State:
        """What it means."""
        return self.states.get(called, OPEN)

    def duplicates(self, words: Any) -> bool:
        """Whether a link says that this issue is the duplicate."""
        return isinstance(words, str) and _DUPLICATES.search(words) is not None

    def asked_for(self) -> list[str]:
        """Fields of an issue that a search is to bring along."""
        own = (self.request_type, self.participants, self.rating, self.rated)
        found = {*self.fields, *self.levels, *(each for each in own if each is not None)}
        return [
            "project", "created", "updated", "creator", "reporter", "assignee", "status", "priority", "labels", DUE, "issuetype",
            "issuelinks", "description", "comment", *sorted(found),
        ]  # fmt: skip


def names_of(fields: Iterable[Any], statuses: Iterable[Any], wanted: Iterable[str]) -> Names:
    """From `/field` and `/status`; `wanted` are the titles that the settings name. Raises DataError."""
    titles = {folded(each): each for each in wanted}
    known: dict[str, str] = {}
    kinds: dict[str, str] = {}
    levels: dict[str, Literal["reply", "resolution"]] = {}
    for each in fields:
        field, title, kind = name(each, "id"), optional_name(each, "name") or "", part(each, "schema", "custom")
        if not isinstance(kind, str):
            continue
        if kind == _LEVEL and folded(title) in _LEVELS:
            levels[field] = _LEVELS[folded(title)]
        kinds.setdefault(kind, field)
        if folded(title) in titles:
            known[field] = titles[folded(title)]
    numbers, states = _statuses(statuses)
    return Names(
        numbers, states, known, levels, kinds.get(REQUEST_TYPE), kinds.get(_PARTICIPANTS), kinds.get(_RATING), kinds.get(_RATED)
    )  # fmt: skip


def _statuses(statuses: Iterable[Any]) -> tuple[dict[str, str], dict[str, State]]:
    """Projects may have statuses of one name that mean different things: these are told apart by their numbers."""
    meant: dict[str, dict[str, State]] = defaultdict(dict)
    for each in statuses:
        called = name(each, "name")
        meant[called][name(each, "id")] = State("closed", how="done") if is_done(each) else _WAITING.get(folded(called), OPEN)
    numbers: dict[str, str] = {}
    states = {_UNLISTED: State("closed", how="done"), _UNLISTED + _DUPLICATE: State("discarded", reason="duplicate")}
    for called, by_number in meant.items():
        alike = len(set(by_number.values())) == 1
        for number, state in by_number.items():
            shown = numbers[number] = called if alike else f"{called} #{number}"
            states[shown] = state
            if state.kind == "closed":
                states[shown + _DUPLICATE] = State("discarded", reason="duplicate")
    return numbers, states


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is who."""

    participants: str | None  # the field of those who follow a request with the reporter
    staff: frozenset[str] | None  # whom the settings name, in small letters: addresses, or accounts
    robots: frozenset[str]

    def in_issue(self, row: Any, comments: Iterable[Any], changelog: Iterable[Any]) -> "Roles":
        """Who is who in one issue."""
        asked = {account_of(each) for each in several(row, "fields", self.participants or "")}
        return Roles(self, account_of(part(row, "fields", "reporter")), frozenset(asked), _proven_staff(comments, changelog))


@dataclass(frozen=True, slots=True)
class Roles:
    """Who is who in one issue."""

    sides: Sides
    reporter: str
    participants: frozenset[str]
    proven: frozenset[str]  # staff by what they did

    def side(self, user: Any) -> Side:
        """On which side an account acts; without one it is Jira itself."""
        account = account_of(user)
        known = {folded(account), folded(optional_name(user, "emailAddress"))} - {""}
        kind = part(user, "accountType")
        if not known or known & self.sides.robots or kind == "app":
            return "rule"
        if account and account == self.reporter:
            return "customer"
        if self.sides.staff is not None:
            return "agent" if known & self.sides.staff else "customer"
        if kind == "customer":
            return "customer"
        is_colleague = kind == "atlassian" and account not in self.participants
        return "agent" if is_colleague or account in self.proven else "customer"


def _proven_staff(comments: Iterable[Any], changelog: Iterable[Any]) -> frozenset[str]:
    """Who has done in an issue what customers cannot: write what only colleagues see, give it to somebody, set its priority."""
    proven = {account_of(part(each, "author")) for each in comments if is_ours(each)}
    for entry in changelog:
        if any(part(each, "fieldId") in ("assignee", "priority") for each in several(entry, "items")):
            proven.add(account_of(part(entry, "author")))
    return frozenset(proven - {""})


def is_done(status: Any) -> bool:
    """Whether a status is of the category of what is done."""
    key: object = part(status, "statusCategory", "key")
    return key == _DONE


def is_ours(comment: Any) -> bool:
    """Whether customers do not see a comment."""
    return part(comment, "jsdPublic") is False or part(comment, "visibility") is not None


def several(data: Any, *path: str) -> list[Any]:
    """The array at a path; empty where there is none."""
    found = part(data, *path)
    return found if isinstance(found, list) else []


def account_of(user: Any) -> str:
    """What an account is called; empty where nobody is named."""
    return optional_name(user, "accountId") or ""


def project_of(key: Any) -> str | None:
    """The project of an issue's key, as SUP of SUP-12."""
    return key.rpartition("-")[0] or None if isinstance(key, str) else None


def moment(raw: Any, what: str) -> datetime:
    """A moment as Jira writes it, with the offset of the account's zone, or in milliseconds; in UTC. Raises DataError."""
    try:
        if isinstance(raw, str) and len(raw) < 40:
            found = datetime.fromisoformat(raw)
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        elif isinstance(raw, int) and not isinstance(raw, bool):
            return datetime.fromtimestamp(raw / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise DataError(f"no moment: {what}")


def value_of(raw: Any) -> Value:
    """A field's value: of what is chosen from a list, its name; of people, their accounts."""
    if isinstance(raw, list):
        return value([_plain(each) for each in raw])
    plain = _plain(raw)
    if isinstance(plain, str) and _MOMENT.match(plain):
        return moment(plain, "of a field")
    return value(plain)


def _plain(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    found = (part(raw, *path) for path in (("requestType", "name"), ("accountId",), ("value",), ("name",)))
    return next((each for each in found if isinstance(each, str)), None)
