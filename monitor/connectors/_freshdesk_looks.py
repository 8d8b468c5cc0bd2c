"""What two looks at a ticket of Freshdesk tell of what happened between them. Pure.

Freshdesk tells no history of a ticket's fields: only what they hold, when the ticket was changed last (`updated_at`), and for the
status when each of a few things happened last (`stats`). So each look is kept, and what differs at the next one has changed
since: a status at the moment that `stats` has for it, anything else between the two looks. docs/connectors/freshdesk.md says
what is lost that way.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from monitor.connectors._http.fields import part
from monitor.connectors._tickets.facts import STATUS, Side
from monitor.connectors._tickets.written import moment
from monitor.domain.event import from_micros, to_micros

OPEN: Final = "2"
PENDING: Final = "3"
RESOLVED: Final = "4"
CLOSED: Final = "5"
_DONE: Final = (RESOLVED, CLOSED)
#: What each moment of `stats` says that the status became then; in one second, in this order.
_BECAME: Final = (("reopened_at", OPEN), ("pending_since", PENDING), ("resolved_at", RESOLVED), ("closed_at", CLOSED))
#: What a ticket is made with is written within so much time.
_AT_ONCE: Final = timedelta(seconds=1)
#: What Freshdesk does to the status because of a customer's words comes within so much time of them.
_BECAUSE: Final = timedelta(seconds=10)
#: Changes that are kept of a ticket; of more, the first of each field and the latest.
_MAX_CHANGES: Final = 60


class Seen(NamedTuple):
    """A field got another value; values as Freshdesk writes them, as text."""

    field: str
    old: str | None
    new: str | None
    at: datetime  # at the latest
    after: datetime | None  # it happened later than this; None: `at` is its moment
    by: Side


@dataclass(frozen=True, slots=True)
class Look:
    """All that is known of a ticket's fields."""

    updated: datetime  # `updated_at` of the ticket as it was seen last
    values: Mapping[str, str | None]  # of the fields that are read, then
    changes: Sequence[Seen] = ()  # oldest first

    def packed(self) -> Any:
        """As it is kept, JSON."""
        changes = [
            [each.field, each.old, each.new, to_micros(each.at), None if each.after is None else to_micros(each.after), each.by]
            for each in self.changes
        ]
        return [to_micros(self.updated), dict(self.values), changes]

    @classmethod
    def unpacked(cls, kept: Any) -> "Look | None":
        """What `packed` gave; None: it was never looked at."""
        if kept is None:
            return None
        updated, values, changes = kept
        seen = [
            Seen(field, old, new, from_micros(at), None if after is None else from_micros(after), by)
            for field, old, new, at, after, by in changes
        ]
        return cls(from_micros(updated), values, seen)


@dataclass(frozen=True, slots=True)
class Present:
    """A ticket as it is now."""

    created: datetime
    updated: datetime
    values: Mapping[str, str | None]
    stats: Any  # None: not told
    asked: Sequence[datetime] = ()  # when customers wrote


def looked(before: Look | None, now: Present, *, unchanged: datetime, dated: Collection[str]) -> Look:
    """The look `before`, with what `now` tells beyond it.

    `unchanged`: as long as the ticket is known to have been as it was before. `dated`: fields whose date is a promise of ours,
    which one that is there at the first look was from the beginning, as far as anybody can tell.
    """
    if before is not None and now.updated < before.updated:
        return before  # a page that was older than the one before
    since = now.created if before is None else min(max(before.updated, unchanged), now.updated)
    known = before.values if before is not None else {}
    # What it held at the first look it has held ever since, for all that is known; so with a field that is read since lately.
    first = {field: value for field, value in now.values.items() if field not in known and field != STATUS}
    found = [
        Seen(field, None, value, now.created, None, "agent")
        for field, value in first.items() if field in dated and value is not None
    ]  # fmt: skip
    found += _statuses(before, now, since)
    found += [
        Seen(field, known[field], value, now.updated, since, "agent")
        for field, value in now.values.items() if field in known and field != STATUS and known[field] != value
    ]  # fmt: skip
    earlier = before.changes if before is not None else ()
    return Look(now.updated, now.values, _bounded(sorted((*earlier, *found), key=lambda each: each.at)))


class _Became(NamedTuple):
    """The status was set at a moment."""

    at: datetime
    order: int
    status: str
    reopened: bool = False


def _statuses(before: Look | None, now: Present, since: datetime) -> list[Seen]:
    """How the status came to be what it is."""
    present = now.values.get(STATUS) or OPEN
    told = {(each.new, each.at) for each in before.changes if each.field == STATUS} if before is not None else set()
    floor = now.created if before is None else before.updated
    marks = [each for each in _marks(now.stats, present) if each.at >= floor and (each.status, each.at) not in told]
    if before is not None:
        status = before.values.get(STATUS) or OPEN
    else:
        made = [each.status for each in marks if each.at <= now.created + _AT_ONCE]
        marks = [each for each in marks if each.at > now.created + _AT_ONCE]
        status = made[-1] if made else present if now.updated <= now.created + _AT_ONCE else OPEN
    found: list[Seen] = []

    def became(new: str, at: datetime, after: datetime | None) -> None:
        nonlocal status
        if new != status:
            found.append(Seen(STATUS, status, new, at, after, _by(status, new, at, now.asked)))
            status = new

    for mark in marks:
        if mark.reopened and status == OPEN:  # it had been resolved: when, is not told any more
            after = found[-1].at if found else since
            became(RESOLVED, max(after, _before_words(mark.at, now.asked)), after)
        became(mark.status, mark.at, None)
    became(present, now.updated, max(since, found[-1].at) if found else since)
    return found


def _marks(stats: Any, present: str) -> list[_Became]:
    """What `stats` tells, oldest first."""
    found = [
        _Became(at, order, status, status == OPEN)
        for order, (key, status) in enumerate(_BECAME) if (at := moment(part(stats, key))) is not None
    ]  # fmt: skip
    last = moment(part(stats, "status_updated_at"))
    if last is not None and all((each.at, each.status) != (last, present) for each in found):
        found.append(_Became(last, len(_BECAME), present))
    return sorted(found)


def _before_words(at: datetime, asked: Iterable[datetime]) -> datetime:
    """Before the words because of which something happened then; else that moment."""
    words = [each for each in asked if abs(at - each) <= _BECAUSE]
    return min(at, *words) - _AT_ONCE if words else at


def _by(old: str, new: str, at: datetime, asked: Iterable[datetime]) -> Side:
    """Whose doing it is: the customer's words open a ticket that was closed, or waited for them."""
    by_words = new not in _DONE and any(abs(at - each) <= _BECAUSE for each in asked)
    return "customer" if by_words and (old in _DONE or new == OPEN) else "agent"


def _bounded(changes: list[Seen]) -> Sequence[Seen]:
    if len(changes) <= _MAX_CHANGES:
        return changes
    first: dict[str, Seen] = {}
    for each in changes[:-_MAX_CHANGES]:
        first.setdefault(each.field, each)
    return [*first.values(), *changes[-_MAX_CHANGES:]]


def without_closing(look: Look, merged: datetime) -> Look:
    """The same of a ticket that was merged into another one then, which closed it: that resolved nothing."""
    closing = [each for each in look.changes if each.field == STATUS and each.at >= merged - _BECAUSE]
    if not closing:
        return look
    values = {**look.values, STATUS: closing[0].old}
    return replace(look, values=values, changes=[each for each in look.changes if each not in closing])
