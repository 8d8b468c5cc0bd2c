"""How many events of one contact are kept: the earliest. What comes next closes it. The only place that knows the bound.

Looking at a contact costs so much for each of its events, and whoever writes into it decides how many those are: an endless
mailing thread, a robot's ticket. Past MOST_EVENTS a contact is closed by the first event too many, of which only the moment
is kept: what waits then is void, for how it goes on is not known, and what was late by then stays late. Which events those are
follows from the events alone, in whatever order they come. docs/decisions/long-contacts.md has reasons and measurements.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest
from typing import Final, NamedTuple

from monitor.domain.event import Channel, Event

#: A call that rings six phones every 15 s has 1,700 an hour, and each costs little; a written one costs four times as much.
MOST_EVENTS: Final[Mapping[Channel, int]] = {
    "phone": 2_000, "counter": 2_000, "chat": 1_000, "email": 1_000, "ticket": 1_000,
}  # fmt: skip
#: The reason of the `lost` that closes a contact, and why what comes later is refused.
TOO_MANY: Final = "too_many_events"


class Tally(NamedTuple):
    """What became of events that were told of a contact. `pushed_out`: how many known ones gave way to earlier ones."""

    new: int
    repeated: int
    refused: Sequence[Event] = ()
    pushed_out: int = 0


def is_closed(events: Sequence[Event]) -> bool:
    """Whether these events, in the order of `merging.merge`, are not all that were told."""
    return bool(events) and events[-1].reason == TOO_MANY and events[-1].kind == "lost"


def earliest(events: Iterable[Event], most: int) -> tuple[list[Event], Event]:
    """The `most` events that come first, and the one after them."""
    *kept, following = nsmallest(most + 1, events, key=_place)
    return kept, following


def closing(following: Event) -> Event:
    """What closes a contact: the event that follows those that are kept, under its own id and at its own moment, which may be
    a fraction of a second before theirs; it stands behind them all the same."""
    point = None if following.point is None else ""  # it moves nothing
    own, contact, channel = following.id, following.contact, following.channel
    return Event(own, contact, "", channel, "lost", following.at, reason=TOO_MANY, rough=following.rough, point=point)


def tally(known: Sequence[Event], told: Sequence[Event], kept: Sequence[Event]) -> Tally:
    """What became of `told`: before there was `known`, now there is `kept`."""
    if not is_closed(kept):
        new = len(kept) - len(known)
        return Tally(new, len(told) - new)
    before, after, named = _ids(known), _ids(kept), {event.id for event in told}
    new = len((named & after) - before)
    refused = [event for event in told if event.id not in after]
    return Tally(new, len(told) - new - len(refused), refused, len(before - after - named))


def _ids(events: Sequence[Event]) -> set[str]:
    return {event.id for event in (events[:-1] if is_closed(events) else events)}


def _place(event: Event) -> tuple[datetime, str]:
    """Within one second by id: a rough report and the exact one of the same event have the same place."""
    return (event.at.replace(microsecond=0), event.id)
