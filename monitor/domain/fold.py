"""Events of one contact -> what its customer went through. Any order and any repetition gives the same contact.

The events come in the order of their moments (`merging.merge`). What later ones disprove is taken out (`corrected`), the rest
is applied one after the other to a state that knows whose turn it is (`folding`). Nothing here knows limits, calendars or
the present moment: that is `judge`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from monitor.domain.contact import Contact
from monitor.domain.corrections import corrected
from monitor.domain.event import AFTERWARDS_KINDS, Channel, Event
from monitor.domain.folding import endings, matters, turns, visits
from monitor.domain.folding.state import State, Step

_STEPS: Final[Mapping[str, Step]] = {**visits.STEPS, **turns.STEPS, **matters.STEPS, **endings.STEPS}


def fold(channel: Channel, events: Sequence[Event], *, reachable: bool) -> Contact:
    """The contact that these events (at least one, in the order of `merge`) make.

    `reachable`: the customer is known by a hash, so that a call back can be recognised; nobody owes an anonymous
    caller one.
    """
    first = next((event for event in events if event.kind not in AFTERWARDS_KINDS), events[0])
    told, spam = corrected(events)
    state = State(channel, first, reachable, spam)
    latest = events[0].at
    for event in told:
        if event.at < latest:
            event = event._replace(at=latest)  # a rough moment, or told before the message that it speaks of
        latest = event.at
        step = _STEPS.get(event.kind)
        if step is not None:
            step(state, event)
    return state.contact(max(latest, events[-1].at))
