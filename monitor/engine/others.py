"""The other contacts of a contact's customer, side by side in time, and what they have to do with it. Changes nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final, TypedDict

from monitor.domain.contact import Contact
from monitor.domain.event import AGAIN, ANEW, Event
from monitor.domain.moments import iso
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Examined, examine, read_record, whereabouts
from monitor.engine.transaction import NamesOf
from monitor.store.base import FoundContact, Store

#: So many are shown, those nearest in time, within this long before it began and after the last that happened in it.
MOST_OTHERS: Final = 20
_WITHIN: Final = timedelta(days=30) // timedelta(microseconds=1)

#: What a contact has learned of another one, as the two are called on its side -> on the other's.
RELATIONS: Final[Mapping[str, str]] = {
    "came_before": "came_again",
    "asked": "asked_here",
    "same_call": "same_call",
    "same_matter": "same_matter",
    "unanswered": "unanswered_here",
    "sent": "sent_here",
    "kept_promise": "promise_kept_here",
    "kept_late": "promise_kept_late_here",
    "settled_callback": "callback_settled_here",
    "recovered": "recovered_here",
}
#: How a contact stands that has neither a running wait nor an outcome.
STANDS: Final = ("waiting", "reached", "not_reached", "written", "over")


class Other(TypedDict):
    """Another contact of the same customer."""

    contact: str
    contact_point: str
    channel: str
    begun: str
    begun_by_us: bool
    stands: str  # one of STANDS, or its last outcome
    waits: list[str]  # that run in it
    signals: list[str]  # that fell in it
    relations: list[str]  # keys and values of RELATIONS


def others(directory: Directory, store: Store, found: FoundContact, own: Examined, names_of: NamesOf) -> list[Other]:
    """In the order of their beginnings; none where the customer is not known. `own`: the contact itself."""
    row = found.row
    if row.customer is None:
        return []
    near = store.around(names_of(row.customer), row.begun, row.begun - _WITHIN, row.last + _WITHIN, MOST_OTHERS + 1)
    learned: dict[str, list[str]] = {}
    for other, relation in _learned(own):
        learned.setdefault(other, []).append(relation)
    shown = [
        _other(each, directory, row.id, learned.get(each.row.id, []))
        for each in near
        if (each.source, each.row.id) != (found.source, row.id)
    ]
    return sorted(shown[:MOST_OTHERS], key=lambda each: (each["begun"], each["contact"]))


def _other(found: FoundContact, directory: Directory, beside: str, learned: list[str]) -> Other:
    """`learned`: what the contact `beside` (our id) has learned of this one."""
    record = read_record(found.row)
    where = whereabouts(record, record.events, directory.look_up)
    examined = examine(record, record.events, where, record.evaluation_time)
    here = [RELATIONS[relation] for other, relation in _learned(examined) if other == beside]
    waits = [each.wait for each in examined.judgement.running]
    outcomes = examined.judgement.outcomes
    return {
        "contact": found.row.id,
        "contact_point": found.row.contact_point,
        "channel": found.row.channel,
        "begun": iso(examined.contact.begun),
        "begun_by_us": examined.contact.direction == "outbound",
        "stands": "waiting" if waits else outcomes[-1].outcome if outcomes else _undecided(examined.contact),
        "waits": list(dict.fromkeys(waits)),
        "signals": list(dict.fromkeys(each.signal for each in examined.judgement.verdicts if each.state == "breached")),
        "relations": list(dict.fromkeys((*learned, *here))),
    }


def _undecided(contact: Contact) -> str:
    if contact.direction != "outbound":
        return "over"
    if contact.channel not in ("phone", "counter"):
        return "written"
    return "reached" if contact.answered_at is not None else "not_reached"


def _learned(examined: Examined) -> Iterator[tuple[str, str]]:
    """(our id of another contact, what it has to do with this one)."""
    for event in examined.events:
        if event.to is not None and (found := _RELATIONS_OF.get(event.kind)) is not None:
            for relation in found(event, examined):
                if relation in RELATIONS:  # a later release may know more
                    yield event.to, relation


def _again(event: Event, _: Examined) -> Iterator[str]:
    yield event.reason or "came_before"


def _anew(event: Event, _: Examined) -> Iterator[str]:
    yield event.reason or "unanswered"


def _reached(event: Event, examined: Examined) -> Iterator[str]:
    if event.reason == "same_call":
        yield "same_call"
        return
    for verdict in examined.judgement.verdicts:
        wait = verdict.wait
        if wait is not None and wait.kind == "promise" and wait.until == event.at and not wait.void:
            yield "kept_promise" if verdict.state == "kept" else "kept_late"
    for wait in examined.contact.waits:
        if wait.kind == "callback" and wait.until == event.at and not wait.void:
            yield "settled_callback"
    if any(mark.mark == "recovered" and mark.key == event.id for mark in examined.contact.marks):
        yield "recovered"


_RELATIONS_OF: Final[Mapping[str, Callable[[Event, Examined], Iterator[str]]]] = {AGAIN: _again, ANEW: _anew, "reached": _reached}
