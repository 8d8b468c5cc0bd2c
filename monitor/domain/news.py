"""What contacts of one customer learn of each other: when we spoke with him or wrote to him, and who waits to hear of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from monitor.domain.contact import Contact, Wait
from monitor.domain.corrections import corrected
from monitor.domain.event import AFTERWARDS_KINDS, Event
from monitor.domain.judge import Judgement

#: The waits that words of ours in another contact can end; a promise only if it names a deed.
_SETTLED_ELSEWHERE: Final = frozenset(("callback", "promise"))
_OUR_WORDS: Final = frozenset(("answered", "called_out", "replied"))


class Matter(NamedTuple):
    """Something that the customer is owed. `until`: it was settled then, too late; None: it is open."""

    since: datetime
    until: datetime | None
    spoken: bool  # settled by nothing but speaking on the phone


def matters(judgement: Judgement) -> list[Matter]:
    """What of a contact is owed still, or came too late: an earlier word of ours, read later, may have settled it in time."""
    return [
        Matter(verdict.wait.since, verdict.wait.until, verdict.wait.deed == "call")
        for verdict in judgement.verdicts
        if verdict.wait is not None and verdict.state in ("open", "breached") and _is_settled_elsewhere(verdict.wait)
    ]


def _is_settled_elsewhere(wait: Wait) -> bool:
    return wait.kind in _SETTLED_ELSEWHERE and (wait.kind != "promise" or wait.deed is not None)


def words_of_ours(contact: Contact, events: Sequence[Event], known: Sequence[Event]) -> list[datetime]:
    """When a human of ours spoke with the customer or wrote to him in this contact, without what the events `known` said.

    `events`: all of the contact, in the order of `merge`.
    """
    spoken = {visit.until for visit in contact.visits if visit.ended == "answered" and visit.until is not None}
    if contact.channel in ("phone", "counter") and contact.answered_at is not None:
        spoken.add(contact.answered_at)
    told = {event.at for event in known if event.kind in _OUR_WORDS}
    return sorted(spoken.union(_written(contact, events)) - told)


def _written(contact: Contact, events: Sequence[Event]) -> Iterator[datetime]:
    """Replies of humans that the customer got."""
    written = [event for event in events if event.kind == "replied" and event.by in (None, "agent")]
    if written and any(event.kind in AFTERWARDS_KINDS for event in events):
        arrived = {event.id for event in corrected(contact.channel, events).events}
        written = [event for event in written if event.id in arrived]
    return (event.at for event in written)
