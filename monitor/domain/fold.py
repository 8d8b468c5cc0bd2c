"""Events of one contact -> what its customer went through. Any order and any repetition gives the same contact.

The events come in the order of their moments (`merging.merge`). What later ones disprove is taken out (`corrected`), the rest
is applied one after the other to a state that knows whose turn it is (`folding`). Nothing here knows limits, calendars or
the present moment: that is `judge`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from monitor.domain.contact import AS_EVER, Contact, Reading
from monitor.domain.corrections import corrected
from monitor.domain.event import AFTERWARDS_KINDS, WRITTEN_CHANNELS, Channel, Event
from monitor.domain.folding import endings, matters, promises, turns, visits
from monitor.domain.folding.state import State, Step

_STEPS: Final[Mapping[str, Step]] = {**visits.STEPS, **turns.STEPS, **matters.STEPS, **promises.STEPS, **endings.STEPS}

#: What ends a wait; where nobody knows when, in doubt for us at the first moment it can have happened.
_ENDING: Final = frozenset(("replied", "resolved", "fulfilled", "final_answer", "settled"))


def fold(channel: Channel, events: Sequence[Event], *, reachable: bool, reading: Reading = AS_EVER) -> Contact:
    """The contact that these events (at least one, in the order of `merge`) make.

    `reachable`: the customer is known by a hash, so that a call back can be recognised; nobody owes an anonymous
    caller one. `reading`: what its policy says of bots and of tickets that we opened.
    """
    told, spam = corrected(events)
    first = next((event for event in told if event.kind not in AFTERWARDS_KINDS), None)
    if first is None:  # all that was told of it was taken back
        return Contact(channel, "inbound", events[0].at, events[-1].at, (), (), ())
    moves = channel in WRITTEN_CHANNELS and any(event.point is not None or event.policy is not None for event in events)
    state = State(channel, first, reachable, spam, reading, moves)
    latest = events[0].at
    for event in told:
        if event.after is not None and event.kind in _ENDING:
            event = event._replace(at=event.after)
        if event.at < latest:
            event = event._replace(at=latest)  # a rough moment, or told before the message that it speaks of
        latest = event.at
        if moves:
            state.enter(event)
        step = _STEPS.get(event.kind)
        if step is not None:
            step(state, event)
    return state.contact(max(latest, events[-1].at))
