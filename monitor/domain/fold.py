"""Events of one contact -> what its customer went through. Any order and any repetition gives the same contact.

The events come in the order of their moments (`merging.merge`). What later ones disprove is taken out (`corrected`), the rest
is applied one after the other to a state that knows whose turn it is (`folding`). Nothing here knows limits, calendars or
the present moment: that is `judge`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from monitor.domain.contact import AS_EVER, Contact, Judged, Reading, Return, Stay
from monitor.domain.corrections import corrected
from monitor.domain.event import AFTERWARDS_KINDS, AGAIN, ANEW, JUDGED, LIVE_KINDS, Channel, Event
from monitor.domain.folding import answers, endings, matters, promises, turns, visits
from monitor.domain.folding.state import State, Step
from monitor.domain.folding.stays import has_stays, located

_STEPS: Final[Mapping[str, Step]] = {
    **visits.STEPS, **turns.STEPS, **matters.STEPS, **promises.STEPS, **answers.STEPS, **endings.STEPS,
}  # fmt: skip

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
    contact = state.contact(max(latest, events[-1].at))
    judged = [Judged(each.name, each.id, each.at, each.how == "breached") for each in told if each.kind == JUDGED and each.name]
    if judged:
        contact = contact._replace(judged=tuple(judged))
    came_at = _came_at(told, spam) if reachable else None
    return contact if came_at is None else with_returns(contact._replace(came_at=came_at), told)


def with_returns(contact: Contact, told: Sequence[Event]) -> Contact:
    """The contact with what others of its customer make of it. `told`: events of it, RETURNS among them."""
    return contact._replace(again=_return(told, AGAIN), anew=_return(told, ANEW))


def _came_at(told: Sequence[Event], spam: Collection[str]) -> datetime | None:
    """When the customer began it, with more than thanks; None where the first words were ours, or a machine's."""
    for event in told:
        if event.kind in ("called_out", "replied") or (event.kind == "opened" and event.by not in (None, "customer")):
            return None
        asks = event.kind in ("opened", "complained") or event.kind in LIVE_KINDS
        if asks or (event.kind == "received" and not (event.courtesy or event.automatic or event.id in spam)):
            return event.at
    return None


def _return(told: Sequence[Event], kind: str) -> Return | None:
    """What was found out from other contacts of the customer."""
    found = next((event for event in told if event.kind == kind), None)
    return None if found is None else Return(found.id, found.since or found.at, found.reason, found.to)


def stays_of(channel: Channel, events: Sequence[Event]) -> Sequence[Stay]:
    """The stays of the contact that `fold` will make; none where it was never moved, and no event named a policy."""
    if not has_stays(channel, events):
        return ()
    told = corrected(channel, events).events
    return located(told)[0] if told and has_stays(channel, told) else ()
