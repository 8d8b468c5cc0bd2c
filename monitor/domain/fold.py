"""Events of one contact -> what its customer went through. Any order and any repetition gives the same contact.

The events come in the order of their moments (`merging.merge`). What later ones disprove is taken out (`corrected`), the rest
is applied one after the other to a state that knows whose turn it is (`folding`). Nothing here knows limits, calendars or
the present moment: that is `judge`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from monitor.domain.contact import AS_EVER, Contact, Reading, Stay
from monitor.domain.corrections import corrected
from monitor.domain.event import AFTERWARDS_KINDS, Channel, Event
from monitor.domain.folding import endings, matters, promises, turns, visits
from monitor.domain.folding.state import State, Step
from monitor.domain.folding.stays import has_stays, located

_STEPS: Final[Mapping[str, Step]] = {**visits.STEPS, **turns.STEPS, **matters.STEPS, **promises.STEPS, **endings.STEPS}

#: What ends a wait; where nobody knows when, in doubt for us at the first moment it can have happened.
_ENDING: Final = frozenset(("replied", "resolved", "fulfilled", "final_answer", "settled"))


def fold(channel: Channel, events: Sequence[Event], *, reachable: bool, reading: Reading = AS_EVER) -> Contact:
    """The contact that these events (at least one, in the order of `merge`) make.

    `reachable`: the customer is known by a hash, so that a call back can be recognised; nobody owes an anonymous
    caller one. `reading`: what its policy says of bots and of tickets that we opened.
    """
    told, spam = corrected(channel, events)
    first = next((event for event in told if event.kind not in AFTERWARDS_KINDS), None)
    if first is None:  # all that was told of it was taken back
        return Contact(channel, "inbound", events[0].at, events[-1].at, (), (), ())
    stays, steps = located(told) if has_stays(channel, told) else ((), None)
    state = State(channel, first, reachable, spam, reading, stays)
    latest = events[0].at
    for number, event in enumerate(told):
        if event.after is not None and event.kind in _ENDING:
            event = event._replace(at=event.after)
        if event.at < latest:
            event = event._replace(at=latest)  # a rough moment, or told before the message that it speaks of
        latest = event.at
        if steps is not None:
            state.stay, moved = steps[number]
            if moved:
                state.hand_on(event)
        step = _STEPS.get(event.kind)
        if step is not None:
            step(state, event)
    return state.contact(max(latest, events[-1].at))


def stays_of(channel: Channel, events: Sequence[Event]) -> Sequence[Stay]:
    """The stays of the contact that `fold` will make; none where it was never moved, and no event named a policy."""
    if not has_stays(channel, events):
        return ()
    told = corrected(channel, events).events
    return located(told)[0] if told and has_stays(channel, told) else ()
