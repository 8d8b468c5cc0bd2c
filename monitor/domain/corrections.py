"""What later events disprove: replies that bounced, messages that never were a customer's, what was discarded by mistake.

And what they explain: the reopening that a thank-you caused.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from monitor.domain.event import AFTERWARDS_KINDS, Channel, Event

#: The reason of `discarded` that reaches back: what was said of the message before was wrong from the beginning. A ticket that
#: is deleted as a whole was none either; mails are deleted for other reasons.
SPAM: Final = "spam"
_DELETED: Final = "deleted"
#: Systems stamp the message and the reopening that it causes in either order.
_AT_ONCE: Final = timedelta(seconds=10)

_UNDOABLE: Final = ("discarded", "merged")

_OUR_WORDS: Final = ("replied", "auto_replied")
_SAID_AFTERWARDS: Final = frozenset((*AFTERWARDS_KINDS, "merged"))


class Corrected(NamedTuple):
    """The events of a contact that still hold, in order, and the messages of the customer that never were one's."""

    events: Sequence[Event]
    spam: frozenset[str] = frozenset()


def corrected(channel: Channel, events: Sequence[Event]) -> Corrected:
    """What is left of `events`, in the order of `merging.merge`.

    1. A reply that bounced was never told, nor was what its source took back (`retracted`).
    2. What speaks of a message stands behind it, and of a contact behind its first event, though another clock says otherwise.
    3. Of `discarded` (or `merged`) and `restored` of the same event (or of the whole contact) the latest decides. What is
       discarded was so from the first time since it was restored.
    4. Spam is taken out from the beginning, unless a human answered it: then it was a customer's.
    """
    kinds = {event.kind for event in events}
    if "reopened" in kinds and "received" in kinds:
        events = _behind_thanks(events)
    if kinds.isdisjoint(_SAID_AFTERWARDS):  # nearly every contact
        return Corrected(events)
    bounced = {event.event for event in events if event.kind == "bounced"}
    never = {event.event for event in events if event.kind == "retracted"}
    # What closes a contact that has too many events bears the id of one of them, and is not that event.
    told = [event for event in events if event.kind == "lost" or event.id not in never]
    told = _behind([event for event in told if not (event.kind in _OUR_WORDS and event.id in bounced)])
    in_force = _in_force(channel, told)
    spam = _spam(told, in_force)
    kept = [
        in_force.get(index, event)
        for index, event in enumerate(told)
        if event.kind not in ("restored", "bounced", "retracted") and (event.kind not in _UNDOABLE or index in in_force)
    ]
    return Corrected(kept, spam)


def _behind_thanks(events: Sequence[Event]) -> Sequence[Event]:
    """The events; a reopening that nobody but a thank-you can have caused stands behind it."""
    placed = list(events)
    for index, event in enumerate(events):
        if event.kind != "reopened" or event.by == "agent":
            continue
        until = event.at + _AT_ONCE
        cause = next((each for each in events[index + 1 :] if each.kind == "received" or each.at > until), None)
        if cause is not None and cause.at <= until and (cause.courtesy or cause.automatic):
            placed.remove(event)
            placed.insert(placed.index(cause) + 1, event)
    return placed


def _behind(events: list[Event]) -> list[Event]:
    """The events; those that stand before what they speak of are moved behind it."""
    place = {event.id: index for index, event in enumerate(events) if event.kind not in AFTERWARDS_KINDS}
    begun = min(place.values(), default=-1)

    def order(numbered: tuple[int, Event]) -> tuple[int, int]:
        index, event = numbered
        spoken_of = -1
        if event.kind in AFTERWARDS_KINDS:
            spoken_of = begun if event.event is None else place.get(event.event, -1)
        return (max(index, spoken_of), -1 if index >= spoken_of else index)

    return [event for _, event in sorted(enumerate(events), key=order)]


def _in_force(channel: Channel, told: Sequence[Event]) -> dict[int, Event]:
    """By their place, the `discarded` that no later `restored` undoes: the first of each message, `spam` if any says so."""
    standing: dict[str | None, tuple[int, Event]] = {}
    for index, event in enumerate(told):
        if event.kind == "restored":
            standing.pop(event.event, None)
        elif event.kind in _UNDOABLE:
            place, first = standing.get(event.event, (index, event))
            standing[event.event] = (
                place,
                first._replace(kind="discarded", reason=SPAM) if _never_was(channel, event) else first,
            )
    return dict(standing.values())


def _never_was(channel: Channel, event: Event) -> bool:
    """Whether what is discarded never was a customer's."""
    whole_ticket = channel == "ticket" and event.event is None
    return event.kind == "discarded" and (event.reason == SPAM or (whole_ticket and event.reason == _DELETED))


def _spam(told: Sequence[Event], in_force: dict[int, Event]) -> frozenset[str]:
    """The messages that were discarded as spam before a human answered them."""
    waiting: set[str] = set()
    found: set[str] = set()
    for index, event in enumerate(told):
        if event.kind == "received":
            waiting.add(event.id)
        elif event.kind == "replied":
            waiting.clear()
        elif event.kind in _UNDOABLE and index in in_force and in_force[index].reason == SPAM:
            found |= waiting if event.event is None else waiting & {event.event}
    return frozenset(found)
