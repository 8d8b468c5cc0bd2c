"""What later events disprove: replies that bounced, messages that never were a customer's, what was discarded by mistake."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from monitor.domain.event import AFTERWARDS_KINDS, Event

#: The one reason of `discarded` that reaches back: what was said of the message before was wrong from the beginning.
SPAM: Final = "spam"

_OUR_WORDS: Final = ("replied", "auto_replied")


class Corrected(NamedTuple):
    """The events of a contact that still hold, in order, and the messages of the customer that never were one's."""

    events: Sequence[Event]
    spam: frozenset[str] = frozenset()


def corrected(events: Sequence[Event]) -> Corrected:
    """What is left of `events`, in the order of `merging.merge`.

    1. A reply that bounced was never told.
    2. What speaks of a message stands behind it, and of a contact behind its first event, though another clock says otherwise.
    3. Of `discarded` and `restored` of the same event (or of the whole contact) the latest decides. What is discarded was so
       from the first time since it was restored.
    4. Spam is taken out from the beginning, unless a human answered it: then it was a customer's.
    """
    if {event.kind for event in events}.isdisjoint(AFTERWARDS_KINDS):  # nearly every contact
        return Corrected(events)
    bounced = {event.event for event in events if event.kind == "bounced"}
    told = _behind([event for event in events if not (event.kind in _OUR_WORDS and event.id in bounced)])
    in_force = _in_force(told)
    spam = _spam(told, in_force)
    kept = [
        in_force.get(index, event)
        for index, event in enumerate(told)
        if event.kind not in ("restored", "bounced") and (event.kind != "discarded" or index in in_force)
    ]
    return Corrected(kept, spam)


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


def _in_force(told: Sequence[Event]) -> dict[int, Event]:
    """By their place, the `discarded` that no later `restored` undoes: the first of each message, `spam` if any says so."""
    standing: dict[str | None, tuple[int, Event]] = {}
    for index, event in enumerate(told):
        if event.kind == "restored":
            standing.pop(event.event, None)
        elif event.kind == "discarded":
            place, first = standing.get(event.event, (index, event))
            standing[event.event] = (place, first._replace(reason=SPAM) if event.reason == SPAM else first)
    return dict(standing.values())


def _spam(told: Sequence[Event], in_force: dict[int, Event]) -> frozenset[str]:
    """The messages that were discarded as spam before a human answered them."""
    waiting: set[str] = set()
    found: set[str] = set()
    for index, event in enumerate(told):
        if event.kind == "received":
            waiting.add(event.id)
        elif event.kind == "replied":
            waiting.clear()
        elif event.kind == "discarded" and index in in_force and in_force[index].reason == SPAM:
            found |= waiting if event.event is None else waiting & {event.event}
    return frozenset(found)
