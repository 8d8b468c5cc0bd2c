"""Events of one contact in the order in which they happened, each once, however they arrived."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.event import AFTERWARDS_KINDS, LIVE_KINDS, Event

#: At one and the same moment things are taken in the order in which they can happen. An answer that keeps an old promise
#: and makes a new one has not kept the new one; a ticket may be named a complaint and closed in one go. What we did with a
#: message comes before what is said of it afterwards.
RANK: Final = {
    kind: rank
    for rank, kind in enumerate((
        "called_out", *LIVE_KINDS, "opened", "moved", "received", "complained", "handed_over", "replied", "auto_replied", "noted",
        "fulfilled", "promised", "final_answer", "pending", "resumed", "assigned", "prioritised", "escalated", *AFTERWARDS_KINDS,
        "merged", "resolved", "reopened", "rated", "reached", "lost",
    ))
}  # fmt: skip

_SECOND: Final = timedelta(seconds=1)


def _order(event: Event) -> tuple[datetime, int, str]:
    return (event.at, RANK[event.kind], event.id)


def _better(event: Event) -> tuple[bool, datetime, str, str]:
    """Of two reports of one event the exact one wins over the rough one, then the earlier."""
    return (event.rough, event.at, event.kind, repr(event[7:]))


def merge(known: Sequence[Event], new: Iterable[Event]) -> list[Event] | None:
    """The events of a contact in order, each once; None when `new` adds nothing to `known`."""
    by_id = {event.id: event for event in known}
    changed = False
    for event in new:
        have = by_id.get(event.id)
        if have is None or (have[3:] != event[3:] and _better(event) < _better(have)):
            by_id[event.id] = event
            changed = True
    if not changed:
        return None
    events = sorted(by_id.values(), key=_order)
    return _rough_placed(events) if any(event.rough for event in events) else events


def _rough_placed(events: list[Event]) -> list[Event]:
    """A rough moment is anywhere in its second: what must come after an exact event of that second is put after it.

    Else an answer that queue_log reports as 10:00:07 would stand before a caller who came at 10:00:07.4.
    """
    exact = [event for event in events if not event.rough]

    def order(event: Event) -> tuple[datetime, int, str]:
        at, rank, key = _order(event)
        if event.rough:
            after_loss = event.kind == "ended"  # else a hold that was cut off would seem to have ended before sight was lost
            within = [
                each.at for each in exact
                if at < each.at < at + _SECOND and (RANK[each.kind] < rank or (after_loss and each.kind == "lost"))
            ]  # fmt: skip
            at = max(within, default=at)
        return (at, rank, key)

    return sorted(events, key=order)
