"""Events of one contact in the order in which they happened, each once, however they arrived."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from monitor.domain.bounded import MOST_EVENTS, closing, earliest
from monitor.domain.event import AFTERWARDS_KINDS, AGAIN, ALIKE, ANEW, JUDGED, LIVE_KINDS, WRITTEN_CHANNELS, Event, to_micros

#: At one and the same moment things are taken in the order in which they can happen. An answer that keeps an old promise
#: and makes a new one has not kept the new one; a ticket may be named a complaint and closed in one go. What we did with a
#: message comes before what is said of it afterwards.
RANK: Final = {
    kind: rank
    for rank, kind in enumerate((
        "called_out", *LIVE_KINDS, "opened", "received", "complained", "handed_over", "replied", "auto_replied", "noted",
        "fulfilled", "promised", "final_answer", "pending", "resumed", "assigned", "prioritised", "escalated", "moved",
        *AFTERWARDS_KINDS, "merged", "resolved", "reopened", "rated", JUDGED, "reached", AGAIN, ANEW, ALIKE,
        "lost",
    ))
}  # fmt: skip

_SECOND: Final = timedelta(seconds=1)

#: What a helpdesk changes in one update, at one moment: ids that count on, as those of the rows of its history, give the order.
_STATES: Final = frozenset(("pending", "resumed", "resolved", "reopened"))
_WORDS: Final = frozenset(("received", "replied"))
_NUMBERED: Final = re.compile(r"(.*?)(\d{1,18}|[a-z])", re.DOTALL)


def _order(event: Event) -> tuple[datetime, int, int, str]:
    return (event.at, event.seq or 0, RANK[event.kind], event.id)


def _said(event: Event) -> tuple[object, ...]:
    """What two reports of one event may differ in: not whose it is, which the contact knows."""
    return (event.kind, event.at, *event[7:])


def _better(event: Event) -> tuple[bool, int, bool, str, bool, str]:
    """Of two reports of one event the exact one wins over the rough one, then the earlier; of two ratings the later.

    Of the same moment, a note that has become an answer is one; a text that was read says more than one that was not.
    """
    at, unread = to_micros(event.at), event.gist is None or not event.gist.read
    return (event.rough, -at if event.kind == "rated" else at, event.kind != "replied", event.kind, unread, repr(event[7:]))


def merge(known: Sequence[Event], new: Iterable[Event], most: int | None = None) -> list[Event] | None:
    """The events of a contact in order, each once; None when `new` adds nothing to `known`.

    Of more than `most` (None: MOST_EVENTS of the channel) the earliest are kept, and behind them one that closes the contact.
    """
    by_id = {event.id: event for event in known}
    changed = False
    for event in new:
        have = by_id.get(event.id)
        if have is None or (_said(have) != _said(event) and _better(event) < _better(have)):
            by_id[event.id] = event
            changed = True
    if not changed:
        return None
    if most is None:
        most = MOST_EVENTS[next(iter(by_id.values())).channel]
    if len(by_id) <= most:
        return _in_order(by_id.values())
    kept, following = earliest(by_id.values(), most)
    events = [*_in_order(kept), closing(following)]
    return None if events == list(known) else events


def _in_order(told: Iterable[Event]) -> list[Event]:
    events = sorted(told, key=_order)
    if events[0].channel in WRITTEN_CHANNELS:
        return _at_once_placed(events)
    return _rough_placed(events) if any(event.rough for event in events) else events


def _at_once_placed(events: list[Event]) -> list[Event]:
    """What happened at one moment and has no `seq`, in the order that the ids give, where they count on.

    Where they give none, in doubt for the customer: who waited for an answer, and wrote in its moment, wrote after it.
    """
    begin = 0
    while begin < len(events):
        end = begin + 1
        while end < len(events) and events[end].at == events[begin].at and events[end].seq == events[begin].seq:
            end += 1
        if end - begin > 1 and events[begin].seq is None:
            events[begin:end] = _in_one_moment(events[begin:end], events[:begin])
        begin = end
    return events


def _in_one_moment(events: list[Event], before: Sequence[Event]) -> list[Event]:
    """`events` in the order of RANK, but for changes of state that count on, and for what was asked after our words."""
    placed = list(events)
    places = [place for place, event in enumerate(placed) if event.kind in _STATES]
    for place, event in zip(places, _counted_on([placed[place] for place in places]) or (), strict=False):
        placed[place] = event
    later = _asked_later([event for event in placed if event.kind in _WORDS], before)
    return [event for event in placed if event not in later] + later


def _asked_later(words: list[Event], before: Sequence[Event]) -> list[Event]:
    """The customer's messages that came after our words of the same moment."""
    if len({event.kind for event in words}) < 2:
        return []
    counted = _counted_on(words)
    if counted is None:
        return [event for event in words if event.kind == "received"] if _waits(before) else []
    last = max(place for place, event in enumerate(counted) if event.kind == "replied")
    return counted[last + 1 :]


def _waits(before: Sequence[Event]) -> bool:
    """Whether the customer has had the last word."""
    last = next((event for event in reversed(before) if event.kind in _WORDS or event.kind == "resolved"), None)
    return last is not None and last.kind == "received" and not last.courtesy


def _counted_on(events: Sequence[Event]) -> list[Event] | None:
    """In the order of the numbers (or letters) that end their ids; None where the ids differ in more than that."""
    numbered: list[tuple[int, str, Event]] = []
    stems = set()
    for event in events:
        match = _NUMBERED.fullmatch(event.id)
        if match is None:
            return None
        stem, tail = match.groups()
        stems.add((stem, tail.isdecimal()))
        numbered.append((int(tail) if tail.isdecimal() else 0, tail, event))
    return [event for _, _, event in sorted(numbered, key=lambda each: each[:2])] if len(stems) == 1 else None


def _rough_placed(events: list[Event]) -> list[Event]:
    """A rough moment is anywhere in its second: what must come after an exact event of that second is put after it.

    Else an answer that queue_log reports as 10:00:07 would stand before a caller who came at 10:00:07.4.
    """
    exact = [event for event in events if not event.rough]
    moments = [event.at for event in exact]

    def order(event: Event) -> tuple[datetime, int, str]:
        at, _, rank, key = _order(event)
        if event.rough:
            after_loss = event.kind == "ended"  # else a hold that was cut off would seem to have ended before sight was lost
            second = slice(bisect_right(moments, at), bisect_left(moments, at + _SECOND))
            within = [
                each.at for each in exact[second] if RANK[each.kind] < rank or (after_loss and each.kind == "lost")
            ]  # fmt: skip
            at = max(within, default=at)
        return (at, rank, key)

    return sorted(events, key=order)
