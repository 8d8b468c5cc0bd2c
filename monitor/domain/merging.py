"""Events of one contact in the order in which they happened, each once, however they arrived."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.bounded import MOST_EVENTS, closing, earliest
from monitor.domain.event import AFTERWARDS_KINDS, LIVE_KINDS, Event

#: At one and the same moment things are taken in the order in which they can happen. An answer that keeps an old promise
#: and makes a new one has not kept the new one; a ticket may be named a complaint and closed in one go. What we did with a
#: message comes before what is said of it afterwards.
RANK: Final = {
    kind: rank
    for rank, kind in enumerate((
        "called_out", *LIVE_KINDS, "received", "complained", "replied", "auto_replied", "noted", "fulfilled", "promised",
        "pending", "resumed", "assigned", "prioritised", "escalated", *AFTERWARDS_KINDS,
        "resolved", "reopened", "rated", "reached", "lost",
    ))
}  # fmt: skip

_SECOND: Final = timedelta(seconds=1)


def _order(event: Event) -> tuple[datetime, int, str]:
    return (event.at, RANK[event.kind], event.id)


def _better(event: Event) -> tuple[bool, datetime, str, str]:
    """Of two reports of one event the exact one wins over the rough one, then the earlier."""
    return (event.rough, event.at, event.kind, repr(event[7:]))


def merge(known: Sequence[Event], new: Iterable[Event], most: int | None = None) -> list[Event] | None:
    """The events of a contact in order, each once; None when `new` adds nothing to `known`.

    Of more than `most` (None: MOST_EVENTS of the channel) the earliest are kept, and behind them one that closes the contact.
    """
    by_id = {event.id: event for event in known}
    changed = False
    for event in new:
        have = by_id.get(event.id)
        if have is None or (have[3:] != event[3:] and _better(event) < _better(have)):
            by_id[event.id] = event
            changed = True
    if not changed:
        return None
    if most is None:
        most = MOST_EVENTS[next(iter(by_id.values())).channel]
    if len(by_id) <= most:
        return _in_order(by_id.values())
    kept, following = earliest(by_id.values(), most)
    events = [*_in_order(kept), closing(kept, following)]
    return None if events == list(known) else events


def _in_order(told: Iterable[Event]) -> list[Event]:
    events = sorted(told, key=_order)
    return _rough_placed(events) if any(event.rough for event in events) else events


def _rough_placed(events: list[Event]) -> list[Event]:
    """A rough moment is anywhere in its second: what must come after an exact event of that second is put after it.

    Else an answer that queue_log reports as 10:00:07 would stand before a caller who came at 10:00:07.4.
    """
    exact = [event for event in events if not event.rough]
    moments = [event.at for event in exact]

    def order(event: Event) -> tuple[datetime, int, str]:
        at, rank, key = _order(event)
        if event.rough:
            after_loss = event.kind == "ended"  # else a hold that was cut off would seem to have ended before sight was lost
            second = slice(bisect_right(moments, at), bisect_left(moments, at + _SECOND))
            within = [
                each.at for each in exact[second] if RANK[each.kind] < rank or (after_loss and each.kind == "lost")
            ]  # fmt: skip
            at = max(within, default=at)
        return (at, rank, key)

    return sorted(events, key=order)
